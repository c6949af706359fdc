// Feeds joined to a tape, on real sockets: what the venue traded is stored once, whatever goes away in
// between.
#include "services/pricing/adapters/tape_collector.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "tests/support/coinbase_on_loopback.h"
#include "tests/unit/services/pricing/venues/memory_tape.h"

namespace navkeeper::pricing {
namespace {

using tests::CoinbaseOnLoopback;

class TapeCollectorTest : public ::testing::Test {
 protected:
  TapeCollectorTest() {
    limits_.tape.linger = std::chrono::milliseconds(5);
    limits_.tape.retry_first = std::chrono::milliseconds(5);
    limits_.tape.retry_max = std::chrono::milliseconds(20);
    limits_.session.back_off_first = time::Duration::milliseconds(20);
    limits_.session.history_lag = time::Duration::milliseconds(100);
    limits_.session.reorder_grace = time::Duration::milliseconds(50);
  }
  std::unique_ptr<TapeCollector> collector(const std::vector<std::string>& pairs = {"BTC/USD"}) {
    VenueSettings settings;
    settings.venue = venues::Venue::kCoinbase;
    for (const std::string& pair : pairs)
      settings.instruments.push_back(*venues::instrument_of(settings.venue, pair));
    settings.trades = true;
    settings.socket_base = venue_.socket_url();
    settings.rest_base = venue_.rest_url();
    auto made = std::make_unique<TapeCollector>(
        std::vector<VenueSettings>{settings}, CollectorSurroundings{store_, clock_, wall_, logger_, metrics_},
        limits_);
    made->start();
    return made;
  }
  tests::MadeTrade next(const std::string& price = "10.5") {
    return {.id = ++id_, .ms = wall_.now().ns() / 1'000'000, .price = price};
  }
  bool stored(std::size_t rows) {
    return store_.wait_for([&](const MemoryTape& tape) { return tape.rows().size() >= rows; });
  }
  std::string metric(const std::string& name) {
    const std::string text = metrics_.to_text();
    const std::string line = name + "{venue=\"coinbase\"} ";
    const auto at = text.find(line);
    return at == std::string::npos ? "absent"
                                   : text.substr(at + line.size(), text.find('\n', at) - at - line.size());
  }
  void expect_all_stored_once() {
    std::vector<std::string> ids;
    for (const auto& [id, price] : store_.rows()) ids.push_back(id);
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(id_));
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
  }

  bool logged(const std::string& words) {
    const std::lock_guard lock(log_mutex_);
    return std::ranges::any_of(lines_,
                               [&](const std::string& line) { return line.find(words) != line.npos; });
  }

  /// The machine's clock, and one that may be wrong.
  struct WrongClock final : time::Clock {
    time::Instant now() const override {
      return time::SystemClock().now() + time::Duration::milliseconds(off_ms);
    }
    std::atomic<std::int64_t> off_ms{0};
  };
  time::SystemClock wall_;
  WrongClock clock_;
  std::mutex log_mutex_;
  std::vector<std::string> lines_;
  log::Logger logger_{"pricing", log::Level::kInfo, wall_, [this](std::string_view line) {
                        const std::lock_guard lock(log_mutex_);
                        lines_.emplace_back(line);
                      }};
  runtime::Metrics metrics_;
  CollectorLimits limits_;
  MemoryTape store_;
  CoinbaseOnLoopback venue_;
  std::uint64_t id_ = 0;
};

TEST_F(TapeCollectorTest, WhatIsReceivedIsStoredAndCounted) {
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 100; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(100));
  running->stop();
  expect_all_stored_once();
  EXPECT_EQ(metric("navkeeper_tape_received_total"), "100");
  EXPECT_EQ(metric("navkeeper_tape_acknowledged_total"), "100");
  EXPECT_EQ(metric("navkeeper_tape_stored_total"), "100");
  EXPECT_EQ(store_.notes().back(), "counts");
}

