#include "services/sandbox/venue_server.h"

#include <algorithm>
#include <utility>

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kNsAnHour = 3'600'000'000'000;
constexpr auto kHistory = time::Duration::hours(26);  // A day and what a test may be late.
/// When the machine cannot keep up, a book's older states are left out, as venues leave them out.
constexpr std::int64_t kBooksBehindMax = 20;
constexpr std::int64_t kOutlierPpm = 120'000;
constexpr std::int64_t kShiftedPlaces = 100;

std::string garbage_of(const std::string& text, std::uint64_t kind) {
  switch (kind % 3) {
    case 0:
      return text.substr(0, text.size() / 2);
    case 1:
      return "\xff\xfe" + text;
    default:
      return "<html><body>502 Bad Gateway</body></html>";
  }
}

}  // namespace

VenueServer::VenueServer(std::unique_ptr<Venue> venue, VenueServerOptions options, const FaultBoard& faults,
                         const time::Clock& world_clock, const time::Clock& connection_clock)
    : venue_(std::move(venue)),
      options_(std::move(options)),
      faults_(faults),
      world_clock_(world_clock),
      connection_clock_(connection_clock),
      feeds_(venue_->boards().size()),
      shown_second_(second_of(options_.start) - 1),
      tokens_(venue_->rate_rule().burst),
      refilled_at_(connection_clock.now()) {
  venue_->join(*this);
  fill_history();
  open_sockets();
}

VenueServer::~VenueServer() { stop(); }

