#include "services/nav/adapters/explain_expenses.h"

#include "common/base/ensure.h"
#include "common/time/day_count.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using policy::ExpenseRule;
using policy::Tier;

constexpr int kHundredths = 2;

const ExpenseRule& rule_of(const FundPolicies& policies, const policy::ExpenseLine& line) {
  for (const ExpenseRule& rule : policies.fees) {
    if (rule.name == line.name && rule.from == line.version_from) return rule;
  }
  ENSURE(false);
}

/// "0.0095", or "tiers (0 from 0, 0.002 from 1500000000)".
std::string rates_of(const std::vector<Tier>& tiers) {
  if (tiers.size() == 1) return tiers.front().rate.to_string();
  std::string text;
  for (const Tier& tier : tiers)
    text += (text.empty() ? "" : ", ") + tier.rate.to_string() + " from " + tier.from.to_string();
  return "tiers (" + text + ")";
}

/// "1/365 + 2/366 (2027-12-31 to 2028-01-02)".
std::string days_of(const ExpenseRule& rule, const time::AccrualDays& days) {
  std::string text;
  for (const time::YearPart& part : time::year_parts(rule.day_count, days.first, days.last))
    text += (text.empty() ? "" : " + ") + std::to_string(part.days) + "/" +
            Decimal::of(part.year_days_hundredths, kHundredths).to_string();
  return text + " (" + days.first.to_string() + " to " + days.last.to_string() + ")";
}

std::string base_words(const policy::ExpenseLine& line) {
  const std::string amount = line.base.to_quotient_string();
  switch (line.base_kind) {
    case policy::BaseKind::kNetAssets:
      return "fee base " + amount;
    case policy::BaseKind::kAverageNetAssets:
      return "average daily net assets of the month to date " + amount;
    case policy::BaseKind::kCoinsHeld:
      return "coins held " + amount;
    case policy::BaseKind::kCoinEquivalent:
      return "fee base in coins " + amount;
    case policy::BaseKind::kStakedAssets:
      return "coins staked " + amount;
    case policy::BaseKind::kGrossRewards:
      return "gross rewards since the last strike " + amount;
    case policy::BaseKind::kRewardsReceived:
      return "rewards received since the last strike " + amount;
  }
  ENSURE(false);
}

std::string formula(const ExpenseRule& rule, const policy::ExpenseLine& line) {
  std::string text = base_words(line) + " x " + rates_of(rule.tiers);
  if (policy::is_annual(rule.base)) text += " x " + days_of(rule, line.days);
  if (line.commodity != policy::kDollars)
    text += " = " + line.gross.to_string() + " " + line.commodity + " at " + line.price.to_string();
  if (rule.base == policy::BaseKind::kAverageNetAssets ||
      rule.rounding_scope == policy::RoundingScope::kCumulative)
    return text + ", to date less booked before";
  return text + ", rounded once";
}

/// The waiver's own words, of the last day that it holds for.
std::string waiver_words(const FundPolicies& policies, const policy::ExpenseLine& line) {
  const auto schedule = fee_schedule(policies);
  ENSURE(schedule.has_value());
  const policy::Waiver* waiver = nullptr;
  const time::Date first = line.days.count() > 0 ? line.days.first : line.strike;
  const time::Date last = line.days.count() > 0 ? line.days.last : line.strike;
  for (time::Date day = first; day <= last; ++day) {
    if (const policy::Waiver* found = schedule->waiver(line.name, day)) waiver = found;
  }
  if (waiver == nullptr) return "a waiver of earlier days of the month";
  return rates_of(waiver->tiers) + " waived by " + waiver->granted_by + " from " + waiver->from.to_string() +
         " to " + waiver->to.to_string();
}

void add_fee(std::vector<ProofLine>& lines, const FundPolicies& policies, const FeeLine& fee) {
  const policy::ExpenseLine& line = fee.line;
  lines.push_back(
      {line.name + ", today", line.net_value + line.waived_value, formula(rule_of(policies, line), line)});
  if (!line.waived_value.is_zero())
    lines.push_back({line.name + " waived", -line.waived_value, waiver_words(policies, line)});
  if (fee.line.payer == policy::Payer::kAdviser)
    lines.push_back({line.name + " borne by adviser", -line.net_value,
                     "the fund's file does not list " + std::string(policy::describe(line.type)) +
                         ": receivable from the adviser"});
}

void add_limit(std::vector<ProofLine>& lines, const LimitLine& limit) {
  const std::string to_date = "expenses inside the limit " + limit.expenses.to_string() + ", limit to date " +
                              limit.allowed.to_string();
  lines.push_back({"reimbursed by adviser", -limit.reimbursement, to_date});
  if (!limit.recoupment.is_zero()) lines.push_back({"recouped by adviser", limit.recoupment, to_date});
}

}  // namespace

std::vector<ProofLine> expense_lines(const ResolvedStrike& resolved, const ExpenseFigures& figures) {
  std::vector<ProofLine> lines;
  for (const FeeLine& fee : figures.fees) add_fee(lines, resolved.definition.policies, fee);
  for (const AmortisationLine& line : figures.amortised)
    lines.push_back({line.name + ", today", line.amount,
                     "expensed through " + line.through.to_string() + ": " + line.to_date.to_string()});
  if (figures.limit) add_limit(lines, *figures.limit);
  return lines;
}

}  // namespace navkeeper::nav
