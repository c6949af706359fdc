#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/app/dealing.h"

// The basket of a day, the rebalancing of a day, and what is open of settled and failed orders.
namespace navkeeper::nav {

using money::Decimal;

namespace {

FundDefinition definition_on(NavStore& navs, const model::FundId& fund, time::Date date) {
  auto stored = navs.definition_on(fund, date);
  if (!stored) stored = navs.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  return std::move(stored->definition);
}

/// The day's own NAV, else the last one before it.
StoredNav nav_for(NavStore& navs, const model::FundId& fund, time::Date date) {
  auto nav = dealing_nav(navs, fund, date);
  if (nav) return *std::move(nav);
  const auto before = navs.last_nav_before(fund, date);
  if (!before)
    base::refuse(fund.value() + " " + date.to_string(), "there is no NAV yet for a basket to stand on");
  return *dealing_nav(navs, fund, before->summary.valuation_date);
}

Decimal price_in(const NavSummary& nav, const model::AssetId& asset) {
  for (const NavPosition& position : nav.positions) {
    if (position.asset == asset.value()) return position.price;
  }
  return {};
}

}  // namespace

std::optional<StoredNav> dealing_nav(NavStore& navs, const model::FundId& fund, time::Date date) {
  auto versions = navs.versions(fund, date, time::Instant::latest());
  if (versions.empty()) return std::nullopt;
  const auto published = std::find_if(versions.rbegin(), versions.rend(),
                                      [](const StoredNav& nav) { return nav.published_by.has_value(); });
  return std::move(published == versions.rend() ? versions.back() : *published);
}

DayBasket basket_on(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                    time::Instant now) {
  return basket_by(ports, fund, date, nav_for(ports.navs, fund, date), now);
}

DayBasket basket_by(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                    const StoredNav& nav, time::Instant now) {
  const std::string where = fund.value() + " " + date.to_string();
  const FundDefinition definition = definition_on(ports.navs, fund, date);
  const time::Calendar exchange = definition.calendar();
  if (!exchange.covers(date) || !exchange.is_business_day(date))
    base::refuse(where, "is not a business day of the fund");
  const dealing::DealingTerms* const terms = dealing::terms_on(definition.dealing, date);
  if (terms == nullptr) base::refuse(where, "the fund's definition has no dealing terms then");
  DayBasket day{fund, date, true, {}, 1, {}, {}, {}, {}, {}, *terms};
  day.nav_date = nav.summary.valuation_date;
  day.is_estimate = day.nav_date != date;
  day.nav_version = nav.summary.version;
  day.nav_per_share = nav.summary.nav_per_share;
  day.unit_shares = definition.creation_unit_shares;
  const Deliverable deliverable = ports.orders.deliverable(fund, date, day.is_estimate ? now : nav.struck_at);
  day.shares_outstanding = deliverable.shares;
  day.input.unit_shares = definition.creation_unit_shares;
  day.input.shares = nav.summary.shares;
  const money::Rational factor = policy::share_factor(deliverable.splits, day.nav_date, date);
  if (factor != money::Rational::of(1)) {
    // The NAV's shares as they are counted on the day, and its value of one of those.
    const money::Rational shares = money::Rational(nav.summary.shares) * factor;
    day.input.shares = shares.rounded(0, money::Rounding::kDown);
    if (money::Rational(day.input.shares) != shares)
      base::refuse(where, "a split leaves a fraction of a share of the NAV of " + day.nav_date.to_string());
    day.nav_per_share = (money::Rational(nav.summary.net_assets) / shares)
                            .rounded(definition.terms.per_share_decimals, definition.terms.rounding);
  }
  day.input.net_assets = nav.summary.net_assets;
  day.input.held_shares = deliverable.shares;
  day.input.rounding = definition.terms.rounding;
  for (const FundAsset& asset : definition.assets) {
    const auto held = deliverable.coins.find(asset.asset.value());
    const Decimal price = price_in(nav.summary, asset.asset);
    if (price.is_zero()) continue;  // not held, or a coin that no input prices: it is in no basket
    day.input.holdings.push_back(
        {asset.asset, held == deliverable.coins.end() ? Decimal{} : std::max(held->second, Decimal{}), price,
         terms->precision_of(asset.asset)->decimals});
  }
  auto basket = dealing::basket_of(day.input);
  if (basket.has_error()) throw base::Refused(basket.error().within(where));
  day.basket = *std::move(basket);
  return day;
}

DayRebalancing rebalancing_on(const DealingPorts& ports, const model::FundId& fund, time::Date date,
                              time::Instant now) {
  const FundDefinition definition = definition_on(ports.navs, fund, date);
  const DayBasket day = basket_on(ports, fund, date, now);
  if (!day.terms.rebalancing_band) base::refuse(fund.value(), "its dealing terms have no rebalancing_band");
  DayRebalancing result;
  result.nav_date = day.nav_date;
  const Deliverable deliverable = ports.orders.deliverable(fund, date, now);
  for (const FundAsset& asset : definition.assets) {
    if (!asset.target_weight) base::refuse(fund.value(), asset.asset.value() + " has no target weight");
    Decimal price;
    for (const dealing::BasketHolding& holding : day.input.holdings) {
      if (holding.asset == asset.asset) price = holding.price;
    }
    const auto held = deliverable.coins.find(asset.asset.value());
    result.positions.push_back({asset.asset, held == deliverable.coins.end() ? Decimal{} : held->second,
                                price, *asset.target_weight, day.terms.precision_of(asset.asset)->decimals});
  }
  auto plan = dealing::plan_rebalancing(result.positions, *day.terms.rebalancing_band);
  if (plan.has_error()) throw base::Refused(plan.error().within(fund.value()));
  result.plan = *std::move(plan);
  return result;
}

std::vector<OpenItem> open_items(const std::vector<StoredOrder>& orders, time::Date date,
                                 std::span<const policy::ShareSplit> splits) {
  std::vector<OpenItem> items;
  for (const StoredOrder& stored : orders) {
    if (!stored.price || stored.dates->settlement_date > date) continue;
    Decimal settled;
    dealing::OrderState state = dealing::OrderState::kPriced;
    for (const OrderEvent& event : stored.events) {
      if (event.event != "settled" && event.event != "failed" && event.event != "closed_out") continue;
      if (event.date > date) continue;
      state = event.state;
      if (event.event == "settled") settled += *event.units;
    }
    const Decimal& all = stored.price->units;
    if (settled == all || state == dealing::OrderState::kClosedOut) continue;
    OpenItem item{stored.order.id, stored.order.participant, stored.dates->settlement_date, state,
                  part_of(legs_of(stored.order.side, *stored.price), settled, all - settled, all)};
    for (dealing::Leg& leg : item.legs) {
      if (leg.commodity == dealing::kShares)
        leg.amount =
            (money::Rational(leg.amount) * policy::share_factor(splits, stored.price->nav_date, date))
                .rounded(0, money::Rounding::kDown);
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace navkeeper::nav
