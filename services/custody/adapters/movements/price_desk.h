#pragma once
// The official price of a movement's coin, over HTTP from the pricing service (GET /v1/prices/{asset}), for
// limits in dollars. Pricing asks nobody, so that no request waits for itself. Nobody waits for it under a
// fund's lock: it is asked before anything is decided.
#include "common/http/optional_peer.h"
#include "common/time/date.h"
#include "services/custody/domain/movement_policy.h"
#include "services/custody/service.h"

namespace navkeeper::custody {

class PriceDesk {
 public:
  /// Both are called when pricing is first asked; an empty address: there is no pricing.
  PriceDesk(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{3'000}) {}
  /// By those terms, of the UTC day `today` or of as many days before as they allow. Throws nothing for want
  /// of a price: what is missing is said in the answer.
  CoinPrice price(const model::AssetId& asset, const DollarTerms& terms, time::Date today);

 private:
  std::vector<OfficialPrice> ask(const model::AssetId& asset, const DollarTerms& terms, time::Date from,
                                 time::Date to);
  http::OptionalPeer peer_;
};

/// For the policy in force; empty where that does not limit the movement's kind in dollars: then nobody is
/// asked.
CoinPrice priced_coin(const Dependencies& dependencies, const model::FundId& fund, const Movement& movement);
/// Of a movement that is known; empty where it is not.
CoinPrice priced_coin(const Dependencies& dependencies, const model::FundId& fund, const std::string& id);

}  // namespace navkeeper::custody
