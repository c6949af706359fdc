#include "services/nav/domain/fund.h"

#include <set>

#include "common/base/ensure.h"

namespace navkeeper::nav {

using money::Decimal;

std::string_view describe(Act act) {
  switch (act) {
    case Act::kIca1940:
      return "ICA_1940";
    case Act::kEtp1933:
      return "ETP_1933";
  }
  ENSURE(false);
}

std::string_view describe(TaxStatus status) {
  switch (status) {
    case TaxStatus::kRic:
      return "RIC";
    case TaxStatus::kCCorp:
      return "C_CORP";
    case TaxStatus::kGrantorTrust:
      return "GRANTOR_TRUST";
  }
  ENSURE(false);
}

std::string_view describe(PriceBasis basis) {
  switch (basis) {
    case PriceBasis::kFairValue:
      return "fair_value";
    case PriceBasis::kIndex:
      return "index";
  }
  ENSURE(false);
}

std::optional<Act> parse_act(std::string_view word) {
  for (const Act act : {Act::kIca1940, Act::kEtp1933}) {
    if (word == describe(act)) return act;
  }
  return std::nullopt;
}

std::optional<TaxStatus> parse_tax_status(std::string_view word) {
  for (const TaxStatus status : {TaxStatus::kRic, TaxStatus::kCCorp, TaxStatus::kGrantorTrust}) {
    if (word == describe(status)) return status;
  }
  return std::nullopt;
}

std::optional<PriceBasis> parse_price_basis(std::string_view word) {
  for (const PriceBasis basis : {PriceBasis::kFairValue, PriceBasis::kIndex}) {
    if (word == describe(basis)) return basis;
  }
  return std::nullopt;
}

time::Calendar FundDefinition::calendar() const {
  const time::Calendar* base = time::Calendar::find(exchange_calendar);
  ENSURE(base != nullptr);  // check_definition refused any other name
  return base->with_exceptions(exchange_exceptions);
}

time::ValuationTime FundDefinition::valuation() const {
  return {time::Zone::literal(time_zone), valuation_time, half_day_rule};
}

namespace {

using Broken = std::optional<base::Refusal>;

Broken check_assets(const FundDefinition& fund) {
  if (fund.assets.empty()) return base::Refusal{"assets", "a fund holds at least one asset"};
  std::set<model::AssetId> seen;
  Decimal weights;
  for (const FundAsset& asset : fund.assets) {
    if (!seen.insert(asset.asset).second)
      return base::Refusal{"assets", asset.asset.value() + " comes twice"};
    if (asset.second_index == asset.official_index)
      return base::Refusal{"assets", asset.asset.value() + ": both bases name the same index"};
    if (asset.target_weight) {
      if (asset.target_weight->is_negative())
        return base::Refusal{"assets", asset.asset.value() + ": its target weight is negative"};
      weights += *asset.target_weight;
    }
  }
  if (!weights.is_zero() && weights != Decimal::of(1))
    return base::Refusal{"assets", "the target weights do not add up to 1"};
  return std::nullopt;
}

/// Assets that the policies name are the fund's, coin payables with the fund's decimals.
Broken check_policy_assets(const FundDefinition& fund) {
  const auto find = [&](const std::string& name) -> const FundAsset* {
    for (const FundAsset& asset : fund.assets) {
      if (asset.asset.value() == name) return &asset;
    }
    return nullptr;
  };
  for (const policy::ExpenseRule& fee : fund.policies.fees) {
    for (const auto& named : {fee.asset, fee.paid_in}) {
      if (named && find(named->value()) == nullptr)
        return base::Refusal{"fees", policy::where_of(fee) + ": the fund has no asset " + named->value()};
    }
    if (fee.paid_in && find(fee.paid_in->value())->decimals != fee.decimals)
      return base::Refusal{"fees",
                           policy::where_of(fee) + ": decimals are not those of " + fee.paid_in->value()};
  }
  for (const auto& [token, accretion] : fund.policies.liquid_staking) {
    if (find(token) == nullptr) return base::Refusal{"liquid_staking", "the fund has no asset " + token};
  }
  return std::nullopt;
}

Broken check_dealing_terms(const FundDefinition& fund) {
  std::vector<dealing::DealtAsset> assets;
  for (const FundAsset& asset : fund.assets) assets.push_back({asset.asset, asset.decimals});
  return dealing::check_dealing(fund.dealing, assets, fund.valuation_time);
}

Broken check_tax(const FundDefinition& fund) {
  const auto is_part = [](const Decimal& value) { return !value.is_negative() && value <= Decimal::of(1); };
  const TaxTerms& tax = fund.tax;
  if (!is_part(tax.federal_rate)) return base::Refusal{"tax.federal_rate", "is not from 0 to 1"};
  if (!is_part(tax.state_rate)) return base::Refusal{"tax.state_rate", "is not from 0 to 1"};
  if (!is_part(tax.valuation_allowance))
    return base::Refusal{"tax.valuation_allowance", "is not from 0 to 1"};
  if (tax.loss_carryforward.is_negative()) return base::Refusal{"tax.loss_carryforward", "is negative"};
  const bool is_trust = tax.status == TaxStatus::kGrantorTrust;
  if (is_trust != (fund.act == Act::kEtp1933))
    return base::Refusal{"tax_status", "GRANTOR_TRUST goes with the act ETP_1933, and only with it"};
  return std::nullopt;
}

Broken check_lots(const std::string& rule, const char* key) {
  static const std::set<std::string> kRules{"fifo", "lifo", "highest_cost", "lowest_cost", "average"};
  if (!kRules.contains(rule))
    return base::Refusal{key, "is not fifo, lifo, highest_cost, lowest_cost or average"};
  return std::nullopt;
}

Broken check_calendars(const FundDefinition& fund) {
  const std::pair<const char*, const std::string*> names[] = {
      {"calendars.exchange", &fund.exchange_calendar},
      {"calendars.settlement", &fund.settlement_calendar},
      {"calendars.bank", &fund.bank_calendar}};
  for (const auto& [key, name] : names) {
    const time::Calendar* calendar = time::Calendar::find(*name);
    if (calendar == nullptr) return base::Refusal{key, "there is no calendar " + *name};
    if (!calendar->covers(fund.inception))
      return base::Refusal{"inception", "is outside the calendar " + *name};
  }
  if (time::Zone::find(fund.time_zone).has_error())
    return base::Refusal{"valuation.time_zone", "there is no time zone " + fund.time_zone};
  return std::nullopt;
}

Broken check_tolerances(const Tolerances& tolerances) {
  const std::pair<const char*, const Decimal*> all[] = {
      {"tolerances.price_change", &tolerances.price_change},
      {"tolerances.nav_change", &tolerances.nav_change},
      {"tolerances.basis_deviation", &tolerances.basis_deviation},
      {"tolerances.nav_error_per_share", &tolerances.nav_error_per_share},
      {"tolerances.nav_error_material", &tolerances.nav_error_material}};
  for (const auto& [key, value] : all) {
    if (!value->is_positive()) return base::Refusal{key, "is not positive"};
  }
  return std::nullopt;
}

}  // namespace

std::string default_lots_in_kind(TaxStatus status) {
  switch (status) {
    case TaxStatus::kRic:
      return "lowest_cost";
    case TaxStatus::kCCorp:
      return "highest_cost";
    case TaxStatus::kGrantorTrust:
      return "fifo";
  }
  ENSURE(false);
}

std::optional<base::Refusal> check_definition(const FundDefinition& fund) {
  if (fund.name.empty()) return base::Refusal{"name", "is empty"};
  if (fund.effective_from < fund.inception)
    return base::Refusal{"effective_from", "is before the fund's inception"};
  if (auto broken = check_policies(fund.policies, fund.inception)) return broken;
  if (!fund.creation_unit_shares.is_positive() || fund.creation_unit_shares.scale() != 0)
    return base::Refusal{"creation_unit_shares", "is not a positive whole number"};
  if (auto broken = check_assets(fund)) return broken;
  if (auto broken = check_policy_assets(fund)) return broken;
  if (auto broken = check_dealing_terms(fund)) return broken;
  if (auto broken = check_tax(fund)) return broken;
  if (auto broken = check_lots(fund.lots, "lots.sales")) return broken;
  if (auto broken = check_lots(fund.lots_in_kind, "lots.in_kind")) return broken;
  if (auto broken = check_calendars(fund)) return broken;
  if (auto broken = check_tolerances(fund.tolerances)) return broken;
  if (fund.error_account_minimum.is_negative())
    return base::Refusal{"tolerances.error_account_minimum", "is negative"};
  return check_thresholds(fund.checks);
}

}  // namespace navkeeper::nav
