#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/json/write.h"
#include "services/nav/adapters/dealing_file.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/policies_file.h"

namespace navkeeper::nav {
namespace {

void write_assets(json::Writer& writer, const FundDefinition& fund) {
  writer.key("assets").begin_array();
  for (const FundAsset& asset : fund.assets) {
    writer.begin_object()
        .member("asset", asset.asset.value())
        .member("decimals", asset.decimals)
        .member("official_index", asset.official_index.value());
    if (asset.second_index) writer.member("second_index", asset.second_index->value());
    if (asset.target_weight) writer.member("target_weight", *asset.target_weight);
    writer.end_object();
  }
  writer.end_array();
}

void write_tax(json::Writer& writer, const TaxTerms& tax) {
  writer.key("tax")
      .begin_object()
      .member("federal_rate", tax.federal_rate)
      .member("state_rate", tax.state_rate)
      .member("valuation_allowance", tax.valuation_allowance)
      .member("loss_carryforward", tax.loss_carryforward)
      .member("year_start_month", tax.year_start_month)
      .end_object();
}

void write_calendars(json::Writer& writer, const FundDefinition& fund) {
  writer.key("calendars").begin_object();
  writer.member("exchange", fund.exchange_calendar)
      .member("settlement", fund.settlement_calendar)
      .member("bank", fund.bank_calendar)
      .key("exceptions")
      .begin_array();
  for (const time::CalendarDay& day : fund.exchange_exceptions) {
    writer.begin_object().member("date", day.date.to_string()).member("kind", time::describe(day.kind));
    if (day.close) writer.member("close", day.close->to_string());
    writer.member("name", day.name).end_object();
  }
  writer.end_array().end_object();
}

/// What was added later is written where it is set: older definitions keep their hash.
void write_tolerances(json::Writer& writer, const FundDefinition& fund) {
  const Tolerances& tolerances = fund.tolerances;
  if (!fund.checks.empty()) {
    writer.key("checks").begin_array();
    for (const CheckThreshold& one : fund.checks)
      writer.begin_object()
          .member("check", one.check)
          .member("from", one.from.to_string())
          .member("threshold", one.threshold)
          .end_object();
    writer.end_array();
  }
  writer.key("tolerances")
      .begin_object()
      .member("price_change", tolerances.price_change)
      .member("nav_change", tolerances.nav_change)
      .member("basis_deviation", tolerances.basis_deviation)
      .member("nav_error_per_share", tolerances.nav_error_per_share)
      .member("nav_error_material", tolerances.nav_error_material);
  if (!fund.error_account_minimum.is_zero())
    writer.member("error_account_minimum", fund.error_account_minimum);
  writer.end_object();
}

}  // namespace

std::string definition_json(const FundDefinition& fund) {
  json::Writer writer(json::Keys::kSorted);
  writer.begin_object()
      .member("id", fund.id.value())
      .member("name", fund.name)
      .member("act", describe(fund.act))
      .member("tax_status", describe(fund.tax.status))
      .member("official_basis", describe(fund.official_basis))
      .member("inception", fund.inception.to_string())
      .member("effective_from", fund.effective_from.to_string())
      .member("creation_unit_shares", fund.creation_unit_shares);
  write_assets(writer, fund);
  write_policies(writer, fund.policies);
  write_dealing(writer, fund.dealing);
  write_tax(writer, fund.tax);
  writer.key("rounding")
      .begin_object()
      .member("money_decimals", fund.terms.money_decimals)
      .member("per_share_decimals", fund.terms.per_share_decimals)
      .member("rounding", money::to_string(fund.terms.rounding))
      .end_object();
  writer.key("lots")
      .begin_object()
      .member("sales", fund.lots)
      .member("in_kind", fund.lots_in_kind)
      .end_object();
  write_calendars(writer, fund);
  writer.key("valuation")
      .begin_object()
      .member("time_zone", fund.time_zone)
      .member("time", fund.valuation_time.to_string())
      .member("half_day_rule", time::describe(fund.half_day_rule));
  if (fund.batch_deadline) writer.member("batch_deadline", fund.batch_deadline->to_string());
  writer.end_object();
  write_tolerances(writer, fund);
  writer.end_object();
  return writer.take();
}

std::string definition_hash(const FundDefinition& fund) { return crypto::sha256_hex(definition_json(fund)); }

}  // namespace navkeeper::nav
