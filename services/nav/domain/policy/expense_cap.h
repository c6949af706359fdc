#pragma once
// Expense limits: the adviser bears what the fund's expenses of a fiscal year exceed of an annual rate on
// daily net assets, and may take it back later while there is room under the limit.
//
// Some types stand outside the limit (interest, taxes, brokerage, acquired-fund fees, extraordinary: facts
// 0). The reckoning is cumulative over the fiscal year, so that a strike's amount is the difference of two
// figures to date and a day under the limit gives back what a day above it took.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"
#include "common/time/day_count.h"
#include "services/nav/domain/policy/entry_draft.h"
#include "services/nav/domain/policy/payer.h"

namespace navkeeper::nav::policy {

struct ExpenseCap {
  time::Date from;
  time::Date to;               ///< the last day: a limit always ends
  money::Decimal annual_rate;  ///< of daily net assets, positive
  time::DayCount day_count = time::DayCount::kActual365;
  std::vector<ExpenseType> excluded;  ///< types that the limit does not see
  /// How long the adviser may take back what it bore, from the day it bore it; none: never.
  std::optional<int> recoupment_months;
};

class CapSchedule {
 public:
  /// Refused, naming the limit ("expense cap from 2026-01-01"): one that ends before it begins, a rate not
  /// positive, two for one day, a type excluded twice, a window not positive. Days without a limit are
  /// allowed.
  static base::Checked<CapSchedule> of(std::vector<ExpenseCap> caps);
  /// The limit on `date`, or null.
  const ExpenseCap* cap(time::Date date) const;

 private:
  explicit CapSchedule(std::vector<ExpenseCap> caps);
  std::vector<ExpenseCap> caps_;
};

/// One calendar day.
struct CappedDay {
  time::Date date;
  money::Decimal net_assets;                       ///< dollars, not negative
  std::map<ExpenseType, money::Decimal> expenses;  ///< dollars net of waivers; negative is a reversal
};

/// What the adviser bore on one day and has not got back.
struct RecoupableAmount {
  time::Date borne;
  int fiscal_year = 0;
  money::Decimal amount;    ///< dollars, positive
  money::Decimal cap_rate;  ///< the limit of that day
  int window_months = 0;
  bool operator==(const RecoupableAmount&) const = default;
};

/// Of the fiscal year so far.
struct CapPosition {
  int fiscal_year = 0;  ///< any number that changes with the year; a new one starts the reckoning anew
  std::optional<time::Date> last;   ///< the day that was reckoned last
  money::Rational net_asset_years;  ///< exact: sum of net assets / days of the year, over days with a limit
  money::Rational allowed;          ///< exact: sum of net assets x rate / days of the year
  money::Decimal expenses;          ///< inside the limit
  money::Decimal reimbursed;        ///< booked
  money::Decimal recouped;          ///< booked
  /// While the adviser bears something of the year: the lowest limit at which it was borne, and `allowed`
  /// with no day since above it. A limit that rises hands nothing back.
  std::optional<money::Decimal> borne_rate;
  money::Rational allowed_as_borne;
  std::vector<RecoupableAmount> recoupable;  ///< oldest first; of all years
};

struct CapDecision {
  CapPosition position;
  money::Decimal
      reimbursement;          ///< positive: the adviser owes the fund; negative: given back within the year
  money::Decimal recoupment;  ///< the fund owes the adviser
  money::Decimal expired;     ///< was recoupable until yesterday
  EntryDraft entry;           ///< without postings when there is nothing
};

/// The day's reimbursement or recoupment. To date, reimbursement is what expenses exceed of the limit,
/// rounded up to the cent, so the fund never bears more than the limit; what was borne is given back within
/// the year only as far as expenses stay within the lower of today's limit and the limits of the days it was
/// borne. What is recouped is cut to the cent, oldest first, each amount only while expenses and all
/// recoupment stay within the lower of today's limit and the limit of the day it was borne, and only inside
/// its window. A day without a limit reckons nothing. Refused: net assets below zero, a day that does not
/// follow the one before.
base::Checked<CapDecision> apply_cap(const CapSchedule& caps, const CapPosition& before, const CappedDay& day,
                                     int fiscal_year);

inline constexpr const char* kCapReimbursement = "Expenses:Reimbursed by adviser:Expense cap";
inline constexpr const char* kRecoupment = "Expenses:Fees:Recoupment by adviser";
inline constexpr const char* kRecoupmentPayable = "Liabilities:Fees payable:Recoupment by adviser";

}  // namespace navkeeper::nav::policy
