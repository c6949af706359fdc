#include "services/nav/adapters/fund_file.h"

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"
#include "services/nav/adapters/dealing_file.h"
#include "services/nav/adapters/policies_file.h"

namespace navkeeper::nav {
namespace {

using runtime::TomlPlace;
using runtime::TomlReader;

constexpr int kAssetDecimalsMax = 18;
constexpr int kMoneyDecimalsMax = 2;  // the books count cents

/// What `parse` makes of the word at `place`, or a refusal that lists the words.
template <class Parse>
auto word(const TomlPlace& place, Parse parse, const char* words) {
  const auto value = parse(place.string());
  if (!value) place.refuse(std::string("is not one of ") + words);
  return *value;
}

template <class Id>
Id name(const TomlPlace& place) {
  auto id = Id::parse(place.string());
  if (id.has_error()) place.refuse(id.error().rule);
  return *id;
}

time::TimeOfDay time_of_day(const TomlPlace& place) {
  const auto time = time::TimeOfDay::parse(place.string());
  if (!time) place.refuse("is not a time HH:MM or HH:MM:SS");
  return *time;
}

FundAsset read_asset(TomlReader& reader) {
  FundAsset asset{name<model::AssetId>(reader.value("asset")), 0,
                  name<model::IndexId>(reader.value("official_index")), std::nullopt, std::nullopt};
  asset.decimals = static_cast<int>(reader.integer("decimals", 0, kAssetDecimalsMax));
  if (auto second = reader.optional_value("second_index")) asset.second_index = name<model::IndexId>(*second);
  asset.target_weight = reader.optional_decimal("target_weight");
  reader.finish();
  return asset;
}

TaxTerms read_tax(TomlReader reader, TaxStatus status) {
  TaxTerms tax;
  tax.status = status;
  tax.federal_rate = reader.decimal("federal_rate");
  tax.state_rate = reader.decimal("state_rate");
  tax.valuation_allowance = reader.decimal("valuation_allowance");
  tax.loss_carryforward = reader.decimal("loss_carryforward");
  tax.year_start_month = static_cast<int>(reader.integer("year_start_month", 1, 12));
  reader.finish();
  return tax;
}

NavTerms read_terms(TomlReader reader) {
  NavTerms terms;
  terms.money_decimals = static_cast<int>(reader.integer("money_decimals", 0, kMoneyDecimalsMax));
  terms.per_share_decimals = static_cast<int>(reader.integer("per_share_decimals", 0, 12));
  terms.rounding = word(
      reader.value("rounding"),
      [](std::string_view text) {
        const auto rounding = money::rounding_from(text);
        const bool offered = rounding == money::Rounding::kHalfUp || rounding == money::Rounding::kHalfEven ||
                             rounding == money::Rounding::kDown;
        return offered ? rounding : std::nullopt;
      },
      "half_up, half_even, down");
  reader.finish();
  return terms;
}

time::CalendarDay read_exception(TomlReader& reader) {
  time::CalendarDay day;
  day.date = reader.date("date");
  day.name = reader.string("name");
  day.kind = word(
      reader.value("kind"),
      [](std::string_view text) -> std::optional<time::DayKind> {
        if (text == "closed") return time::DayKind::kHoliday;
        if (text == "half_day") return time::DayKind::kHalfDay;
        if (text == "open") return time::DayKind::kBusiness;
        return std::nullopt;
      },
      "closed, half_day, open");
  if (day.kind == time::DayKind::kHalfDay) day.close = time_of_day(reader.value("close"));
  reader.finish();
  return day;
}

void read_calendars(TomlReader reader, FundDefinition& fund) {
  fund.exchange_calendar = reader.string("exchange");
  fund.settlement_calendar = reader.string("settlement");
  fund.bank_calendar = reader.string("bank");
  for (TomlReader& exception : reader.optional_tables("exceptions"))
    fund.exchange_exceptions.push_back(read_exception(exception));
  reader.finish();
}

void read_valuation(TomlReader reader, FundDefinition& fund) {
  fund.time_zone = reader.string("time_zone");
  fund.valuation_time = time_of_day(reader.value("time"));
  if (auto deadline = reader.optional_value("batch_deadline")) fund.batch_deadline = time_of_day(*deadline);
  fund.half_day_rule =
      word(reader.value("half_day_rule"), time::parse_half_day_rule, "exchange_close, always_valuation_time");
  reader.finish();
}

Tolerances read_tolerances(TomlReader reader, FundDefinition& fund) {
  Tolerances tolerances;
  tolerances.price_change = reader.decimal("price_change");
  tolerances.nav_change = reader.decimal("nav_change");
  tolerances.basis_deviation = reader.decimal("basis_deviation");
  tolerances.nav_error_per_share = reader.decimal("nav_error_per_share");
  tolerances.nav_error_material = reader.decimal("nav_error_material");
  fund.error_account_minimum = reader.optional_decimal("error_account_minimum").value_or(money::Decimal{});
  reader.finish();
  return tolerances;
}

CheckThreshold read_check(TomlReader& reader) {
  CheckThreshold check{reader.string("check"), reader.date("from"), reader.decimal("threshold")};
  reader.finish();
  return check;
}

FundDefinition read_root(TomlReader reader, const std::string& file) {
  FundDefinition fund(name<model::FundId>(reader.value("id")));
  fund.name = reader.string("name");
  fund.act = word(reader.value("act"), parse_act, "ICA_1940, ETP_1933");
  const TaxStatus status = word(reader.value("tax_status"), parse_tax_status, "RIC, C_CORP, GRANTOR_TRUST");
  fund.official_basis = word(reader.value("official_basis"), parse_price_basis, "fair_value, index");
  fund.inception = reader.date("inception");
  fund.effective_from = reader.date("effective_from");
  fund.creation_unit_shares = reader.decimal("creation_unit_shares");
  for (TomlReader& asset : reader.tables("assets")) fund.assets.push_back(read_asset(asset));
  fund.policies = read_policies(reader, fund.inception);
  fund.dealing = read_dealing(reader);
  fund.tax = read_tax(reader.table("tax"), status);
  fund.terms = read_terms(reader.table("rounding"));
  {
    TomlReader lots = reader.table("lots");
    fund.lots = lots.string("sales");
    fund.lots_in_kind = lots.optional_string("in_kind").value_or(default_lots_in_kind(status));
    lots.finish();
  }
  read_calendars(reader.table("calendars"), fund);
  read_valuation(reader.table("valuation"), fund);
  fund.tolerances = read_tolerances(reader.table("tolerances"), fund);
  for (TomlReader& check : reader.optional_tables("checks")) fund.checks.push_back(read_check(check));
  reader.finish();
  if (auto broken = check_definition(fund)) {
    // The line of a nested key is the line of its table's first part, which the reader knows.
    const std::string table = broken->where.substr(0, broken->where.find('.'));
    const std::string at = reader.has(table) ? reader.where(table) : file;
    const bool nested = table != broken->where;
    base::refuse(nested ? at + broken->where.substr(table.size()) : at, broken->rule);
  }
  const auto calendar = base::checked([&] { return fund.calendar(); });
  if (calendar.has_error()) base::refuse(reader.where("calendars"), calendar.error().message());
  return fund;
}

}  // namespace

FundDefinition read_fund_text(std::string_view text, const std::string& file_name) {
  const auto document = base::value_or_refuse(runtime::TomlDocument::parse(text, file_name));
  return read_root(document.root(), file_name);
}

FundDefinition read_fund_file(const std::string& path) { return load_fund_file(path).definition; }

NewDefinition load_fund_file(const std::string& path) {
  const auto document = base::value_or_refuse(runtime::TomlDocument::load(path));
  const FundDefinition fund = read_root(document.root(), path);
  return {fund, definition_hash(fund), document.text(), definition_json(fund)};
}

}  // namespace navkeeper::nav
