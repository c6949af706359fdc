#pragma once
// A custodian that is told to move coins, over its connection: what it never takes is refused before anything
// is written down, an answer that cannot be read leaves it in doubt, and its history is read for what became
// of it.
#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/custody/adapters/custodians/caller.h"
#include "services/custody/adapters/settings.h"

namespace navkeeper::custody {

/// What `read` makes of an answer to something that was sent: an answer that is not as it must be is no
/// refusal, since it may have moved all the same (base::InDoubt).
template <class Read>
Receipt receipt_of(const std::string& what, Read&& read) {
  try {
    return read();
  } catch (const base::Refused& refused) {
    throw base::InDoubt(what + ": its answer cannot be believed: " + refused.what());
  } catch (const NotBelievable& wrong) {
    throw base::InDoubt(what + ": its answer cannot be believed: " + wrong.what());
  }
}

/// Why a custodian of that protocol never takes it (base::Refused, `where` is the field). Crypto.com: no
/// wallet; stakes of ETH and CRO. Prime: a wallet; no conversions; stakes of ETH alone, since it takes an
/// amount for no other coin and would stake all there is; at least 32 with at most six decimals, and more
/// than one to unstake (Coinbase's documentation of staking).
void refuse_what_is_never_taken(CustodianProtocol protocol, const Instruction& instruction);

class ConnectedInstructions final : public CustodianInstructions {
 public:
  /// Over HTTP, as connect_custodian.
  ConnectedInstructions(const CustodianSettings& settings, const time::Clock& clock, SharedPace pace);
  /// Over a connection of the caller's own, whose evidence goes to `evidence`.
  ConnectedInstructions(CustodianSettings settings, std::unique_ptr<CollectedEvidence> evidence,
                        std::unique_ptr<CustodianConnection> connection, const time::Clock& clock);

  void check(const Instruction& instruction) const override;
  bool keeps_our_ids(MovementKind kind) const override;
  Receipt tell(const Instruction& instruction) override;
  InstructionHistory history(MovementKind kind, time::Instant from) override;
  CollectedEvidence take_evidence() override;

 private:
  CustodianSettings settings_;
  std::unique_ptr<CollectedEvidence> evidence_;
  std::unique_ptr<CustodianConnection> connection_;
  const time::Clock& clock_;
};

/// The custodian of that name of the fund, made when it is first asked for and kept in `made`. Refused: none
/// is configured.
CustodianInstructions& instructions_of(const Settings& settings, const model::FundId& fund,
                                       const std::string& name, const time::Clock& clock,
                                       const SharedPace& pace,
                                       std::map<std::string, std::unique_ptr<ConnectedInstructions>>& made);

/// A record of a history as a movement; nothing when it is none (a deposit).
std::optional<InstructionSeen> instruction_seen(const Record& record);

}  // namespace navkeeper::custody
