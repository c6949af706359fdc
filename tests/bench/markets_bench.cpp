// The real-time index with eight books of 200 levels a side: what a message costs, and what a value costs.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "services/pricing/domain/markets/real_time_index.h"

namespace {

using namespace navkeeper;
using namespace navkeeper::pricing;
using time::Duration;
using time::Instant;

constexpr std::size_t kVenues = 8;
constexpr int kLevels = 200;
const Instant kStart = Instant::from_ns(1'772'000'000'000'000'000);

RealTimeDefinition definition(DecayRule decay_rule) {
  RealTimeDefinition made{.id = model::IndexId::literal("NK_BTCUSD_RT"),
                          .pair = model::PairId::literal("BTC/USD"),
                          .venues = {},
                          .scale = {2, 8},
                          .book_age_max = Duration::seconds(10),
                          .screen = {},
                          .minimum_venues = 1,
                          .size_cap = SizeCapRule{},
                          .crossed = CrossedRule::kKeep,
                          .spacing = money::Decimal::literal("1"),
                          .spread_max_ppm = 5'000,
                          .decay_rule = decay_rule,
                          .decay = money::Decimal::literal("0.3"),
                          .decimals = 2,
                          .rounding = money::Rounding::kHalfEven};
  for (std::size_t i = 0; i < kVenues; ++i)
    made.venues.push_back(model::VenueId::literal("venue" + std::to_string(i)));
  return made;
}

struct Message {
  std::size_t venue;
  Side side;
  Level level;
};

RealTimeIndex filled_index(DecayRule decay_rule, std::mt19937_64& random) {
  RealTimeIndex index(definition(decay_rule));
  for (std::size_t venue = 0; venue < kVenues; ++venue) {
    std::vector<Level> bids, asks;
    for (int i = 0; i < kLevels; ++i) {
      const auto lots = static_cast<std::int64_t>(random() % 200'000'000) + 1;
      bids.push_back({8'400'000 - 50 * i - static_cast<std::int64_t>(venue), lots});
      asks.push_back({8'400'100 + 50 * i + static_cast<std::int64_t>(venue), lots});
    }
    index.snapshot(venue, kStart, bids, asks);
  }
  index.value_at(kStart);
  return index;
}

std::vector<Message> messages(std::mt19937_64& random) {
  std::vector<Message> made;
  for (int i = 0; i < 65'536; ++i) {
    const std::size_t venue = random() % kVenues;
    const bool bid = random() % 2 == 0;
    // Near the best price, mostly.
    const auto depth = static_cast<std::int64_t>(random() % 20 * (random() % 10));
    const std::int64_t price = bid ? 8'400'000 - 50 * depth - static_cast<std::int64_t>(venue)
                                   : 8'400'100 + 50 * depth + static_cast<std::int64_t>(venue);
    const auto lots = random() % 4 == 0 ? 0 : static_cast<std::int64_t>(random() % 200'000'000) + 1;
    made.push_back({venue, bid ? Side::kBid : Side::kAsk, {price, lots}});
  }
  return made;
}

void book_messages(benchmark::State& state) {
  std::mt19937_64 random(7);
  RealTimeIndex index = filled_index(DecayRule::kDepth, random);
  const auto feed = messages(random);
  std::size_t next = 0;
  for (auto _ : state) {
    const Message& message = feed[next++ % feed.size()];
    benchmark::DoNotOptimize(index.update(message.venue, kStart, message.side, message.level));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(book_messages);

void index_values(benchmark::State& state) {
  std::mt19937_64 random(7);
  RealTimeIndex index = filled_index(state.range(0) == 0 ? DecayRule::kFixed : DecayRule::kDepth, random);
  const auto feed = messages(random);
  std::size_t next = 0;
  std::int64_t points = 0;
  for (auto _ : state) {
    const Message& message = feed[next++ % feed.size()];
    index.update(message.venue, kStart, message.side, message.level);
    const RealTimeValue value = index.value_at(kStart);
    points += value.grid_points;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["grid points"] = static_cast<double>(points) / static_cast<double>(state.iterations());
}
BENCHMARK(index_values)->Arg(0)->Arg(1);

}  // namespace
