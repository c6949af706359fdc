// Highlights against eight published rows; statements of a fund counted by hand, and what must be found
// wrong.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "services/nav/domain/statements/financial_statements.h"
#include "tests/support/process.h"

namespace navkeeper::nav::statements {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;

Decimal dec(std::string_view text) { return Decimal::literal(text); }

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted) {
      fields.push_back(field);
      field.clear();
    } else if (c != '\r')
      field.push_back(c);
  }
  fields.push_back(field);
  return fields;
}

TEST(Highlights, PublishedRowsComeOutToTheCentAndTheBasisPoint) {
  const auto path =
      tests::source_dir() / ".." / "shared" / "data" / "regulatory" / "nav_financial_highlights_oracles.csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the published highlights are not there";
  std::istringstream text(tests::read_file(path));
  std::string line;
  std::getline(text, line);
  int rows = 0;
  while (std::getline(text, line)) {
    if (line.empty()) continue;
    const auto fields = fields_of(line);
    ASSERT_EQ(fields.size(), 8U) << line;
    SCOPED_TRACE(fields[1] + " " + fields[2]);
    const Decimal shares = dec("1000000");
    HighlightsInput input;
    input.from = Date::literal(fields[2].substr(0, 10));
    input.to = Date::literal(fields[2].substr(11, 10));
    input.opening = DailyNav{input.from - 1, dec(fields[3]) * shares, shares, Rational::of(1)};
    input.navs = {DailyNav{input.to, dec(fields[6]) * shares, shares, Rational::of(1)}};
    input.net_investment_income = dec(fields[4]) * shares;
    const auto figures = financial_highlights(input);
    ASSERT_TRUE(figures.has_value());
    EXPECT_EQ(figures->realised_and_unrealised, dec(fields[5]));
    EXPECT_EQ(figures->total_return_percent, dec(fields[7]));
    ++rows;
  }
  EXPECT_EQ(rows, 8);
}

TEST(Highlights, WhatIsDistributedIsReinvestedAndASplitRestatesHistory) {
  // 100 to 55 with a 2-for-1 split between and 10 a new share paid at an ex NAV of 50: 2 x 55 / 100 x 1.2 - 1
  // = 32%
  HighlightsInput input;
  input.from = Date::literal("2026-01-01");
  input.to = Date::literal("2026-12-31");
  input.opening = DailyNav{Date::literal("2025-12-31"), dec("1000"), dec("10"), Rational::of(2)};
  input.navs = {DailyNav{Date::literal("2026-06-30"), dec("1000"), dec("20"), Rational::of(1)},
                DailyNav{Date::literal("2026-12-31"), dec("1100"), dec("20"), Rational::of(1)}};
  input.distributions = {{Date::literal("2026-06-30"), dec("10"), Rational::of(1)}};
  input.net_expenses = dec("10.5");
  input.gross_expenses = dec("21");
  input.net_investment_income = dec("-10.5");
  input.purchases = dec("300");
  input.sales = dec("105");
  input.average_investments_value = dec("1050");
  const auto figures = financial_highlights(input);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->nav_begin, dec("50"));
  EXPECT_EQ(figures->nav_end, dec("55"));
  EXPECT_EQ(figures->distributions, dec("10"));
  EXPECT_EQ(figures->total_return_percent, dec("32"));
  EXPECT_EQ(figures->nav_begin + figures->net_investment_income + figures->realised_and_unrealised -
                figures->distributions,
            figures->nav_end);
  EXPECT_EQ(figures->average_net_assets, dec("1050"));
  EXPECT_EQ(*figures->net_expense_ratio_percent, dec("1"));
  EXPECT_EQ(*figures->gross_expense_ratio_percent, dec("2"));
  EXPECT_EQ(*figures->turnover_percent, dec("10"));
  EXPECT_EQ(figures->days, 365);
}

