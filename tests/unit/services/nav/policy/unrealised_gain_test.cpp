// The mark of each coin is what it is worth beyond its cost, whatever came between two strikes.
#include "services/nav/domain/policy/unrealised_gain.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

TEST(UnrealisedGain, MarksGoUpDownAndAwayWithTheCoins) {
  const std::vector<MarkedPosition> positions{
      {"BTC", dec("120"), dec("100"), dec("5")},    // 15 more
      {"ETH", dec("80"), dec("100"), dec("10")},    // from 10 above to 20 below
      {"CRO", {}, {}, dec("-7.5")},                 // gone
      {"SOL", dec("10"), dec("8"), dec("2")},       // as it was
      {"DOGE", dec("1.005"), dec("1"), dec("0")}};  // cents
  const EntryDraft entry = mark_positions(day("2026-03-06"), positions);
  EXPECT_EQ(entry.trade_date, day("2026-03-06"));
  EXPECT_EQ(entry.book_date, day("2026-03-07"));
  EXPECT_EQ(sum_of(entry, "Conversion:BTC unrealised", "USD"), dec("15"));
  EXPECT_EQ(sum_of(entry, "Income:Unrealised gain:BTC", "USD"), dec("-15"));
  EXPECT_EQ(sum_of(entry, "Income:Unrealised gain:ETH", "USD"), dec("30"));
  EXPECT_EQ(sum_of(entry, "Income:Unrealised gain:CRO", "USD"), dec("-7.5"));
  EXPECT_EQ(sum_of(entry, "Income:Unrealised gain:SOL", "USD"), dec("0"));
  EXPECT_EQ(sum_of(entry, "Income:Unrealised gain:DOGE", "USD"), dec("0"));  // half a cent to the even one
  EXPECT_EQ(entry.postings.size(), 6U);
  EXPECT_TRUE(mark_positions(day("2026-03-06"), {}).postings.empty());
}

TEST(UnrealisedGain, ItsAccountsAreKnownFromOthers) {
  EXPECT_TRUE(is_mark_account(unrealised_account("CRO")) && is_mark_account(unrealised_conversion("CRO")));
  for (const char* other : {"Income:Unrealised gain:Coin payables:fee", "Conversion:CRO", "Income:Rewards:x",
                            "Conversion:CRO payable:fee unrealised", "Assets:Cash"})
    EXPECT_FALSE(is_mark_account(other)) << other;
}

TEST(UnrealisedGain, OverAnyStrikesTheMarkIsTheLastValueLessCost) {
  EXPECT_TRUE(rc::check("sum of changes = value - cost", [] {
    Decimal marked, value, cost;
    for (int strikes = *rc::gen::inRange(1, 8); strikes > 0; --strikes) {
      value = Decimal::of(*rc::gen::inRange(0, 1'000'000), 2);
      cost = Decimal::of(*rc::gen::inRange(0, 1'000'000), 2);
      const std::vector<MarkedPosition> one{{"ETH", value, cost, marked}};
      const EntryDraft entry = mark_positions(day("2026-03-06"), one);
      RC_ASSERT(balances(entry));
      marked += sum_of(entry, unrealised_conversion("ETH"), "USD");
    }
    RC_ASSERT(marked == value - cost);
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
