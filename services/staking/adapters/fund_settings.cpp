#include "services/staking/adapters/fund_settings.h"

namespace navkeeper::staking {
namespace {

using runtime::TomlReader;

constexpr std::int64_t kHoursMax = std::int64_t{24} * 366 * 10;
constexpr int kSaleDaysMax = 366;

/// A part of one.
void read_share(TomlReader& table, std::string_view key, money::Decimal& into) {
  const auto place = table.optional_value(key);
  if (!place) return;
  into = place->decimal();
  if (into.is_negative() || into > money::Decimal::of(1)) place->refuse("must be between 0 and 1");
}

void read_hours(TomlReader& table, std::string_view key, time::Duration& into) {
  if (const auto hours = table.optional_integer(key, 0, kHoursMax)) into = time::Duration::hours(*hours);
}

}  // namespace

std::pair<model::FundId, FundTerms> read_fund_terms(TomlReader& table) {
  const auto fund = table.value("fund");
  const auto id = model::FundId::parse(fund.string());
  if (id.has_error()) fund.refuse(id.error().rule);
  FundTerms terms;
  read_share(table, "illiquid_max", terms.policy.illiquid_max);
  read_share(table, "readily_min", terms.policy.readily_min);
  read_share(table, "sale_loss_max", terms.policy.sale_loss_max);
  if (const auto days = table.optional_integer("sale_days", 0, kSaleDaysMax))
    terms.policy.sale_days = static_cast<int>(*days);
  terms.policy.returning_counts = table.optional_boolean("returning_counts").value_or(true);
  terms.policy.written_policy = table.optional_string("written_policy").value_or("");
  read_hours(table, "sale_settlement_hours", terms.sale_settlement);
  read_hours(table, "nav_age_hours_max", terms.nav_age_max);
  read_hours(table, "reading_age_hours_max", terms.reading_age_max);
  for (TomlReader& row : table.optional_tables("tokens")) {
    const std::string asset = row.string("asset");
    money::Decimal loss;
    read_share(row, "sale_loss", loss);
    if (const auto issuer = row.optional_string("issuer")) terms.token_issuer[asset] = *issuer;
    row.finish();
    if (!terms.token_sale_loss.emplace(asset, loss).second) table.refuse("tokens", "names a token twice");
  }
  for (TomlReader& row : table.optional_tables("custodians")) {
    const std::string source = row.string("source");
    const auto notice = time::Duration::hours(row.integer("notice_hours", 0, kHoursMax));
    row.finish();
    if (!terms.custodian_notice.emplace(source, notice).second)
      table.refuse("custodians", "names a source twice");
  }
  table.finish();
  return {*id, std::move(terms)};
}

}  // namespace navkeeper::staking
