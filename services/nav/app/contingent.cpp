#include "services/nav/app/contingent.h"

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

std::vector<ContingentPrice> prices_of(const NavPorts& ports, const FundDefinition& fund, time::Date date) {
  std::vector<ContingentPrice> prices;
  for (const FundAsset& asset : fund.assets) {
    const auto price = ports.rates.price(fund, asset, date);
    if (!price) continue;
    if (price->official) {
      prices.push_back({asset.asset.value(), price->official->value, price->official->basis});
    } else if (!price->bases.empty()) {
      prices.push_back({asset.asset.value(), price->bases.front().value, price->bases.front().basis});
    }
  }
  return prices;
}

}  // namespace

ContingentNav strike_contingent(const NavPorts& ports, ContingentStore& contingents,
                                const StrikeRequest& request, const std::string& why) {
  model::require_role(request.actor, model::Role::kMaker, "strike a contingent NAV");
  const std::string where = request.fund.value() + " " + request.date.to_string();
  const auto stored = ports.store.definition_on(request.fund, request.date);
  if (!stored) base::refuse(request.fund.value(), "is not a known fund on that day");
  const auto plan = plan_strike(stored->definition, request.date, request.now);
  if (plan.has_error()) throw base::Refused(plan.error());
  if (ports.store.find_nav(request.fund, request.date))
    base::refuse(where, "has been struck: a contingent NAV is for a day whose inputs fail");
  const auto before = ports.store.last_nav_before(request.fund, request.date);
  if (!before) base::refuse(where, "there is no NAV before whose holdings could be valued");
  for (const policy::ShareSplit& split : splits_of(ports.acts.acts(request.fund))) {
    if (before->summary.valuation_date < split.effective && split.effective <= request.date)
      base::refuse(where, "a share split takes effect since the NAV before");
  }
  auto nav = contingent_nav(stored->definition.terms, before->summary, request.date,
                            prices_of(ports, stored->definition, request.date), why);
  if (nav.has_error()) throw base::Refused(nav.error().within(where));
  contingents.add_contingent(request.fund, *nav, request.actor.id, request.now);
  return *std::move(nav);
}

}  // namespace navkeeper::nav
