#pragma once
// Rebalancing of a fund with fixed weights (60/40): what to sell and buy at a NAV's prices so that each coin
// has its weight again. Pure; the trades are booked as purchases and sales whose purpose is rebalancing, on
// lines of their own in the roll-forward (funds publish them so: facts/funds.md 3).
#include <vector>

#include "common/base/refusal.h"
#include "services/nav/domain/dealing/basket.h"

namespace navkeeper::nav::dealing {

struct WeightedPosition {
  model::AssetId asset;
  money::Decimal quantity;       ///< whole coins that can be traded
  money::Decimal price;          ///< dollars, positive
  money::Decimal target_weight;  ///< of the coins' value; they add up to 1
  int transfer_decimals = 8;
};

struct RebalancingTrade {
  model::AssetId asset;
  bool is_purchase = false;
  money::Decimal quantity;  ///< positive, cut to the transfer's decimals
  money::Decimal value;     ///< at the price, rounded half up to the cent
};

struct Rebalancing {
  money::Decimal total;                 ///< value of the coins
  std::vector<money::Decimal> weights;  ///< before, in step with the positions; six decimals, half even
  std::vector<RebalancingTrade>
      trades;                ///< sales, then purchases; none where every weight is within the band
  money::Decimal cash_left;  ///< sales less purchases; not negative
};

/// `band`: the difference of weights up to which nothing is done. Purchases are cut so that sales pay for
/// them. Refused: weights that do not add up to 1, coins without a value.
base::Checked<Rebalancing> plan_rebalancing(const std::vector<WeightedPosition>& positions,
                                            const money::Decimal& band);

}  // namespace navkeeper::nav::dealing
