// Feeds joined to a tape, on real sockets: what the venue traded is stored once, whatever goes away in
// between.
#include "services/pricing/adapters/tape_collector.h"

#include <gtest/gtest.h>

#include <algorithm>

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
  std::unique_ptr<TapeCollector> collector() {
    VenueSettings settings;
    settings.venue = venues::Venue::kCoinbase;
    settings.instruments = {*venues::instrument_of(settings.venue, "BTC/USD")};
    settings.trades = true;
    settings.socket_base = venue_.socket_url();
    settings.rest_base = venue_.rest_url();
    auto made = std::make_unique<TapeCollector>(
        std::vector<VenueSettings>{settings},
        CollectorSurroundings{store_, clock_, clock_, logger_, metrics_}, limits_);
    made->start();
    return made;
  }
  tests::MadeTrade next(const std::string& price = "10.5") {
    return {.id = ++id_, .ms = clock_.now().ns() / 1'000'000, .price = price};
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

  time::SystemClock clock_;
  log::Logger logger_ = log::Logger::silent();
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
