#include "services/nav/adapters/dealing_file.h"

namespace navkeeper::nav {
namespace {

using dealing::DealingTerms;
using runtime::TomlPlace;
using runtime::TomlReader;

constexpr int kDecimalsMax = 18;
constexpr int kDaysMax = 365;

time::TimeOfDay time_of_day(const TomlPlace& place) {
  const auto time = time::TimeOfDay::parse(place.string());
  if (!time) place.refuse("is not a time HH:MM or HH:MM:SS");
  return *time;
}

dealing::OrderFees read_fees(TomlReader reader) {
  dealing::OrderFees fees{reader.decimal("fixed"), reader.decimal("variable")};
  reader.finish();
  return fees;
}

dealing::TransferPrecision read_precision(TomlReader& reader) {
  const TomlPlace place = reader.value("asset");
  auto asset = model::AssetId::parse(place.string());
  if (asset.has_error()) place.refuse(asset.error().rule);
  dealing::TransferPrecision precision{*std::move(asset), 0, std::nullopt};
  precision.decimals = static_cast<int>(reader.integer("decimals", 0, kDecimalsMax));
  if (const auto days = reader.optional_integer("unbonding_days", 0, kDaysMax))
    precision.unbonding_days = static_cast<int>(*days);
  reader.finish();
  return precision;
}

DealingTerms read_version(TomlReader& reader) {
  DealingTerms terms;
  terms.from = reader.date("from");
  terms.cut_off_in_kind = time_of_day(reader.value("cut_off_in_kind"));
  terms.cut_off_cash = time_of_day(reader.value("cut_off_cash"));
  if (auto same_day = reader.optional_value("cut_off_same_day"))
    terms.cut_off_same_day = time_of_day(*same_day);
  terms.units_max = static_cast<int>(reader.integer("units_max", 1, dealing::kOrderUnitsMax));
  terms.in_kind = read_fees(reader.table("in_kind"));
  terms.cash = read_fees(reader.table("cash"));
  terms.fixed_fee_payee = reader.string("fixed_fee_payee");
  for (TomlReader& precision : reader.tables("transfer")) terms.transfer.push_back(read_precision(precision));
  terms.collateral = reader.decimal("collateral");
  for (const TomlPlace& place : reader.array("funding")) {
    const auto source = dealing::parse_funding_source(place.string());
    if (!source) place.refuse("is not one of cash, sale, credit_line, unstaking, cash_in_lieu");
    terms.funding.push_back(*source);
  }
  terms.credit_line = reader.decimal("credit_line");
  if (auto custom = reader.optional_table("custom")) {
    terms.custom = dealing::CustomBasketPolicy{custom->decimal("difference_max")};
    custom->finish();
  }
  terms.rebalancing_band = reader.optional_decimal("rebalancing_band");
  terms.execution_difference_max = reader.optional_decimal("execution_difference_max");
  reader.finish();
  return terms;
}

void write_fees(json::Writer& writer, const char* key, const dealing::OrderFees& fees) {
  writer.key(key).begin_object().member("fixed", fees.fixed).member("variable", fees.variable).end_object();
}

void write_version(json::Writer& writer, const DealingTerms& terms) {
  writer.begin_object()
      .member("from", terms.from.to_string())
      .member("cut_off_in_kind", terms.cut_off_in_kind.to_string())
      .member("cut_off_cash", terms.cut_off_cash.to_string());
  if (terms.cut_off_same_day) writer.member("cut_off_same_day", terms.cut_off_same_day->to_string());
  writer.member("units_max", terms.units_max);
  write_fees(writer, "in_kind", terms.in_kind);
  write_fees(writer, "cash", terms.cash);
  writer.member("fixed_fee_payee", terms.fixed_fee_payee).key("transfer").begin_array();
  for (const dealing::TransferPrecision& one : terms.transfer) {
    writer.begin_object().member("asset", one.asset.value()).member("decimals", one.decimals);
    if (one.unbonding_days) writer.member("unbonding_days", *one.unbonding_days);
    writer.end_object();
  }
  writer.end_array().member("collateral", terms.collateral).key("funding").begin_array();
  for (const dealing::FundingSource source : terms.funding) writer.string(describe(source));
  writer.end_array().member("credit_line", terms.credit_line);
  if (terms.custom)
    writer.key("custom").begin_object().member("difference_max", terms.custom->difference_max).end_object();
  if (terms.rebalancing_band) writer.member("rebalancing_band", *terms.rebalancing_band);
  if (terms.execution_difference_max)
    writer.member("execution_difference_max", *terms.execution_difference_max);
  writer.end_object();
}

}  // namespace

std::vector<DealingTerms> read_dealing(TomlReader& root) {
  std::vector<DealingTerms> versions;
  for (TomlReader& version : root.optional_tables("dealing")) versions.push_back(read_version(version));
  return versions;
}

void write_dealing(json::Writer& writer, const std::vector<DealingTerms>& versions) {
  if (versions.empty()) return;
  writer.key("dealing").begin_array();
  for (const DealingTerms& terms : versions) write_version(writer, terms);
  writer.end_array();
}

}  // namespace navkeeper::nav
