// Bullish: api.exchange.bullish.com/docs (anonymous trades websocket, keep websocket open, rate limits,
// historical trades). The first message of a subscription is a snapshot of the latest hundred trades. Who
// asks more than fifty times a second is shut out for a minute.
#include <algorithm>

#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kRecent = 100;

http::Response refused(int status, int code, std::string_view name, std::string_view message) {
  return http::Response::json(R"({"message":)" + json::quoted(message) + R"(,"raw":null,"errorCode":)" +
                                  std::to_string(code) + R"(,"errorCodeName":)" + json::quoted(name) + "}",
                              status);
}

class Bullish final : public Venue {
 public:
  Bullish(const World& world, std::int64_t activity) : Venue(world, "bullish", activity) {}

  std::string_view target() const override { return "/trading-api/v1/market-data/trades"; }
  RateRule rate_rule() const override {
    return {50, time::Duration::milliseconds(20), time::Duration::seconds(60)};
  }
  http::Response too_many_requests() const override {
    return refused(429, 96000, "TOO_MANY_REQUESTS", "Too Many Requests");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    const auto failed = [&](const std::string& id, int code, std::string_view why) {
      send(peer, R"({"id":)" + id + R"(,"jsonrpc":"2.0","error":{"code":)" + std::to_string(code) +
                     R"(,"message":)" + json::quoted(why) + "}}");
    };
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return failed("null", -32700, "Parse error");
    const std::string id = token_of(*message, "id", "null");
    const auto confirm = [&](std::string_view words, FrameKind kind) {
      send(peer,
           R"({"id":)" + id +
               R"(,"jsonrpc":"2.0","result":{"responseCode":"200","responseCodeName":"OK","message":)" +
               json::quoted(words) + "}}",
           kind);
    };
    const std::string_view method = text_of(*message, "method");
    if (text_of(*message, "jsonrpc") != "2.0" || text_of(*message, "type") != "command")
      return failed(id, -32600, "Invalid Request");
    if (method == "keepalivePing") return confirm("Keep alive pong", FrameKind::kHeartbeat);
    if (method != "subscribe" && method != "unsubscribe") return failed(id, -32601, "Method not found");
    const json::Value* params = message->find("params");
    if (params == nullptr || text_of(*params, "topic") != "anonymousTrades")
      return failed(id, -32602, "Invalid params: topic");
    const auto market = market_of(text_of(*params, "symbol"));
    if (!market) return failed(id, -32602, "Invalid params: symbol");
    const bool on = method == "subscribe";
    peer.subscribed = true;
    peer.trades[*market] = on;
    confirm(on ? "Successfully subscribed" : "Successfully unsubscribed", FrameKind::kAnswer);
    if (on) send(peer, update(*market, recent(*market, kRecent), "snapshot"), FrameKind::kTrade);
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    send_to_takers(market, update(market, {prints.begin(), prints.end()}, "update"));
  }

  void add_routes(http::Router& router) override {
    router.get("/trading-api/v1/history/markets/{symbol}/trades",
               [this](const http::Request& request) { return history(request); });
  }

 private:
  std::string trade(std::size_t market, const Print& print) const {
    const std::string ms = std::to_string(milliseconds(print.time));
    return R"({"tradeId":")" + id_of(market, print) + R"(","isTaker":true,"price":")" +
           price(market, print.price_ticks) + R"(","createdAtTimestamp":")" + ms + R"(","quantity":")" +
           size(market, print.size_units) + R"(","publishedAtTimestamp":")" + ms + R"(","side":")" +
           (print.buyer_took ? "BUY" : "SELL") + R"(","createdAtDatetime":")" + utc(print.time, 3) +
           R"(","symbol":")" + std::string(listing(market).symbol) + R"("})";
  }

  /// Newest first.
  std::string list(std::size_t market, const std::vector<Print>& prints) const {
    std::string rows;
    for (auto print = prints.rbegin(); print != prints.rend(); ++print)
      rows += (rows.empty() ? "" : ",") + trade(market, *print);
    return rows;
  }

  std::string update(std::size_t market, const std::vector<Print>& prints, const char* type) const {
    const std::string ms = std::to_string(milliseconds(outlet().world_time()));
    return std::string(R"({"type":")") + type +
           R"(","dataType":"V1TAAnonymousTradeUpdate","data":{"trades":[)" + list(market, prints) +
           R"(],"createdAtTimestamp":")" + ms + R"(","publishedAtTimestamp":")" + ms + R"(","symbol":")" +
           std::string(listing(market).symbol) + R"("}})";
  }

  http::Response history(const http::Request& request) {
    const auto market = rest_market_of(request.parameter("symbol"));
    if (!market) return refused(404, 6023, "INVALID_MARKET", "Market not found");
    const std::string* size_text = request.query_value("_pageSize");
    const auto page_size = whole(size_text == nullptr ? "25" : *size_text, 5, 100);
    constexpr std::array kSizes{5, 25, 50, 100};
    if (!page_size || std::find(kSizes.begin(), kSizes.end(), *page_size) == kSizes.end())
      return refused(400, 8003, "INVALID_PAGE_SIZE", "_pageSize must be one of 5, 25, 50, 100");
    std::int64_t from_ms = 0;
    std::int64_t until_ms = INT64_MAX;
    for (const auto& [name, value] : request.query) {
      if (name != "createdAtDatetime[gte]" && name != "createdAtDatetime[lte]") continue;
      const auto instant = time::parse_rfc3339(value);
      if (!instant) return refused(400, 8004, "INVALID_DATETIME", name + " is not a date and time");
      (name == "createdAtDatetime[gte]" ? from_ms : until_ms) = milliseconds(*instant);
    }
    std::vector<Print> found = prints_where(*market, [&](const Print& print) {
      return milliseconds(print.time) >= from_ms && milliseconds(print.time) <= until_ms;
    });
    if (found.size() > static_cast<std::size_t>(*page_size))
      found.erase(found.begin(), found.end() - *page_size);
    return http::Response::json("[" + list(*market, found) + "]");
  }
};

}  // namespace

std::unique_ptr<Venue> make_bullish(const World& world, std::int64_t activity) {
  return std::make_unique<Bullish>(world, activity);
}

}  // namespace navkeeper::sandbox
