#pragma once
// FundPolicies: what a fund decides about its own books (services/nav/POLICY.md), as its reviewed file says
// it: fees and who pays what, limits, income, distributions, forks. All of it has effective dates of its own.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rounding.h"
#include "common/time/accrual.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/distribution.h"
#include "services/nav/domain/policy/expense_cap.h"
#include "services/nav/domain/policy/expense_rule.h"
#include "services/nav/domain/policy/fork.h"
#include "services/nav/domain/policy/income_recognition.h"
#include "services/nav/domain/policy/liquid_staking.h"
#include "services/nav/domain/policy/offering_cost.h"
#include "services/nav/domain/policy/payer.h"

namespace navkeeper::nav {

/// From `from` on somebody else bears this type of expense.
struct PayerChange {
  policy::ExpenseType type = policy::ExpenseType::kAudit;
  policy::Payer payer = policy::Payer::kFund;
  time::Date from;
};

struct OfferingTerms {
  std::string name;
  money::Decimal cost;  ///< dollars
  time::Date start;     ///< of operations
};

struct DistributionPolicy {
  policy::IncomeUse use = policy::IncomeUse::kRetain;
  money::Rounding rounding = money::Rounding::kDown;  ///< of the amount a share
  policy::Source remainder_owner = policy::Source::kIncome;
  std::optional<policy::DistributionSchedule> schedule;  ///< none: whenever the board declares one
};

struct FundPolicies {
  /// Which days a strike takes where an item has no rule of its own: offering costs and limits.
  time::AccrualRule accrual_rule = time::AccrualRule::kForward;
  /// What the unitary fee does not cover; everything else is the adviser's.
  std::vector<policy::ExpenseType> borne_by_fund;
  std::vector<PayerChange> payer_changes;
  std::vector<policy::ExpenseRule> fees;
  std::vector<policy::Waiver> waivers;
  std::vector<OfferingTerms> offering_costs;
  std::vector<policy::ExpenseCap> limits;
  policy::RecognitionPolicy rewards;                              ///< by type of reward
  std::map<std::string, policy::AccretionPolicy> liquid_staking;  ///< by token
  DistributionPolicy distributions;
  policy::ForkPolicy forks = policy::ForkPolicy::kAbandon;
};

/// The parts as the pure policies take them. Refused as those say.
base::Checked<policy::ExpenseSchedule> fee_schedule(const FundPolicies& policies);
base::Checked<policy::PayerTable> payer_table(const FundPolicies& policies, time::Date inception);
base::Checked<std::vector<policy::OfferingCost>> offering_costs(const FundPolicies& policies);
base::Checked<policy::CapSchedule> cap_schedule(const FundPolicies& policies);

/// The rules between them; `where` is the key of the fund's file. Beyond what the parts refuse: an average
/// whose accrual days are not forward_month_end (its period is the calendar month), a cumulative rounding
/// that would carry quotients of prices along for ever, two items that share an account's name.
std::optional<base::Refusal> check_policies(const FundPolicies& policies, time::Date inception);

/// What a later definition, effective on `effective`, may not change of the one before it once NAVs were
/// struck, the last on `last_struck`: base, currency, accrual days and type of a fee that keeps its name, the
/// accrual days of limits and offering costs (a day would be accrued twice or not at all), and an offering
/// cost that is in the books and not yet expensed (it would stay an asset for ever).
std::optional<base::Refusal> check_successor(const FundPolicies& before, const FundPolicies& after,
                                             time::Date effective, time::Date last_struck);

std::string_view describe(
    policy::Source source);  ///< "income", "short_term_gain", "long_term_gain", "capital"
std::optional<policy::Source> parse_source(std::string_view word);

}  // namespace navkeeper::nav
