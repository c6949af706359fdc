#include "services/nav/domain/dealing/basket.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/overflow.h"
#include "common/money/rational.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

constexpr int kDifferenceDecimals = 6;

Basket balanced(std::vector<BasketComponent> components, const Decimal& nav_per_unit) {
  Basket basket{nav_per_unit, std::move(components), {}};
  basket.balancing = nav_per_unit - basket.components_value();
  return basket;
}

template <class Compute>
auto within_range(Compute&& compute) -> base::Checked<decltype(compute())> {
  return base::checked([&] {
    try {
      return compute();
    } catch (const money::OverflowError&) {
      base::refuse("basket", "the number that comes out has more digits than fit");
    }
  });
}

}  // namespace

Decimal Basket::components_value() const {
  Decimal sum;
  for (const BasketComponent& component : components) sum += component.value;
  return sum;
}

base::Checked<Basket> basket_of(const BasketInput& input) {
  return within_range([&] {
    ENSURE(input.unit_shares.is_positive());
    if (!input.shares.is_positive() || !input.held_shares.is_positive())
      base::refuse("shares", "there are none outstanding: a basket has no size");
    const Decimal nav_per_unit =
        (Rational(input.net_assets) * Rational(input.unit_shares) / Rational(input.shares))
            .rounded(kCents, input.rounding);
    std::vector<BasketComponent> components;
    for (const BasketHolding& holding : input.holdings) {
      ENSURE(!holding.deliverable.is_negative());
      const Decimal quantity = money::mul_div(holding.deliverable, input.unit_shares, input.held_shares,
                                              holding.transfer_decimals, Rounding::kDown);
      if (quantity.is_zero()) continue;
      components.push_back({holding.asset, quantity, holding.price,
                            money::multiply(quantity, holding.price, kCents, input.rounding)});
    }
    return balanced(std::move(components), nav_per_unit);
  });
}

base::Checked<CustomResult> custom_basket(const Basket& standard,
                                          const std::vector<ComponentQuantity>& per_unit,
                                          const BasketInput& input) {
  return within_range([&] {
    std::vector<BasketComponent> components;
    for (const BasketHolding& holding : input.holdings) {
      const auto given = std::find_if(per_unit.begin(), per_unit.end(), [&](const ComponentQuantity& one) {
        return one.asset == holding.asset;
      });
      if (given == per_unit.end()) continue;
      components.push_back({holding.asset, given->quantity, holding.price,
                            money::multiply(given->quantity, holding.price, kCents, input.rounding)});
    }
    if (components.size() != per_unit.size())
      base::refuse("custom", "a component is of an asset that has no price in the NAV");
    if (!standard.nav_per_unit.is_positive()) base::refuse("custom", "the NAV of a unit is not positive");
    const auto value_in = [](const std::vector<BasketComponent>& all, const model::AssetId& asset) {
      for (const BasketComponent& one : all) {
        if (one.asset == asset) return one.value;
      }
      return Decimal{};
    };
    Decimal difference;
    for (const BasketHolding& holding : input.holdings)
      difference +=
          (value_in(components, holding.asset) - value_in(standard.components, holding.asset)).abs();
    CustomResult result{balanced(std::move(components), standard.nav_per_unit), {}};
    result.difference = money::divide(difference, standard.nav_per_unit, kDifferenceDecimals, Rounding::kUp);
    return result;
  });
}

}  // namespace navkeeper::nav::dealing
