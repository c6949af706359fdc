#pragma once
// The staking service over HTTP: GET /v1/staking/funds/{fund}/positions, events, rollforward/totals, alerts.
#include <functional>
#include <memory>
#include <mutex>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class StakingClient final : public StakingSource {
 public:
  /// Both are called when staking is wanted first; an empty address: there is none.
  StakingClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : url_(std::move(url)), token_of_(std::move(token)) {}

  std::vector<StakingCutOff> cut_offs(const model::FundId& fund, time::Instant as_of) override;
  StakingPage events(const model::FundId& fund, const StakingBookmark& after) override;
  std::optional<PeerStatement> roll_forward(const model::FundId& fund, time::Date date,
                                            time::Instant valued_at, const StakingPeriod& period) override;

 private:
  http::Client* client();  ///< null: there is none
  /// The answer's body; nothing where there is no service or it does not know the fund.
  std::optional<std::string> ask(const model::FundId& fund, const char* what, http::Parameters query);

  std::function<std::string()> url_;
  std::function<base::Secret()> token_of_;
  std::mutex mutex_;
  bool is_asked_ = false;
  std::unique_ptr<http::Client> client_;
  base::Secret token_;
};

}  // namespace navkeeper::nav