/// A fund of one coin. Before: 10 BTC at a cost of 500,000, now and then worth 60,000 and 70,000 each; cash
/// 1,000. In the period: 2 sold for 140,000 (cost 100,000), traded on the last day; a fee of 500 accrued, 100
/// of it waived; 1,000 shares issued for 70,000 in cash on the last day, booked the day after.
StatementInput fund() {
  StatementInput input;
  input.fund = "X";
  input.from = Date::literal("2026-03-01");
  input.to = Date::literal("2026-03-31");
  input.opening.dollars = {{"Assets:Cash", dec("1000")}, {"Capital:Creations", dec("-501000")}};
  input.opening.coins = {{"BTC", dec("10"), dec("500000"), dec("60000")}};
  input.opening.shares = dec("10000");
  input.closing.dollars = {
      {"Assets:Cash", dec("211000")},        {"Liabilities:Fees payable:fee", dec("-400")},
      {"Capital:Creations", dec("-571000")}, {"Income:Realised gain:Sale", dec("-40000")},
      {"Expenses:Fees:fee", dec("500")},     {"Expenses:Fees waived:fee", dec("-100")}};
  input.closing.coins = {{"BTC", dec("8"), dec("400000"), dec("70000")}};
  input.closing.shares = dec("11000");
  input.unsettled = {{"creation", dec("70000")}, {"sale", dec("140000")}};
  input.share_flows = {dec("1000"), dec("0")};
  // Its NAV still has 10 BTC and no cash of the sale: 700,000 + 1,000 - 400.
  input.closing_nav = {input.to, dec("700600"), dec("10000")};
  input.booked_later = {{"orders:O-1", "creation", Rational::of(70000)},
                        {"trades:T/1", "sale", Rational::of(0)}};
  input.highlights.from = input.from;
  input.highlights.to = input.to;
  input.highlights.opening = DailyNav{input.from - 1, dec("601000"), dec("10000"), Rational::of(1)};
  input.highlights.navs = {DailyNav{input.to, dec("700600"), dec("10000"), Rational::of(1)}};
  return input;
}

Decimal line(const std::vector<StatementLine>& lines, const std::string& name) {
  for (const StatementLine& one : lines) {
    if (one.name == name) return one.amount;
  }
  ADD_FAILURE() << name << " is not there";
  return {};
}

TEST(Statements, ComeOutAsCountedByHandFootAndTie) {
  const auto made = financial_statements(fund());
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_TRUE(made->faults.empty()) << made->faults.front();
  const auto& sheet = made->assets_and_liabilities;
  EXPECT_EQ(line(sheet.assets, "Cash"), dec("1000"));
  EXPECT_EQ(line(sheet.assets, "Receivable for shares issued"), dec("70000"));
  EXPECT_EQ(line(sheet.assets, "Receivable for investments sold"), dec("140000"));
  EXPECT_EQ(sheet.total_assets, dec("771000"));
  EXPECT_EQ(sheet.total_liabilities, dec("400"));
  EXPECT_EQ(sheet.net_assets, dec("770600"));
  EXPECT_EQ(line(sheet.components, "Paid-in capital"), dec("571000"));
  const auto& operations = made->operations;
  EXPECT_EQ(operations.total_expenses, dec("500"));
  EXPECT_EQ(operations.net_expenses, dec("400"));
  EXPECT_EQ(operations.net_realised, dec("40000"));
  EXPECT_EQ(operations.change_in_unrealised, dec("60000"));  // 160,000 - 100,000
  EXPECT_EQ(operations.net_increase, dec("99600"));
  EXPECT_EQ(made->changes.opening, dec("601000"));
  EXPECT_EQ(made->changes.closing, dec("770600"));
  EXPECT_EQ(made->changes.shares_opening, dec("10000"));
  EXPECT_EQ(*made->investments[0].percent, dec("72.67"));
  EXPECT_TRUE(made->tie.ties);
  EXPECT_EQ(made->tie.remainder, dec("0"));
}

TEST(Statements, WhatDoesNotTieIsSaid) {
  StatementInput input = fund();
  input.closing_nav.net_assets = dec("700599");
  const auto made = financial_statements(input);
  ASSERT_EQ(made->faults.size(), 1U);
  EXPECT_NE(made->faults[0].find("do not tie"), std::string::npos);
  input = fund();
  input.closing.dollars["Assets:Cash"] = dec("211001");  // a journal that does not balance
  EXPECT_FALSE(financial_statements(input)->faults.empty());
  input = fund();
  input.closing.coins[0].price.reset();
  EXPECT_TRUE(financial_statements(input).has_error());
}

}  // namespace
}  // namespace navkeeper::nav::statements
