// The real-time index as the service runs it: a venue's message from its bytes into the books, and a full
// second of eight venues with 200 levels a side: its value, its evidence, and the bytes that are stored. The
// floor reads the message without doing anything with it; the naive second makes the value from the
// beginning.
#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "services/pricing/adapters/book_sink.h"
#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/app/live_index.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kVenues = 8;
constexpr int kLevels = 200;
constexpr int kChangesASecond = 400;  // Of each venue.
constexpr std::int64_t kCent = 1'000'000;
const time::Instant kStart = time::Instant::literal("2026-03-02T15:00:00Z");
const model::PairId kPair = model::PairId::literal("BTC/USD");

model::VenueId venue_of(std::size_t i) { return model::VenueId::literal("venue" + std::to_string(i)); }

RealTimeDefinition rules() {
  RealTimeDefinition made{.id = model::IndexId::literal("NK_BTCUSD_RT"),
                          .pair = kPair,
                          .venues = {},
                          .scale = {},
                          .book_age_max = time::Duration::seconds(10),
                          .screen = {},
                          .minimum_venues = 1,
                          .size_cap = SizeCapRule{},
                          .crossed = CrossedRule::kKeep,
                          .spacing = money::Decimal::literal("1"),
                          .spread_max_ppm = 5'000,
                          .decay_rule = DecayRule::kDepth,
                          .decay = money::Decimal::literal("0.3"),
                          .decimals = 2,
                          .rounding = money::Rounding::kHalfEven};
  for (std::size_t i = 0; i < kVenues; ++i) made.venues.push_back(venue_of(i));
  return made;
}

StoredRealTimeFile file_of(const RealTimeDefinition& definition) {
  return {{definition.id, definition.pair,
           *Dated<RealTimeDefinition>::of({{time::Date::literal("2026-01-01"), std::nullopt, definition}})},
          1,
          "",
          kStart};
}

class Venues {
 public:
  Venues() : live(kStart), random_(7) {
    live.use({file_of(rules())}, [](const std::string&) { return std::nullopt; });
    for (std::size_t venue = 0; venue < kVenues; ++venue) {
      std::vector<Level> bids, asks;
      for (int i = 0; i < kLevels; ++i) {
        bids.push_back({(8'400'000 - 50 * i - static_cast<std::int64_t>(venue)) * kCent, size()});
        asks.push_back({(8'400'100 + 50 * i + static_cast<std::int64_t>(venue)) * kCent, size()});
      }
      books[venue].snapshot(bids, asks);
      live.snapshot(venue_of(venue), kPair, kStart, books[venue]);
    }
  }
  /// A second's changes, most of them near the best price.
  void stir(time::Instant at) {
    for (std::size_t venue = 0; venue < kVenues; ++venue) {
      for (int i = 0; i < kChangesASecond; ++i) {
        const bool bid = random_() % 2 == 0;
        const auto depth = static_cast<std::int64_t>(random_() % 20 * (random_() % 10));
        const std::int64_t cents = bid ? 8'400'000 - 50 * depth - static_cast<std::int64_t>(venue)
                                       : 8'400'100 + 50 * depth + static_cast<std::int64_t>(venue);
        const TouchedLevel touched{bid ? Side::kBid : Side::kAsk, cents * kCent};
        books[venue].update(touched.side, {touched.ticks, random_() % 4 == 0 ? 0 : size()});
        live.change(venue_of(venue), kPair, at, books[venue], {&touched, 1});
      }
    }
  }

  LiveIndex live;
  OrderBook books[kVenues];

 private:
  std::int64_t size() { return static_cast<std::int64_t>(random_() % 200'000'000) + 1; }
  std::mt19937_64 random_;
};

/// What a full second costs when it is due, and what it stores; its messages are not counted.
void full_second(benchmark::State& state) {
  Venues venues;
  time::Instant at = kStart;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    venues.stir(at + time::Duration::milliseconds(500));
    at = at + time::Duration::seconds(1);
    state.ResumeTiming();
    venues.live.advance(at);
    for (const ClosedSecond& second : venues.live.take())
      bytes += static_cast<std::int64_t>(second.values.front().record.evidence.size());
  }
  const double a_second = static_cast<double>(bytes) / static_cast<double>(state.iterations());
  state.counters["evidence_bytes"] = a_second;
  state.counters["evidence_MB_a_day"] = a_second * 86'400 / 1e6;
}
BENCHMARK(full_second)->Unit(benchmark::kMicrosecond);

