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

/// Of the answer of GET .../movements; `source_of` gives the source that reads a custodian, by custody's name
/// of it. Throws base::Refused for what is none.
std::vector<UnseenStake> unseen_stakes_in(const json::Value& movements, time::Instant read_at,
                                          const std::set<std::string>& without,
                                          const std::function<std::string(const std::string&)>& source_of);

class MovementClient final : public MovementDesk {
 public:
  /// Both are called when custody is first asked; an empty address: there is no custody (base::Unavailable).
  MovementClient(std::function<std::string()> url, std::function<base::Secret()> token,
                 std::function<std::string(const std::string& custodian)> source_of)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}),
        source_of_(std::move(source_of)) {}
  std::string propose(const model::FundId& fund, const StakeProposal& proposal) override;
  std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) override;
  std::vector<UnseenStake> unseen_stakes(const model::FundId& fund, time::Instant read_at,
                                         const std::set<std::string>& without) override;

 private:
  http::Client& client();

  http::OptionalPeer peer_;
  std::function<std::string(const std::string&)> source_of_;
};

}  // namespace navkeeper::staking
