#pragma once
// Custody's movements over HTTP: POST and GET /v1/custody/funds/{fund}/movements
// (services/custody/MOVEMENTS.md).
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "common/json/value.h"
#include "services/staking/app/submit_plan.h"

namespace navkeeper::staking {

/// Of the answer of GET .../movements. Throws base::Refused for what is none.
money::Decimal unseen_stakes_in(const json::Value& movements, const model::AssetId& asset,
                                time::Instant read_at, const std::set<std::string>& without);

class MovementClient final : public MovementDesk {
 public:
  /// Both are called when custody is first asked; an empty address: there is no custody (base::Unavailable).
  MovementClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}) {}
  std::string propose(const model::FundId& fund, const StakeProposal& proposal) override;
  std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) override;
  money::Decimal unseen_stakes(const model::FundId& fund, const model::AssetId& asset, time::Instant read_at,
                               const std::set<std::string>& without) override;

 private:
  http::Client& client();

  http::OptionalPeer peer_;
};

}  // namespace navkeeper::staking
