// Live trades from a venue's message to the COMMIT that acknowledges them: reading, session, hash, queue,
// COPY, fsync. The server is the embedded default, made for this run in the temporary folder. `messages/s` is
// the whole path; `own_cpu_us` what this process spends on a message (PostgreSQL's backend is another
// process): times 20,000 it is the share of a core at 20,000 messages a second.
//
// And the way back: the strike of twelve indices, each of a pair of its own with 100,000 trades in the tape
// (five venues, one hour): settled, read, computed, evidence written, stored with event and audit record.
#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "services/pricing/adapters/rate_store.h"
#include "services/pricing/adapters/tape_store.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/venue_session.h"
#include "services/pricing/app/strike_rate.h"
#include "services/pricing/app/tape_writer.h"
#include "tests/bench/bench_server.h"

namespace navkeeper::pricing {
namespace {

using bench::own_cpu_seconds;
using bench::PricingServer;

class Silent final : public TapeObserver {
 public:
  void acknowledged(const TapeBatch&, const TapeWritten&) override {}
  void write_failed(const std::string& why, int) override { throw std::runtime_error(why); }
};

class IntoWriter final : public venues::SessionSink {
 public:
  IntoWriter(TapeWriter& writer, std::shared_ptr<const Feed> feed)
      : writer_(writer), feed_(std::move(feed)) {}
  void trade(const venues::ReceivedTrade& received) override {
    TapeTrade trade;
    trade.feed = feed_;
    trade.line = ++line_;
    trade.whole = true;
    trade.time_ns = received.trade.exchange_ns;
    trade.received_ns = received.received_ns;
    trade.price = {received.trade.price.mantissa, received.trade.price.scale, nullptr};
    trade.size = {received.trade.size.mantissa, received.trade.size.scale, nullptr};
    trade.id = received.trade.id.text();
    trade.number = received.trade.number;
    trade.message_hash = received.message_hash;
    while (!writer_.add(trade)) std::this_thread::yield();
  }
  void quote(const venues::Quote&, std::int64_t) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const venues::SessionNote&) override {}

 private:
  TapeWriter& writer_;
  std::shared_ptr<const Feed> feed_;
  std::uint64_t line_ = 0;
};

std::string match(std::uint64_t id, time::Instant at) {
  return R"({"type":"match","trade_id":)" + std::to_string(id) +
         R"(,"maker_order_id":"0f358725-2134-435e-be11-753912a326e0","taker_order_id":"252b7002-87a3-425c-ac73-f5b9e23f3caf","side":"sell","size":"0.00513192","price":")" +
         std::to_string(60'000 + id % 997) + R"(.25","product_id":"BTC-USD","sequence":1,"time":")" +
         at.to_string() + R"("})";
}

void from_message_to_commit(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  db::Pool& pool = PricingServer::only().pool();
  time::SystemClock clock;
  SqlTapeStore store(pool);
  Silent observer;
  static std::uint64_t last_id = 0;
  double cpu = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(clock.now(), crypto::fill_random);
    feed->venue = "coinbase";
    feed->pairs = {"BTC/USD"};
    feed->address = "bench";
    store.begin(*feed, clock.now(), "bench");
    feed->goes_on = {true};
    std::vector<std::string> messages;
    for (std::uint64_t i = 0; i < count; ++i) messages.push_back(match(++last_id, clock.now()));
    TapeWriter writer(store, clock, observer);
    IntoWriter sink(writer, feed);
    const auto protocol =
        venues::make_protocol(venues::Venue::kCoinbase, venues::Feed::kTrades,
                              {*venues::instrument_of(venues::Venue::kCoinbase, "BTC/USD")});
    venues::VenueSession session(*protocol, sink, clock, [] { return std::uint64_t{1}; });
    session.start();
    session.on_connected();
    session.on_frame(R"({"type":"subscriptions","channels":[]})");
    const double before = own_cpu_seconds();
    state.ResumeTiming();
    for (const std::string& message : messages) session.on_frame(message);
    if (!writer.wait_until_stored(std::chrono::minutes(5))) state.SkipWithError("not stored");
    state.PauseTiming();
    cpu += own_cpu_seconds() - before;
    writer.stop();
    state.ResumeTiming();
  }
  const auto all = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["messages/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
  state.counters["own_cpu_us"] = cpu * 1e6 / all;
}

