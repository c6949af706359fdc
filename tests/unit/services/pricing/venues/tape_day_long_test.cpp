// A day of one venue's messages, faster than the clock, through session, queue and batches: memory stays flat
// and nothing waits without bound.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/venue_session.h"
#include "services/pricing/app/tape_writer.h"
#include "tests/support/coinbase_on_loopback.h"

namespace navkeeper::pricing {
namespace {

constexpr std::uint64_t kMessages = 2'000'000;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  file >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Counts; keeps nothing.
class CountingTape final : public TapeStore {
 public:
  std::vector<std::vector<TapeTrade>> begin(const Feed&, time::Instant, const std::string&) override {
    return {};
  }
  std::vector<AbandonedGap> abandoned_gaps(const Feed&, time::Instant) override { return {}; }
  TapeWritten write(const TapeBatch& batch, time::Instant) override {
    stored += batch.trades.size();
    return {};
  }
  void prepare(time::Date, time::Date) override {}
  std::uint64_t stored = 0;
};

class Silent final : public TapeObserver {
 public:
  void acknowledged(const TapeBatch&, const TapeWritten&) override {}
  void write_failed(const std::string&, int) override {}
};

class IntoWriter final : public venues::SessionSink {
 public:
  explicit IntoWriter(TapeWriter& writer) : writer_(writer) {}
  void trade(const venues::ReceivedTrade& received) override {
    TapeTrade trade;
    trade.feed = feed_;
    trade.id = received.trade.id.text();
    trade.message_hash = received.message_hash;
    while (!writer_.add(trade)) std::this_thread::yield();  // Here the source can wait.
  }
  void quote(const venues::Quote&, std::int64_t) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const venues::SessionNote&) override {}

 private:
  TapeWriter& writer_;
  std::shared_ptr<const Feed> feed_ = std::make_shared<Feed>(Feed{{}, "coinbase", {"BTC/USD"}, "", {true}});
};

TEST(TapeDay, ADaysMessagesLeaveMemoryFlat) {
  const std::int64_t start = time::Instant::literal("2026-03-11T00:00:00Z").ns();
  time::ManualClock clock(time::Instant::from_ns(start));
  CountingTape store;
  Silent observer;
  TapeLimits limits;
  limits.queue_max = 50'000;
  limits.linger = std::chrono::milliseconds(1);
  TapeWriter writer(store, clock, observer, limits);
  IntoWriter sink(writer);
  const auto protocol = venues::make_protocol(venues::Venue::kCoinbase, venues::Feed::kTrades,
                                              {*venues::instrument_of(venues::Venue::kCoinbase, "BTC/USD")});
  venues::VenueSession session(*protocol, sink, clock, [] { return std::uint64_t{1}; });
  session.start();
  session.on_connected();
  session.on_frame(R"({"type":"subscriptions","channels":[]})");
  std::size_t warm = 0;
  std::size_t deepest = 0;
  for (std::uint64_t id = 1; id <= kMessages; ++id) {
    clock.set(time::Instant::from_ns(start + static_cast<std::int64_t>(id) *
                                                 (kDayNs / static_cast<std::int64_t>(kMessages))));
    const auto text = tests::CoinbaseOnLoopback::match({.id = id, .ms = clock.now().ns() / 1'000'000});
    session.on_frame(text);
    if (id % 1000 == 0) {
      session.on_frame(text);  // A duplicate now and then.
      session.on_time();
      static_cast<void>(session.take_actions());
      deepest = std::max(deepest, writer.depth());
    }
    if (id == kMessages / 4) warm = resident_bytes();
  }
  ASSERT_TRUE(writer.wait_until_stored(std::chrono::minutes(5)));
  const std::size_t end = resident_bytes();
  EXPECT_EQ(store.stored, kMessages);
  EXPECT_EQ(session.counters().duplicates, kMessages / 1000);
  EXPECT_LE(deepest, limits.queue_max);
  RecordProperty("resident_at_a_quarter_MiB", static_cast<int>(warm >> 20));
  RecordProperty("resident_at_the_end_MiB", static_cast<int>(end >> 20));
  EXPECT_LT(end, warm + (std::size_t{32} << 20))
      << warm << " bytes after a quarter of the day, " << end << " at its end";
}

}  // namespace
}  // namespace navkeeper::pricing
