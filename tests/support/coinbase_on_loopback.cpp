#include "tests/support/coinbase_on_loopback.h"

#include <stdexcept>

#include "common/http/router.h"
#include "common/log/log.h"
#include "common/time/instant.h"

namespace navkeeper::tests {
namespace {

constexpr std::chrono::seconds kLong{60};

std::string time_of(const MadeTrade& made) { return time::Instant::from_ns(made.ms * 1'000'000).to_string(); }

std::uint64_t number_in(const http::Request& request, const char* name, std::uint64_t otherwise) {
  const std::string* const text = request.query_value(name);
  return text == nullptr ? otherwise : std::stoull(*text);
}

}  // namespace

CoinbaseOnLoopback::CoinbaseOnLoopback() {
  http::Router router;
  router.get("/products/BTC-USD/trades", [this](const http::Request& request) {
    return http::Response::json(
        history(number_in(request, "after", UINT64_MAX), number_in(request, "limit", 100)));
  });
  rest_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
  rest_->start();
  http::WebSocketServerOptions options;
  options.on_text = [this](http::WebSocketPeer peer, std::string_view text) {
    if (text.find("subscribe") == std::string_view::npos) return;
    socket_->send(peer, R"({"type":"subscriptions","channels":[]})");
    const std::lock_guard lock(mutex_);
    if (!tape_.empty()) socket_->send(peer, match(tape_.back(), "last_match"));
    peer_ = peer;
    ++subscriptions_;
    changed_.notify_all();
  };
  socket_ = std::make_unique<http::WebSocketServer>(std::move(options));
}

CoinbaseOnLoopback::~CoinbaseOnLoopback() {
  socket_->stop();
  rest_->stop();
}

http::WebSocketPeer CoinbaseOnLoopback::wait_for_subscription(int count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kLong, [&] { return subscriptions_ >= count; })) {
    throw std::runtime_error("nobody subscribed");
  }
  return peer_;
}

int CoinbaseOnLoopback::subscriptions() {
  const std::lock_guard lock(mutex_);
  return subscriptions_;
}

int CoinbaseOnLoopback::requests() {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void CoinbaseOnLoopback::trade(const MadeTrade& made, bool send) {
  http::WebSocketPeer peer = 0;
  {
    const std::lock_guard lock(mutex_);
    tape_.push_back(made);
    peer = peer_;
  }
  if (send) socket_->send(peer, match(made));
}

void CoinbaseOnLoopback::say(const std::string& text) {
  const std::lock_guard lock(mutex_);
  socket_->send(peer_, text);
}

void CoinbaseOnLoopback::hang_up() {
  const std::lock_guard lock(mutex_);
  socket_->drop(peer_);
}

std::vector<MadeTrade> CoinbaseOnLoopback::tape() {
  const std::lock_guard lock(mutex_);
  return tape_;
}

std::string CoinbaseOnLoopback::match(const MadeTrade& made, const std::string& type) {
  return R"({"type":")" + type + R"(","trade_id":)" + std::to_string(made.id) + R"(,"side":"sell","size":")" +
         made.size + R"(","price":")" + made.price + R"(","product_id":"BTC-USD","sequence":1,"time":")" +
         time_of(made) + R"("})";
}

/// Newest first, those before `after`.
std::string CoinbaseOnLoopback::history(std::uint64_t after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  ++requests_;
  std::string body;
  std::size_t rows = 0;
  for (auto made = tape_.rbegin(); made != tape_.rend() && rows < limit; ++made) {
    if (made->id >= after) continue;
    ++rows;
    body += R"(,{"time":")" + time_of(*made) + R"(","trade_id":)" + std::to_string(made->id) +
            R"(,"price":")" + made->price + R"(","size":")" + made->size + R"(","side":"buy"})";
  }
  return "[" + (body.empty() ? body : body.substr(1)) + "]";
}

}  // namespace navkeeper::tests
