// Days of the tape that a price or a determination still needs are kept, whatever the caller's clock says.
#include <gtest/gtest.h>

#include "services/pricing/adapters/tape_upkeep_store.h"
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

class PruneNeededTest : public PricesTest {
 protected:
  PruneReport prune() { return prune_tape(upkeep_, ports(), policy_, false, "adam"); }
  std::string kept(const std::string& pair) {
    for (const PruneReport::Kept& kept : prune().kept) {
      if (kept.held.pair == pair) return std::string(describe(kept.why)) + ": " + kept.needed_by;
    }
    return "";
  }
  std::int64_t trades(const std::string& pair) { return count("trade WHERE pair = '" + pair + "'"); }

  SqlTapeUpkeep upkeep_{service_pool("pricing")};
  RetentionPolicy policy_{.keep_days = 10, .keep_days_of = {}};
};

TEST_F(PruneNeededTest, ATokensUnpricedDayIsKeptThoughNoIndexRestsOnItsPair) {
  apply(kTokenPolicy);
  trade_day(kDay, "100", "100.10");
  trade("2026-03-05T16:30:00Z", "crypto_com", "101", "1", "LSAAA/USD");
  clock_.advance(Duration::hours(24 * 20));
  EXPECT_EQ(kept("LSAAA/USD"), "a price that rests on it is not struck: LSAAA 2026-03-05");
  EXPECT_EQ(trades("LSAAA/USD"), 1);
  price_of(kTrustKey);
  for (const Date date : {kDay, kDay + 1}) {
    price_of({kAsset, date, kTrust});
    price_of({kToken, date, kFund});
  }
  const StoredPrice token = prices_.price({kToken, kDay + 1, kFund}, Instant::latest()).value();
  ASSERT_TRUE(token.determination.has_value()) << "no exchange rate is known, and one trade is no market";
  EXPECT_EQ(kept("LSAAA/USD"), "a determination that rests on it is not approved: LSAAA 2026-03-05");
  for (const Date date : {kDay, kDay + 1}) {
    const PriceKey key{kToken, date, kFund};
    determine_price(ports(), key, money::Decimal::literal("100"), "quotes", {{"quote", "100", "broker"}},
                    false, actor("ann"));
    approve_determination(ports(), key, 1, money::Decimal::literal("100"), actor("bob"));
  }
  EXPECT_EQ(kept("LSAAA/USD"), "");
  EXPECT_EQ(trades("LSAAA/USD"), 0);
}

TEST_F(PruneNeededTest, AnOpenDeterminationKeepsTheTradesThatOpenedIt) {
  trade_day(kDay, "100", "102");  // The bases are too far apart.
  clock_.advance(Duration::hours(24 * 20));
  ASSERT_TRUE(price_of(kFundKey).determination.has_value());
  EXPECT_EQ(kept("AAA/USD"), "a determination that rests on it is not approved: AAA 2026-03-05");
  for (const PriceKey& key : {kFundKey, kTrustKey}) {
    const auto price = prices_.price(key, Instant::latest());
    if (!price->determination) continue;
    determine_price(ports(), key, money::Decimal::literal("100"), "quotes", {{"quote", "100", "broker"}},
                    false, actor("ann"));
    approve_determination(ports(), key, 1, money::Decimal::literal("100"), actor("bob"));
  }
  EXPECT_EQ(kept("AAA/USD"), "");
  EXPECT_EQ(trades("AAA/USD"), 0);
}

TEST_F(PruneNeededTest, DaysAreCountedByTheDatabasesClockWhereTheCallersIsAhead) {
  const Instant now = time::SystemClock().now();
  const Date day = time::utc_date(now) + -9;
  clock_.set(now);
  trade(day.to_string() + "T01:00:00Z", "kraken", "5", "1", "ETH/USD");
  clock_.set(now + Duration::hours(24 * 3'650));
  EXPECT_EQ(prune().today, time::utc_date(now));
  EXPECT_EQ(trades("ETH/USD"), 1) << "ten days are not over";
}

}  // namespace
}  // namespace navkeeper::pricing
