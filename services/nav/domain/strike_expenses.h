#pragma once
// The expenses of a strike: what the fund's rules (fund_policies.h) accrue today, what the adviser bears of
// it, what is amortised, what a limit gives back; and the coins owed at today's price. Pure; strike.h calls
// it between the fee base and the tax.
//
// A strike of T needs figures of earlier days: an average of the month, roundings to date, the reckoning of a
// limit. They come from the NAV before (CarriedExpenses, a part of its document) and from the journal, and
// are a part of the resolved inputs, so a past strike recomputes from its own record alone.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/fund.h"
#include "services/nav/domain/policy/coin_payable.h"
#include "services/nav/domain/policy/expense_accrual.h"

namespace navkeeper::nav {

/// Whole coins, from the fund's first day to the view; each reward once.
struct RewardTotals {
  money::Decimal gross;     ///< recognised as income, before anyone's cut
  money::Decimal received;  ///< what came in
  bool operator==(const RewardTotals&) const = default;
};

/// What one NAV leaves to the next.
struct CarriedExpenses {
  std::optional<time::Date> strike;  ///< of the NAV that left it; nothing before the first
  policy::AccrualStates accrued;     ///< of fees on an average (this calendar month) or rounded cumulatively
  policy::CapPosition limit;
  std::map<policy::ExpenseType, money::Decimal> incurred;  ///< seen so far: ResolvedExpenses::incurred
  std::map<model::AssetId, RewardTotals> rewards;          ///< seen so far
};

/// The base of an earlier strike of the month.
struct StrikeBase {
  time::Date strike;
  money::Decimal net_assets;  ///< before that day's fees
  bool operator==(const StrikeBase&) const = default;
};

/// An offering cost as the journal has it.
struct OfferingStanding {
  bool is_deferred = false;
  money::Decimal expensed;
};

struct ResolvedExpenses {
  CarriedExpenses carried;
  std::vector<StrikeBase>
      month;  ///< of the calendar month of the strike, oldest first; asked for averages only
  /// Dollars of single expenses that the fund bears, booked from its first day to the view, by type.
  std::map<policy::ExpenseType, money::Decimal> incurred;
  std::map<model::AssetId, RewardTotals> rewards;
  std::map<model::AssetId, money::Decimal> staked;  ///< whole coins of Assets:Staked
  std::map<std::string, OfferingStanding> offering;
  std::vector<policy::CoinPayable> coin_payables;  ///< per fee and coin; quantity positive
};

struct FeeLine {
  policy::ExpenseLine line;
  /// Dollars that it takes from net assets today: nothing where the adviser bears it.
  money::Decimal charge() const {
    return line.payer == policy::Payer::kFund ? line.net_value : money::Decimal{};
  }
};

struct AmortisationLine {
  std::string name;
  time::Date through;      ///< the last day expensed
  money::Decimal amount;   ///< today's
  money::Decimal to_date;  ///< with it
};

struct LimitLine {
  money::Decimal expenses;       ///< inside the limit, fiscal year to date
  money::Decimal allowed;        ///< the limit to date, cut to the cent
  money::Decimal reimbursement;  ///< today; positive: the adviser owes the fund
  money::Decimal recoupment;     ///< today; the fund owes the adviser
};

struct PayableLine {
  policy::CoinPayable payable;  ///< after revaluation
  money::Decimal price;
  money::Decimal change;  ///< dollars; positive: the liability rose
};

struct ExpenseFigures {
  std::vector<FeeLine> fees;
  std::vector<AmortisationLine> amortised;
  std::optional<LimitLine> limit;  ///< none: no limit on any of the days
  std::vector<PayableLine> payables;
  money::Decimal total;  ///< dollars that today's items take from net assets; payables apart
  CarriedExpenses carried;
  std::vector<policy::EntryDraft> entries;  ///< balanced; booked on the day after the strike
};

/// Dollars owed in coins at today's prices, line by line. Refused: a coin without a price.
base::Checked<std::vector<PayableLine>> value_payables(const ResolvedExpenses& resolved,
                                                       const std::map<model::AssetId, money::Decimal>& prices,
                                                       time::Date strike);

/// The day as the rules see it.
struct ExpenseDay {
  time::Date strike;
  time::AccrualDays days;     ///< of FundPolicies::accrual_rule
  money::Decimal net_assets;  ///< dollars, before any of today's items
  std::map<model::AssetId, money::Decimal> prices;
  std::map<model::AssetId, money::Decimal> coins;  ///< held
};
/// Refused as the pure policies say.
base::Checked<ExpenseFigures> accrue_strike(const FundDefinition& fund, const ResolvedExpenses& resolved,
                                            const ExpenseDay& day, std::vector<PayableLine> payables);

/// The assets whose price a strike needs for its expenses, held or not.
std::vector<model::AssetId> priced_for_expenses(const FundPolicies& policies,
                                                const ResolvedExpenses& resolved);

/// Any number that changes with the fund's fiscal year, which is its tax year.
int fiscal_year(const FundDefinition& fund, time::Date date);

}  // namespace navkeeper::nav
