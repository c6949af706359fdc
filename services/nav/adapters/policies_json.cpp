#include "services/nav/adapters/policies_file.h"

namespace navkeeper::nav {
namespace {

using json::Writer;

void write_tiers(Writer& writer, const std::vector<policy::Tier>& tiers) {
  writer.key("tiers").begin_array();
  for (const policy::Tier& tier : tiers)
    writer.begin_object().member("from", tier.from).member("rate", tier.rate).end_object();
  writer.end_array();
}

void write_types(Writer& writer, const char* key, const std::vector<policy::ExpenseType>& types) {
  writer.key(key).begin_array();
  for (const policy::ExpenseType type : types) writer.string(policy::describe(type));
  writer.end_array();
}

void write_fee(Writer& writer, const policy::ExpenseRule& fee) {
  writer.begin_object().member("name", fee.name).member("type", policy::describe(fee.type));
  writer.member("from", fee.from.to_string());
  if (fee.to) writer.member("to", fee.to->to_string());
  writer.member("base", policy::describe(fee.base));
  if (fee.asset) writer.member("asset", fee.asset->value());
  write_tiers(writer, fee.tiers);
  if (policy::is_annual(fee.base))
    writer.member("day_count", time::describe(fee.day_count))
        .member("accrual_days", time::describe(fee.accrual_rule));
  writer.member("paid_in", fee.paid_in ? fee.paid_in->value() : std::string(policy::kDollars))
      .member("decimals", fee.decimals)
      .member("rounding", money::to_string(fee.rounding))
      .member("rounding_scope", policy::describe(fee.rounding_scope));
  writer.key("payees").begin_array();
  for (const policy::Payee& payee : fee.payees)
    writer.begin_object().member("name", payee.name).member("share", payee.share).end_object();
  writer.end_array().member("remainder_owner", fee.remainder_owner).end_object();
}

void write_expenses(Writer& writer, const FundPolicies& policies) {
  writer.key("expenses").begin_object().member("accrual_days", time::describe(policies.accrual_rule));
  write_types(writer, "borne_by_fund", policies.borne_by_fund);
  writer.key("payer_changes").begin_array();
  for (const PayerChange& change : policies.payer_changes)
    writer.begin_object()
        .member("type", policy::describe(change.type))
        .member("payer", policy::describe(change.payer))
        .member("from", change.from.to_string())
        .end_object();
  writer.end_array().end_object();
}

void write_limits(Writer& writer, const FundPolicies& policies) {
  writer.key("expense_limits").begin_array();
  for (const policy::ExpenseCap& limit : policies.limits) {
    writer.begin_object()
        .member("from", limit.from.to_string())
        .member("to", limit.to.to_string())
        .member("annual_rate", limit.annual_rate)
        .member("day_count", time::describe(limit.day_count));
    write_types(writer, "excluded", limit.excluded);
    if (limit.recoupment_months) writer.member("recoupment_months", *limit.recoupment_months);
    writer.end_object();
  }
  writer.end_array();
}

void write_income(Writer& writer, const FundPolicies& policies) {
  writer.key("rewards").begin_array();
  for (const auto& [type, rule] : policies.rewards)
    writer.begin_object()
        .member("type", type)
        .member("income_at", policy::describe(rule.income_at))
        .member("presentation", policy::describe(rule.presentation))
        .end_object();
  writer.end_array().key("liquid_staking").begin_array();
  for (const auto& [token, accretion] : policies.liquid_staking)
    writer.begin_object()
        .member("token", token)
        .member("accretion", policy::describe(accretion))
        .end_object();
  writer.end_array();
}

void write_distributions(Writer& writer, const DistributionPolicy& policy) {
  writer.key("distributions").begin_object().member("use", policy::describe(policy.use));
  if (policy.use == policy::IncomeUse::kDistribute)
    writer.member("rounding", money::to_string(policy.rounding))
        .member("remainder_owner", describe(policy.remainder_owner));
  if (policy.schedule) {
    writer.key("schedule").begin_object().key("months").begin_array();
    for (const int month : policy.schedule->months) writer.integer(month);
    writer.end_array()
        .member("record_business_day", policy.schedule->record_business_day)
        .member("declared_before_ex", policy.schedule->declared_before_ex)
        .member("pay_after_record", policy.schedule->pay_after_record)
        .end_object();
  }
  writer.end_object();
}

}  // namespace

void write_policies(Writer& writer, const FundPolicies& policies) {
  write_expenses(writer, policies);
  writer.key("fees").begin_array();
  for (const policy::ExpenseRule& fee : policies.fees) write_fee(writer, fee);
  writer.end_array().key("waivers").begin_array();
  for (const policy::Waiver& waiver : policies.waivers) {
    writer.begin_object()
        .member("fee", waiver.fee)
        .member("from", waiver.from.to_string())
        .member("to", waiver.to.to_string());
    write_tiers(writer, waiver.tiers);
    writer.member("granted_by", waiver.granted_by).end_object();
  }
  writer.end_array().key("offering_costs").begin_array();
  for (const OfferingTerms& cost : policies.offering_costs)
    writer.begin_object()
        .member("name", cost.name)
        .member("cost", cost.cost)
        .member("start", cost.start.to_string())
        .end_object();
  writer.end_array();
  write_limits(writer, policies);
  write_income(writer, policies);
  write_distributions(writer, policies.distributions);
  writer.key("forks").begin_object().member("policy", policy::describe(policies.forks)).end_object();
}

}  // namespace navkeeper::nav
