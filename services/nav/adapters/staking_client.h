#pragma once
// The staking service over HTTP: GET /v1/staking/funds/{fund}/positions, events, rollforward/totals,
// liquidity/illiquid, alerts.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class StakingClient final : public StakingSource {
 public:
  /// Both are called when staking is wanted first; an empty address: there is none.
  StakingClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{20'000}) {}

  std::vector<StakingCutOff> cut_offs(const model::FundId& fund, time::Instant as_of) override;
  StakingPage events(const model::FundId& fund, const StakingBookmark& after) override;
  std::optional<PeerStatement> roll_forward(const model::FundId& fund, time::Date date,
                                            time::Instant valued_at, const StakingPeriod& period) override;

 private:
  /// The answer's body; nothing where there is no service or it does not know the fund.
  std::optional<std::string> ask(const model::FundId& fund, const char* what, http::Parameters query);

  http::OptionalPeer peer_;
};

}  // namespace navkeeper::nav
