#include "services/nav/adapters/policies_file.h"

#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using policy::ExpenseRule;
using policy::Waiver;
using runtime::TomlPlace;
using runtime::TomlReader;

constexpr int kMonthsMax = 120;
constexpr int kDaysMax = 60;

/// What `parse` makes of the word at `place`, or a refusal that lists the words.
template <class Parse>
auto word(const TomlPlace& place, Parse parse, const char* words) {
  const auto value = parse(place.string());
  if (!value) place.refuse(std::string("is not one of ") + words);
  return *value;
}

policy::ExpenseType expense_type(const TomlPlace& place) {
  const auto type = policy::parse_expense_type(place.string());
  if (type) return *type;
  std::string words;
  for (const policy::ExpenseType each : policy::expense_types())
    words += (words.empty() ? "" : ", ") + std::string(policy::describe(each));
  place.refuse("is not one of " + words);
}

time::DayCount day_count(TomlReader& reader) {
  return word(reader.value("day_count"), time::parse_day_count, "act/365, act/365_or_366, act/365.25");
}

time::AccrualRule accrual_days(TomlReader& reader) {
  return word(reader.value("accrual_days"), time::parse_accrual_rule, "forward, backward, forward_month_end");
}

model::AssetId asset(const TomlPlace& place) {
  auto id = model::AssetId::parse(place.string());
  if (id.has_error()) place.refuse(id.error().rule);
  return *id;
}

/// `rate = "0.0095"` for a flat one, or `tiers = [{ from = "0", rate = "0" }, ...]`.
std::vector<policy::Tier> read_tiers(TomlReader& reader) {
  if (reader.has("rate") == reader.has("tiers")) reader.refuse("rate", "takes either rate or tiers");
  if (reader.has("rate")) return {{Decimal{}, reader.decimal("rate")}};
  std::vector<policy::Tier> tiers;
  for (TomlReader& tier : reader.tables("tiers")) {
    const Decimal from = tier.decimal("from");
    tiers.push_back({from, tier.decimal("rate")});
    tier.finish();
  }
  return tiers;
}

void read_payees(TomlReader& reader, ExpenseRule& rule) {
  for (TomlReader& payee : reader.tables("payees")) {
    std::string name = payee.string("name");
    rule.payees.push_back({std::move(name), payee.decimal("share")});
    payee.finish();
  }
  const auto owner = reader.optional_string("remainder_owner");
  if (!owner && rule.payees.size() != 1)
    reader.refuse("remainder_owner", "is missing: one of several payees gets what the split leaves over");
  rule.remainder_owner = owner ? *owner : rule.payees.front().name;
}

ExpenseRule read_fee(TomlReader& reader) {
  ExpenseRule rule;
  rule.name = reader.string("name");
  rule.type = expense_type(reader.value("type"));
  rule.from = reader.date("from");
  rule.to = reader.optional_date("to");
  rule.base = word(reader.value("base"), policy::parse_base_kind,
                   "net_assets, average_daily_net_assets, coins_held, coin_equivalent, staked_assets, "
                   "gross_rewards, rewards_received");
  if (auto place = reader.optional_value("asset")) rule.asset = asset(*place);
  rule.tiers = read_tiers(reader);
  if (policy::is_annual(rule.base)) {
    rule.day_count = day_count(reader);
    rule.accrual_rule = accrual_days(reader);
  }
  const TomlPlace currency = reader.value("paid_in");
  if (currency.string() != policy::kDollars) {
    rule.paid_in = asset(currency);
    rule.decimals = static_cast<int>(reader.integer("decimals", 0, 18));
  }
  rule.rounding = word(reader.value("rounding"), money::rounding_from, "half_up, half_even, down, up");
  rule.rounding_scope =
      word(reader.value("rounding_scope"), policy::parse_rounding_scope, "each_strike, cumulative");
  read_payees(reader, rule);
  reader.finish();
  return rule;
}

Waiver read_waiver(TomlReader& reader) {
  Waiver waiver;
  waiver.fee = reader.string("fee");
  waiver.from = reader.date("from");
  waiver.to = reader.date("to");
  waiver.tiers = read_tiers(reader);
  waiver.granted_by = reader.string("granted_by");
  reader.finish();
  return waiver;
}

void read_expenses(TomlReader reader, FundPolicies& policies) {
  policies.accrual_rule = accrual_days(reader);
  for (const TomlPlace& place : reader.array("borne_by_fund"))
    policies.borne_by_fund.push_back(expense_type(place));
  for (TomlReader& change : reader.optional_tables("payer_changes")) {
    const policy::ExpenseType type = expense_type(change.value("type"));
    const policy::Payer payer = word(change.value("payer"), policy::parse_payer, "fund, adviser");
    policies.payer_changes.push_back({type, payer, change.date("from")});
    change.finish();
  }
  reader.finish();
}

