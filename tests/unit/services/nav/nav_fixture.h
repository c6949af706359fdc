#pragma once
// A fund and a day of it for the tests: the figures are those of the contract's example.
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

inline money::Decimal dec(std::string_view text) { return money::Decimal::literal(text); }

inline policy::ExpenseRule test_fee(const char* name = "management fee") {
  policy::ExpenseRule fee;
  fee.name = name;
  fee.from = time::Date::literal("2026-01-02");
  fee.tiers = {{money::Decimal{}, dec("0.0095")}};
  fee.day_count = time::DayCount::kActualYear;
  fee.payees = {{"adviser", dec("1")}};
  fee.remainder_owner = "adviser";
  return fee;
}

inline FundDefinition test_fund(const char* id = "TEST") {
  FundDefinition fund(model::FundId::literal(id));
  fund.name = "Test fund";
  fund.inception = time::Date::literal("2026-01-02");
  fund.effective_from = fund.inception;
  fund.assets.push_back({model::AssetId::literal("BTC"), 8, model::IndexId::literal("NK_BTCUSD_NY"), {}, {}});
  fund.assets.push_back(
      {model::AssetId::literal("ETH"), 18, model::IndexId::literal("NK_ETHUSD_NY"), {}, {}});
  fund.policies.fees.push_back(test_fee());
  fund.policies.borne_by_fund = {policy::ExpenseType::kInterest, policy::ExpenseType::kTaxes};
  fund.tax.valuation_allowance = dec("1");
  fund.creation_unit_shares = dec("10000");
  fund.lots = "fifo";
  fund.lots_in_kind = "fifo";
  fund.exchange_calendar = "exchange";
  fund.settlement_calendar = "settlement";
  fund.bank_calendar = "bank";
  fund.time_zone = "America/New_York";
  fund.valuation_time = time::TimeOfDay::literal("16:00");
  fund.tolerances = {dec("0.2"), dec("0.2"), dec("0.005"), dec("0.01"), dec("0.005")};
  return fund;
}

/// At the start of a day, without prices.
inline Holdings test_holdings() {
  Holdings holdings;
  holdings.positions.push_back({model::AssetId::literal("BTC"), dec("600"), dec("50400000"), {}, {}});
  holdings.positions.push_back({model::AssetId::literal("ETH"), dec("12000"), dec("30000000"), {}, {}});
  holdings.books.other_assets = {{"cash", dec("25000")}};
  holdings.books.liabilities = {{"management fee payable", dec("45000")}};
  holdings.books.shares = dec("3360000");
  holdings.books.capital_total = dec("80000000");
  return holdings;
}

inline std::optional<ResolvedPrice> test_price(const std::string& asset) {
  const bool is_bitcoin = asset == "BTC";
  return ResolvedPrice{model::IndexId::literal(is_bitcoin ? "NK_BTCUSD_NY" : "NK_ETHUSD_NY"),
                       dec(is_bitcoin ? "84000" : "2800"), is_bitcoin ? "aa" : "bb", "index",
                       is_bitcoin ? "rate NK_BTCUSD_NY" : "rate NK_ETHUSD_NY"};
}

/// Friday 2026-01-09: three days of fee.
inline ResolvedStrike test_strike() {
  ResolvedStrike resolved(test_fund());
  resolved.definition_hash = "00";
  resolved.plan = plan_strike(resolved.definition, time::Date::literal("2026-01-09"),
                              time::Instant::literal("2026-01-09T21:00:00Z"))
                      .value();
  Holdings holdings = test_holdings();
  resolved.positions = holdings.positions;
  for (ResolvedPosition& position : resolved.positions) position.price = test_price(position.asset.value());
  resolved.books = holdings.books;
  return resolved;
}

}  // namespace navkeeper::nav
