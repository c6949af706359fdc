#include "services/sandbox/simulated_trades.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/money/decimal.h"

namespace navkeeper::sandbox {
namespace {

const time::Instant kFrom = time::Instant::literal("2026-03-05T20:00:00Z");
constexpr auto kHour = time::Duration::hours(1);

TEST(SimulatedTrades, AreTheSameForTheSameSeedAndHour) {
  const auto one = simulated_trades_csv(simulate_trades(7, kFrom, kHour));
  EXPECT_EQ(one, simulated_trades_csv(simulate_trades(7, kFrom, kHour)));
  EXPECT_NE(one, simulated_trades_csv(simulate_trades(8, kFrom, kHour)));
}

TEST(SimulatedTrades, OfTwoHalvesAreThoseOfTheWhole) {
  const auto half = time::Duration::minutes(30);
  auto halves = simulate_trades(7, kFrom, half);
  for (const SimulatedTrade& trade : simulate_trades(7, kFrom + half, half)) halves.push_back(trade);
  EXPECT_EQ(simulated_trades_csv(halves), simulated_trades_csv(simulate_trades(7, kFrom, kHour)));
}

TEST(SimulatedTrades, LieInTheWindowInOrderWithPositivePricesAndOwnIds) {
  const auto trades = simulate_trades(7, kFrom, kHour);
  std::set<std::string> ids;
  std::map<std::string, int> count;
  time::Instant last = kFrom;
  for (const SimulatedTrade& trade : trades) {
    EXPECT_LE(last, trade.time);
    last = trade.time;
    EXPECT_LT(trade.time, kFrom + kHour);
    EXPECT_TRUE(money::Decimal::literal(trade.price).is_positive());
    EXPECT_TRUE(money::Decimal::literal(trade.size).is_positive());
    EXPECT_TRUE(ids.insert(trade.venue + trade.pair + trade.id).second);
    ++count[trade.pair];
  }
  EXPECT_GT(count["BTC/USD"], 2000);
  EXPECT_GT(count["ETH/USD"], 1500);
  EXPECT_GT(count["CRO/USD"], 50);
  EXPECT_LT(count["CRO/USD"], 200);
}

}  // namespace
}  // namespace navkeeper::sandbox
