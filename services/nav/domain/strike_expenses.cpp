#include "services/nav/domain/strike_expenses.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rounding;
using policy::BaseKind;
using policy::EntryDraft;
using policy::ExpenseRule;
using policy::ExpenseType;
using policy::Payer;

bool is_same_month(time::Date a, time::Date b) { return a.start_of_month() == b.start_of_month(); }

const ExpenseRule& rule_of(const FundPolicies& policies, const policy::ExpenseLine& line) {
  for (const ExpenseRule& rule : policies.fees) {
    if (rule.name == line.name && rule.from == line.version_from) return rule;
  }
  ENSURE(false);
}

bool is_to_date(const ExpenseRule& rule) {
  return rule.base == BaseKind::kAverageNetAssets ||
         rule.rounding_scope == policy::RoundingScope::kCumulative;
}

/// The states that still count today: an average begins anew with the month.
policy::AccrualStates states_of(const FundPolicies& policies, const ResolvedExpenses& resolved,
                                time::Date strike) {
  policy::AccrualStates states = resolved.carried.accrued;
  if (!resolved.carried.strike || is_same_month(*resolved.carried.strike, strike)) return states;
  for (const ExpenseRule& rule : policies.fees) {
    if (rule.base == BaseKind::kAverageNetAssets) states.erase({rule.name, rule.from});
  }
  return states;
}

/// Net assets of each calendar day of the month: a strike's base holds for the days that it accrues.
std::map<time::Date, Decimal> daily_net_assets(const FundDefinition& fund, const ResolvedExpenses& resolved,
                                               const ExpenseDay& day) {
  std::map<time::Date, Decimal> daily;
  const time::Calendar calendar = fund.calendar();
  const auto add = [&](time::Date strike, const Decimal& net_assets) {
    const auto days = base::value_or_refuse(
        time::accrual_days(calendar, time::AccrualRule::kForwardMonthEnd, strike, fund.inception));
    for (time::Date each = days.first; each <= days.last; ++each) daily.emplace(each, net_assets);
  };
  for (const StrikeBase& base : resolved.month) add(base.strike, base.net_assets);
  add(day.strike, day.net_assets);
  return daily;
}

/// The most of each that any strike has seen. Where less came than was credited, or a reward was reversed,
/// the totals fall: no fee is charged until rewards are above what fees were charged on, so none is charged
/// twice.
RewardTotals at_most_seen(const RewardTotals& now, const RewardTotals& before) {
  return {std::max(now.gross, before.gross), std::max(now.received, before.received)};
}

RewardTotals since(const RewardTotals& now, const std::map<model::AssetId, RewardTotals>& before,
                   const model::AssetId& asset) {
  const auto found = before.find(asset);
  if (found == before.end()) return now;
  const RewardTotals seen = at_most_seen(now, found->second);
  return {seen.gross - found->second.gross, seen.received - found->second.received};
}

policy::StrikeBases bases_of(const FundDefinition& fund, const ResolvedExpenses& resolved,
                             const ExpenseDay& day) {
  policy::StrikeBases bases;
  bases.strike = day.strike;
  bases.net_assets = day.net_assets;
  const auto zero_or = [](const auto& map, const model::AssetId& asset) {
    const auto found = map.find(asset);
    return found == map.end() ? typename std::decay_t<decltype(map)>::mapped_type{} : found->second;
  };
  for (const FundAsset& asset : fund.assets) {
    policy::AssetBase& base = bases.assets[asset.asset];
    base.coins_held = zero_or(day.coins, asset.asset);
    base.staked = zero_or(resolved.staked, asset.asset);
    const RewardTotals rewards =
        since(zero_or(resolved.rewards, asset.asset), resolved.carried.rewards, asset.asset);
    base.gross_rewards = rewards.gross;
    base.rewards_received = rewards.received;
    if (const auto price = day.prices.find(asset.asset); price != day.prices.end())
      base.price = price->second;
  }
  const bool has_average =
      std::any_of(fund.policies.fees.begin(), fund.policies.fees.end(),
                  [](const auto& fee) { return fee.base == BaseKind::kAverageNetAssets; });
  if (has_average) bases.daily_net_assets = daily_net_assets(fund, resolved, day);
  return bases;
}

