#pragma once
// Custody's movements over HTTP: POST and GET /v1/custody/funds/{fund}/movements
// (services/custody/MOVEMENTS.md).
#include <functional>

#include "common/base/secret.h"
#include "common/http/client.h"
#include "services/staking/app/submit_plan.h"

namespace navkeeper::staking {

class MovementClient final : public MovementDesk {
 public:
  /// Both are called when custody is first asked; an empty address: there is no custody (base::Unavailable).
  MovementClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : url_(std::move(url)), token_of_(std::move(token)) {}
  std::string propose(const model::FundId& fund, const StakeProposal& proposal) override;
  std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) override;

 private:
  http::Client& client();

  std::function<std::string()> url_;
  std::function<base::Secret()> token_of_;
  std::unique_ptr<http::Client> client_;
  base::Secret token_;
};

}  // namespace navkeeper::staking
