// A tape with a venue whose prices are wrong, from the sandbox's wire through the adapters to the rate: the
// adapters deliver what was printed, and the index's screen keeps the venue out.
#include <gtest/gtest.h>

#include "services/pricing/domain/intake.h"
#include "services/pricing/domain/rate.h"
#include "tests/unit/services/sandbox/live_rig.h"

namespace navkeeper::sandbox {
namespace {

using money::Decimal;
using money::Rational;
using time::Duration;
using time::Instant;

const time::Date kDay = time::Date::literal("2026-03-05");
const Instant kFrom = Instant::literal("2026-03-05T20:01:00Z");
const Instant kUntil = Instant::literal("2026-03-05T20:06:00Z");
constexpr const char* kWrong = "kraken";

/// As the shipped index of bitcoin, over five minutes.
pricing::IndexDefinition index_of(pricing::Statistic statistic) {
  pricing::IndexDefinition index;
  index.id = "NK_TEST";
  index.pair = "BTC/USD";
  index.strike_time = time::TimeOfDay::literal("20:06");
  index.time_zone = "UTC";
  index.window_minutes = 5;
  index.partitions = statistic == pricing::Statistic::kVolumeWeightedMedian ? 5 : 1;
  index.statistic = statistic;
  index.venues = {"bitstamp", "bullish", "coinbase", "crypto_com", "gemini", "kraken"};
  index.venue_deviation_max = Decimal::literal("0.05");
  index.minimum_venues = 2;
  index.decimals = 2;
  return index;
}

/// Of what the sessions delivered; `without`: that venue's trades are left out.
pricing::Rate rate_of(Rig& rig, pricing::Statistic statistic, const std::string& without = "") {
  const pricing::IndexDefinition index = index_of(statistic);
  const pricing::Window window = *pricing::window_of(index, kDay);
  EXPECT_EQ(window.start_ns, kFrom.ns());
  pricing::TradeIntake intake(index, window);
  for (const Line& line : rig.lines()) {
    if (line.feed != live::Feed::kTrades || live::name_of(line.venue) == without) continue;
    for (const live::ReceivedTrade& received : line.sink->trades()) {
      const live::RawTrade& trade = received.trade;
      pricing::TradeRow row;
      row.time_ns = trade.exchange_ns;
      row.venue = live::name_of(trade.venue);
      row.pair = line.protocol->instruments()[trade.instrument].pair;
      row.id = trade.id.text();
      row.price = {trade.price.mantissa, trade.price.scale, nullptr};
      row.size = {trade.size.mantissa, trade.size.scale, nullptr};
      row.coarse_time = trade.coarse_time;
      intake.add(row);
    }
  }
  return compute_rate(index, window, intake.finish().trades.build(), std::nullopt);
}

const pricing::VenueResult& venue_of(const pricing::Rate& rate, const std::string& name) {
  const auto names = index_of(pricing::Statistic::kVolumeWeightedMedian).venues;
  return rate.venues[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin())];
}

void listen_with(Rig& rig, Fault kind, Instant from, Instant until) {
  rig.sandbox().faults().add({.venue = kWrong, .fault = kind, .from = from, .until = until});
  const Instant live = rig.wait_for_live();
  ASSERT_LT(live, kFrom) << "the machine is too busy: the window began without the sessions";
  rig.expect_the_truth(kFrom, kUntil);
}

TEST(ScreenedTape, AVenueWithWrongDecimalsOrAnOutlierHasNoInfluenceOnTheRate) {
  for (const Fault kind : {Fault::kWrongDecimals, Fault::kOutlier}) {
    Rig rig;
    ASSERT_NO_FATAL_FAILURE(listen_with(rig, kind, kFrom - Duration::minutes(1), kUntil));
    for (const auto statistic : {pricing::Statistic::kVolumeWeightedMedian, pricing::Statistic::kVwap}) {
      const pricing::Rate rate = rate_of(rig, statistic);
      const pricing::Rate without = rate_of(rig, statistic, kWrong);
      ASSERT_EQ(rate.status, pricing::RateStatus::kOk) << name_of(kind);
      EXPECT_EQ(rate.unrounded, without.unrounded) << name_of(kind);
      EXPECT_TRUE(venue_of(rate, kWrong).excluded);
      EXPECT_GT(venue_of(rate, kWrong).trades, 0);
      EXPECT_EQ(std::count_if(rate.venues.begin(), rate.venues.end(),
                              [](const pricing::VenueResult& venue) { return venue.excluded; }),
                1);
    }
  }
}

TEST(ScreenedTape, WrongDecimalsOfAMinuteAreNotScreenedMoveTheMedianLittleAndTheSecondIndexAloud) {
  // The venue's own median of the window is honest, so the screen leaves it in. What remains: medians do not
  // mind, a mean does, and the check against the second source compares the two.
  Rig rig;
  ASSERT_NO_FATAL_FAILURE(
      listen_with(rig, Fault::kWrongDecimals, kFrom + Duration::minutes(2), kFrom + Duration::minutes(3)));
  const pricing::Rate medians = rate_of(rig, pricing::Statistic::kVolumeWeightedMedian);
  const pricing::Rate honest = rate_of(rig, pricing::Statistic::kVolumeWeightedMedian, kWrong);
  const pricing::Rate mean = rate_of(rig, pricing::Statistic::kVwap);
  EXPECT_FALSE(venue_of(medians, kWrong).excluded);
  const auto apart = [](const pricing::Rate& a, const pricing::Rate& b) {
    return (*a.unrounded - *b.unrounded).abs() / *b.unrounded;
  };
  EXPECT_LT(apart(medians, honest), Rational(Decimal::literal("0.001")));
  EXPECT_GT(apart(mean, medians), Rational(Decimal::literal("0.005"))) << "the shipped bound of the check";
}

}  // namespace
}  // namespace navkeeper::sandbox
