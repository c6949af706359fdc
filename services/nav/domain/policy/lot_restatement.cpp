#include "services/nav/domain/policy/lot_restatement.h"

#include <array>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/split.h"
#include "services/nav/domain/policy/income_recognition.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

std::size_t owner_of(std::span<const HeldLot> lots, const std::string& id, const std::string& where) {
  if (lots.empty()) base::refuse(where, "there is no lot");
  for (const HeldLot& lot : lots) {
    if (!lot.quantity.is_positive()) base::refuse(where, "lot '" + lot.id + "' holds nothing");
    if (lot.cost.is_negative()) base::refuse(where, "lot '" + lot.id + "' has a negative cost");
  }
  for (std::size_t i = 0; i < lots.size(); ++i) {
    if (lots[i].id == id) return i;
  }
  base::refuse(where, "remainder owner '" + id + "' is no lot");
}

Decimal sum_of_quantities(std::span<const HeldLot> lots) {
  Decimal sum;
  for (const HeldLot& lot : lots) sum += lot.quantity;
  return sum;
}

Decimal sum_of_costs(std::span<const HeldLot> lots) {
  Decimal sum;
  for (const HeldLot& lot : lots) sum += lot.cost;
  return sum;
}

}  // namespace

base::Checked<MigrationDecision> migrate(const Migration& migration, std::span<const HeldLot> lots) {
  return base::checked([&] {
    const std::string where = "migration '" + migration.id + "'";
    if (migration.old_token == migration.new_token) base::refuse(where, "the new token is the old one");
    if (!migration.ratio.is_positive()) base::refuse(where, "ratio is not positive");
    const std::size_t owner = owner_of(lots, migration.remainder_owner_lot, where);
    const Decimal held = sum_of_quantities(lots);
    const Decimal due = money::multiply(held, migration.ratio, migration.new_decimals, Rounding::kDown);
    if (migration.received != due)
      base::refuse(where,
                   "received " + migration.received.to_string() + ", the ratio gives " + due.to_string());

    MigrationDecision decision;
    Decimal given;
    for (const HeldLot& lot : lots) {
      const Decimal quantity =
          money::multiply(lot.quantity, migration.ratio, migration.new_decimals, Rounding::kDown);
      given += quantity;
      decision.lots.push_back({lot.id, quantity, lot.cost, lot.acquired});
    }
    decision.lots[owner].quantity += due - given;
    for (const HeldLot& lot : decision.lots) {
      if (!lot.quantity.is_positive() && !lot.cost.is_zero())
        base::refuse(where, "lot '" + lot.id + "' would become nothing");
    }
    std::erase_if(decision.lots, [](const HeldLot& lot) { return !lot.quantity.is_positive(); });
    const Decimal cost = sum_of_costs(lots);
    decision.entry = entry_on(migration.date, "migration/" + migration.id,
                              migration.old_token + " becomes " + migration.new_token);
    decision.entry.credit(coin_account(migration.old_token), migration.old_token, held)
        .debit(coin_conversion(migration.old_token), migration.old_token, held)
        .credit(coin_conversion(migration.old_token), kDollars, cost)
        .debit(coin_account(migration.new_token), migration.new_token, due)
        .credit(coin_conversion(migration.new_token), migration.new_token, due)
        .debit(coin_conversion(migration.new_token), kDollars, cost);
    ENSURE(balances(decision.entry));
    return decision;
  });
}

base::Checked<SpinOffDecision> spin_off(const SpinOff& action, std::span<const HeldLot> lots) {
  return base::checked([&] {
    const std::string where = "spin-off '" + action.id + "'";
    if (action.parent == action.child) base::refuse(where, "the child is the parent");
    if (!action.received.is_positive()) base::refuse(where, "received quantity is not positive");
    if (action.received.scale() > action.child_decimals)
      base::refuse(where, "received quantity has more decimals than the child");
    if (action.parent_fair_value.is_negative() || action.child_fair_value.is_negative())
      base::refuse(where, "a fair value is negative");
    if (action.parent_fair_value.is_zero() && action.child_fair_value.is_zero())
      base::refuse(where, "both fair values are zero");
    const std::size_t owner = owner_of(lots, action.remainder_owner_lot, where);

    std::vector<Decimal> quantities;
    for (const HeldLot& lot : lots) quantities.push_back(lot.quantity);
    const auto units = money::split(action.received, quantities, action.child_decimals, owner);
    const std::array fair_values{action.parent_fair_value, action.child_fair_value};
    SpinOffDecision decision;
    for (std::size_t i = 0; i < lots.size(); ++i) {
      const auto costs = money::split(lots[i].cost, fair_values, kDollarDecimals,
                                      static_cast<std::size_t>(action.remainder_owner));
      decision.parent_lots.push_back({lots[i].id, lots[i].quantity, costs[0], lots[i].acquired});
      if (units[i].is_positive()) {
        decision.child_lots.push_back({lots[i].id, units[i], costs[1], lots[i].acquired});
      } else if (!costs[1].is_zero()) {
        base::refuse(where, "lot '" + lots[i].id + "' would give its cost to no unit of the child");
      }
    }
    const Decimal cost = sum_of_costs(decision.child_lots);
    decision.entry = entry_on(action.date, "spin-off/" + action.id, action.child + " from " + action.parent);
    decision.entry.credit(coin_conversion(action.parent), kDollars, cost)
        .debit(coin_account(action.child), action.child, action.received)
        .credit(coin_conversion(action.child), action.child, action.received)
        .debit(coin_conversion(action.child), kDollars, cost);
    ENSURE(balances(decision.entry));
    return decision;
  });
}

}  // namespace navkeeper::nav::policy