void VenueServer::stop() {
  socket_->stop();
  rest_->stop(std::chrono::milliseconds(2'000));
}

void VenueServer::open_sockets() {
  http::Router router;
  {
    const std::lock_guard lock(mutex_);
    venue_->add_routes(router);
  }
  router.wrap(
      [this](const http::Request& request, const http::Handler& inner) { return guard(request, inner); });
  http::ServerOptions rest;
  rest.address = options_.address;
  rest.port = options_.rest_port;
  rest.handler_threads = 1;
  rest.tls = options_.tls;
  rest_ = std::make_unique<http::Server>(std::move(router), rest, log::Logger::silent());
  http::WebSocketServerOptions socket;
  socket.address = options_.address;
  socket.port = options_.socket_port;
  socket.tls = options_.tls;
  socket.on_open = [this](http::WebSocketPeer id, std::string_view target) {
    const std::lock_guard lock(mutex_);
    if (!socket_ || target.substr(0, target.find('?')) != venue_->target() || has(Fault::kDisconnect))
      return false;
    Peer& peer = peers_[id];
    peer.id = id;
    peer.connected_at = peer.beat_at = connection_time();
    peer.trades.resize(venue_->boards().size());
    peer.beats.resize(venue_->boards().size());
    peer.levels.resize(venue_->boards().size());
    venue_->opened(peer);
    return true;
  };
  socket.on_text = [this](http::WebSocketPeer id, std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto found = peers_.find(id);
    if (found == peers_.end() || found->second.closed) return;
    Peer& peer = found->second;
    const std::int64_t second = second_of(connection_time());
    peer.messages_in_second = peer.second == second ? peer.messages_in_second + 1 : 1;
    peer.second = second;
    if (peer.messages_in_second > venue_->messages_a_second_max()) return close(peer);
    venue_->received(peer, text);
  };
  socket.on_close = [this](http::WebSocketPeer id) {
    const std::lock_guard lock(mutex_);
    peers_.erase(id);
    held_.erase(id);
  };
  auto made = std::make_unique<http::WebSocketServer>(std::move(socket));
  {
    const std::lock_guard lock(mutex_);
    socket_ = std::move(made);
  }
  rest_->start();
}

time::Instant VenueServer::world_time() const { return std::min(world_clock_.now(), options_.until); }

bool VenueServer::prints() const { return venue_->prints() && venue_->exchange().name != "lmax"; }

SimulatedTrade VenueServer::trade_of(const Board& board, const Print& print) const {
  const Listing& listing = board.market.listing();
  return {print.time,
          std::string(venue_->exchange().name),
          std::string(listing.pair),
          board.market.price_text(print.price_ticks),
          board.market.size_text(print.size_units),
          trade_id(venue_->exchange(), listing, print.number)};
}

std::vector<SimulatedTrade> VenueServer::tape(time::Instant from, time::Instant until) const {
  const std::lock_guard lock(mutex_);
  std::vector<SimulatedTrade> trades;
  for (const Board& board : venue_->boards()) {
    for (const Print& print : board.tape) {
      if (print.time >= from && print.time < until) trades.push_back(trade_of(board, print));
    }
  }
  return trades;
}

// --- what happens in the world

void VenueServer::fill_history() {
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    Board& board = venue_->boards()[i];
    board.depth = board.market.depth(shown_second_);
    Feed& feed = feeds_[i];
    feed.hour = (options_.start - options_.history).ns() / kNsAnHour;
    feed.prints = board.market.prints(options_.start - options_.history,
                                      time::Instant::from_ns((feed.hour + 1) * kNsAnHour));
    for (const Print& print : due_prints(i, options_.start - time::Duration::from_ns(1)))
      board.tape.push_back(print);
  }
}

bool VenueServer::happens(Print& print, Feed& feed) const {
  const std::string_view venue = venue_->exchange().name;
  if (faults_.active(venue, Fault::kHalt, print.time)) {
    ++feed.withheld;
    return false;
  }
  print.number -= feed.withheld;
  if (faults_.active(venue, Fault::kOutlier, print.time))
    print.price_ticks += print.price_ticks * kOutlierPpm / 1'000'000;
  if (faults_.active(venue, Fault::kWrongDecimals, print.time)) print.price_ticks *= kShiftedPlaces;
  return true;
}

std::vector<Print> VenueServer::due_prints(std::size_t market, time::Instant now) {
  Feed& feed = feeds_[market];
  std::vector<Print> due;
  for (;;) {
    while (feed.next < feed.prints.size() && feed.prints[feed.next].time <= now) {
      Print print = feed.prints[feed.next++];
      if (print.time < options_.until && happens(print, feed)) due.push_back(print);
    }
    const time::Instant next_hour = time::Instant::from_ns((feed.hour + 1) * kNsAnHour);
    if (feed.next < feed.prints.size() || now < next_hour) return due;
    ++feed.hour;
    feed.prints = venue_->boards()[market].market.prints(next_hour, next_hour + time::Duration::hours(1));
    feed.next = 0;
  }
}

void VenueServer::print_trades(time::Instant now) {
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    Board& board = venue_->boards()[i];
    const std::vector<Print> due = due_prints(i, now);
    for (const Print& print : due) {
      board.tape.push_back(print);
      if (options_.on_print && prints()) options_.on_print(trade_of(board, print));
    }
    while (!board.tape.empty() && board.tape.front().time < now - kHistory) board.tape.pop_front();
    if (!due.empty()) venue_->printed(i, due);
  }
}

Depth VenueServer::shown_depth(const Market& market, std::int64_t second) const {
  Depth depth = market.depth(second);
  const std::string_view venue = venue_->exchange().name;
  const auto change = [&](auto price) {
    for (auto* side : {&depth.bids, &depth.asks}) {
      for (DepthLevel& level : *side) level.price_ticks = price(level.price_ticks);
    }
  };
  if (faults_.active(venue, Fault::kOutlier, depth.time))
    change([](std::int64_t ticks) { return ticks + ticks * kOutlierPpm / 1'000'000; });
  if (faults_.active(venue, Fault::kWrongDecimals, depth.time))
    change([](std::int64_t ticks) { return ticks * kShiftedPlaces; });
  if (faults_.active(venue, Fault::kCrossedBook, depth.time)) {
    const std::int64_t lift =
        depth.asks.front().price_ticks - depth.bids.front().price_ticks + market.listing().grid_ticks;
    for (DepthLevel& level : depth.bids) level.price_ticks += lift;
  }
  return depth;
}

void VenueServer::move_books(time::Instant now) {
  const std::int64_t last = second_of(now);
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    Board& board = venue_->boards()[i];
    const bool read = std::any_of(peers_.begin(), peers_.end(),
                                  [i](const auto& entry) { return entry.second.levels[i] > 0; });
    const std::int64_t first = std::max(shown_second_ + 1, read ? last - kBooksBehindMax : last);
    for (std::int64_t second = first; second <= last; ++second) {
      const time::Instant at = time::Instant::from_ns(second * 1'000'000'000);
      if (faults_.active(venue_->exchange().name, Fault::kHalt, at)) continue;
      const Depth before = std::exchange(board.depth, shown_depth(board.market, second));
      if (read) venue_->moved_book(i, before);
    }
  }
  shown_second_ = std::max(shown_second_, last);
}