void accrue_fees(const FundDefinition& fund, const ResolvedExpenses& resolved, const ExpenseDay& day,
                 const policy::PayerTable& payers, ExpenseFigures& figures) {
  const auto schedule = base::value_or_refuse(fee_schedule(fund.policies));
  auto accrued = base::value_or_refuse(policy::accrue_expenses(schedule, bases_of(fund, resolved, day),
                                                               states_of(fund.policies, resolved, day.strike),
                                                               fund.calendar(), fund.inception, &payers));
  for (policy::ExpenseLine& line : accrued.lines) {
    const ExpenseRule& rule = rule_of(fund.policies, line);
    if (is_to_date(rule))
      figures.carried.accrued.insert(*accrued.states.find({line.name, line.version_from}));
    if (!line.net.is_zero() || !line.waived.is_zero()) figures.entries.push_back(policy::to_entry(line));
    figures.fees.push_back({std::move(line)});
    figures.total += figures.fees.back().charge();
  }
}

void amortise(const FundDefinition& fund, const ResolvedExpenses& resolved, const ExpenseDay& day,
              ExpenseFigures& figures) {
  for (const policy::OfferingCost& cost : base::value_or_refuse(offering_costs(fund.policies))) {
    if (day.days.last < cost.first()) continue;
    const auto found = resolved.offering.find(cost.name());
    const OfferingStanding standing = found == resolved.offering.end() ? OfferingStanding{} : found->second;
    if (!standing.is_deferred) figures.entries.push_back(cost.deferral(day.strike));
    const Decimal to_date = cost.to_date(day.days.last);
    // What the journal does not have yet: days before the first strike are caught up with.
    const Decimal amount = to_date - standing.expensed;
    if (amount.is_zero()) continue;
    figures.entries.push_back(cost.entry_of(day.strike, amount));
    figures.amortised.push_back({cost.name(), std::min(day.days.last, cost.last()), amount, to_date});
    figures.total += amount;
  }
}

/// Of the days of this strike, the part of `amount` up to and with the `count`th of `of` days.
Decimal part_to(const Decimal& amount, int count, int of) {
  return money::mul_div(amount, Decimal::of(count), Decimal::of(of), policy::kDollarDecimals,
                        Rounding::kHalfEven);
}

/// Today's expenses that the fund bears, by type: fees, amortisation, and what was incurred since the last
/// strike. A type whose every expense was reversed since is gone from what was incurred: it goes back.
std::map<ExpenseType, Decimal> expenses_by_type(const ResolvedExpenses& resolved,
                                                const ExpenseFigures& figures) {
  std::map<ExpenseType, Decimal> expenses;
  for (const FeeLine& fee : figures.fees) expenses[fee.line.type] += fee.charge();
  for (const AmortisationLine& line : figures.amortised) expenses[ExpenseType::kOffering] += line.amount;
  for (const auto& [type, amount] : resolved.incurred) expenses[type] += amount;
  for (const auto& [type, before] : resolved.carried.incurred) expenses[type] -= before;
  return expenses;
}

