#include "services/nav/domain/cash/wire.h"

namespace navkeeper::nav::cash {

base::Checked<void> check_payee(const Payee& payee) {
  if (payee.name.empty()) return base::Refusal{"name", "is empty"};
  if (payee.number.empty()) return base::Refusal{"number", "is empty"};
  if (payee.servicer.empty()) return base::Refusal{"servicer", "is empty"};
  return {};
}

base::Checked<void> check_limits(const WireLimits& limits) {
  for (const auto& [name, amount] :
       {std::pair{"per_wire", limits.per_wire}, std::pair{"per_day", limits.per_day}}) {
    if (!amount.is_positive()) return base::Refusal{name, "is not positive"};
    if (amount.scale() > kCentDecimals) return base::Refusal{name, "has more than two decimals"};
  }
  if (limits.per_day < limits.per_wire) return base::Refusal{"per_day", "is below per_wire"};
  return {};
}

namespace {

/// A debt is paid once, in as many wires as people like.
base::Checked<void> check_debt(const Wire& wire, const std::optional<PaidDebt>& debt) {
  if (wire.pays_source.empty()) return {};
  const std::string name = wire.pays_source + ":" + wire.pays_id;
  if (!debt) return base::Refusal{"pays", name + " is nothing that the books owe or pay in dollars"};
  const money::Decimal left = debt->owed - debt->promised;
  if (wire.amount <= left) return {};
  std::string rule = wire.amount.to_string() + " is more than what " + name +
                     " leaves to pay: " + debt->owed.to_string() + " owed";
  if (!debt->promised.is_zero())
    rule +=
        ", of which " + debt->promised.to_string() + " by wires that are not booked yet (" + debt->by + ")";
  return base::Refusal{"amount", std::move(rule)};
}

}  // namespace

base::Checked<void> check_wire(const Wire& wire, const WireSight& sight) {
  if (wire.id.size() > kWireIdLengthMax)
    return base::Refusal{"id", "is longer than " + std::to_string(kWireIdLengthMax) + " characters"};
  if (!wire.amount.is_positive()) return base::Refusal{"amount", "is not positive"};
  if (wire.amount.scale() > kCentDecimals) return base::Refusal{"amount", "has more than two decimals"};
  if (wire.purpose.empty()) return base::Refusal{"purpose", "is empty"};
  if (wire.pays_source.empty() != wire.pays_id.empty())
    return base::Refusal{"pays", "names an entry by its source and its id there, both"};
  if (!sight.has_account)
    return base::Refusal{"account", wire.account + " is not an approved account of the fund"};
  if (!sight.has_payee) return base::Refusal{"payee", wire.payee + " is not an approved payee of the fund"};
  if (wire.value_date < sight.today)
    return base::Refusal{"value_date", wire.value_date.to_string() + " has passed"};
  if (!sight.is_value_date_bank_day)
    return base::Refusal{"value_date", wire.value_date.to_string() + " is no day of the bank's"};
  if (!sight.limits) return base::Refusal{"account", wire.account + " has no approved limits for wires"};
  if (wire.amount > sight.limits->per_wire)
    return base::Refusal{"amount", wire.amount.to_string() + " is above the limit of one wire, " +
                                       sight.limits->per_wire.to_string()};
  if (sight.day_total + wire.amount > sight.limits->per_day)
    return base::Refusal{"amount", "with " + sight.day_total.to_string() +
                                       " of other wires of that day it is above the day's limit, " +
                                       sight.limits->per_day.to_string()};
  return check_debt(wire, sight.debt);
}

base::Checked<void> check_wire_funds(const Wire& wire, const money::Decimal& settled, bool is_counted,
                                     const money::Decimal& pending) {
  const money::Decimal left = settled - pending - (is_counted ? money::Decimal{} : wire.amount);
  if (left.is_negative())
    return base::Refusal{"amount",
                         "settled cash of " + wire.value_date.to_string() + " would be " + left.to_string()};
  return {};
}

}  // namespace navkeeper::nav::cash
