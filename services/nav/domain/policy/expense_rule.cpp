#include "services/nav/domain/policy/expense_rule.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

constexpr int kCoinDecimalsMax = 38;

void check_tiers(const std::vector<Tier>& tiers, const std::string& where) {
  if (tiers.empty()) base::refuse(where, "has no rate");
  if (!tiers.front().from.is_zero()) base::refuse(where, "the first tier does not begin at 0");
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    if (i > 0 && tiers[i].from <= tiers[i - 1].from) base::refuse(where, "the tiers do not rise");
    if (tiers[i].rate.is_negative()) base::refuse(where, "a rate is negative: write a waiver");
  }
}

void check_payees(const ExpenseRule& rule, const std::string& where) {
  if (rule.payees.empty()) base::refuse(where, "has no payee");
  std::set<std::string_view> names;
  Decimal sum;
  for (const Payee& payee : rule.payees) {
    if (!is_account_name(payee.name))
      base::refuse(where, "payee '" + payee.name + "' is no name of an account");
    if (!names.insert(payee.name).second) base::refuse(where, "payee '" + payee.name + "' is listed twice");
    if (!payee.share.is_positive())
      base::refuse(where, "share of payee '" + payee.name + "' is not positive");
    sum += payee.share;
  }
  if (sum != Decimal::of(1))
    base::refuse(where, "the payees' shares add up to " + sum.to_string() + ", not 1");
  if (!names.contains(rule.remainder_owner))
    base::refuse(where, "remainder owner '" + rule.remainder_owner + "' is no payee");
}

void check_rule(const ExpenseRule& rule) {
  const std::string where = where_of(rule);
  if (!is_account_name(rule.name)) base::refuse(where, "is no name of an account");
  if (rule.to && *rule.to < rule.from) base::refuse(where, "ends before it begins");
  check_tiers(rule.tiers, where);
  if (!is_annual(rule.base)) {
    for (const Tier& tier : rule.tiers) {
      if (tier.rate > Decimal::of(1)) base::refuse(where, "takes more than all of the rewards");
    }
  }
  if (is_in_coins(rule.base) && !rule.asset) base::refuse(where, "a base in coins names no asset");
  if (!is_in_coins(rule.base) && rule.asset) base::refuse(where, "a base in dollars names an asset");
  if (rule.paid_in && rule.asset && *rule.paid_in != *rule.asset)
    base::refuse(where, "the base is " + rule.asset->value() + " and the payable " + rule.paid_in->value());
  if (rule.paid_in ? rule.decimals < 0 || rule.decimals > kCoinDecimalsMax : rule.decimals != kDollarDecimals)
    base::refuse(where, "decimals do not fit the currency");
  check_payees(rule, where);
}

void check_versions(const ExpenseRule& before, const ExpenseRule& rule) {
  const std::string where = where_of(rule);
  if (!before.to || rule.from <= *before.to) base::refuse(where, "overlaps the version before it");
  if (rule.from > *before.to + 1) base::refuse(where, "leaves a gap from " + (*before.to + 1).to_string());
  if (const auto broken = broken_version(before, rule)) throw base::Refused(*broken);
}

/// The rate that holds at a base of `at`.
Decimal rate_at(const std::vector<Tier>& tiers, const Decimal& at) {
  Decimal rate;
  for (const Tier& tier : tiers) {
    if (tier.from <= at) rate = tier.rate;
  }
  return rate;
}

/// At every size the payee that goes without earns at least what it waives. Both amounts are made of straight
/// lines between the steps of either, so all that is to be looked at is where one of these begins below and
/// crosses.
void check_not_above(const Waiver& waiver, const ExpenseRule& rule, const Payee& payee) {
  std::set<Decimal> steps;
  for (const Tier& tier : rule.tiers) steps.insert(tier.from);
  for (const Tier& tier : waiver.tiers) steps.insert(tier.from);
  const Rational share(payee.share);
  for (auto step = steps.begin(); step != steps.end(); ++step) {
    const Rational at(*step);
    const Rational room = tiered(at, rule.tiers) * share - tiered(at, waiver.tiers);
    const Rational growth =
        Rational(rate_at(rule.tiers, *step)) * share - Rational(rate_at(waiver.tiers, *step));
    if (!growth.is_negative()) continue;
    const Rational crossing = at - room / growth;
    const auto next = std::next(step);
    if (next != steps.end() && Rational(*next) <= crossing) continue;
    base::refuse(where_of(waiver), "is above what " + payee.name + " earns by " + where_of(rule) +
                                       " from a base of " +
                                       crossing.rounded(kDollarDecimals, Rounding::kCeiling).to_string());
  }
}

void check_waiver(const Waiver& waiver, const std::vector<ExpenseRule>& rules) {
  const std::string where = where_of(waiver);
  if (waiver.to < waiver.from) base::refuse(where, "ends before it begins");
  check_tiers(waiver.tiers, where);
  const ExpenseRule* first = nullptr;
  const ExpenseRule* last = nullptr;
  for (const ExpenseRule& rule : rules) {
    if (rule.name != waiver.fee) continue;
    if (first == nullptr) first = &rule;
    last = &rule;
    if (waiver.to < rule.from || (rule.to && *rule.to < waiver.from)) continue;
    const auto payee = std::find_if(rule.payees.begin(), rule.payees.end(),
                                    [&](const Payee& each) { return each.name == waiver.granted_by; });
    if (payee == rule.payees.end())
      base::refuse(where, "granted by '" + waiver.granted_by + "', no payee of " + where_of(rule));
    check_not_above(waiver, rule, *payee);
  }
  if (first == nullptr) base::refuse(where, "there is no such fee");
  if (waiver.from < first->from || (last->to && *last->to < waiver.to))
    base::refuse(where, "is outside the life of its fee");
}

}  // namespace

