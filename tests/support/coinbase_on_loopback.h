#pragma once
// A venue that speaks Coinbase Exchange's websocket and REST protocols on loopback, for BTC-USD: what a test
// trades on it is its history from then on, and is sent to whoever is subscribed, or kept from them.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/http/server.h"
#include "common/http/websocket.h"

namespace navkeeper::tests {

struct MadeTrade {
  std::uint64_t id = 0;
  std::int64_t ms = 0;
  std::string price = "10.5";
  std::string size = "1";
};

class CoinbaseOnLoopback {
 public:
  CoinbaseOnLoopback();
  ~CoinbaseOnLoopback();
  CoinbaseOnLoopback(const CoinbaseOnLoopback&) = delete;
  CoinbaseOnLoopback& operator=(const CoinbaseOnLoopback&) = delete;

  std::string socket_url() const { return socket_->url(); }
  std::string rest_url() const { return rest_->url(); }
  http::WebSocketServer& socket() { return *socket_; }

  /// Waits until there have been so many subscriptions; gives the last one's peer.
  http::WebSocketPeer wait_for_subscription(int count);
  int subscriptions();
  int requests();
  /// Ids must grow. `send` false: only the history has it.
  void trade(const MadeTrade& made, bool send = true);
  /// To whoever is subscribed, whatever it is.
  void say(const std::string& text);
  void hang_up();
  std::vector<MadeTrade> tape();

  static std::string match(const MadeTrade& made, const std::string& type = "match");

 private:
  std::string history(std::uint64_t after, std::size_t limit);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<MadeTrade> tape_;
  http::WebSocketPeer peer_ = 0;
  int subscriptions_ = 0;
  int requests_ = 0;
  std::unique_ptr<http::Server> rest_;
  std::unique_ptr<http::WebSocketServer> socket_;
};

}  // namespace navkeeper::tests
