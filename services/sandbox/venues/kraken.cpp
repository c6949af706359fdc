// Kraken websocket v2: docs.kraken.com/exchange/api-reference/spot-websocket-v2 (status, heartbeat, ping,
// trade, book) and /exchange/guides/websockets/book-checksum-v2; REST: GET /0/public/Trades. Prices and
// quantities are JSON numbers. trade_id counts a pair's trades. REST errors come with status 200 in `error`.
#include <algorithm>
#include <array>

#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::size_t kRecent = 50;
constexpr std::int64_t kPageMax = 1'000;
constexpr std::size_t kChecksumLevels = 10;
constexpr std::int64_t kNsASecond = 1'000'000'000;

/// CRC-32 (ISO 3309), bit by bit.
std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = ~0U;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string without_point(const std::string& number) {
  std::string digits;
  for (const char c : number) {
    if (c != '.' && !(c == '0' && digits.empty())) digits += c;
  }
  return digits;
}

http::Response error(std::string_view what) {
  return http::Response::json(R"({"error":[)" + json::quoted(what) + "]}");
}

class Kraken final : public Venue {
 public:
  Kraken(const World& world, std::int64_t activity) : Venue(world, "kraken", activity) {}

  std::string_view target() const override { return "/v2"; }
  RateRule rate_rule() const override { return {15, time::Duration::seconds(1), {}}; }
  http::Response too_many_requests() const override { return error("EAPI:Rate limit exceeded"); }

  void opened(Peer& peer) override {
    send(
        peer,
        R"({"channel":"status","type":"update","data":[{"version":"2.0.9","system":"online","api_version":"v2","connection_id":)" +
            std::to_string(12'393'906'104'898'154'338ULL + peer.id) + "}]}");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    const std::string now = utc(outlet().world_time(), 6);
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return send(peer, R"({"error":"Malformed request","success":false,"time_in":")" + now + R"("})");
    const std::string_view method = text_of(*message, "method");
    const std::string request_id =
        message->find("req_id") != nullptr ? R"("req_id":)" + token_of(*message, "req_id", "0") + "," : "";
    const std::string tail = request_id + R"("time_in":")" + now + R"(","time_out":")" + now + R"("})";
    if (method == "ping") return send(peer, R"({"method":"pong",)" + tail, FrameKind::kHeartbeat);
    if (method != "subscribe" && method != "unsubscribe")
      return send(peer, R"({"error":"Unsupported method","method":)" + json::quoted(method) +
                            R"(,"success":false,)" + tail);
    const json::Value* params = message->find("params");
    if (params == nullptr || params->kind() != json::Kind::kObject)
      return send(peer, refusal(method, "", "Missing params", tail));
    take(peer, *params, method, tail);
  }

  void beat(Peer& peer) override {
    if (peer.subscribed && beat_is_due(peer, time::Duration::seconds(1)))
      send(peer, R"({"channel":"heartbeat"})", FrameKind::kHeartbeat);
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    constexpr std::size_t kBatch = 8;
    for (std::size_t i = 0; i < prints.size(); i += kBatch)
      send_to_takers(market,
                     trades(market, prints.subspan(i, std::min(kBatch, prints.size() - i)), "update"));
  }

  void moved_book(std::size_t market, const Depth& before) override {
    const Depth& now = board(market).depth;
    each_reader(market, [&](Peer& peer, std::size_t levels) {
      const auto bids = changed_levels(before.bids, now.bids, levels);
      const auto asks = changed_levels(before.asks, now.asks, levels);
      if (!bids.empty() || !asks.empty()) send_book(peer, market, bids, asks, "update");
    });
  }

  void add_routes(http::Router& router) override {
    router.get("/0/public/Trades", [this](const http::Request& request) { return rest_trades(request); });
    router.get("/0/public/Time", [this](const http::Request&) {
      return http::Response::json(R"({"error":[],"result":{"unixtime":)" +
                                  std::to_string(second_of(outlet().world_time())) + "}}");
    });
  }

 private:
  static std::string refusal(std::string_view method, std::string_view symbol, std::string_view why,
                             const std::string& tail) {
    return R"({"error":)" + json::quoted(why) + R"(,"method":)" + json::quoted(method) +
           R"(,"success":false,)" + (symbol.empty() ? "" : R"("symbol":)" + json::quoted(symbol) + ",") +
           tail;
  }

