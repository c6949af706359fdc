// A policy's draft becomes an entry that the books themselves find balanced.
#include "services/nav/domain/policy/posting.h"

#include <gtest/gtest.h>

#include "services/nav/domain/policy/expense_accrual.h"
#include "tests/unit/services/nav/policy/rules.h"

namespace navkeeper::nav::policy {
namespace {

books::Chart chart() {
  books::Chart chart;
  chart.add_commodity("ETH", 18);
  return chart;
}

EntryDraft staking_fee_entry() {
  StrikeBases bases;
  bases.strike = day("2026-03-25");
  AssetBase ether;
  ether.gross_rewards = dec("10");
  ether.price = dec("2500");
  bases.assets[model::AssetId::literal("ETH")] = ether;
  const auto fees = ExpenseSchedule::of({staking_fee()}, {}).value();
  return to_entry(accrue_expenses(fees, bases, {}, time::Calendar::exchange()).value().lines.at(0));
}

TEST(Posting, ACoinFeeBalancesInTheBooksCommodityByCommodity) {
  auto books_chart = chart();
  const auto entry = to_entry(staking_fee_entry(), "fees", time::Instant::from_ns(7), books_chart).value();
  EXPECT_TRUE(books::balances(books_chart, entry.postings));
  EXPECT_EQ(entry.source, (books::Source{"fees", "staking fee/2026-01-01/2026-03-25"}));
  EXPECT_EQ(entry.book_date, day("2026-03-25"));
  const auto balances =
      books::balances_at(books_chart, std::vector{entry}, books::Basis::kNav, day("2026-03-25"));
  EXPECT_EQ(balances.at(books_chart.line("Expenses:Fees:staking fee", books::kDollars)),
            money::Units(450'000));
  EXPECT_EQ(balances.at(books_chart.line("Liabilities:Fees payable:staking fee:Validator", 1)).to_decimal(18),
            dec("-0.45"));
}

TEST(Posting, WhatTheBooksCannotHoldIsRefusedAndTheChartStaysAsItWas) {
  auto books_chart = chart();
  const auto refusal = [&](const EntryDraft& draft) {
    return message_of(to_entry(draft, "fees", time::Instant::from_ns(7), books_chart));
  };
  const auto draft = [] { return entry_on(day("2026-03-25"), "x", "x"); };
  EXPECT_EQ(refusal(draft()), "entry 'x': posts nothing");
  EXPECT_EQ(refusal(draft().debit("Assets:Cash", "USD", dec("1"))), "entry 'x': debits are not credits");
  EXPECT_EQ(
      refusal(
          draft().debit("Assets:Cash", "USD", dec("0.001")).credit("Capital:Opening", "USD", dec("0.001"))),
      "entry 'x': 0.001 does not fit the units of USD");
  EXPECT_EQ(
      refusal(draft().debit("Assets:Coins:SOL", "SOL", dec("1")).credit("Conversion:SOL", "SOL", dec("1"))),
      "entry 'x': the books do not count SOL");
  EXPECT_TRUE(books_chart.lines().empty());
}

TEST(AccountNames, AreWhatStandsInAnAccountAsItIs) {
  for (const char* name : {"management fee", "Audit 2026", "a", "BTC-2.5_x+y"}) {
    EXPECT_TRUE(is_account_name(name)) << name;
    EXPECT_EQ(books::account_part(name), name);
  }
  for (const char* name : {"", " a", "a ", "a  b", "a:b", "a;b", "f\xC3\xA4", "a\nb"})
    EXPECT_FALSE(is_account_name(name)) << name;
  EXPECT_TRUE(is_account_name(std::string(64, 'a')));
  EXPECT_FALSE(is_account_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace navkeeper::nav::policy
