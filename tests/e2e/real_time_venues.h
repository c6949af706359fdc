#pragma once
// Two venues that speak their real protocols on loopback, and the real-time index that is made of them: for
// the e2e tests of the index and of what is made from it.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "common/http/websocket.h"

namespace navkeeper::tests {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// Long enough for a loaded machine under sanitizers; nothing waits for it when all is well.
inline constexpr seconds kPatience{120};

inline constexpr const char* kIndex = R"(kind = "real_time"
id = "NK_TEST_RT"
pair = "BTC/USD"
[[version]]
from = 2026-01-01
venues = ["bitstamp", "crypto_com", "kraken"]
book_age_max_ms = 3000
minimum_venues = 2
crossed = "keep"
spacing = "1"
spread_max = "0.005"
decay_rule = "depth"
decay = "0.3"
decimals = 2
rounding = "half_even"
[version.screen]
deviation_max = "0.05"
deviation_readmit = "0.025"
reference = "others"
)";

inline std::int64_t now_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// A venue's websocket: says something to everybody who subscribed, ten times a second, while it is not
/// silent.
class TestVenue {
 public:
  /// `first` is said once to a subscriber, `next` again and again; both get a running number.
  using Say = std::function<std::string(std::uint64_t number)>;
  TestVenue(Say first, Say next) : first_(std::move(first)), next_(std::move(next)) {
    http::WebSocketServerOptions options;
    options.on_text = [this](http::WebSocketPeer peer, std::string_view text) {
      if (text.find("subscribe") == std::string_view::npos) return;
      const std::lock_guard lock(mutex_);
      if (peers_.insert(peer).second) server_->send(peer, first_(number_));
    };
    options.on_close = [this](http::WebSocketPeer peer) {
      const std::lock_guard lock(mutex_);
      peers_.erase(peer);
    };
    server_ = std::make_unique<http::WebSocketServer>(std::move(options));
    thread_ = std::thread([this] { run(); });
  }
  ~TestVenue() {
    stopping_ = true;
    thread_.join();
    server_->stop();
  }
  std::string url() const { return server_->url(); }
  void silence(bool silent) { silent_ = silent; }

 private:
  void run() {
    for (; !stopping_; std::this_thread::sleep_for(milliseconds(100))) {
      if (silent_) continue;
      const std::lock_guard lock(mutex_);
      ++number_;
      for (const http::WebSocketPeer peer : peers_) server_->send(peer, next_(number_));
    }
  }

  Say first_;
  Say next_;
  std::mutex mutex_;
  std::set<http::WebSocketPeer> peers_;
  std::uint64_t number_ = 1;
  std::atomic<bool> silent_{false};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<http::WebSocketServer> server_;
  std::thread thread_;
};

inline std::string bitstamp_book(std::uint64_t number) {
  const std::string cents = std::to_string(10 + number % 90);
  return R"({"data":{"timestamp":")" + std::to_string(now_ms() / 1000) + R"(","microtimestamp":")" +
         std::to_string(now_ms() * 1000) + R"(","bids":[["83999.)" + cents +
         R"(","5.5"],["83990.00","20"]],)" + R"("asks":[["84001.)" + cents +
         R"(","4.25"],["84010.00","20"]]},"event":"data","channel":"order_book_btcusd"})";
}

inline std::string crypto_com_book(bool whole, std::uint64_t number) {
  const std::string sides = R"("bids":[["83998.00",")" + std::to_string(1 + number % 9) +
                            R"(","1"]],"asks":[["84002.00","3","1"]])";
  const std::string data = whole ? sides : R"("update":{)" + sides + "}";
  return R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":"BTC_USD","subscription":"book.BTC_USD.50","channel":")" +
         std::string(whole ? "book" : "book.update") + R"(","depth":50,"data":[{)" + data + R"(,"t":)" +
         std::to_string(now_ms()) + R"(,"tt":)" + std::to_string(now_ms()) + R"(,"u":)" +
         std::to_string(number) + (whole ? std::string() : R"(,"pu":)" + std::to_string(number - 1)) +
         R"(,"cs":1}]}})";
}

}  // namespace navkeeper::tests
