#pragma once
// Offering costs: deferred, then expensed over twelve months from the start of operations. What is expensed
// to date is rounded from the whole cost, and a day's amount is the difference of two such figures, so
// rounding never drifts and the parts add up to the cost. (Organization costs are expensed at once: an
// IncurredExpense.)
#include <string>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/accrual.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

constexpr int kOfferingMonths = 12;

class OfferingCost {
 public:
  /// Refused: a bad name, a cost not positive or with more than two decimals.
  static base::Checked<OfferingCost> of(std::string name, money::Decimal cost, time::Date start);

  const std::string& name() const { return name_; }
  time::Date first() const { return first_; }
  /// The last day: the day before the same day a year on (29 February: before 1 March).
  time::Date last() const { return last_; }
  /// Expensed by the end of `date`: cost x days / days of the period, to the cent, half to even; 0 before,
  /// cost after.
  money::Decimal to_date(time::Date date) const;
  /// What these days expense.
  money::Decimal amount(const time::AccrualDays& days) const;
  /// The entry of a strike that accrues these days; without postings outside the period.
  EntryDraft entry(time::Date strike, const time::AccrualDays& days) const;
  /// That of any amount, where days were missed and are caught up with.
  EntryDraft entry_of(time::Date strike, const money::Decimal& amount) const;
  /// The entry that records the cost: deferred against payable.
  EntryDraft deferral(time::Date date) const;
  std::string deferred_account() const;  ///< "Assets:Deferred costs:NAME"

 private:
  OfferingCost(std::string name, money::Decimal cost, time::Date first, time::Date last);
  std::string name_;
  money::Decimal cost_;
  time::Date first_;
  time::Date last_;
};

}  // namespace navkeeper::nav::policy
