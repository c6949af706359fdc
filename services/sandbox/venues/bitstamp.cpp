// Bitstamp: www.bitstamp.net/websocket/v2 (live_trades, order_book, heartbeat) and
// /api/v2/transactions/{pair}/. order_book sends the best hundred levels whole each time. The history has
// whole seconds only.
#include <algorithm>

#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::string_view kTrades = "live_trades_";
constexpr std::string_view kBook = "order_book_";

std::string error(std::string_view message) {
  return R"({"event":"bts:error","channel":"","data":{"code":null,"message":)" + json::quoted(message) + "}}";
}

http::Response refused(int status, std::string_view code, std::string_view reason) {
  return http::Response::json(
      R"({"status":"error","reason":)" + json::quoted(reason) + R"(,"code":)" + json::quoted(code) + "}",
      status);
}

class Bitstamp final : public Venue {
 public:
  Bitstamp(const World& world, std::int64_t activity) : Venue(world, "bitstamp", activity) {}

  std::string_view target() const override { return "/"; }
  RateRule rate_rule() const override { return {400, time::Duration::milliseconds(75), {}}; }
  http::Response too_many_requests() const override {
    return refused(429, "400.002", "Request rate limit exceeded.");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return send(peer, error("Incorrect JSON format."));
    const std::string_view event = text_of(*message, "event");
    if (event == "bts:heartbeat")
      return send(peer, R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})",
                  FrameKind::kHeartbeat);
    const json::Value* data = message->find("data");
    const std::string channel(data == nullptr ? "" : text_of(*data, "channel"));
    if (event != "bts:subscribe" && event != "bts:unsubscribe")
      return send(peer, error("Event name not valid."));
    const bool on = event == "bts:subscribe";
    const std::string_view view = channel;
    const bool trades = view.starts_with(kTrades);
    const bool book = view.starts_with(kBook);
    const auto market =
        trades || book ? market_of(view.substr(trades ? kTrades.size() : kBook.size())) : std::nullopt;
    if (!market) return send(peer, error("Channel name not valid."));
    peer.subscribed = true;
    if (trades)
      peer.trades[*market] = on;
    else
      peer.levels[*market] = on ? Market::kLevels : 0;
    send(peer, std::string(R"({"event":"bts:)") + (on ? "subscription" : "unsubscription") +
                   R"(_succeeded","channel":)" + json::quoted(channel) + R"(,"data":{}})");
    if (on && book) send(peer, book_message(*market), FrameKind::kBook);
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    for (const Print& print : prints) {
      const std::string amount = size(market, print.size_units);
      const std::string at = price(market, print.price_ticks);
      send_to_takers(
          market,
          R"({"data":{"id":)" + id_of(market, print) + R"(,"timestamp":")" +
              std::to_string(second_of(print.time)) + R"(","amount":)" + amount + R"(,"amount_str":")" +
              amount + R"(","price":)" + at + R"(,"price_str":")" + at + R"(","type":)" +
              (print.buyer_took ? "0" : "1") + R"(,"microtimestamp":")" +
              std::to_string(microseconds(print.time)) +
              R"(","buy_order_id":1443875737346049,"sell_order_id":1443875731320832},"channel":"live_trades_)" +
              std::string(listing(market).symbol) + R"(","event":"trade"})");
    }
  }

  void moved_book(std::size_t market, const Depth&) override {
    std::string text;
    each_reader(market, [&](Peer& peer, std::size_t) {
      if (text.empty()) text = book_message(market);
      send(peer, text, FrameKind::kBook);
    });
  }

  void add_routes(http::Router& router) override {
    const auto answer = [this](const http::Request& request) { return transactions(request); };
    router.get("/api/v2/transactions/{pair}/", answer);
    router.get("/api/v2/transactions/{pair}", answer);
  }

 private:
  std::string level_list(std::size_t market, std::span<const DepthLevel> levels) const {
    std::string text;
    for (const DepthLevel& level : levels) {
      text += (text.empty() ? "" : ",") + (R"([")" + price(market, level.price_ticks) + R"(",")" +
                                           size(market, level.size_units) + R"("])");
    }
    return text;
  }

  std::string book_message(std::size_t market) const {
    const Depth& shown = board(market).depth;
    return R"({"data":{"timestamp":")" + std::to_string(second_of(shown.time)) + R"(","microtimestamp":")" +
           std::to_string(microseconds(shown.time)) + R"(","bids":[)" + level_list(market, shown.bids) +
           R"(],"asks":[)" + level_list(market, shown.asks) + R"(]},"channel":"order_book_)" +
           std::string(listing(market).symbol) + R"(","event":"data"})";
  }

  http::Response transactions(const http::Request& request) {
    const auto market = rest_market_of(request.parameter("pair"));
    if (!market) return refused(404, "404.002", "Currency pair not found.");
    const std::string* time = request.query_value("time");
    const std::string span = time == nullptr ? "hour" : *time;
    const std::int64_t seconds = span == "minute" ? 60 : span == "hour" ? 3'600 : span == "day" ? 86'400 : 0;
    if (seconds == 0) return refused(400, "400.001", "Invalid time interval.");
    const time::Instant from = outlet().world_time() - time::Duration::seconds(seconds);
    const std::vector<Print> found =
        prints_where(*market, [&](const Print& print) { return print.time >= from; });
    std::string rows;
    for (auto print = found.rbegin(); print != found.rend(); ++print) {
      rows +=
          (rows.empty() ? "" : ",") +
          (R"({"date":")" + std::to_string(second_of(print->time)) + R"(","tid":")" + id_of(*market, *print) +
           R"(","amount":")" + size(*market, print->size_units) + R"(","type":")" +
           (print->buyer_took ? "0" : "1") + R"(","price":")" + price(*market, print->price_ticks) + R"("})");
    }
    return http::Response::json("[" + rows + "]");
  }
};

}  // namespace

std::unique_ptr<Venue> make_bitstamp(const World& world, std::int64_t activity) {
  return std::make_unique<Bitstamp>(world, activity);
}

}  // namespace navkeeper::sandbox
