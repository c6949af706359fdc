#pragma once
// Basket: what one creation unit is exchanged for, by a NAV. Source: facts/funds.md 1.5 and 8 (published
// prospectuses):
//
//   component        = deliverable coins / shares x shares of a unit, cut to the decimals of a transfer
//   balancing amount = NAV a unit - sum of round(component x price of the NAV), of either sign
//   NAV a unit       = unrounded NAV a share x shares of a unit, rounded once to the cent
//
// Deliverable are the coins in the fund's position accounts, in whatever state; what is owed to it, claimable
// or receivable is in the balancing amount. The balancing amount is positive when whoever delivers the coins
// pays it too.
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/rounding.h"
#include "services/nav/domain/dealing/order.h"

namespace navkeeper::nav::dealing {

constexpr int kCents = 2;

struct BasketHolding {
  model::AssetId asset;
  money::Decimal deliverable;  ///< whole coins, not negative
  money::Decimal price;        ///< dollars a coin: the NAV's
  int transfer_decimals = 8;
};

struct BasketInput {
  money::Decimal unit_shares;  ///< positive
  money::Decimal shares;       ///< that the NAV was divided by; positive
  money::Decimal net_assets;   ///< unrounded NAV a share = net assets / shares
  money::Decimal held_shares;  ///< in the register with the deliverable coins (ETP_1933: without pending
                               ///< orders); positive
  std::vector<BasketHolding> holdings;
  money::Rounding rounding = money::Rounding::kHalfUp;  ///< of NAV a unit and of each component's value
};

struct BasketComponent {
  model::AssetId asset;
  money::Decimal quantity;  ///< whole coins
  money::Decimal price;
  money::Decimal value;  ///< dollars, rounded to the cent
  bool operator==(const BasketComponent&) const = default;
};

struct Basket {
  money::Decimal nav_per_unit;
  std::vector<BasketComponent>
      components;  ///< in the order of the holdings; those that are cut to nothing left out
  money::Decimal balancing;
  bool operator==(const Basket&) const = default;

  money::Decimal components_value() const;
};

/// Refused: no shares; a value that does not fit.
base::Checked<Basket> basket_of(const BasketInput& input);

/// The components given instead, at the same prices; `difference` is sum |custom - standard| / NAV a unit, an
/// exact quotient rounded up to six decimals. Refused: an asset without a price.
struct CustomResult {
  Basket basket;
  money::Decimal difference;
};
base::Checked<CustomResult> custom_basket(const Basket& standard,
                                          const std::vector<ComponentQuantity>& per_unit,
                                          const BasketInput& input);

}  // namespace navkeeper::nav::dealing
