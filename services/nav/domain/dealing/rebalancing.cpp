#include "services/nav/domain/dealing/rebalancing.h"

#include <algorithm>

#include "common/base/refuse.h"
#include "common/money/overflow.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using money::Rounding;

constexpr int kWeightDecimals = 6;

Decimal value_at(const Decimal& quantity, const Decimal& price) {
  return money::multiply(quantity, price, kCents, Rounding::kHalfUp);
}

Rebalancing plan(const std::vector<WeightedPosition>& positions, const Decimal& band) {
  Rebalancing result;
  Decimal weights;
  for (const WeightedPosition& position : positions) {
    if (!position.price.is_positive()) base::refuse(position.asset.value(), "has no price");
    result.total += position.quantity * position.price;
    weights += position.target_weight;
  }
  if (weights != Decimal::of(1)) base::refuse("target_weight", "the target weights do not add up to 1");
  if (!result.total.is_positive()) base::refuse("positions", "have no value");
  bool is_outside = false;
  for (const WeightedPosition& position : positions) {
    const Decimal value = position.quantity * position.price;
    result.weights.push_back(money::divide(value, result.total, kWeightDecimals, Rounding::kHalfEven));
    is_outside = is_outside || (value - position.target_weight * result.total).abs() > band * result.total;
  }
  if (!is_outside) return result;
  for (const bool is_purchase : {false, true}) {
    for (const WeightedPosition& position : positions) {
      Decimal dollars = position.quantity * position.price - position.target_weight * result.total;
      if (is_purchase) dollars = std::min(-dollars, result.cash_left);
      if (!dollars.is_positive()) continue;
      // The exact value is not above the dollars, which are whole cents where they are all that is left: so
      // the rounded value is not above them either.
      const Decimal quantity =
          money::divide(dollars, position.price, position.transfer_decimals, Rounding::kDown);
      const Decimal value = value_at(quantity, position.price);
      if (quantity.is_zero()) continue;
      result.cash_left += is_purchase ? -value : value;
      result.trades.push_back({position.asset, is_purchase, quantity, value});
    }
  }
  return result;
}

}  // namespace

base::Checked<Rebalancing> plan_rebalancing(const std::vector<WeightedPosition>& positions,
                                            const Decimal& band) {
  return base::checked([&]() -> Rebalancing {
    try {
      return plan(positions, band);
    } catch (const money::OverflowError&) {
      base::refuse("positions", "the number that comes out has more digits than fit");
    }
  });
}

}  // namespace navkeeper::nav::dealing