TEST_F(TapeCollectorTest, ANewStartFetchesWhatWasMissedMeanwhile) {
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 10; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(10));
  running.reset();
  for (int i = 0; i < 50; ++i) venue_.trade(next(), false);
  running = collector();
  venue_.wait_for_subscription(2);
  venue_.trade(next());
  EXPECT_TRUE(stored(61));
  running->stop();
  expect_all_stored_once();
  EXPECT_EQ(metric("navkeeper_tape_gaps_found_total"), "1");
  EXPECT_EQ(metric("navkeeper_tape_gaps_abandoned_total"), "0");
}

TEST_F(TapeCollectorTest, AGapThatAnEarlierSessionGaveUpIsFetchedLater) {
  for (int i = 0; i < 3; ++i) venue_.trade(next(), false);  // The tape begins behind them.
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 5; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(5));
  running.reset();
  AbandonedGap gap;
  gap.first = 1;
  gap.last = 3;
  gap.noted_ns = clock_.now().ns();
  store_.set_abandoned({gap});
  limits_.session.again_first = time::Duration::milliseconds(50);
  running = collector();
  EXPECT_TRUE(stored(8));
  EXPECT_TRUE(store_.wait_for([](const MemoryTape& tape) {
    return std::count(tape.notes().begin(), tape.notes().end(), "gap_closed") == 1;
  }));
  running->stop();
  expect_all_stored_once();
  EXPECT_EQ(metric("navkeeper_tape_gaps_lost_total"), "0");
}

TEST_F(TapeCollectorTest, AStoreThatIsAwayForTooLongLosesNothing) {
  limits_.tape.queue_max = 20;
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 10; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(10));
  store_.set_away(true);
  for (int i = 0; i < 200; ++i) venue_.trade(next());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (metric("navkeeper_tape_hang_ups_total") != "1" && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  EXPECT_EQ(metric("navkeeper_tape_hang_ups_total"), "1");
  for (int i = 0; i < 50; ++i) venue_.trade(next());
  store_.set_away(false);
  venue_.wait_for_subscription(2);
  limits_.tape.queue_max = 200'000;
  venue_.trade(next());
  // A backfill larger than the queue may be left and begun again; it gets further each time.
  EXPECT_TRUE(stored(261));
  running->stop();
  expect_all_stored_once();
}

TEST_F(TapeCollectorTest, ACopyThatSaysSomethingElseIsStoredBesideTheFirst) {
  auto running = collector();
  venue_.wait_for_subscription(1);
  const auto made = next();
  venue_.trade(made);
  venue_.say(CoinbaseOnLoopback::match(made));
  tests::MadeTrade other = made;
  other.price = "10.6";
  venue_.say(CoinbaseOnLoopback::match(other));
  venue_.trade(next());
  EXPECT_TRUE(stored(3));
  running->stop();
  EXPECT_TRUE(store_.rows().contains({"1", "10.6"}));
  EXPECT_EQ(metric("navkeeper_tape_contradictions_total"), "1");
  EXPECT_EQ(metric("navkeeper_tape_duplicates_total"), "1");
}

TEST_F(TapeCollectorTest, TradesDatedFarOffTheClockAreRefusedAndSaid) {
  auto running = collector();
  venue_.wait_for_subscription(1);
  tests::MadeTrade ahead = next();
  ahead.ms += 120'000;
  venue_.trade(ahead);
  tests::MadeTrade behind = next();
  behind.ms -= 40LL * 86'400'000;
  venue_.trade(behind);
  venue_.trade(next());
  EXPECT_TRUE(stored(1));
  running->stop();
  EXPECT_EQ(store_.rows().size(), 1U);
  EXPECT_EQ(metric("navkeeper_tape_refused_total"), "2");
  EXPECT_EQ(std::count(store_.notes().begin(), store_.notes().end(), "refused"), 2);
}

