#pragma once
// The Crypto.com Exchange API v1 as a custodian: signed POST requests, windows of time without cursors. It
// has no endpoint for validators or on-chain addresses of staked coins: what is staked there is a book entry
// in an omnibus account and cannot be verified independently.
#include <map>
#include <optional>
#include <set>

#include "services/custody/adapters/custodians/caller.h"
#include "services/custody/adapters/custodians/time_windows.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/domain/request_signature.h"

namespace navkeeper::custody {

/// "https://api.crypto.com"; methods lie below /exchange/v1.
inline constexpr const char* kCryptoComUrl = "https://api.crypto.com";

class CryptoComSource final : public CustodianConnection {
 public:
  CryptoComSource(const CustodianSettings& settings, Credentials credentials, Transport transport,
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

  using Parameters = std::map<std::string, std::string>;
  /// One reading of a method; parameters are texts ("All numbers must be strings").
  Answer ask(const std::string& method, const Parameters& parameters = {});
  /// Once, for what moves something: base::InDoubt when nobody knows whether it did.
  Answer tell(const std::string& method, const Parameters& parameters,
              time::Instant not_after = time::Instant::latest());

 private:
  Call call_of(const std::string& method, const Parameters& parameters);
  http::ClientRequest signed_request(const std::string& method, const Parameters& parameters,
                                     time::Instant now);
  Receipt staked(const Instruction& instruction, const char* method, const char* side);
  std::string next_nonce(time::Instant now);
  std::vector<CountedRecord> windows(RecordKind kind, time::Instant from, time::Instant to);
  WindowRows rows(const std::string& method, time::Instant from, time::Instant to);

  CustodianSettings settings_;
  Credentials credentials_;
  Evidence& evidence_;
  Caller caller_;
  std::int64_t last_nonce_ = 0;
  std::string sent_id_;         ///< of the request under way
  time::Instant oldest_as_of_;  ///< of the answers of the reading under way
};

}  // namespace navkeeper::custody