std::string_view describe(BaseKind kind) {
  switch (kind) {
    case BaseKind::kNetAssets:
      return "net_assets";
    case BaseKind::kAverageNetAssets:
      return "average_daily_net_assets";
    case BaseKind::kCoinsHeld:
      return "coins_held";
    case BaseKind::kCoinEquivalent:
      return "coin_equivalent";
    case BaseKind::kStakedAssets:
      return "staked_assets";
    case BaseKind::kGrossRewards:
      return "gross_rewards";
    case BaseKind::kRewardsReceived:
      return "rewards_received";
  }
  ENSURE(false);
}

std::optional<BaseKind> parse_base_kind(std::string_view word) {
  for (const BaseKind kind :
       {BaseKind::kNetAssets, BaseKind::kAverageNetAssets, BaseKind::kCoinsHeld, BaseKind::kCoinEquivalent,
        BaseKind::kStakedAssets, BaseKind::kGrossRewards, BaseKind::kRewardsReceived}) {
    if (describe(kind) == word) return kind;
  }
  return std::nullopt;
}

bool is_annual(BaseKind kind) {
  return kind != BaseKind::kGrossRewards && kind != BaseKind::kRewardsReceived;
}

bool is_in_coins(BaseKind kind) {
  return kind != BaseKind::kNetAssets && kind != BaseKind::kAverageNetAssets;
}

std::string_view describe(RoundingScope scope) {
  switch (scope) {
    case RoundingScope::kEachStrike:
      return "each_strike";
    case RoundingScope::kCumulative:
      return "cumulative";
  }
  ENSURE(false);
}

std::optional<RoundingScope> parse_rounding_scope(std::string_view word) {
  for (const RoundingScope scope : {RoundingScope::kEachStrike, RoundingScope::kCumulative}) {
    if (describe(scope) == word) return scope;
  }
  return std::nullopt;
}

Rational tiered(const Rational& base, std::span<const Tier> tiers) {
  ENSURE(!base.is_negative());
  Rational sum;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const Rational from(tiers[i].from);
    if (base <= from) break;
    const bool is_within = i + 1 == tiers.size() || base < Rational(tiers[i + 1].from);
    const Rational part = (is_within ? base : Rational(tiers[i + 1].from)) - from;
    sum += part * Rational(tiers[i].rate);
  }
  return sum;
}

ExpenseSchedule::ExpenseSchedule(std::vector<ExpenseRule> rules, std::vector<Waiver> waivers)
    : rules_(std::move(rules)), waivers_(std::move(waivers)) {}

base::Checked<ExpenseSchedule> ExpenseSchedule::of(std::vector<ExpenseRule> rules,
                                                   std::vector<Waiver> waivers) {
  return base::checked([&] {
    std::sort(rules.begin(), rules.end(), [](const ExpenseRule& a, const ExpenseRule& b) {
      return std::tie(a.name, a.from) < std::tie(b.name, b.from);
    });
    for (std::size_t i = 0; i < rules.size(); ++i) {
      check_rule(rules[i]);
      if (i > 0 && rules[i - 1].name == rules[i].name) check_versions(rules[i - 1], rules[i]);
    }
    std::sort(waivers.begin(), waivers.end(), [](const Waiver& a, const Waiver& b) {
      return std::tie(a.fee, a.from) < std::tie(b.fee, b.from);
    });
    for (std::size_t i = 0; i < waivers.size(); ++i) {
      check_waiver(waivers[i], rules);
      if (i > 0 && waivers[i - 1].fee == waivers[i].fee && waivers[i].from <= waivers[i - 1].to)
        base::refuse(where_of(waivers[i]), "overlaps the waiver before it");
    }
    return ExpenseSchedule(std::move(rules), std::move(waivers));
  });
}

const Waiver* ExpenseSchedule::waiver(std::string_view fee, time::Date date) const {
  for (const Waiver& waiver : waivers_) {
    if (waiver.fee == fee && waiver.from <= date && date <= waiver.to) return &waiver;
  }
  return nullptr;
}

std::string where_of(const ExpenseRule& rule) {
  return "expense rule '" + rule.name + "' from " + rule.from.to_string();
}

std::string where_of(const Waiver& waiver) {
  return "waiver of '" + waiver.fee + "' from " + waiver.from.to_string();
}

std::optional<base::Refusal> broken_version(const ExpenseRule& before, const ExpenseRule& rule) {
  const std::string where = where_of(rule);
  if (rule.base != before.base || rule.asset != before.asset)
    return base::Refusal{where, "changes the base: a new base is a new fee"};
  if (rule.paid_in != before.paid_in || rule.decimals != before.decimals)
    return base::Refusal{where, "changes the currency: a new currency is a new fee"};
  if (rule.accrual_rule != before.accrual_rule)
    return base::Refusal{where, "changes the accrual days: a day would be accrued twice or not at all"};
  if (rule.type != before.type) return base::Refusal{where, "changes the type of the expense"};
  return std::nullopt;
}

}  // namespace navkeeper::nav::policy
