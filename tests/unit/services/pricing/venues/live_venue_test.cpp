// A session on real sockets: websocket and REST on loopback, with a hole, a hang-up and garbage on the way.
#include "services/pricing/adapters/venues/live_venue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/http/server.h"
#include "common/http/websocket.h"
#include "tests/unit/services/pricing/venues/rest_model.h"
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

/// Coinbase on loopback.
class CoinbaseOnLoopback {
 public:
  CoinbaseOnLoopback() {
    http::Router router;
    router.get("/products/BTC-USD/trades", [this](const http::Request& request) {
      std::string query;
      for (const auto& [name, value] : request.query)
        query += (query.empty() ? "" : "&") + name + "=" + value;
      const std::lock_guard lock(mutex_);
      ++requests_;
      return http::Response::json(answer(Venue::kCoinbase, tape_, {"", query}, 1000));
    });
    rest_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
    rest_->start();
    http::WebSocketServerOptions options;
    options.on_text = [this](http::WebSocketPeer peer, std::string_view text) {
      EXPECT_NE(text.find("subscribe"), std::string_view::npos);
      socket_->send(peer, R"({"type":"subscriptions","channels":[]})");
      const std::lock_guard lock(mutex_);
      peer_ = peer;
      ++subscriptions_;
      changed_.notify_all();
    };
    socket_ = std::make_unique<http::WebSocketServer>(std::move(options));
  }

  http::WebSocketPeer wait_for_subscription(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kLong, [&] { return subscriptions_ >= count; }));
    return peer_;
  }
  void trade(std::uint64_t id, bool send) {
    const std::int64_t ms = 1'700'000'000'000 + static_cast<std::int64_t>(id);
    http::WebSocketPeer peer = 0;
    {
      const std::lock_guard lock(mutex_);
      tape_.push_back({id, ms});
      peer = peer_;
    }
    if (!send) return;
    socket_->send(
        peer, R"({"type":"match","trade_id":)" + std::to_string(id) +
                  R"(,"side":"sell","size":"1","price":"10.5","product_id":"BTC-USD","sequence":1,"time":")" +
                  to_utc_ms(ms * 1'000'000) + R"("})");
  }
  http::WebSocketServer& socket() { return *socket_; }
  http::Server& rest() { return *rest_; }
  int requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Made> tape_;
  http::WebSocketPeer peer_ = 0;
  int subscriptions_ = 0;
  int requests_ = 0;
  std::unique_ptr<http::Server> rest_;
  std::unique_ptr<http::WebSocketServer> socket_;
};

TEST(LiveVenue, HoleHangUpAndGarbageLoseNothingAndCountNothingTwice) {
  CoinbaseOnLoopback venue;
  const auto protocol = coinbase_btc();
  Collector sink;
  const time::SystemClock clock;
  LiveVenue live(*protocol, sink, clock,
                 {.socket_base = venue.socket().url(), .rest_base = venue.rest().url()});
  live.start();
  http::WebSocketPeer peer = venue.wait_for_subscription(1);
  for (const std::uint64_t id : {100U, 101U, 102U}) venue.trade(id, true);
  EXPECT_EQ(sink.wait_for(3), (std::vector<std::uint64_t>{100, 101, 102}));
  venue.trade(103, false);
  venue.trade(104, true);
  EXPECT_EQ(sink.wait_for(5), (std::vector<std::uint64_t>{100, 101, 102, 103, 104}));
  EXPECT_GE(venue.requests(), 1);
  venue.socket().drop(peer);
  venue.trade(105, false);
  peer = venue.wait_for_subscription(2);
  venue.trade(106, true);
  EXPECT_EQ(sink.wait_for(7).back(), 106U);
  venue.socket().send(peer, "{garbage");
  venue.trade(107, false);
  venue.wait_for_subscription(3);
  venue.trade(108, true);
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
