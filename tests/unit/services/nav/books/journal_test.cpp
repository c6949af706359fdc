#include "services/nav/domain/books/journal.h"

#include <gtest/gtest.h>

namespace navkeeper::nav::books {
namespace {

using time::Date;
using time::Instant;

class Journal : public ::testing::Test {
 protected:
  Entry entry(const char* trade, const char* book, const char* settlement, const char* known,
              int amount) const {
    return {.trade_date = Date::literal(trade),
            .book_date = Date::literal(book),
            .settlement_date = Date::literal(settlement),
            .known_at = Instant::literal(known),
            .source = {"test", known},
            .description = "order",
            .postings = {{cash_, Units(amount)}, {capital_, Units(-amount)}},
            .reverses = std::nullopt};
  }

  Chart chart_;
  LineIndex cash_ = chart_.line("Assets:Cash", kDollars);
  LineIndex capital_ = chart_.line("Capital:Creations", kDollars);
};

TEST_F(Journal, AnEntryMustBalanceInEachCommodity) {
  const CommodityIndex btc = chart_.add_commodity("BTC", 8);
  const LineIndex coins = chart_.line("Assets:Coins:BTC", btc);
  const LineIndex conversion = chart_.line("Conversion:BTC", btc);
  const auto holds = [&](std::vector<Posting> postings) { return balances(chart_, postings); };
  EXPECT_TRUE(holds({}));
  EXPECT_TRUE(holds({{cash_, Units(5)}, {capital_, Units(-5)}}));
  EXPECT_FALSE(holds({{cash_, Units(5)}, {capital_, Units(-4)}}));
  EXPECT_FALSE(holds({{cash_, Units(5)}, {coins, Units(-5)}}));
  EXPECT_TRUE(holds({{coins, Units(7)}, {cash_, Units(-5)}, {conversion, Units(-7)}, {capital_, Units(5)}}));
}

TEST_F(Journal, TheThreeBasesSeeAnOrderOnTheirOwnDays) {
  const std::vector<Entry> entries{
      entry("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-05T21:00:00Z", 100)};
  const auto cash = [&](Basis basis, const char* day) {
    return balances_at(chart_, entries, basis, Date::literal(day))[cash_];
  };
  EXPECT_EQ(cash(Basis::kTradeDate, "2026-01-04"), Units(0));
  EXPECT_EQ(cash(Basis::kTradeDate, "2026-01-05"), Units(100));
  EXPECT_EQ(cash(Basis::kNav, "2026-01-05"), Units(0));
  EXPECT_EQ(cash(Basis::kNav, "2026-01-06"), Units(100));
  EXPECT_EQ(cash(Basis::kSettled, "2026-01-06"), Units(0));
  EXPECT_EQ(cash(Basis::kSettled, "2026-01-07"), Units(100));
}

TEST_F(Journal, ALateFactChangesWhatWeKnowNowAndNotWhatWeKnewThen) {
  const std::vector<Entry> entries{
      entry("2026-01-05", "2026-01-05", "2026-01-05", "2026-01-05T21:00:00Z", 100),
      entry("2026-01-05", "2026-01-05", "2026-01-05", "2026-01-09T21:00:00Z", 7)};
  const Date day = Date::literal("2026-01-05");
  EXPECT_EQ(balances_at(chart_, entries, Basis::kNav, day)[cash_], Units(107));
  EXPECT_EQ(balances_at(chart_, entries, Basis::kNav, day, Instant::literal("2026-01-06T00:00:00Z"))[cash_],
            Units(100));
}

TEST_F(Journal, AReversalTakesAnEntryBack) {
  const Entry wrong = entry("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-05T21:00:00Z", 100);
  const Entry back = reversal(wrong, {"correction", "1"}, Instant::literal("2026-01-08T00:00:00Z"));
  EXPECT_EQ(back.reverses, wrong.source);
  EXPECT_TRUE(balances(chart_, back.postings));
  const std::vector<Entry> entries{back, wrong};
  for (const Basis basis : {Basis::kNav, Basis::kTradeDate, Basis::kSettled}) {
    for (const Units balance : balances_at(chart_, entries, basis, Date::literal("2026-12-31")))
      EXPECT_TRUE(balance.is_zero());
  }
}

TEST_F(Journal, BasesHaveTheirWords) {
  for (const Basis basis : {Basis::kNav, Basis::kTradeDate, Basis::kSettled})
    EXPECT_EQ(basis_from(describe(basis)), basis);
  EXPECT_FALSE(basis_from("cash"));
}

TEST_F(Journal, ATrialBalanceListsClassesInTheirOrder) {
  chart_.line("Conversion:BTC", kDollars);
  chart_.line("Liabilities:x", kDollars);
  chart_.line("Expenses:x", kDollars);
  std::vector<std::string> accounts;
  for (const LineIndex line : chart_.in_order()) accounts.push_back(chart_.lines()[line].account);
  EXPECT_EQ(accounts, (std::vector<std::string>{"Assets:Cash", "Liabilities:x", "Capital:Creations",
                                                "Expenses:x", "Conversion:BTC"}));
}

}  // namespace
}  // namespace navkeeper::nav::books
