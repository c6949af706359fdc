#pragma once
// One simulated venue as its documentation describes it: what it says on its websocket and answers over REST.
// Text in, text out; sockets, clocks and faults are the server's (venue_server.h). Written from the documents
// of the venues, not from the adapters of the pricing service, so that a misreading on one side shows.
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/router.h"
#include "common/json/value.h"
#include "services/sandbox/exchange.h"

namespace navkeeper::sandbox {

/// One connection.
struct Peer {
  std::uint64_t id = 0;
  time::Instant connected_at;  ///< by the connection's clock, like all of these
  time::Instant beat_at;       ///< when the last heartbeat was sent
  bool subscribed = false;     ///< to anything
  bool heartbeats = false;     ///< it asked for them
  bool closed = false;
  std::uint64_t sequence = 0;       ///< of the next message, where a connection's messages are numbered
  std::uint64_t awaited_beat = 0;   ///< the heartbeat that it has not answered; 0: none
  std::vector<bool> trades;         ///< by market
  std::vector<bool> beats;          ///< by market, where heartbeats are
  std::vector<std::size_t> levels;  ///< of the book, by market; 0: not subscribed
  std::int64_t second = 0;          ///< of the last message, and how many came in it
  int messages_in_second = 0;
};

enum class FrameKind : std::uint8_t { kAnswer, kHeartbeat, kTrade, kBook };

/// What a venue may do to the world outside. Calls happen under the server's lock.
class Outlet {
 public:
  virtual ~Outlet() = default;
  virtual void send(Peer& peer, std::string text, FrameKind kind) = 0;
  virtual void close(Peer& peer) = 0;
  virtual time::Instant connection_time() const = 0;
  virtual time::Instant world_time() const = 0;
  virtual std::map<std::uint64_t, Peer>& peers() = 0;
};

/// How many requests REST takes: `burst` at once, one more after each `refill`; who asks more waits `block`.
struct RateRule {
  int burst = 10;
  time::Duration refill = time::Duration::milliseconds(100);
  time::Duration block = {};
};

/// One market while it runs: what it has printed, and the book as it was last shown.
struct Board {
  Market market;
  std::deque<Print> tape = {};  ///< oldest first, as printed, faults and all; as long as history reaches back
  Depth depth = {};
  std::uint64_t book_sequence = 0;
};

class Venue {
 public:
  Venue(const World& world, std::string_view exchange_name, std::int64_t activity);
  virtual ~Venue() = default;
  Venue(const Venue&) = delete;
  Venue& operator=(const Venue&) = delete;

  const Exchange& exchange() const { return exchange_; }
  std::vector<Board>& boards() { return boards_; }
  const std::vector<Board>& boards() const { return boards_; }
  void join(Outlet& outlet) { outlet_ = &outlet; }

  /// Of its endpoints: the exchange's name, but for Coinbase's second one.
  virtual std::string_view name() const { return exchange_.name; }
  /// Whether its prints are the exchange's tape.
  virtual bool prints() const { return true; }
  virtual std::string_view target() const = 0;  ///< path of its websocket
  virtual RateRule rate_rule() const = 0;
  virtual int messages_a_second_max() const { return 100; }
  /// Without a subscription for so long a connection is closed; zero: never.
  virtual time::Duration subscribe_within() const { return {}; }
  virtual http::Response too_many_requests() const = 0;

  virtual void opened(Peer&) {}
  virtual void received(Peer& peer, std::string_view text) = 0;
  /// Several times a second, by the connection's clock.
  virtual void beat(Peer&) {}
  virtual void printed(std::size_t market, std::span<const Print> prints) = 0;
  virtual void moved_book(std::size_t, const Depth&) {}  ///< the one before; boards() has the present one
  virtual void add_routes(http::Router& router) = 0;

 protected:
  Outlet& outlet() const { return *outlet_; }
  const Board& board(std::size_t market) const { return boards_[market]; }
  const Listing& listing(std::size_t market) const { return boards_[market].market.listing(); }
  std::string id_of(std::size_t market, const Print& print) const;
  std::string price(std::size_t market, std::int64_t ticks) const;
  std::string size(std::size_t market, std::int64_t units) const;

  std::optional<std::size_t> market_of(std::string_view symbol) const;
  std::optional<std::size_t> rest_market_of(std::string_view symbol) const;
  void send(Peer& peer, std::string text, FrameKind kind = FrameKind::kAnswer) {
    outlet_->send(peer, std::move(text), kind);
  }
  /// To everybody who takes the market's trades.
  void send_to_takers(std::size_t market, const std::string& text);
  void each_reader(std::size_t market, const std::function<void(Peer&, std::size_t levels)>& visit);
  /// True once in each `every` of the connection's clock.
  bool beat_is_due(Peer& peer, time::Duration every) const;
  /// The last `count` prints, oldest first.
  std::vector<Print> recent(std::size_t market, std::size_t count) const;
  /// Those that `wanted` names, oldest first.
  std::vector<Print> prints_where(std::size_t market, const std::function<bool(const Print&)>& wanted) const;

 private:
  const Exchange& exchange_;
  std::vector<Board> boards_;
  Outlet* outlet_ = nullptr;
};

std::unique_ptr<Venue> make_bitstamp(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_bullish(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_coinbase(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_coinbase_advanced(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_crypto_com(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_gemini(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_kraken(const World& world, std::int64_t activity);
std::unique_ptr<Venue> make_lmax(const World& world, std::int64_t activity);
/// All of them.
std::vector<std::unique_ptr<Venue>> make_venues(const World& world, std::int64_t activity);

// --- small helpers of the venues
/// Levels that differ between two books cut to `levels`: with their new size, zero where a level is gone.
std::vector<DepthLevel> changed_levels(std::span<const DepthLevel> before, std::span<const DepthLevel> now,
                                       std::size_t levels);
/// RFC 3339 with that many digits of a second.
std::string utc(time::Instant instant, int digits);
std::int64_t milliseconds(time::Instant instant);
std::int64_t microseconds(time::Instant instant);
/// A query parameter as a whole number from `low` to `high`; nothing when it is none of them.
std::optional<std::int64_t> whole(std::string_view text, std::int64_t low, std::int64_t high);
/// The text of a member that is a string, else "".
std::string_view text_of(const json::Value& object, std::string_view key);
/// The strings of a list, or of one string; nothing when it is neither.
std::optional<std::vector<std::string>> texts_of(const json::Value* value);
/// What a member was written as: a number or a quoted string; `otherwise` when there is none.
std::string token_of(const json::Value& object, std::string_view key, std::string_view otherwise);

}  // namespace navkeeper::sandbox
