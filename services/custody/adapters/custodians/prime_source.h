#pragma once
// Coinbase Prime as a custodian: one portfolio, its wallets, their balances; lists with cursors. A list is
// believed when two readings of it agree, balances when the wallets add up to the portfolio.
#include <optional>
#include <utility>

#include "services/custody/adapters/custodians/caller.h"
#include "services/custody/adapters/custodians/prime_wire.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/domain/request_signature.h"

namespace navkeeper::custody {

/// "https://api.prime.coinbase.com"; paths begin with /v1.
inline constexpr const char* kPrimeUrl = "https://api.prime.coinbase.com";

class PrimeSource final : public CustodianConnection {
 public:
  PrimeSource(const CustodianSettings& settings, Credentials credentials, Transport transport,
              Evidence& evidence, const time::Clock& clock, Sleep sleep, Chance chance,
              CallerLimits limits = {});

  const std::string& name() const override { return settings_.name; }
  std::vector<Balance> balances() override;
  std::vector<RecordKind> history_kinds() const override;
  time::Duration history_max(RecordKind kind) const override;
  WindowAnswer history(RecordKind kind, time::Instant from, time::Instant to) override;
  std::vector<WindowAnswer> facts() override;
  Receipt withdraw(const Instruction& instruction) override;
  Receipt stake(const Instruction& instruction) override;
  Receipt unstake(const Instruction& instruction) override;
  Receipt convert(const Instruction& instruction) override;

  using Query = http::Parameters;
  /// `path` is below the portfolio: "/wallets".
  Answer get(const std::string& path, const Query& query = {});
  Answer post_query(const std::string& path, const std::string& body);
  /// Once, for what moves something; the body carries its idempotency key.
  Answer tell(const std::string& path, const std::string& body,
              time::Instant not_after = time::Instant::latest());

 private:
  Call call_of(http::Method method, const std::string& path, const Query& query, const std::string& body);
  /// Every page, each handed to `read` as it comes. Throws base::Unavailable for a cursor that comes again.
  template <class Read>
  void each_page(const std::string& path, Query query, Read&& read);
  std::vector<prime::Wallet> wallets();
  std::vector<prime::Transaction> transactions(time::Instant from, time::Instant to);
  void require_portfolio();
  std::string in_portfolio(const std::string& path) const;

  CustodianSettings settings_;
  Credentials credentials_;
  Evidence& evidence_;
  Caller caller_;
  /// The four histories are one list: it is read once a window.
  struct LastReading {
    time::Instant from;
    time::Instant to;
    time::Instant asked_at;
    std::vector<prime::Transaction> transactions;
  };
  std::optional<LastReading> last_;
  time::Instant oldest_as_of_;  ///< of the answers of the reading under way
  Receipt staked(const Instruction& instruction, const char* what);
  WindowAnswer validators_of_stakes(const LastReading& reading);
};

}  // namespace navkeeper::custody
