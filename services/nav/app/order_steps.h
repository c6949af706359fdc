#pragma once
// What the use cases of dealing share; for the dealing*.cpp of this folder.
#include <algorithm>
#include <string>

#include "common/base/refuse.h"
#include "services/nav/app/dealing.h"

namespace navkeeper::nav {

inline FundDefinition known_definition(NavStore& navs, const model::FundId& fund) {
  auto stored = navs.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  return std::move(stored->definition);
}

inline std::string where_of(const dealing::OrderId& id) { return "order " + id.value(); }
inline std::string where_of(const StoredOrder& order) { return where_of(order.order.id); }

/// What the order comes to in dollars: as it was priced, or by the basket of its day as it is known now.
inline money::Decimal value_of(const DealingPorts& ports, const StoredOrder& stored, time::Instant now,
                               const model::FundId& fund) {
  if (stored.price) return stored.price->nav_amount;
  return basket_on(ports, fund, stored.order.trade_date, now).basket.nav_per_unit * stored.order.units;
}

/// The state that the step leads to; refused when it is none of the order's state.
inline dealing::OrderState state_after(const StoredOrder& order, dealing::OrderStep step) {
  const auto next = dealing::after(order.state(), step);
  if (!next)
    base::refuse(where_of(order), "is " + std::string(describe(order.state())) + ", in which nobody can " +
                                      std::string(describe(step)) + " it");
  return *next;
}

/// What was done with the order last; that it was repriced is no step of its own life.
inline const OrderEvent& last_step(const StoredOrder& order) {
  const auto found = std::find_if(order.events.rbegin(), order.events.rend(),
                                  [](const OrderEvent& event) { return event.event != "repriced"; });
  return *found;
}

inline void refuse_placer(const StoredOrder& order, const model::Actor& actor, const char* what) {
  if (order.placed_by == actor.id)
    base::refuse(where_of(order), "was placed by " + actor.id.value() + ", who may not " + what);
}

constexpr std::size_t kOrderTextMax = 1000;

inline void require_text(const std::string& text, const char* field) {
  if (text.empty()) base::refuse(field, "is empty");
  if (text.size() > kOrderTextMax) base::refuse(field, "has more than 1000 bytes");
}

inline OrderChange change_to(std::string event, dealing::OrderState state,
                             std::optional<time::Date> date = std::nullopt) {
  OrderChange change;
  change.event.event = std::move(event);
  change.event.state = state;
  change.event.date = date;
  return change;
}

}  // namespace navkeeper::nav
