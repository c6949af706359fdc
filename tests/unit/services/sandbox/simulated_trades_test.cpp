#include "services/sandbox/simulated_trades.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/money/decimal.h"

namespace navkeeper::sandbox {
namespace {

const time::Date kDay = time::Date::literal("2026-03-05");
const time::Instant kFrom = time::parse_rfc3339("2026-03-05T20:00:00Z").value();

TEST(SimulatedTrades, AreTheSameForTheSameSeedAndDay) {
  const auto one = simulated_trades_csv(simulate_trades(7, kDay, kFrom, time::Duration::hours(1)));
  const auto two = simulated_trades_csv(simulate_trades(7, kDay, kFrom, time::Duration::hours(1)));
  const auto other = simulated_trades_csv(simulate_trades(8, kDay, kFrom, time::Duration::hours(1)));
  EXPECT_EQ(one, two);
  EXPECT_NE(one, other);
}

TEST(SimulatedTrades, LieInTheWindowInOrderWithPositivePricesAndOwnIds) {
  const auto trades = simulate_trades(7, kDay, kFrom, time::Duration::hours(1));
  std::set<std::string> ids;
  std::map<std::string, int> count;
  time::Instant last = kFrom;
  for (const SimulatedTrade& trade : trades) {
    EXPECT_LE(last, trade.time);
    last = trade.time;
    EXPECT_LT(trade.time, kFrom + time::Duration::hours(1));
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
