// Coinbase Advanced Trade: docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket (overview,
// channels). Channels level2 (answered as l2_data) and heartbeats, which need no key. Every message of a
// connection is numbered; a client must subscribe within five seconds.
#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

class CoinbaseAdvanced final : public Venue {
 public:
  CoinbaseAdvanced(const World& world, std::int64_t activity) : Venue(world, "coinbase", activity) {}

  std::string_view name() const override { return "coinbase_advanced"; }
  bool prints() const override { return false; }
  std::string_view target() const override { return "/"; }
  RateRule rate_rule() const override { return {10, time::Duration::milliseconds(100), {}}; }
  time::Duration subscribe_within() const override { return time::Duration::seconds(5); }
  http::Response too_many_requests() const override {
    return http::Response::json(R"({"error":"rate_limit_exceeded","message":"too many requests"})", 429);
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    const auto failed = [&](std::string_view why) {
      send(peer, R"({"type":"error","message":)" + json::quoted(why) + "}");
    };
    if (message.has_error() || message->kind() != json::Kind::kObject) return failed("malformed JSON");
    const std::string_view type = text_of(*message, "type");
    const std::string_view channel = text_of(*message, "channel");
    if (type != "subscribe" && type != "unsubscribe") return failed("invalid type");
    const bool on = type == "subscribe";
    if (channel == "heartbeats") {
      peer.heartbeats = on;
      peer.subscribed = true;
      return confirm(peer);
    }
    if (channel != "level2") return failed("channel not found");
    const auto products = texts_of(message->find("product_ids"));
    if (!products || products->empty()) return failed("product_ids is required");
    for (const std::string& product : *products) {
      const auto market = market_of(product);
      if (!market) return failed("unknown product " + product);
      peer.levels[*market] = on ? Market::kLevels : 0;
      peer.subscribed = true;
      if (on) send_book(peer, *market, board(*market).depth.bids, board(*market).depth.asks, "snapshot");
    }
    confirm(peer);
  }

  void beat(Peer& peer) override {
    if (!peer.heartbeats || !beat_is_due(peer, time::Duration::seconds(1))) return;
    number(peer, "heartbeats",
           R"([{"current_time":")" + utc(outlet().world_time(), 6) + R"(","heartbeat_counter":)" +
               std::to_string(++beats_) + "}]",
           FrameKind::kHeartbeat, outlet().world_time());
  }

  void printed(std::size_t, std::span<const Print>) override {}

  void moved_book(std::size_t market, const Depth& before) override {
    const Depth& now = board(market).depth;
    each_reader(market, [&](Peer& peer, std::size_t levels) {
      const auto bids = changed_levels(before.bids, now.bids, levels);
      const auto asks = changed_levels(before.asks, now.asks, levels);
      if (!bids.empty() || !asks.empty()) send_book(peer, market, bids, asks, "update");
    });
  }

  void add_routes(http::Router&) override {}

 private:
  void number(Peer& peer, const char* channel, const std::string& events, FrameKind kind, time::Instant at) {
    send(peer,
         std::string(R"({"channel":")") + channel + R"(","client_id":"","timestamp":")" + utc(at, 9) +
             R"(","sequence_num":)" + std::to_string(peer.sequence++) + R"(,"events":)" + events + "}",
         kind);
  }

  void confirm(Peer& peer) {
    std::string products;
    for (std::size_t i = 0; i < boards().size(); ++i) {
      if (peer.levels[i] > 0) products += (products.empty() ? "" : ",") + json::quoted(listing(i).symbol);
    }
    number(peer, "subscriptions", R"([{"subscriptions":{"level2":[)" + products + "]}}]", FrameKind::kAnswer,
           outlet().world_time());
  }

  void send_book(Peer& peer, std::size_t market, std::span<const DepthLevel> bids,
                 std::span<const DepthLevel> asks, const char* type) {
    const std::string at = utc(board(market).depth.time, 6);
    std::string updates;
    for (const bool bid : {true, false}) {
      for (const DepthLevel& level : bid ? bids : asks) {
        updates += (updates.empty() ? "" : ",") +
                   (std::string(R"({"side":")") + (bid ? "bid" : "offer") + R"(","event_time":")" + at +
                    R"(","price_level":")" + price(market, level.price_ticks) + R"(","new_quantity":")" +
                    (level.size_units == 0 ? "0" : size(market, level.size_units)) + R"("})");
      }
    }
    number(peer, "l2_data",
           std::string(R"([{"type":")") + type + R"(","product_id":")" + std::string(listing(market).symbol) +
               R"(","updates":[)" + updates + "]}]",
           FrameKind::kBook, board(market).depth.time);
  }

  std::uint64_t beats_ = 0;
};

}  // namespace

std::unique_ptr<Venue> make_coinbase_advanced(const World& world, std::int64_t activity) {
  return std::make_unique<CoinbaseAdvanced>(world, activity);
}

}  // namespace navkeeper::sandbox
