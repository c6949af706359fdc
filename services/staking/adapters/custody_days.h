#pragma once
// Custody's reconciliation of a day and its movements over HTTP:
// GET /v1/custody/funds/{fund}/reconciliations[/{date}[/balances]] and .../movements. Those routes of custody
// ask nobody.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "common/json/value.h"
#include "services/staking/app/total_fund.h"

namespace navkeeper::staking {

class CustodyDaysClient final : public CustodyDays {
 public:
  /// Both are called when custody is first asked; an empty address: there is no custody (base::Unavailable).
  CustodyDaysClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}) {}
  CustodyDay day(const model::FundId& fund, const std::optional<time::Date>& date) override;

 private:
  json::Value get(const std::string& path, http::Parameters query);

  http::OptionalPeer peer_;
};

/// Adds a page's lines; gives its next_cursor, empty at the end. Throws base::Refused for what is none.
std::string add_kept(CustodyDay& day, const json::Value& page);
std::string add_kept_readings(CustodyDay& day, const json::Value& page);
/// The stakes, unstakings and conversions among the movements that had left by `at`, or may have, and had not
/// failed, been refused or not been found by then.
std::vector<SentInstruction> read_sent(const json::Value& movements, time::Instant at);

}  // namespace navkeeper::staking
