#include "services/nav/domain/fund_policies.h"

#include <algorithm>
#include <set>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using policy::BaseKind;
using policy::ExpenseRule;
using policy::ExpenseType;
using policy::Payer;

bool is_divided_by_price(const ExpenseRule& rule) {
  return rule.base == BaseKind::kCoinEquivalent ||
         (rule.paid_in.has_value() && !policy::is_in_coins(rule.base));
}

void check_fees(const FundPolicies& policies) {
  if (policies.fees.empty())
    base::refuse("fees", "a fund has at least one, of rate 0 where it charges nothing");
  for (const ExpenseRule& rule : policies.fees) {
    for (const policy::Tier& tier : rule.tiers) {
      if (policy::is_annual(rule.base) && tier.rate >= money::Decimal::of(1))
        base::refuse("fees", policy::where_of(rule) + ": an annual rate is not below 1");
    }
    if (rule.base == BaseKind::kAverageNetAssets && rule.accrual_rule != time::AccrualRule::kForwardMonthEnd)
      base::refuse("fees",
                   policy::where_of(rule) + ": an average of the month needs accrual_days forward_month_end");
    if (rule.rounding_scope == policy::RoundingScope::kCumulative && is_divided_by_price(rule))
      base::refuse("fees", policy::where_of(rule) +
                               ": an amount that is divided by each day's price is rounded each_strike");
  }
}

void check_names(const FundPolicies& policies) {
  std::set<std::string> names;
  for (const ExpenseRule& rule : policies.fees) names.insert(rule.name);
  for (const OfferingTerms& cost : policies.offering_costs) {
    if (!names.insert(cost.name).second)
      base::refuse("offering_costs", "the name " + cost.name + " is taken");
  }
}

}  // namespace

base::Checked<policy::ExpenseSchedule> fee_schedule(const FundPolicies& policies) {
  return policy::ExpenseSchedule::of(policies.fees, policies.waivers);
}

base::Checked<policy::PayerTable> payer_table(const FundPolicies& policies, time::Date inception) {
  return base::checked([&] {
    // The two lists by themselves: twice the same type, the management fee as an exclusion.
    static_cast<void>(base::value_or_refuse(policy::PayerTable::unitary(policies.borne_by_fund, inception)));
    std::vector<policy::PayerRule> rules;
    for (const ExpenseType type : policy::expense_types()) {
      const auto& listed = policies.borne_by_fund;
      const bool is_funds =
          type == ExpenseType::kManagement || std::find(listed.begin(), listed.end(), type) != listed.end();
      rules.push_back({type, is_funds ? Payer::kFund : Payer::kAdviser, inception, std::nullopt});
      std::vector<PayerChange> changes;
      std::copy_if(policies.payer_changes.begin(), policies.payer_changes.end(), std::back_inserter(changes),
                   [&](const PayerChange& change) { return change.type == type; });
      std::sort(changes.begin(), changes.end(),
                [](const PayerChange& a, const PayerChange& b) { return a.from < b.from; });
      for (const PayerChange& change : changes) {
        const std::string where(policy::describe(type));
        if (change.from <= rules.back().from)
          base::refuse(where, "changes its payer on " + change.from.to_string() + ", which is not after " +
                                  rules.back().from.to_string());
        if (change.payer == rules.back().payer)
          base::refuse(where, "is the " + std::string(policy::describe(change.payer)) + "'s already on " +
                                  change.from.to_string());
        rules.back().to = change.from - 1;
        rules.push_back({type, change.payer, change.from, std::nullopt});
      }
    }
    return base::value_or_refuse(policy::PayerTable::of(std::move(rules), inception));
  });
}

base::Checked<std::vector<policy::OfferingCost>> offering_costs(const FundPolicies& policies) {
  return base::checked([&] {
    std::vector<policy::OfferingCost> costs;
    for (const OfferingTerms& terms : policies.offering_costs)
      costs.push_back(base::value_or_refuse(policy::OfferingCost::of(terms.name, terms.cost, terms.start)));
    return costs;
  });
}

base::Checked<policy::CapSchedule> cap_schedule(const FundPolicies& policies) {
  return policy::CapSchedule::of(policies.limits);
}

std::optional<base::Refusal> check_policies(const FundPolicies& policies, time::Date inception) {
  const auto within = [](const char* key, const auto& checked) {
    if (checked.has_error()) base::refuse(key, checked.error().message());
  };
  const auto result = base::checked([&] {
    within("fees", fee_schedule(policies));
    check_fees(policies);
    within("expenses", payer_table(policies, inception));
    within("offering_costs", offering_costs(policies));
    within("expense_limits", cap_schedule(policies));
    check_names(policies);
    const auto payers = base::value_or_refuse(payer_table(policies, inception));
    for (const OfferingTerms& cost : policies.offering_costs) {
      if (cost.start < inception)
        base::refuse("offering_costs", cost.name + " starts before the fund's inception");
      if (*payers.payer(ExpenseType::kOffering, cost.start) == Payer::kAdviser)
        base::refuse("offering_costs",
                     cost.name + ": the adviser bears offering costs, so the books have none");
    }
    if (policies.distributions.use == policy::IncomeUse::kRetain && policies.distributions.schedule)
      base::refuse("distributions", "a fund that retains its income has no schedule of distributions");
    return true;
  });
  return result.has_error() ? std::optional(result.error()) : std::nullopt;
}

std::optional<base::Refusal> check_successor(const FundPolicies& before, const FundPolicies& after,
                                             time::Date effective, time::Date last_struck) {
  for (const ExpenseRule& was : before.fees) {
    for (const ExpenseRule& is : after.fees) {
      if (was.name != is.name) continue;
      if (const auto broken = policy::broken_version(was, is)) return broken->within("fees");
    }
  }
  if (before.accrual_rule != after.accrual_rule)
    return base::Refusal{"expenses", "accrual_days of limits and offering costs cannot change"};
  for (const OfferingTerms& was : before.offering_costs) {
    if (was.start >= effective) continue;  // Not in the books by then.
    const auto cost = policy::OfferingCost::of(was.name, was.cost, was.start);
    const auto is = std::find_if(after.offering_costs.begin(), after.offering_costs.end(),
                                 [&](const OfferingTerms& each) { return each.name == was.name; });
    const bool is_gone = is == after.offering_costs.end();
    if (is_gone && cost->last() <= last_struck) continue;
    if (is_gone || is->cost != was.cost || is->start != was.start)
      return base::Refusal{"offering_costs", was.name + ": is in the books from " + was.start.to_string() +
                                                 " and stays as it is until it is expensed, on " +
                                                 cost->last().to_string()};
  }
  return std::nullopt;
}

std::string_view describe(policy::Source source) {
  switch (source) {
    case policy::Source::kIncome:
      return "income";
    case policy::Source::kShortTermGain:
      return "short_term_gain";
    case policy::Source::kLongTermGain:
      return "long_term_gain";
    case policy::Source::kCapital:
      return "capital";
  }
  ENSURE(false);
}

std::optional<policy::Source> parse_source(std::string_view word) {
  for (const policy::Source source : {policy::Source::kIncome, policy::Source::kShortTermGain,
                                      policy::Source::kLongTermGain, policy::Source::kCapital}) {
    if (describe(source) == word) return source;
  }
  return std::nullopt;
}

}  // namespace navkeeper::nav
