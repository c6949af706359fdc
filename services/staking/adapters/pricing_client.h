#pragma once
// Official prices from the pricing service over HTTP: GET /v1/prices/{asset}, of one kind of fund.
#include <chrono>
#include <functional>

#include "common/base/secret.h"
#include "common/http/optional_peer.h"
#include "services/staking/app/price_rows.h"

namespace navkeeper::staking {

class PricingClient final : public PriceSource {
 public:
  /// Both are called when the first price is wanted; an empty address: there is no pricing
  /// (base::Unavailable).
  PricingClient(std::function<std::string()> url, std::function<base::Secret()> token)
      : peer_(std::move(url), std::move(token), std::chrono::milliseconds{10'000}) {}
  std::vector<DayPrice> days(const model::AssetId& asset, const DollarTerms& terms, time::Date from,
                             time::Date to) override;

 private:
  http::OptionalPeer peer_;
};

/// Of an answer's prices those of the terms, by date. Throws base::Refused for what is no list of prices of
/// the asset, and for an official price that is not positive.
std::vector<DayPrice> read_day_prices(std::string_view body, const model::AssetId& asset,
                                      const DollarTerms& terms);

}  // namespace navkeeper::staking
