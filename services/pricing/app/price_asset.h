#pragma once
// The use case behind `prices strike`: the official price of an asset on a date for each kind of fund that
// its policy values. Resolves rates (struck now where they are not yet), the principal market's last trades,
// manual price, exchange rate and earlier prices; decides; stores with all that it came from.
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/app/price_ports.h"
#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

struct PricePorts {
  RateStore& rates;
  PriceStore& prices;
  const time::Clock& clock;
};

/// One answer a track of the policy. Refused: an asset without a policy on that day, an index without a
/// definition, a valuation time that has not come. A token's coin is priced first where it has no price yet.
base::Checked<std::vector<PriceStore::Saved>> price_asset(const PricePorts& ports,
                                                          const model::AssetId& asset, time::Date date,
                                                          const std::string& actor);

/// So far back from its valuation trades of the principal market are looked at.
time::Duration trades_span(const ValuationPolicy& policy);

/// The valuation instant of the asset on that day: where its official index's window closes (a token's is its
/// coin's).
base::Checked<time::Instant> valuation_of(const PricePorts& ports, const ValuationPolicy& policy,
                                          time::Date date);

}  // namespace navkeeper::pricing
