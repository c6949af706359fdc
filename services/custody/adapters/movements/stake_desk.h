#pragma once
// Staking's liquidity test over HTTP: GET /v1/staking/funds/{fund}/liquidity/acquisition and /plans/{id}.
// Neither route asks anybody, so that no request waits for itself, though staking hands its plans to custody.
#include "common/http/optional_peer.h"
#include "services/custody/app/test_stake.h"
#include "services/custody/service.h"

namespace navkeeper::custody {

class StakingClient final : public StakeDesk {
 public:
  /// Both are called when staking is first asked; an empty address: there is no staking (base::Unavailable).
  /// The whole test is over before staking, which may be waiting for the proposal's answer, gives up.
  StakingClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{3'000}) {}
  Allowed ask(const model::FundId& fund, const Movement& movement, const money::Decimal& coins,
              const std::vector<CoinsUnderWay>& others) override;
  bool is_submitting(const model::FundId& fund, const Movement& movement) override;

 private:
  http::Response get(std::string path, http::Parameters query);

  http::OptionalPeer peer_;
};

/// The stake's test by the configured staking service; of other movements, and of a stake that custody has
/// already, nothing is asked. Throws base::Refused naming the movement and the rule.
StakeTest tested_stake(const Dependencies& dependencies, const model::FundId& fund, const Movement& movement);

}  // namespace navkeeper::custody
