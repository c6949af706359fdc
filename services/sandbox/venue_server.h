#pragma once
// A simulated venue on loopback: its websocket and its REST server, the connections' life, and the faults.
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/http/server.h"
#include "common/http/websocket.h"
#include "common/time/clock.h"
#include "services/sandbox/fault.h"
#include "services/sandbox/simulated_trades.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {

struct VenueServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t socket_port = 0;  ///< 0: any free one
  std::uint16_t rest_port = 0;
  std::optional<http::ServerTls> tls = {};
  time::Instant start;                                ///< of the world
  time::Duration history = time::Duration::hours(1);  ///< so much further back the tapes reach
  time::Instant until = time::Instant::latest();      ///< nothing happens in the world from here on
  /// Called for every trade that is printed from `start` on.
  std::function<void(const SimulatedTrade&)> on_print = {};
};

class VenueServer final : private Outlet {
 public:
  /// Listens. The clocks, the world of `venue` and `faults` must outlive this.
  VenueServer(std::unique_ptr<Venue> venue, VenueServerOptions options, const FaultBoard& faults,
              const time::Clock& world_clock, const time::Clock& connection_clock);
  ~VenueServer() override;

  /// Prints, books, heartbeats and time-outs up to now. To be called often, by one thread.
  void advance();
  void stop();

  std::string name() const { return std::string(venue_->name()); }
  std::uint16_t socket_port() const { return socket_->port(); }
  std::uint16_t rest_port() const { return rest_->port(); }
  std::uint64_t messages_sent() const { return sent_; }
  /// What was printed in [from, until), as far as the history still holds it.
  std::vector<SimulatedTrade> tape(time::Instant from, time::Instant until) const;
  /// Whether it prints trades of its own.
  bool prints() const;

 private:
  struct Feed {  ///< a market's prints that are still to come
    std::int64_t hour = 0;
    std::vector<Print> prints;
    std::size_t next = 0;
    std::uint64_t withheld = 0;  ///< prints that a halt kept from happening: numbers go on without holes
  };
  struct Late {
    time::Instant due;
    std::uint64_t peer;
    std::string text;
  };

  void send(Peer& peer, std::string text, FrameKind kind) override;
  void close(Peer& peer) override;
  time::Instant connection_time() const override { return connection_clock_.now(); }
  time::Instant world_time() const override;
  std::map<std::uint64_t, Peer>& peers() override { return peers_; }

  bool has(Fault fault) const { return faults_.active(venue_->exchange().name, fault, world_time()); }
  void deliver(Peer& peer, std::string text);
  void fill_history();
  std::vector<Print> due_prints(std::size_t market, time::Instant now);
  bool happens(Print& print, Feed& feed) const;
  void print_trades(time::Instant now);
  void move_books(time::Instant now);
  Depth shown_depth(const Market& market, std::int64_t second) const;
  void tend_connections();
  void release_late();
  http::Response guard(const http::Request& request, const http::Handler& inner);
  bool take_request();
  SimulatedTrade trade_of(const Board& board, const Print& print) const;
  void open_sockets();

  std::unique_ptr<Venue> venue_;
  VenueServerOptions options_;
  const FaultBoard& faults_;
  const time::Clock& world_clock_;
  const time::Clock& connection_clock_;

  mutable std::mutex mutex_;  // Guards what follows, and the venue.
  std::map<std::uint64_t, Peer> peers_;
  std::vector<Feed> feeds_;
  std::int64_t shown_second_ = 0;
  std::map<std::uint64_t, std::string> held_;  ///< by peer: a message that waits for the one after it
  std::deque<Late> late_;
  std::uint64_t trade_messages_ = 0;  ///< counted while a fault picks some of them
  std::uint64_t book_messages_ = 0;
  std::uint64_t answers_ = 0;
  int tokens_ = 0;
  time::Instant refilled_at_;
  time::Instant blocked_until_ = time::Instant::earliest();
  std::atomic<std::uint64_t> sent_{0};

  std::unique_ptr<http::Server> rest_;
  std::unique_ptr<http::WebSocketServer> socket_;
};

}  // namespace navkeeper::sandbox
