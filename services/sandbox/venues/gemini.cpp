// Gemini market data v2: docs.gemini.com/websocket-api (Market Data Version 2) and GET /v1/trades/{symbol}
// (developer.gemini.com, List Trades). The first answer holds the whole book and the last fifty trades. A
// trade's event_id on the websocket is its tid over REST. REST lists a page newest first; `since_tid` goes
// before `timestamp`, and either begins at the oldest trade after it.
#include <algorithm>

#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kRecent = 50;
constexpr std::int64_t kPageMax = 500;

http::Response refused(int status, std::string_view reason, std::string_view message) {
  return http::Response::json(R"({"result":"error","reason":)" + json::quoted(reason) + R"(,"message":)" +
                                  json::quoted(message) + "}",
                              status);
}

class Gemini final : public Venue {
 public:
  Gemini(const World& world, std::int64_t activity) : Venue(world, "gemini", activity) {}

  std::string_view target() const override { return "/v2/marketdata"; }
  RateRule rate_rule() const override { return {5, time::Duration::milliseconds(500), {}}; }
  http::Response too_many_requests() const override {
    return refused(429, "RateLimit", "Requests were made too frequently");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    const auto failed = [&](std::string_view reason) {
      send(peer, R"({"result":"error","reason":)" + json::quoted(reason) + "}");
    };
    if (message.has_error() || message->kind() != json::Kind::kObject) return failed("InvalidJson");
    const std::string_view type = text_of(*message, "type");
    if (type != "subscribe" && type != "unsubscribe") return failed("InvalidType");
    const json::Value* subscriptions = message->find("subscriptions");
    if (subscriptions == nullptr || subscriptions->kind() != json::Kind::kArray)
      return failed("MissingSubscriptions");
    for (const json::Value& subscription : subscriptions->as_array()) {
      const auto symbols =
          subscription.kind() == json::Kind::kObject ? texts_of(subscription.find("symbols")) : std::nullopt;
      if (!symbols || text_of(subscription, "name") != "l2") return failed("UnsupportedSubscription");
      for (const std::string& symbol : *symbols) {
        const auto market = market_of(symbol);
        if (!market) return failed("InvalidSymbol");
        const bool on = type == "subscribe";
        peer.subscribed = true;
        peer.trades[*market] = on;
        peer.levels[*market] = on ? Market::kLevels : 0;
        if (on) send(peer, first_message(*market), FrameKind::kBook);
      }
    }
  }

  void beat(Peer& peer) override {
    if (peer.subscribed && beat_is_due(peer, time::Duration::seconds(5)))
      send(peer,
           R"({"type":"heartbeat","timestamp":)" + std::to_string(milliseconds(outlet().world_time())) + "}",
           FrameKind::kHeartbeat);
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    for (const Print& print : prints) send_to_takers(market, trade(market, print));
  }

  void moved_book(std::size_t market, const Depth& before) override {
    const Depth& now = board(market).depth;
    const std::string bids = changes(market, "buy", changed_levels(before.bids, now.bids, Market::kLevels));
    const std::string asks = changes(market, "sell", changed_levels(before.asks, now.asks, Market::kLevels));
    if (bids.empty() && asks.empty()) return;
    const std::string text = R"({"type":"l2_updates","symbol":")" + std::string(listing(market).symbol) +
                             R"(","changes":[)" + bids + (bids.empty() || asks.empty() ? "" : ",") + asks +
                             "]}";
    each_reader(market, [&](Peer& peer, std::size_t) { send(peer, text, FrameKind::kBook); });
  }

  void add_routes(http::Router& router) override {
    router.get("/v1/trades/{symbol}", [this](const http::Request& request) { return trades(request); });
  }

 private:
  std::string changes(std::size_t market, const char* side, std::span<const DepthLevel> levels) const {
    std::string text;
    for (const DepthLevel& level : levels) {
      text += (text.empty() ? "" : ",") +
              (std::string(R"([")") + side + R"(",")" + price(market, level.price_ticks) + R"(",")" +
               size(market, level.size_units) + R"("])");
    }
    return text;
  }

  std::string trade(std::size_t market, const Print& print) const {
    return R"({"type":"trade","symbol":")" + std::string(listing(market).symbol) + R"(","event_id":)" +
           id_of(market, print) + R"(,"timestamp":)" + std::to_string(milliseconds(print.time)) +
           R"(,"price":")" + price(market, print.price_ticks) + R"(","quantity":")" +
           size(market, print.size_units) + R"(","side":")" + (print.buyer_took ? "buy" : "sell") + R"("})";
  }

  std::string first_message(std::size_t market) const {
    const Depth& shown = board(market).depth;
    std::string trades;
    const std::vector<Print> last = recent(market, kRecent);
    for (auto print = last.rbegin(); print != last.rend(); ++print)
      trades += (trades.empty() ? "" : ",") + trade(market, *print);
    return R"({"type":"l2_updates","symbol":")" + std::string(listing(market).symbol) + R"(","changes":[)" +
           changes(market, "buy", shown.bids) + "," + changes(market, "sell", shown.asks) +
           R"(],"trades":[)" + trades + R"(],"auction_events":[]})";
  }

  http::Response trades(const http::Request& request) {
    std::string symbol = request.parameter("symbol");
    std::transform(symbol.begin(), symbol.end(), symbol.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto market = rest_market_of(symbol);
    if (!market) return refused(400, "InvalidSymbol", "Invalid symbol: " + request.parameter("symbol"));
    const std::string* limit_text = request.query_value("limit_trades");
    const auto limit = whole(limit_text == nullptr ? "50" : *limit_text, 1, kPageMax);
    const std::string* tid_text = request.query_value("since_tid");
    const std::string* time_text = request.query_value("timestamp");
    if (time_text == nullptr) time_text = request.query_value("since");
    const auto tid = whole(tid_text == nullptr ? "0" : *tid_text, 0, INT64_MAX);
    auto after_ms = whole(time_text == nullptr ? "0" : *time_text, 0, INT64_MAX);
    if (!limit || !tid || !after_ms) return refused(400, "InvalidTimestampInPayload", "Invalid parameter");
    if (*after_ms < 100'000'000'000) *after_ms *= 1'000;  // in seconds
    std::vector<Print> found = prints_where(*market, [&](const Print& print) {
      return tid_text != nullptr ? *whole(id_of(*market, print), 0, INT64_MAX) > *tid
                                 : milliseconds(print.time) > *after_ms;
    });
    if (found.size() > static_cast<std::size_t>(*limit)) {
      if (tid_text == nullptr && time_text == nullptr)
        found.erase(found.begin(), found.end() - *limit);
      else
        found.resize(static_cast<std::size_t>(*limit));
    }
    std::string rows;
    for (auto print = found.rbegin(); print != found.rend(); ++print) {
      rows += (rows.empty() ? "" : ",") +
              (R"({"timestamp":)" + std::to_string(second_of(print->time)) + R"(,"timestampms":)" +
               std::to_string(milliseconds(print->time)) + R"(,"tid":)" + id_of(*market, *print) +
               R"(,"price":")" + price(*market, print->price_ticks) + R"(","amount":")" +
               size(*market, print->size_units) + R"(","exchange":"gemini","type":")" +
               (print->buyer_took ? "buy" : "sell") + R"("})");
    }
    return http::Response::json("[" + rows + "]");
  }
};

}  // namespace

std::unique_ptr<Venue> make_gemini(const World& world, std::int64_t activity) {
  return std::make_unique<Gemini>(world, activity);
}

}  // namespace navkeeper::sandbox
