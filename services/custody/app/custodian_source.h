#pragma once
// The port to a custodian: what it says, in our words. One implementation a protocol (adapters/custodians).
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/balance.h"
#include "services/custody/domain/record.h"

namespace navkeeper::custody {

/// An answer as it came, kept whatever becomes of it.
struct RawAnswer {
  std::string operation;  ///< "private/user-balance", "GET /v1/portfolios/{id}/wallets"
  std::string request;    ///< its parameters, without key, signature and nonce
  time::Instant asked_at;
  time::Instant answered_at;
  int status = 0;  ///< of HTTP
  std::string body;
};

/// Something that a person should look at; nothing was made better or worse by it.
struct Alarm {
  std::string kind;     ///< "unknown_status", "clock_skew", "wrong_amount", "restated", ...
  std::string subject;  ///< "deposit 3455023"
  std::string detail;
  auto operator<=>(const Alarm&) const = default;
};

/// The kind of an alarm: a coin among the balances has a name that cannot be one here. It is left out, and
/// the asking is not all done.
inline constexpr std::string_view kUnreadCoin = "unread_coin";

/// Where a source leaves what it saw on the way.
class Evidence {
 public:
  virtual ~Evidence() = default;
  virtual void keep(RawAnswer answer) = 0;
  virtual void raise(Alarm alarm) = 0;
};

/// An answer that lets nothing of this source be believed now: it is about another account, or its amounts
/// are in another unit.
class NotBelievable : public std::runtime_error {
 public:
  NotBelievable(std::string kind, const std::string& why) : std::runtime_error(why), kind_(std::move(kind)) {}
  const std::string& kind() const { return kind_; }  ///< "wrong_account", "wrong_amount"

 private:
  std::string kind_;
};

/// Every reading throws base::Unavailable when the source did not answer, or not so that it can be believed
/// (cut off, contradicting itself, a page twice); base::Refused when an answer breaks the source's own
/// contract in a way that asking again does not mend; and NotBelievable. Nothing that was read in part is
/// given.
class CustodianSource {
 public:
  virtual ~CustodianSource() = default;
  virtual const std::string& name() const = 0;
  /// One balance a place and asset. One that breaks broken_balance_rule refuses the whole answer.
  virtual std::vector<Balance> balances() = 0;
  /// The kinds of which it has a history by time.
  virtual std::vector<RecordKind> history_kinds() const = 0;
  /// How far back it can be asked for a kind.
  virtual time::Duration history_max(RecordKind kind) const = 0;
  /// Everything between two instants, both included.
  virtual WindowAnswer history(RecordKind kind, time::Instant from, time::Instant to) = 0;
  /// What it says of itself now: networks, terms, wallets, validators.
  virtual std::vector<WindowAnswer> facts() = 0;
};

}  // namespace navkeeper::custody