// --- connections

void VenueServer::advance() {
  const std::lock_guard lock(mutex_);
  const time::Instant now = world_time();
  if (venue_->prints()) print_trades(now);
  move_books(now);
  tend_connections();
  release_late();
}

void VenueServer::tend_connections() {
  const time::Instant now = connection_time();
  const bool cut = has(Fault::kDisconnect);
  const bool reorders = has(Fault::kReorder);
  for (auto& [id, peer] : peers_) {
    if (cut && !peer.closed) {
      peer.closed = true;
      socket_->drop(id);
    }
    if (peer.closed) continue;
    if (!reorders) {
      if (const auto held = held_.extract(id)) deliver(peer, held.mapped());
    }
    const time::Duration within = venue_->subscribe_within();
    if (within > time::Duration() && !peer.subscribed && now - peer.connected_at > within) {
      close(peer);
      continue;
    }
    venue_->beat(peer);
  }
}

void VenueServer::close(Peer& peer) {
  if (has(Fault::kSilence)) return;  // Not even that is heard.
  peer.closed = true;
  socket_->close(peer.id);
}

void VenueServer::send(Peer& peer, std::string text, FrameKind kind) {
  if (peer.closed || has(Fault::kSilence)) return;
  const bool data = kind == FrameKind::kTrade || kind == FrameKind::kBook;
  if (!data) return deliver(peer, std::move(text));
  std::uint64_t& count = kind == FrameKind::kTrade ? trade_messages_ : book_messages_;
  if (has(Fault::kGap) && ++count % (kind == FrameKind::kTrade ? 5 : 7) == 0) return;
  if (has(Fault::kGarbage) && ++count % 4 == 0) text = garbage_of(text, count / 4);
  if (has(Fault::kReorder)) {
    const auto held = held_.extract(peer.id);
    if (!held) {
      held_[peer.id] = std::move(text);
      return;
    }
    deliver(peer, std::move(text));
    return deliver(peer, held.mapped());
  }
  if (has(Fault::kDuplicate)) deliver(peer, text);
  deliver(peer, std::move(text));
}

void VenueServer::deliver(Peer& peer, std::string text) {
  if (has(Fault::kDelay) || !late_.empty()) {
    const auto delay = has(Fault::kDelay) ? time::Duration::seconds(kDelaySeconds) : time::Duration();
    late_.push_back({connection_time() + delay, peer.id, std::move(text)});
    return;
  }
  ++sent_;
  socket_->send(peer.id, std::move(text));
}

void VenueServer::release_late() {
  const time::Instant now = connection_time();
  while (!late_.empty() && late_.front().due <= now) {
    ++sent_;
    socket_->send(late_.front().peer, std::move(late_.front().text));
    late_.pop_front();
  }
}

// --- REST

bool VenueServer::take_request() {
  const RateRule rule = venue_->rate_rule();
  const time::Instant now = connection_time();
  if (now < blocked_until_) return false;
  while (tokens_ < rule.burst && now - refilled_at_ >= rule.refill) {
    ++tokens_;
    refilled_at_ = refilled_at_ + rule.refill;
  }
  if (tokens_ == rule.burst) refilled_at_ = now;
  if (tokens_ == 0) {
    blocked_until_ = now + rule.block;
    return false;
  }
  --tokens_;
  return true;
}

http::Response VenueServer::guard(const http::Request& request, const http::Handler& inner) {
  const std::lock_guard lock(mutex_);
  if (has(Fault::kRateLimit) || !take_request()) return venue_->too_many_requests();
  if (has(Fault::kRestErrors)) return http::Response::text("Service Temporarily Unavailable", 503);
  http::Response response = inner(request);
  if (has(Fault::kGarbage) && ++answers_ % 2 == 0) response.body = garbage_of(response.body, answers_ / 2);
  return response;
}

}  // namespace navkeeper::sandbox
