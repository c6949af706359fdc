#include "services/nav/domain/dealing/settlement.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::nav::dealing {

using money::Decimal;
using money::Rounding;

std::vector<Leg> legs_of(OrderSide side, const OrderPrice& price) {
  const bool is_creation = side == OrderSide::kCreation;
  std::vector<Leg> legs;
  for (const BasketComponent& component : price.components)
    legs.push_back({component.asset.value(), is_creation ? component.quantity : -component.quantity});
  if (!price.fund_cash.is_zero()) legs.push_back({"USD", price.fund_cash});
  legs.push_back({std::string(kShares), is_creation ? -price.shares : price.shares});
  return legs;
}

std::vector<Leg> part_of(const std::vector<Leg>& legs, const Decimal& before, const Decimal& units,
                         const Decimal& all) {
  ENSURE(!before.is_negative() && !units.is_negative() && before + units <= all && all.is_positive());
  std::vector<Leg> part;
  for (const Leg& leg : legs) {
    const auto due = [&](const Decimal& by) {
      return money::mul_div(leg.amount, by, all, leg.amount.scale(), Rounding::kDown);
    };
    const Decimal amount = due(before + units) - due(before);
    if (!amount.is_zero()) part.push_back({leg.commodity, amount});
  }
  return part;
}

std::string_view describe(SettlementRefusal refusal) {
  switch (refusal) {
    case SettlementRefusal::kUnitsNotWhole:
      return "is not a whole number of creation units";
    case SettlementRefusal::kUnitsNotPositive:
      return "is not positive";
    case SettlementRefusal::kMoreThanOpen:
      return "is more than has not settled yet: an order settles once";
    case SettlementRefusal::kBeforeContract:
      return "is before the order's settlement date";
    case SettlementRefusal::kNotASettlementDay:
      return "is not a settlement day";
  }
  ENSURE(false);
}

std::string_view field_of(SettlementRefusal refusal) {
  const bool is_units = refusal == SettlementRefusal::kUnitsNotWhole ||
                        refusal == SettlementRefusal::kUnitsNotPositive ||
                        refusal == SettlementRefusal::kMoreThanOpen;
  return is_units ? "units" : "date";
}

base::Result<void, SettlementRefusal> check_settlement(const Decimal& units, const Decimal& settled,
                                                       const Decimal& all, time::Date date,
                                                       time::Date contractual,
                                                       const time::Calendar& settlement) {
  if (units.scale() > 0) return SettlementRefusal::kUnitsNotWhole;
  if (!units.is_positive()) return SettlementRefusal::kUnitsNotPositive;
  if (settled + units > all) return SettlementRefusal::kMoreThanOpen;
  return check_fail(date, contractual, settlement);
}

base::Result<void, SettlementRefusal> check_fail(time::Date date, time::Date contractual,
                                                 const time::Calendar& settlement) {
  if (date < contractual) return SettlementRefusal::kBeforeContract;
  if (!settlement.covers(date) || !settlement.is_business_day(date))
    return SettlementRefusal::kNotASettlementDay;
  return {};
}

Decimal collateral_of(OrderSide side, const OrderPrice& price, const Decimal& settled, const Decimal& rate) {
  Decimal value = price.nav_amount;
  if (side == OrderSide::kCreation) {
    value = price.fund_cash.is_positive() ? price.fund_cash : Decimal{};
    for (const BasketComponent& component : price.components) value += component.value;
  }
  const Decimal open = price.units - settled;
  return money::mul_div(value * rate, open, price.units, kCents, Rounding::kUp);
}

}  // namespace navkeeper::nav::dealing
