// The strike of a whole day and of a whole year: twelve indices from 100,000 trades each, and 365 days of
// twelve indices from 5,000 trades each (about what the venues print in the hour, facts on pricing 1.1). The
// naive way sorts everything, the floor reads the columns once. Trades are in memory; what reading them costs
// is in pricing_bench.cpp.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "services/pricing/domain/rate.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kVenues = 5;
constexpr std::size_t kIndices = 12;
constexpr std::size_t kDays = 365;

IndexDefinition index_of() {
  IndexDefinition index;
  index.id = "BENCH";
  index.pair = "BTC/USD";
  index.strike_time = time::TimeOfDay::literal("16:00");
  index.time_zone = "America/New_York";
  index.window_minutes = 60;
  index.partitions = 12;
  index.venues = {"bitstamp", "coinbase", "crypto_com", "gemini", "kraken"};
  index.venue_deviation_max = money::Decimal::literal("0.05");
  index.minimum_venues = 2;
  index.decimals = 2;
  return index;
}

struct Day {
  Window window;
  NarrowTrades trades;
};

Day day_of(time::Date date, std::size_t count, std::uint64_t seed) {
  Day day{*window_of(index_of(), date), {}};
  day.trades.price_scale = 2;
  day.trades.size_scale = 8;
  std::mt19937_64 random(seed);
  const std::int64_t span = day.window.end_ns - day.window.start_ns;
  std::int64_t price = 8'400'000;
  for (std::size_t i = 0; i < count; ++i) {
    price += static_cast<std::int64_t>(random() % 201) - 100;
    price = std::clamp<std::int64_t>(price, 8'300'000, 8'500'000);
    day.trades.time_ns.push_back(day.window.start_ns +
                                 span / static_cast<std::int64_t>(count) * static_cast<std::int64_t>(i));
    day.trades.venue.push_back(static_cast<std::uint8_t>(random() % kVenues));
    day.trades.price.push_back(price);
    day.trades.size.push_back(static_cast<std::int64_t>(random() % 50'000'000) + 1);
  }
  const auto [lowest, highest] = std::ranges::minmax(day.trades.price);
  day.trades.price_lowest = lowest;
  day.trades.price_highest = highest;
  return day;
}

const std::vector<Trades>& indices_of_a_day() {
  static const std::vector<Trades> kMade = [] {
    std::vector<Trades> made;
    for (std::size_t i = 0; i < kIndices; ++i)
      made.emplace_back(day_of(time::Date::literal("2026-03-31"), 100'000, i).trades);
    return made;
  }();
  return kMade;
}

struct YearDay {
  Window window;
  Trades trades;
};

const std::vector<YearDay>& days_of_a_year() {
  static const std::vector<YearDay> kMade = [] {
    std::vector<YearDay> made;
    for (std::size_t i = 0; i < kDays; ++i) {
      Day day = day_of(time::Date::literal("2025-01-01") + static_cast<std::int64_t>(i), 5'000, 1'000 + i);
      made.push_back({day.window, std::move(day.trades)});
    }
    return made;
  }();
  return kMade;
}

std::int64_t read_once(const NarrowTrades& trades) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < trades.time_ns.size(); ++i)
    sum += trades.time_ns[i] ^ trades.price[i] ^ trades.size[i] ^ trades.venue[i];
  return sum;
}

template <class Compute>
void strike_twelve(benchmark::State& state, Compute compute) {
  const IndexDefinition index = index_of();
  const Window window = *window_of(index, time::Date::literal("2026-03-31"));
  for (auto _ : state) {
    for (const Trades& trades : indices_of_a_day()) compute(index, window, trades);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kIndices * 100'000));
}

template <class Compute>
void strike_year(benchmark::State& state, Compute compute) {
  const IndexDefinition index = index_of();
  for (auto _ : state) {
    for (const YearDay& day : days_of_a_year()) {
      for (std::size_t i = 0; i < kIndices; ++i) compute(index, day.window, day.trades);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kDays * kIndices));
}

const auto kOurs = [](const IndexDefinition& index, const Window& window, const Trades& trades) {
  benchmark::DoNotOptimize(compute_rate(index, window, trades, std::nullopt));
};
const auto kNaive = [](const IndexDefinition& index, const Window& window, const Trades& trades) {
  benchmark::DoNotOptimize(compute_rate_by_sorting(index, window, trades, std::nullopt));
};
const auto kFloor = [](const IndexDefinition&, const Window&, const Trades& trades) {
  benchmark::DoNotOptimize(read_once(std::get<NarrowTrades>(trades)));
};

void twelve_indices(benchmark::State& state) { strike_twelve(state, kOurs); }
void twelve_indices_by_sorting(benchmark::State& state) { strike_twelve(state, kNaive); }
void twelve_indices_floor_read(benchmark::State& state) { strike_twelve(state, kFloor); }
void year_of_strikes(benchmark::State& state) { strike_year(state, kOurs); }
void year_of_strikes_by_sorting(benchmark::State& state) { strike_year(state, kNaive); }
void year_of_strikes_floor_read(benchmark::State& state) { strike_year(state, kFloor); }

BENCHMARK(twelve_indices_floor_read)->Unit(benchmark::kMillisecond);
BENCHMARK(twelve_indices)->Unit(benchmark::kMillisecond);
BENCHMARK(twelve_indices_by_sorting)->Unit(benchmark::kMillisecond);
BENCHMARK(year_of_strikes_floor_read)->Unit(benchmark::kMillisecond);
BENCHMARK(year_of_strikes)->Unit(benchmark::kMillisecond);
BENCHMARK(year_of_strikes_by_sorting)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::pricing