constexpr int kIndices = 12;
constexpr std::uint64_t kTradesOfAnIndex = 100'000;
const std::vector<std::string> kVenues{"bitstamp", "bullish", "coinbase", "gemini", "kraken"};
const time::Instant kHour = time::Instant::literal("2026-03-05T20:00:00Z");

std::string pair_of(int index) { return "B" + std::string(1, static_cast<char>('A' + index)) + "/USD"; }
std::string index_of(int index) { return "NK_BENCH_" + std::string(1, static_cast<char>('A' + index)); }

void fill_the_tape(SqlTapeStore& store, time::Clock& clock) {
  std::mt19937_64 random(20260305);
  for (std::size_t venue = 0; venue < kVenues.size(); ++venue) {
    auto feed = std::make_shared<Feed>();
    feed->session = model::new_uuid_v7(clock.now(), crypto::fill_random);
    feed->venue = kVenues[venue];
    for (int i = 0; i < kIndices; ++i) feed->pairs.push_back(pair_of(i));
    feed->address = "bench";
    store.begin(*feed, clock.now(), "bench");
    feed->goes_on.assign(feed->pairs.size(), false);
    std::uint64_t id = 0;
    for (int market = 0; market < kIndices; ++market) {
      const std::uint64_t count = kTradesOfAnIndex / kVenues.size();
      for (std::uint64_t done = 0; done < count;) {
        TapeBatch batch;
        for (; batch.trades.size() < 10'000 && done < count; ++done) {
          TapeTrade& trade = batch.trades.emplace_back();
          trade.feed = feed;
          trade.line = ++id;
          trade.market = static_cast<std::uint16_t>(market);
          trade.time_ns = kHour.ns() + static_cast<std::int64_t>(3'600'000'000'000 / count * done);
          trade.received_ns = trade.time_ns;
          trade.price = {8'400'000 + static_cast<std::int64_t>(random() % 20'000), 2, nullptr};
          trade.size = {1 + static_cast<std::int64_t>(random() % 50'000'000), 8, nullptr};
          trade.id = std::to_string(id);
          trade.number = id;
        }
        store.write(batch, clock.now());
      }
    }
  }
}

void define(SqlRateStore& rates, time::Instant now) {
  for (int i = 0; i < kIndices; ++i) {
    rates.define("id = \"" + index_of(i) + "\"\npair = \"" + pair_of(i) +
                     "\"\nstrike_time = \"16:00\"\ntime_zone = \"America/New_York\"\nwindow_minutes = 60\n"
                     "partitions = 12\nstatistic = \"volume_weighted_median\"\ntie = \"lower\"\n"
                     "empty_partition = \"drop\"\nweights = \"equal\"\nvenues = [\"bitstamp\", \"bullish\", "
                     "\"coinbase\", \"gemini\", \"kraken\"]\nvenue_deviation_max = \"0.05\"\n"
                     "venue_deviation_reference = \"others\"\nminimum_venues = 2\ndecimals = 2\n"
                     "rounding = \"half_even\"\n",
                 "bench.toml", now, "bench");
  }
}

void whole_strike_of_twelve_indices(benchmark::State& state) {
  db::Pool& pool = PricingServer::only().pool();
  time::ManualClock clock(kHour + time::Duration::minutes(62));
  SqlTapeStore store(pool);
  fill_the_tape(store, clock);
  SqlRateStore rates(pool);
  define(rates, clock.now());
  double cpu = 0;
  for (auto _ : state) {
    const double before = own_cpu_seconds();
    for (int i = 0; i < kIndices; ++i) {
      const auto saved = strike_rate(rates, clock, index_of(i), time::Date::literal("2026-03-05"), "bench");
      if (saved.has_error() || !saved->is_new || saved->rate.status != "ok")
        state.SkipWithError("not struck");
    }
    cpu += own_cpu_seconds() - before;
  }
  state.counters["trades/s"] =
      benchmark::Counter(static_cast<double>(kTradesOfAnIndex * kIndices), benchmark::Counter::kIsRate);
  state.counters["own_cpu_s"] = cpu;
}

BENCHMARK(whole_strike_of_twelve_indices)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(from_message_to_commit)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace navkeeper::pricing