TEST_F(TapeCollectorTest, TradesRefusedWhileTheClockWasWrongAreFetchedOnceItIsRight) {
  limits_.refused.quiet = time::Duration::milliseconds(300);
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 10; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(10));
  clock_.off_ms = -90'000;
  for (int i = 0; i < 20; ++i) venue_.trade(next());
  while (metric("navkeeper_tape_refused_total") != "20")
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  clock_.off_ms = 0;
  for (int i = 0; i < 5; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(35)) << "the place moved past what was refused";
  running->stop();
  expect_all_stored_once();
  EXPECT_TRUE(logged("feed: refused_ahead"));
  EXPECT_EQ(metric("navkeeper_tape_gaps_lost_total"), "0");
}

TEST_F(TapeCollectorTest, ATradeThatTheVenueKeepsDatingAheadIsGivenUpAndNoted) {
  limits_.refused.quiet = time::Duration::milliseconds(50);
  limits_.refused.quiet_max = time::Duration::milliseconds(50);
  limits_.refused.sessions_max = 2;
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 3; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(3));
  tests::MadeTrade wrong = next();
  wrong.ms += 2LL * 86'400'000;
  venue_.trade(wrong);
  for (int session = 1; metric("navkeeper_tape_gaps_lost_total") == "0" && session < 40; ++session) {
    venue_.trade(next());
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  EXPECT_EQ(metric("navkeeper_tape_gaps_lost_total"), "1");
  venue_.trade(next());
  EXPECT_TRUE(stored(static_cast<std::size_t>(id_) - 1));
  running->stop();
  EXPECT_EQ(std::count(store_.notes().begin(), store_.notes().end(), "gap_lost"), 1);
}

TEST_F(TapeCollectorTest, APairThatTheVenueRefusesDoesNotKeepTheOthersOut) {
  auto running = collector({"BTC/USD", "XYZ/USD"});
  venue_.wait_for_subscription(1);
  venue_.say(R"({"type":"error","message":"Failed to subscribe","reason":"XYZ-USD is not a valid product"})");
  venue_.wait_for_subscription(2);
  for (int i = 0; i < 500 && !logged("feed: pair_left_out"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // The session may have asked once more by itself before it was told to leave the pair out.
  const int asked = venue_.subscriptions();
  EXPECT_LE(asked, 3);
  for (int i = 0; i < 10; ++i) venue_.trade(next());
  EXPECT_TRUE(stored(10));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(venue_.subscriptions(), asked) << "no endless asking";
  running->stop();
  EXPECT_TRUE(logged("feed: venue_error")) << "troubles reach the log";
  EXPECT_TRUE(logged("feed: pair_left_out"));
  EXPECT_TRUE(logged("XYZ/USD"));
}

TEST_F(TapeCollectorTest, UpToWhereTheMarketIsWholeIsSaid) {
  limits_.wholes_every = std::chrono::milliseconds(200);
  auto running = collector();
  venue_.wait_for_subscription(1);
  const std::int64_t begun = wall_.now().ns();
  for (int i = 0; i < 10; ++i) {
    venue_.trade(next());
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(store_.wait_for([&](const MemoryTape& tape) {
    const auto whole = tape.wholes().find("BTC/USD");
    return whole != tape.wholes().end() && whole->second.until_ns > begun;
  }));
  running->stop();
  EXPECT_FALSE(store_.wholes().at("BTC/USD").resumed);
  EXPECT_LE(store_.wholes().at("BTC/USD").until_ns, wall_.now().ns() - 100'000'000);
}

TEST_F(TapeCollectorTest, APeerThatSaysNonsenseForEverFillsNoNotes) {
  limits_.notes_a_minute_max = 5;
  auto running = collector();
  venue_.wait_for_subscription(1);
  for (int i = 0; i < 500; ++i) {
    tests::MadeTrade made = next();
    made.price = "0";
    venue_.say(CoinbaseOnLoopback::match(made));
  }
  id_ = 500;
  venue_.trade(next());
  EXPECT_TRUE(stored(1));
  running->stop();
  EXPECT_LE(std::count(store_.notes().begin(), store_.notes().end(), "refused"), 10) << "two minutes at most";
}

}  // namespace
}  // namespace navkeeper::pricing
