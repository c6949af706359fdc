#pragma once
// The port through which a custodian is told to move coins, and asked what became of it. Nothing here decides
// whether it may: advance_movements.h does, after two people have.
#include <optional>
#include <string>

#include "common/money/decimal.h"
#include "services/custody/app/sync_custodian.h"
#include "services/custody/domain/movement.h"

namespace navkeeper::custody {

/// One movement as the custodian is told it. Amounts are whole coins, positive.
struct Instruction {
  MovementKind kind{};
  std::string client_id;  ///< ours: the custodian's idempotency key, where it takes one
  std::string account;    ///< the wallet at Prime; nothing at Crypto.com
  std::string asset;
  money::Decimal amount;
  std::string address = {};                           ///< of a withdrawal
  std::string address_tag = {};                       ///< empty: none
  std::optional<Conversion> conversion = {};          ///< of a conversion
  std::string network = {};                           ///< the custodian's word; empty: its default
  time::Instant not_after = time::Instant::latest();  ///< it does not leave later
};

struct Receipt {
  std::string id;        ///< by which the custodian's history names it
  std::string status;    ///< the custodian's word; empty where it says none
  std::string document;  ///< its answer, as canonical JSON
};

class CustodianInstructions {
 public:
  virtual ~CustodianInstructions() = default;
  /// Why the custodian never takes it, whatever its state (base::Refused); asks nobody.
  virtual void check(const Instruction& instruction) const = 0;
  /// Whether its records of that kind carry our own ids.
  virtual bool keeps_our_ids(MovementKind kind) const = 0;
  /// Sends it, once. Throws base::Refused when the custodian said no, base::Unavailable when it certainly did
  /// not leave, base::InDoubt when nobody knows, an answer that cannot be read or is about something else
  /// included.
  virtual Receipt tell(const Instruction& instruction) = 0;
  /// The complete history of one kind from an instant on; throws what CustodianSource throws.
  virtual InstructionHistory history(MovementKind kind, time::Instant from) = 0;
  /// What was left on the way since the last call.
  virtual CollectedEvidence take_evidence() = 0;
};

}  // namespace navkeeper::custody
