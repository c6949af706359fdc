// What a rate costs from trades in memory, held against a plain sort and against reading the columns once
// (the floor), and what reading a trade file costs. ./dev bench pricing prints it.
//
// The tape: N trades of five venues in the order of their times over one hour, prices within a few hundred
// dollars in cents, sizes with eight decimals. All three do the same twelve partitions and the same venue
// screen (the floor does nothing).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "common/time/instant.h"
#include "services/pricing/adapters/trade_csv.h"
#include "services/pricing/domain/intake.h"
#include "services/pricing/domain/rate.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kVenues = 5;

IndexDefinition bench_index() {
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

Window bench_window() { return *window_of(bench_index(), time::Date::literal("2026-03-31")); }

/// Calls use(time_ns, venue, price in cents, size in 10^-8) for each trade of the tape.
template <class Use>
void each_trade(std::size_t count, Use use) {
  const Window window = bench_window();
  std::mt19937_64 engine(20260331);
  std::normal_distribution<double> dollars(84'000, 50);
  std::exponential_distribution<double> coins(20);
  const auto span = static_cast<double>(window.end_ns - window.start_ns);
  for (std::size_t i = 0; i < count; ++i) {
    const auto offset = static_cast<std::int64_t>(span * static_cast<double>(i) / static_cast<double>(count));
    const auto price = static_cast<std::int64_t>(dollars(engine) * 100);
    const auto size = 1 + static_cast<std::int64_t>(coins(engine) * 1e8);
    use(window.start_ns + offset, static_cast<std::uint8_t>(engine() % kVenues), price, size);
  }
}

/// Made once for each N and kept.
const Trades& tape(std::size_t count) {
  static std::map<std::size_t, Trades> kept;
  const auto found = kept.find(count);
  if (found != kept.end()) return found->second;
  NarrowTrades trades;
  trades.price_scale = 2;
  trades.size_scale = 8;
  each_trade(count, [&](std::int64_t time_ns, std::uint8_t venue, std::int64_t price, std::int64_t size) {
    trades.time_ns.push_back(time_ns);
    trades.venue.push_back(venue);
    trades.price.push_back(price);
    trades.size.push_back(size);
  });
  const auto [lowest, highest] = std::ranges::minmax(trades.price);
  trades.price_lowest = lowest;
  trades.price_highest = highest;
  return kept.emplace(count, std::move(trades)).first->second;
}

void count_trades(benchmark::State& state) {
  const auto trades = static_cast<double>(state.range(0));
  state.counters["ns_a_trade"] =
      benchmark::Counter(trades * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void rate(benchmark::State& state) {
  const IndexDefinition index = bench_index();
  const Window window = bench_window();
  const Trades& trades = tape(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(compute_rate(index, window, trades, std::nullopt));
  count_trades(state);
}

void sort_and_scan(benchmark::State& state) {
  const IndexDefinition index = bench_index();
  const Window window = bench_window();
  const Trades& trades = tape(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(compute_rate_by_sorting(index, window, trades, std::nullopt));
  count_trades(state);
}

/// One pass over the four columns that a rate reads.
void floor_read(benchmark::State& state) {
  const auto& trades = std::get<NarrowTrades>(tape(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < trades.time_ns.size(); ++i) {
      sum += trades.time_ns[i] ^ trades.price[i] ^ trades.size[i] ^ trades.venue[i];
    }
    benchmark::DoNotOptimize(sum);
  }
  count_trades(state);
}

BENCHMARK(floor_read)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(rate)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(sort_and_scan)->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMicrosecond);

/// A million rows as the sandbox writes them, with ids or without.
const std::string& csv(bool ids) {
  static std::map<bool, std::string> kept;
  std::string& text = kept[ids];
  if (!text.empty()) return text;
  text = ids ? "time,venue,pair,price,size,id\n" : "time,venue,pair,price,size\n";
  std::int64_t id = 500'000'000;
  const IndexDefinition index = bench_index();
  each_trade(1'000'000, [&](std::int64_t time_ns, std::uint8_t venue, std::int64_t price, std::int64_t size) {
    text += time::Instant::from_ns(time_ns / 1000 * 1000).to_string() + "," + index.venues[venue] +
            ",BTC/USD," + money::Decimal::of(price, 2).to_string() + "," +
            money::Decimal::of(size, 8).to_string();
    if (ids) text += "," + std::to_string(++id);
    text += "\n";
  });
  return text;
}

class CountingSink final : public TradeSink {
 public:
  void row(const TradeRow& row) override { sum += row.time_ns ^ row.price.mantissa ^ row.size.mantissa; }
  void reject(RowPlace, std::string_view) override { ++rejected; }
  std::int64_t sum = 0;
  std::int64_t rejected = 0;
};

class IntakeSink final : public TradeSink {
 public:
  explicit IntakeSink(TradeIntake& intake) : intake_(intake) {}
  void row(const TradeRow& row) override { intake_.add(row); }
  void reject(RowPlace place, std::string_view reason) override { intake_.reject(place, reason); }

 private:
  TradeIntake& intake_;
};

/// Bytes to checked trades, one after the other: what stands before the database in an import.
void csv_to_trades(benchmark::State& state) {
  const std::string& text = csv(state.range(0) != 0);
  for (auto _ : state) {
    CountingSink sink;
    read_trade_csv(text, "bench.csv", 0, sink);
    if (sink.rejected != 0) state.SkipWithError("rows were rejected");
    benchmark::DoNotOptimize(sink.sum);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}

/// Bytes to the columns of one rate, copies and contradictions found: all of `rates compute` but the rate.
void csv_to_columns(benchmark::State& state) {
  const std::string& text = csv(state.range(0) != 0);
  const IndexDefinition index = bench_index();
  const Window window = bench_window();
  for (auto _ : state) {
    TradeIntake intake(index, window);
    IntakeSink sink(intake);
    read_trade_csv(text, "bench.csv", 0, sink);
    benchmark::DoNotOptimize(intake.finish().trades.build());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) *
                          static_cast<std::int64_t>(state.iterations()));
}

BENCHMARK(csv_to_trades)->ArgName("ids")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(csv_to_columns)->ArgName("ids")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace navkeeper::pricing
