// Coinbase Exchange: docs.cdp.coinbase.com/exchange/websocket-feed (overview, channels, rate limits) and
// /exchange/rest-api (pagination, rate limits). A client must subscribe within five seconds. `side` is the
// maker's. trade_id counts a product's trades; `sequence` counts all that happens on it, so that matches
// leave holes in it.
#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::uint64_t kFirstSequence = 12'000'000'000;
constexpr std::uint64_t kSequencePerTrade = 9;
constexpr std::int64_t kPageMax = 1'000;

std::string error(std::string_view reason) {
  return R"({"type":"error","message":"Failed to subscribe","reason":)" + json::quoted(reason) + "}";
}

http::Response refused(int status, std::string_view message) {
  return http::Response::json(R"({"message":)" + json::quoted(message) + "}", status);
}

class Coinbase final : public Venue {
 public:
  Coinbase(const World& world, std::int64_t activity) : Venue(world, "coinbase", activity) {}

  std::string_view target() const override { return "/"; }
  RateRule rate_rule() const override { return {15, time::Duration::milliseconds(100), {}}; }
  time::Duration subscribe_within() const override { return time::Duration::seconds(5); }
  http::Response too_many_requests() const override { return refused(429, "Public rate limit exceeded"); }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return send(peer, R"({"type":"error","message":"Malformed JSON"})");
    const std::string_view type = text_of(*message, "type");
    if (type != "subscribe" && type != "unsubscribe")
      return send(peer, error("Type has to be either subscribe or unsubscribe"));
    const json::Value* channels = message->find("channels");
    if (channels == nullptr || channels->kind() != json::Kind::kArray)
      return send(peer, error("channels must be an array"));
    std::vector<std::size_t> begun;
    for (const json::Value& channel : channels->as_array()) {
      if (!take_channel(peer, channel, *message, type == "subscribe", begun)) return;
    }
    send(peer, subscriptions(peer));
    for (const std::size_t market : begun) {
      for (const Print& last : recent(market, 1))
        send(peer, match(market, last, "last_match"), FrameKind::kTrade);
    }
  }

  void beat(Peer& peer) override {
    if (!beat_is_due(peer, time::Duration::seconds(1))) return;
    for (std::size_t i = 0; i < boards().size(); ++i) {
      if (!peer.beats[i]) continue;
      const std::vector<Print> last = recent(i, 1);
      send(peer,
           R"({"type":"heartbeat","sequence":)" + std::to_string(last.empty() ? 0 : sequence(last[0])) +
               R"(,"last_trade_id":)" + (last.empty() ? "0" : id_of(i, last[0])) + R"(,"product_id":")" +
               std::string(listing(i).symbol) + R"(","time":")" + utc(outlet().world_time(), 6) + R"("})",
           FrameKind::kHeartbeat);
    }
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    for (const Print& print : prints) send_to_takers(market, match(market, print, "match"));
  }

  void add_routes(http::Router& router) override {
    router.get("/products/{product}/trades",
               [this](const http::Request& request) { return trades(request); });
    router.get("/time", [this](const http::Request&) {
      return http::Response::json(R"({"iso":")" + utc(outlet().world_time(), 3) + R"("})");
    });
  }

 private:
  static std::uint64_t sequence(const Print& print) {
    return kFirstSequence + print.number * kSequencePerTrade;
  }

  bool take_channel(Peer& peer, const json::Value& channel, const json::Value& message, bool on,
                    std::vector<std::size_t>& begun) {
    const bool object = channel.kind() == json::Kind::kObject;
    const std::string name = object                                  ? std::string(text_of(channel, "name"))
                             : channel.kind() == json::Kind::kString ? channel.as_string()
                                                                     : "";
    if (name != "matches" && name != "heartbeat") {
      send(peer, error(name + " is not a valid channel"));
      return false;
    }
    const json::Value* own = object ? channel.find("product_ids") : nullptr;
    const auto products = texts_of(own != nullptr ? own : message.find("product_ids"));
    if (!products || products->empty()) {
      send(peer, error("Failed to subscribe: no product_ids"));
      return false;
    }
    for (const std::string& product : *products) {
      const auto market = market_of(product);
      if (!market) {
        send(peer, error(product + " is not a valid product"));
        return false;
      }
      if (name == "matches") {
        if (on && !peer.trades[*market]) begun.push_back(*market);
        peer.trades[*market] = on;
      } else {
        peer.beats[*market] = on;
      }
    }
    peer.subscribed = true;
    return true;
  }

  std::string subscriptions(const Peer& peer) const {
    std::string matches;
    std::string beats;
    for (std::size_t i = 0; i < boards().size(); ++i) {
      const std::string symbol = json::quoted(listing(i).symbol);
      if (peer.trades[i]) matches += (matches.empty() ? "" : ",") + symbol;
      if (peer.beats[i]) beats += (beats.empty() ? "" : ",") + symbol;
    }
    std::string channels;
    if (!matches.empty()) channels += R"({"name":"matches","product_ids":[)" + matches + "]}";
    if (!beats.empty())
      channels += (channels.empty() ? "" : ",") + (R"({"name":"heartbeat","product_ids":[)" + beats + "]}");
    return R"({"type":"subscriptions","channels":[)" + channels + "]}";
  }

  std::string match(std::size_t market, const Print& print, const char* type) const {
    return std::string(R"({"type":")") + type + R"(","trade_id":)" + id_of(market, print) +
           R"(,"maker_order_id":"ac928c66-ca53-498f-9c13-a110027a60e8","taker_order_id":"132fb6ae-456b-4654-b4e0-d681ac05cea1","side":")" +
           (print.buyer_took ? "sell" : "buy") + R"(","size":")" + size(market, print.size_units) +
           R"(","price":")" + price(market, print.price_ticks) + R"(","product_id":")" +
           std::string(listing(market).symbol) + R"(","sequence":)" + std::to_string(sequence(print)) +
           R"(,"time":")" + utc(print.time, 6) + R"("})";
  }

  http::Response trades(const http::Request& request) {
    const auto market = rest_market_of(request.parameter("product"));
    if (!market) return refused(404, "NotFound");
    const std::string* const limit_text = request.query_value("limit");
    const auto limit = whole(limit_text == nullptr ? "1000" : *limit_text, 1, kPageMax);
    if (!limit) return refused(400, "Invalid limit");
    std::int64_t older_than = INT64_MAX;
    std::int64_t newer_than = 0;
    for (const auto& [name, value] : request.query) {
      const auto number = whole(value, 0, INT64_MAX);
      if (!number) return refused(400, name + " is invalid");
      if (name == "after") older_than = *number;
      if (name == "before") newer_than = *number;
    }
    std::vector<Print> found = prints_where(*market, [&](const Print& print) {
      const std::int64_t id = *whole(id_of(*market, print), 0, INT64_MAX);
      return id < older_than && id > newer_than;
    });
    // Newest first; after `before`, the page right after it.
    if (found.size() > static_cast<std::size_t>(*limit)) {
      if (newer_than > 0)
        found.resize(static_cast<std::size_t>(*limit));
      else
        found.erase(found.begin(), found.end() - *limit);
    }
    std::string body;
    for (auto print = found.rbegin(); print != found.rend(); ++print) {
      body += (body.empty() ? "" : ",") +
              (R"({"time":")" + utc(print->time, 6) + R"(","trade_id":)" + id_of(*market, *print) +
               R"(,"price":")" + price(*market, print->price_ticks) + R"(","size":")" +
               size(*market, print->size_units) + R"(","side":")" + (print->buyer_took ? "sell" : "buy") +
               R"("})");
    }
    http::Response response = http::Response::json("[" + body + "]");
    if (!found.empty()) {
      response.headers.add("CB-BEFORE", id_of(*market, found.back()));
      response.headers.add("CB-AFTER", id_of(*market, found.front()));
    }
    return response;
  }
};

}  // namespace

std::unique_ptr<Venue> make_coinbase(const World& world, std::int64_t activity) {
  return std::make_unique<Coinbase>(world, activity);
}

}  // namespace navkeeper::sandbox