  void take(Peer& peer, const json::Value& params, std::string_view method, const std::string& tail) {
    const std::string_view channel = text_of(params, "channel");
    const bool on = method == "subscribe";
    const auto symbols = texts_of(params.find("symbol"));
    if (channel != "trade" && channel != "book")
      return send(peer, refusal(method, "", "Unsupported channel", tail));
    if (!symbols || symbols->empty()) return send(peer, refusal(method, "", "Symbol(s) not provided", tail));
    const auto depth = whole(token_of(params, "depth", "10"), 1, 1'000);
    constexpr std::array kDepths{10, 25, 100, 500, 1'000};
    if (!depth || std::find(kDepths.begin(), kDepths.end(), *depth) == kDepths.end())
      return send(peer, refusal(method, "", "Subscription depth not supported", tail));
    for (const std::string& symbol : *symbols) {
      const auto market = market_of(symbol);
      if (!market) {
        send(peer, refusal(method, symbol, "Currency pair not supported " + symbol, tail));
        continue;
      }
      const json::Value* snapshot = params.find("snapshot");
      const bool with_snapshot = snapshot == nullptr || snapshot->kind() != json::Kind::kBoolean
                                     ? channel == "book"
                                     : snapshot->as_boolean();
      send(peer, R"({"method":)" + json::quoted(method) + R"(,"result":{"channel":)" + json::quoted(channel) +
                     (channel == "book" ? R"(,"depth":)" + std::to_string(*depth) : "") + R"(,"snapshot":)" +
                     (with_snapshot ? "true" : "false") + R"(,"symbol":)" + json::quoted(symbol) +
                     R"(},"success":true,)" + tail);
      peer.subscribed = true;
      if (channel == "trade") {
        peer.trades[*market] = on;
        if (on && with_snapshot)
          send(peer, trades(*market, recent(*market, kRecent), "snapshot"), FrameKind::kTrade);
      } else {
        peer.levels[*market] = on ? static_cast<std::size_t>(*depth) : 0;
        const Depth& shown = board(*market).depth;
        const auto levels = std::min(static_cast<std::size_t>(*depth), Market::kLevels);
        if (on && with_snapshot)
          send_book(peer, *market, std::span(shown.bids).first(levels), std::span(shown.asks).first(levels),
                    "snapshot");
      }
    }
  }

  std::string trades(std::size_t market, std::span<const Print> prints, const char* type) const {
    std::string data;
    for (const Print& print : prints) {
      data += (data.empty() ? "" : ",") +
              (R"({"symbol":")" + std::string(listing(market).symbol) + R"(","side":")" +
               (print.buyer_took ? "buy" : "sell") + R"(","price":)" + price(market, print.price_ticks) +
               R"(,"qty":)" + size(market, print.size_units) + R"(,"ord_type":"market","trade_id":)" +
               id_of(market, print) + R"(,"timestamp":")" + utc(print.time, 6) + R"("})");
    }
    return std::string(R"({"channel":"trade","type":")") + type + R"(","data":[)" + data + "]}";
  }

  std::string level_list(std::size_t market, std::span<const DepthLevel> levels) const {
    std::string text;
    for (const DepthLevel& level : levels) {
      text += (text.empty() ? "" : ",") + (R"({"price":)" + price(market, level.price_ticks) + R"(,"qty":)" +
                                           size(market, level.size_units) + "}");
    }
    return text;
  }

  std::uint32_t checksum(std::size_t market) const {
    const Depth& shown = board(market).depth;
    std::string digits;
    for (const std::vector<DepthLevel>* side : {&shown.asks, &shown.bids}) {
      for (std::size_t i = 0; i < std::min(kChecksumLevels, side->size()); ++i) {
        digits += without_point(price(market, (*side)[i].price_ticks));
        digits += without_point(size(market, (*side)[i].size_units));
      }
    }
    return crc32(digits);
  }

  void send_book(Peer& peer, std::size_t market, std::span<const DepthLevel> bids,
                 std::span<const DepthLevel> asks, const char* type) {
    send(peer,
         std::string(R"({"channel":"book","type":")") + type + R"(","data":[{"symbol":")" +
             std::string(listing(market).symbol) + R"(","bids":[)" + level_list(market, bids) +
             R"(],"asks":[)" + level_list(market, asks) + R"(],"checksum":)" +
             std::to_string(checksum(market)) + R"(,"timestamp":")" + utc(board(market).depth.time, 6) +
             R"("}]})",
         FrameKind::kBook);
  }

  /// "XXBTZUSD" of "XBTUSD": older assets are known by longer names.
  static std::string internal_name(std::string_view rest_symbol) {
    if (rest_symbol == "XBTUSD") return "XXBTZUSD";
    if (rest_symbol == "ETHUSD") return "XETHZUSD";
    return std::string(rest_symbol);
  }

  http::Response rest_trades(const http::Request& request) {
    const std::string* pair = request.query_value("pair");
    const auto market = pair == nullptr ? std::nullopt : rest_market_of(*pair);
    if (!market) return error(pair == nullptr ? "EGeneral:Invalid arguments" : "EQuery:Unknown asset pair");
    const std::string* since_text = request.query_value("since");
    const std::string* count_text = request.query_value("count");
    auto since = whole(since_text == nullptr ? "0" : *since_text, 0, INT64_MAX);
    const auto count = whole(count_text == nullptr ? "1000" : *count_text, 1, kPageMax);
    if (!since || !count) return error("EGeneral:Invalid arguments");
    if (*since < 100'000'000'000) *since *= kNsASecond;  // in seconds
    std::vector<Print> found =
        since_text == nullptr
            ? recent(*market, static_cast<std::size_t>(*count))
            : prints_where(*market, [&](const Print& print) { return print.time.ns() > *since; });
    if (found.size() > static_cast<std::size_t>(*count)) found.resize(static_cast<std::size_t>(*count));
    std::string rows;
    for (const Print& print : found) {
      // A digit more than the stream has.
      const std::int64_t time_e7 = print.time.ns() / 100 + static_cast<std::int64_t>(print.number % 10);
      rows += (rows.empty() ? "" : ",") +
              (R"([")" + price(*market, print.price_ticks) + R"(",")" + size(*market, print.size_units) +
               R"(",)" + Market::fixed(time_e7, 7) + R"(,")" + (print.buyer_took ? "b" : "s") +
               R"(","m","",)" + id_of(*market, print) + "]");
    }
    const std::int64_t last = found.empty() ? *since : found.back().time.ns();
    return http::Response::json(R"({"error":[],"result":{")" + internal_name(*pair) + R"(":[)" + rows +
                                R"(],"last":")" + std::to_string(last) + R"("}})");
  }
};

}  // namespace

std::unique_ptr<Venue> make_kraken(const World& world, std::int64_t activity) {
  return std::make_unique<Kraken>(world, activity);
}

}  // namespace navkeeper::sandbox
