#include "services/nav/domain/policy/offering_cost.h"

#include <utility>

#include "services/nav/domain/policy/month.h"
#include "services/nav/domain/policy/payer.h"

namespace navkeeper::nav::policy {

using money::Decimal;

OfferingCost::OfferingCost(std::string name, Decimal cost, time::Date first, time::Date last)
    : name_(std::move(name)), cost_(cost), first_(first), last_(last) {}

base::Checked<OfferingCost> OfferingCost::of(std::string name, Decimal cost, time::Date start) {
  const std::string where = "offering cost '" + name + "'";
  if (!is_account_name(name)) return base::Refusal{where, "is no name of an account"};
  if (!cost.is_positive()) return base::Refusal{where, "is not positive"};
  if (cost.scale() > kDollarDecimals) return base::Refusal{where, "has more than two decimals"};
  return OfferingCost(std::move(name), cost, start, months_after(start, kOfferingMonths) - 1);
}

Decimal OfferingCost::to_date(time::Date date) const {
  if (date < first_) return {};
  if (date >= last_) return cost_;
  return money::mul_div(cost_, Decimal::of(date - first_ + 1), Decimal::of(last_ - first_ + 1),
                        kDollarDecimals, money::Rounding::kHalfEven);
}

Decimal OfferingCost::amount(const time::AccrualDays& days) const {
  if (days.count() == 0) return {};
  return to_date(days.last) - to_date(days.first - 1);
}

EntryDraft OfferingCost::entry(time::Date strike, const time::AccrualDays& days) const {
  return entry_of(strike, amount(days));
}

EntryDraft OfferingCost::entry_of(time::Date strike, const Decimal& expensed) const {
  return entry_on(strike, name_ + "/" + strike.to_string(), name_ + " amortised")
      .debit(expense_account(name_), kDollars, expensed)
      .credit(deferred_account(), kDollars, expensed);
}

EntryDraft OfferingCost::deferral(time::Date date) const {
  return entry_on(date, name_ + "/deferred", name_ + " deferred")
      .debit(deferred_account(), kDollars, cost_)
      .credit(payable_account(name_), kDollars, cost_);
}

std::string OfferingCost::deferred_account() const { return "Assets:Deferred costs:" + name_; }

}  // namespace navkeeper::nav::policy