policy::ExpenseCap read_limit(TomlReader& reader) {
  policy::ExpenseCap limit;
  limit.from = reader.date("from");
  limit.to = reader.date("to");
  limit.annual_rate = reader.decimal("annual_rate");
  limit.day_count = day_count(reader);
  for (const TomlPlace& place : reader.array("excluded")) limit.excluded.push_back(expense_type(place));
  if (const auto months = reader.optional_integer("recoupment_months", 1, kMonthsMax))
    limit.recoupment_months = static_cast<int>(*months);
  reader.finish();
  return limit;
}

void read_reward(TomlReader& reader, FundPolicies& policies) {
  const TomlPlace type = reader.value("type");
  if (!policy::is_account_name(type.string())) type.refuse("is no name of an account");
  policy::RecognitionRule rule;
  rule.income_at =
      word(reader.value("income_at"), policy::parse_reward_stage, "PROTOCOL_CREDIT, CLAIMABLE, RECEIVED");
  rule.presentation = word(reader.value("presentation"), policy::parse_reward_presentation, "gross, net");
  if (!policies.rewards.emplace(type.string(), rule).second) type.refuse("comes twice");
  reader.finish();
}

void read_token(TomlReader& reader, FundPolicies& policies) {
  const TomlPlace token = reader.value("token");
  const auto accretion =
      word(reader.value("accretion"), policy::parse_accretion_policy, "unrealised, income");
  if (!policies.liquid_staking.emplace(asset(token).value(), accretion).second) token.refuse("comes twice");
  reader.finish();
}

DistributionPolicy read_distributions(TomlReader reader) {
  DistributionPolicy policy;
  policy.use = word(reader.value("use"), policy::parse_income_use, "retain, distribute");
  if (policy.use == policy::IncomeUse::kDistribute) {
    policy.rounding = word(reader.value("rounding"), money::rounding_from, "down, half_up, half_even");
    policy.remainder_owner = word(reader.value("remainder_owner"), parse_source,
                                  "income, short_term_gain, long_term_gain, capital");
  }
  if (auto schedule = reader.optional_table("schedule")) {
    policy.schedule.emplace();
    for (const TomlPlace& month : schedule->array("months"))
      policy.schedule->months.push_back(static_cast<int>(month.integer(1, 12)));
    policy.schedule->record_business_day =
        static_cast<int>(schedule->integer("record_business_day", -23, 23));
    policy.schedule->declared_before_ex =
        static_cast<int>(schedule->integer("declared_before_ex", 0, kDaysMax));
    policy.schedule->pay_after_record = static_cast<int>(schedule->integer("pay_after_record", 0, kDaysMax));
    schedule->finish();
  }
  reader.finish();
  return policy;
}

policy::ForkPolicy read_forks(TomlReader reader) {
  const auto policy =
      word(reader.value("policy"), policy::parse_fork_policy, "abandon, distribute, hold_at_zero");
  reader.finish();
  return policy;
}

/// Each fee and waiver by the name that a refusal has for it, and where it stands in the file.
using Places = std::vector<std::pair<std::string, std::string>>;

/// Refuses at the line of the item that the rule names, else at the table's.
[[noreturn]] void refuse_at(const TomlReader& root, const Places& places, const base::Refusal& broken) {
  for (const auto& [name, place] : places) {
    if (broken.rule.rfind(name, 0) == 0) base::refuse(place, broken.rule);
  }
  root.refuse(broken.where, broken.rule);
}

}  // namespace

FundPolicies read_policies(TomlReader& root, time::Date inception) {
  FundPolicies policies;
  Places places;
  read_expenses(root.table("expenses"), policies);
  for (TomlReader& fee : root.tables("fees")) {
    policies.fees.push_back(read_fee(fee));
    places.emplace_back(policy::where_of(policies.fees.back()), fee.where("name"));
  }
  for (TomlReader& waiver : root.optional_tables("waivers")) {
    policies.waivers.push_back(read_waiver(waiver));
    places.emplace_back(policy::where_of(policies.waivers.back()), waiver.where("fee"));
  }
  for (TomlReader& cost : root.optional_tables("offering_costs")) {
    std::string name = cost.string("name");
    const Decimal amount = cost.decimal("cost");
    policies.offering_costs.push_back({std::move(name), amount, cost.date("start")});
    places.emplace_back("offering cost '" + policies.offering_costs.back().name + "'", cost.where("name"));
    cost.finish();
  }
  for (TomlReader& limit : root.optional_tables("expense_limits")) {
    policies.limits.push_back(read_limit(limit));
    places.emplace_back("expense cap from " + policies.limits.back().from.to_string(), limit.where("from"));
  }
  for (TomlReader& reward : root.optional_tables("rewards")) read_reward(reward, policies);
  for (TomlReader& token : root.optional_tables("liquid_staking")) read_token(token, policies);
  policies.distributions = read_distributions(root.table("distributions"));
  policies.forks = read_forks(root.table("forks"));
  if (const auto broken = check_policies(policies, inception)) refuse_at(root, places, *broken);
  return policies;
}

}  // namespace navkeeper::nav