/// Day by day, the strike's expenses spread evenly over its days, cents by their sums to date. Once a limit
/// was reckoned, the days of a definition without one pass too, as days without a limit do.
void limit_expenses(const FundDefinition& fund, const ResolvedExpenses& resolved, const ExpenseDay& day,
                    ExpenseFigures& figures) {
  const bool was_limited = resolved.carried.limit.last.has_value();
  if ((fund.policies.limits.empty() && !was_limited) || day.days.count() == 0) return;
  const auto caps = base::value_or_refuse(cap_schedule(fund.policies));
  const auto expenses = expenses_by_type(resolved, figures);
  policy::CapPosition position = resolved.carried.limit;
  LimitLine line;
  bool is_limited = false;
  const int count = day.days.count();
  for (int i = 0; i < count; ++i) {
    policy::CappedDay capped{day.days.first + i, day.net_assets, {}};
    for (const auto& [type, amount] : expenses)
      capped.expenses[type] = part_to(amount, i + 1, count) - part_to(amount, i, count);
    auto decided =
        base::value_or_refuse(policy::apply_cap(caps, position, capped, fiscal_year(fund, capped.date)));
    position = std::move(decided.position);
    is_limited = is_limited || caps.cap(capped.date) != nullptr;
    line.reimbursement += decided.reimbursement;
    line.recoupment += decided.recoupment;
  }
  figures.carried.limit = position;
  if (!is_limited) return;
  line.expenses = position.expenses;
  line.allowed = position.allowed.rounded(policy::kDollarDecimals, Rounding::kDown);
  EntryDraft entry = policy::entry_on(day.strike, "expense limit/" + day.strike.to_string(), "expense limit");
  entry.debit(policy::kAdviserReceivable, policy::kDollars, line.reimbursement)
      .credit(policy::kCapReimbursement, policy::kDollars, line.reimbursement)
      .debit(policy::kRecoupment, policy::kDollars, line.recoupment)
      .credit(policy::kRecoupmentPayable, policy::kDollars, line.recoupment);
  if (!entry.postings.empty()) figures.entries.push_back(std::move(entry));
  figures.total += line.recoupment - line.reimbursement;
  figures.limit = line;
}

}  // namespace

base::Checked<std::vector<PayableLine>> value_payables(const ResolvedExpenses& resolved,
                                                       const std::map<model::AssetId, Decimal>& prices,
                                                       time::Date strike) {
  return base::checked([&] {
    std::vector<PayableLine> lines;
    for (const policy::CoinPayable& payable : resolved.coin_payables) {
      const auto price = prices.find(model::AssetId::literal(payable.coin));
      if (price == prices.end())
        base::refuse(payable.account, "is owed in " + payable.coin + ", which has no price");
      auto revalued = base::value_or_refuse(policy::revalue(payable, price->second, strike));
      const Decimal change = revalued.payable.carrying - payable.carrying;
      lines.push_back({std::move(revalued.payable), price->second, change});
    }
    return lines;
  });
}

base::Checked<ExpenseFigures> accrue_strike(const FundDefinition& fund, const ResolvedExpenses& resolved,
                                            const ExpenseDay& day, std::vector<PayableLine> payables) {
  return base::checked([&] {
    ExpenseFigures figures;
    figures.payables = std::move(payables);
    for (std::size_t i = 0; i < figures.payables.size(); ++i) {
      if (figures.payables[i].change.is_zero()) continue;
      figures.entries.push_back(base::value_or_refuse(policy::revalue(resolved.coin_payables[i],
                                                                      figures.payables[i].price, day.strike))
                                    .entry);
    }
    figures.carried.strike = day.strike;
    figures.carried.incurred = resolved.incurred;
    figures.carried.rewards = resolved.rewards;
    for (const auto& [asset, before] : resolved.carried.rewards) {
      RewardTotals& seen = figures.carried.rewards[asset];
      seen = at_most_seen(seen, before);
    }
    figures.carried.limit = resolved.carried.limit;
    const auto payers = base::value_or_refuse(payer_table(fund.policies, fund.inception));
    accrue_fees(fund, resolved, day, payers, figures);
    amortise(fund, resolved, day, figures);
    limit_expenses(fund, resolved, day, figures);
    for (EntryDraft& entry : figures.entries) {
      // The next strike finds them, striking this day again does not.
      entry.book_date = day.strike + 1;
      entry.settlement_date = day.strike + 1;
    }
    return figures;
  });
}

std::vector<model::AssetId> priced_for_expenses(const FundPolicies& policies,
                                                const ResolvedExpenses& resolved) {
  std::set<model::AssetId> assets;
  for (const ExpenseRule& rule : policies.fees) {
    if (rule.paid_in) assets.insert(*rule.paid_in);
    if (rule.asset && (!rule.paid_in || rule.base == BaseKind::kCoinEquivalent)) assets.insert(*rule.asset);
  }
  for (const policy::CoinPayable& payable : resolved.coin_payables)
    assets.insert(model::AssetId::literal(payable.coin));
  return {assets.begin(), assets.end()};
}

int fiscal_year(const FundDefinition& fund, time::Date date) {
  return date.month() >= fund.tax.year_start_month ? date.year() : date.year() - 1;
}

}  // namespace navkeeper::nav
