// A session on real sockets: websocket and REST on loopback, with a hole, a hang-up and garbage on the way.
#include "services/pricing/adapters/venues/live_venue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/coinbase_on_loopback.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr std::chrono::seconds kLong{60};

class Collector final : public SessionSink {
 public:
  void trade(const ReceivedTrade& received) override {
    const std::lock_guard lock(mutex_);
    numbers_.push_back(received.trade.number);
    changed_.notify_all();
  }
  void quote(const Quote&, std::int64_t) override {}
  void book(std::uint16_t, const LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const SessionNote&) override {}

  std::vector<std::uint64_t> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLong, [&] { return numbers_.size() >= count; });
    return numbers_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> numbers_;
};

/// A trade that carries its id in its time.
tests::MadeTrade numbered(std::uint64_t id) {
  return {.id = id, .ms = 1'700'000'000'000 + static_cast<std::int64_t>(id)};
}

TEST(LiveVenue, HoleHangUpAndGarbageLoseNothingAndCountNothingTwice) {
  tests::CoinbaseOnLoopback venue;
  const auto protocol = coinbase_btc();
  Collector sink;
  const time::SystemClock clock;
  LiveVenue live(*protocol, sink, clock, {.socket_base = venue.socket_url(), .rest_base = venue.rest_url()});
  live.start();
  http::WebSocketPeer peer = venue.wait_for_subscription(1);
  for (const std::uint64_t id : {100U, 101U, 102U}) venue.trade(numbered(id), true);
  EXPECT_EQ(sink.wait_for(3), (std::vector<std::uint64_t>{100, 101, 102}));
  venue.trade(numbered(103), false);
  venue.trade(numbered(104), true);
  EXPECT_EQ(sink.wait_for(5), (std::vector<std::uint64_t>{100, 101, 102, 103, 104}));
  EXPECT_GE(venue.requests(), 1);
  venue.socket().drop(peer);
  venue.trade(numbered(105), false);
  peer = venue.wait_for_subscription(2);
  venue.trade(numbered(106), true);
  EXPECT_EQ(sink.wait_for(7).back(), 106U);
  venue.socket().send(peer, "{garbage");
  venue.trade(numbered(107), false);
  venue.wait_for_subscription(3);
  venue.trade(numbered(108), true);
  EXPECT_EQ(sink.wait_for(9), (std::vector<std::uint64_t>{100, 101, 102, 103, 104, 105, 106, 107, 108}));
  live.stop();
  EXPECT_EQ(live.counters().trades, 9U);
  EXPECT_EQ(live.counters().reconnects, 2U);
  EXPECT_EQ(live.counters().gaps_abandoned, 0U);
  EXPECT_EQ(live.state(), VenueSession::State::kStopped);
}

TEST(LiveVenue, AVenueThatIsNotThereIsTriedAgainUntilStopped) {
  const auto protocol = coinbase_btc();
  Collector sink;
  const time::SystemClock clock;
  LiveVenueOptions options{.socket_base = "ws://127.0.0.1:1", .rest_base = "http://127.0.0.1:1"};
  options.limits.back_off_first = time::Duration::milliseconds(10);
  LiveVenue live(*protocol, sink, clock, options);
  live.start();
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (live.counters().reconnects < 3 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_GE(live.counters().reconnects, 3U);
  live.stop();
  EXPECT_EQ(live.state(), VenueSession::State::kStopped);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
