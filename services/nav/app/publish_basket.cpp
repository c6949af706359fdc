#include "services/nav/app/publish_basket.h"

#include "common/base/refuse.h"

namespace navkeeper::nav {

bool publish_basket(const DealingPorts& ports, CompositionStore& compositions, const model::FundId& fund,
                    time::Date date, const Acting& acting) {
  model::require_role(acting.actor, {model::Role::kOperator, model::Role::kApprover},
                      "publish a portfolio composition");
  const DayBasket day = basket_on(ports, fund, date, acting.now);
  const auto nav = dealing_nav(ports.navs, fund, day.nav_date);
  if (!nav || !nav->published_by || nav->summary.version != day.nav_version)
    base::refuse(fund.value() + " " + date.to_string(),
                 "its basket stands on the NAV of " + day.nav_date.to_string() +
                     ", which is not published: navkeeper nav publish " + fund.value() + " " +
                     day.nav_date.to_string() + " --as APPROVER");
  return compositions.add_composition(day, {acting.actor.id, acting.now});
}

std::string publish_final_basket(const DealingPorts& ports, CompositionStore& compositions,
                                 const model::FundId& fund, time::Date date, const Acting& acting) {
  const auto stored = ports.navs.definition_on(fund, date);
  if (!stored || dealing::terms_on(stored->definition.dealing, date) == nullptr) return "";
  try {
    publish_basket(ports, compositions, fund, date, acting);
    return "";
  } catch (const base::Refused& refused) {
    return refused.what();
  }
}

}  // namespace navkeeper::nav
