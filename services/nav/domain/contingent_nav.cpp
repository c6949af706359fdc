#include "services/nav/domain/contingent_nav.h"

#include <algorithm>
#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav {

base::Checked<ContingentNav> contingent_nav(const NavTerms& terms, const NavSummary& before, time::Date date,
                                            const std::vector<ContingentPrice>& prices, std::string why) {
  return base::checked([&] {
    ContingentNav nav;
    nav.date = date;
    nav.based_on = before.valuation_date;
    nav.based_on_version = before.version;
    nav.other_net_assets = before.net_assets;
    nav.shares = before.shares;
    nav.why = std::move(why);
    if (!before.shares.is_positive()) base::refuse("shares", "are not positive in the NAV before");
    for (const NavPosition& held : before.positions) {
      const money::Decimal pending =
          money::multiply(held.pending.abs(), held.price, terms.money_decimals, terms.rounding);
      nav.other_net_assets -= held.value + (held.pending.is_negative() ? -pending : pending);
      const money::Decimal quantity = held.quantity + held.pending;  // the shares count those orders too
      if (quantity.is_zero()) continue;
      const auto found = std::find_if(prices.begin(), prices.end(),
                                      [&](const ContingentPrice& one) { return one.asset == held.asset; });
      if (found == prices.end()) base::refuse(held.asset, "has no price of " + date.to_string() + " at all");
      const money::Decimal value =
          money::multiply(quantity, found->price, terms.money_decimals, terms.rounding);
      nav.positions.push_back({held.asset, quantity, found->price, found->basis, value});
      nav.net_assets += value;
    }
    nav.net_assets += nav.other_net_assets;
    nav.nav_per_share = (money::Rational(nav.net_assets) / money::Rational(nav.shares))
                            .rounded(terms.per_share_decimals, terms.rounding);
    return nav;
  });
}

}  // namespace navkeeper::nav