void full_second_from_the_beginning(benchmark::State& state) {
  Venues venues;
  const RealTimeDefinition definition = rules();
  std::vector<VenueBook> given;
  for (const OrderBook& book : venues.books) given.push_back({&book, kStart});
  const ScreenState nobody{std::vector<bool>(kVenues, false)};
  for (auto _ : state) benchmark::DoNotOptimize(compute_real_time(definition, given, nobody, kStart));
}
BENCHMARK(full_second_from_the_beginning)->Unit(benchmark::kMicrosecond);

std::string crypto_com_update(std::uint64_t number, bool whole) {
  std::mt19937_64 random(number);
  const std::string price = std::to_string(84'000 - random() % 50) + ".50";
  const std::string sides = R"("asks":[["84100.00","0.50000","1"]],"bids":[[")" + price + R"(",")" +
                            std::to_string(1 + random() % 9) + R"(.25000","1"]])";
  return R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USD","subscription":"book.BTC_USD.50","channel":")" +
         std::string(whole ? "book" : "book.update") + R"(","depth":50,"data":[{)" +
         (whole ? sides : R"("update":{)" + sides + "}") + R"(,"t":1772463600000,"tt":1772463600000,"u":)" +
         std::to_string(number) + (whole ? std::string() : R"(,"pu":)" + std::to_string(number - 1)) +
         R"(,"cs":1}]}})";
}

constexpr std::uint64_t kMessages = 65'536;

const std::vector<std::string>& messages() {
  static const std::vector<std::string> kMade = [] {
    std::vector<std::string> made{crypto_com_update(1, true)};
    for (std::uint64_t i = 2; i <= kMessages; ++i) made.push_back(crypto_com_update(i, false));
    return made;
  }();
  return kMade;
}

/// Bytes to book to index, one venue, one thread: 20,000 messages a second are so much of a core.
void message_to_index(benchmark::State& state) {
  time::ManualClock clock(kStart);
  const log::Logger logger = log::Logger::silent();
  LiveIndex live(kStart);
  auto definition = rules();
  definition.venues = {model::VenueId::literal("crypto_com")};
  live.use({file_of(definition)}, [](const std::string&) { return std::nullopt; });
  live.advance(kStart + time::Duration::seconds(1));
  const auto instrument = *venues::instrument_of(venues::Venue::kCryptoCom, "BTC/USD");
  const auto protocol = venues::make_protocol(venues::Venue::kCryptoCom, venues::Feed::kBooks, {instrument});
  BookSink sink(venues::Venue::kCryptoCom, {instrument}, live, clock, logger);
  const std::vector<std::string>& made = messages();
  std::uint64_t next = 0;
  std::unique_ptr<venues::VenueSession> session;
  for (auto _ : state) {
    if (next % kMessages == 0) {  // The numbers begin anew: so does the session.
      session = std::make_unique<venues::VenueSession>(*protocol, sink, clock, [] { return 1; });
      session->start();
      static_cast<void>(session->take_actions());
      session->on_connected();
      clock.set(clock.now() + time::Duration::seconds(2));
      session->on_time();
      static_cast<void>(session->take_actions());
    }
    session->on_frame(made[next++ % kMessages]);
  }
  if (live.counters().events < static_cast<std::uint64_t>(state.iterations()))
    state.SkipWithError("messages were not taken");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(message_to_index);

void message_floor_read(benchmark::State& state) {
  const auto instrument = *venues::instrument_of(venues::Venue::kCryptoCom, "BTC/USD");
  const auto protocol = venues::make_protocol(venues::Venue::kCryptoCom, venues::Feed::kBooks, {instrument});
  venues::Frame frame;
  std::uint64_t next = 0;
  for (auto _ : state) {
    protocol->read(messages()[next++ % kMessages], frame);
    benchmark::DoNotOptimize(frame.levels.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(message_floor_read);

}  // namespace
}  // namespace navkeeper::pricing
