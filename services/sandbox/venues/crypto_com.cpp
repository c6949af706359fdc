// Crypto.com Exchange v1: exchange-docs.crypto.com/exchange/v1/rest-ws (trade, book, public/get-trades,
// public/staking/get-conversion-rate, heartbeats, rate limits). A heartbeat every thirty seconds must be
// answered with its own id within five. The side of a trade is the taker's.
#include "common/json/write.h"
#include "services/sandbox/dice.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kPageMax = 150;
constexpr std::int64_t kMillisecondsMax = 100'000'000'000'000;  // a larger time is in nanoseconds
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kRecent = 50;
constexpr std::uint64_t kFirstBookNumber = 542'048'017'824;

http::Response refused(int status, int code, std::string_view message, std::string_view method) {
  return http::Response::json(R"({"id":-1,"method":)" + json::quoted(method) + R"(,"code":)" +
                                  std::to_string(code) + R"(,"message":)" + json::quoted(message) + "}",
                              status);
}

class CryptoCom final : public Venue {
 public:
  CryptoCom(const World& world, std::int64_t activity)
      : Venue(world, "crypto_com", activity), world_(world) {}

  std::string_view target() const override { return "/exchange/v1/market"; }
  RateRule rate_rule() const override { return {100, time::Duration::milliseconds(10), {}}; }
  http::Response too_many_requests() const override {
    return refused(429, 42901, "TOO_MANY_REQUESTS", "public/get-trades");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return send(peer, R"({"id":-1,"code":40001,"message":"BAD_REQUEST"})");
    const std::string id = token_of(*message, "id", "-1");
    const std::string_view method = text_of(*message, "method");
    if (method == "public/respond-heartbeat") {
      if (id == std::to_string(peer.awaited_beat)) peer.awaited_beat = 0;
      return;
    }
    const auto failed = [&](int code, std::string_view why) {
      send(peer, R"({"id":)" + id + R"(,"method":)" + json::quoted(method) + R"(,"code":)" +
                     std::to_string(code) + R"(,"message":)" + json::quoted(why) + "}");
    };
    if (method != "subscribe" && method != "unsubscribe") return failed(40003, "INVALID_REQUEST");
    const json::Value* params = message->find("params");
    const bool object = params != nullptr && params->kind() == json::Kind::kObject;
    const auto channels = texts_of(object ? params->find("channels") : nullptr);
    if (!channels || channels->empty()) return failed(40004, "MISSING_OR_INVALID_ARGUMENT");
    std::vector<Channel> wanted;
    for (const std::string& name : *channels) {
      const auto channel = channel_of(name);
      if (!channel) return failed(40004, "Unknown symbol or channel " + name);
      wanted.push_back(*channel);
    }
    send(peer, R"({"id":)" + id + R"(,"method":)" + json::quoted(method) + R"(,"code":0})");
    for (const Channel& channel : wanted) apply(peer, channel, method == "subscribe");
  }

  void beat(Peer& peer) override {
    const time::Instant now = outlet().connection_time();
    if (peer.awaited_beat != 0 && now - peer.beat_at >= time::Duration::seconds(5))
      return outlet().close(peer);
    if (!beat_is_due(peer, time::Duration::seconds(30))) return;
    peer.awaited_beat = ++beats_;
    send(peer, R"({"id":)" + std::to_string(peer.awaited_beat) + R"(,"method":"public/heartbeat","code":0})",
         FrameKind::kHeartbeat);
  }

  void printed(std::size_t market, std::span<const Print> prints) override {
    send_to_takers(market, trade_message(market, {prints.begin(), prints.end()}));
  }

  void moved_book(std::size_t market, const Depth& before) override {
    Board& shown = boards()[market];
    const std::uint64_t previous = book_number(shown);
    ++shown.book_sequence;
    each_reader(market, [&](Peer& peer, std::size_t levels) {
      const auto bids = changed_levels(before.bids, shown.depth.bids, levels);
      const auto asks = changed_levels(before.asks, shown.depth.asks, levels);
      const std::string t = std::to_string(milliseconds(shown.depth.time));
      send(peer,
           head(market, channel_name(market, levels), "book.update", levels) +
               R"("data":[{"update":{"asks":[)" + level_list(market, asks) + R"(],"bids":[)" +
               level_list(market, bids) + R"(]},"t":)" + t + R"(,"tt":)" + t + R"(,"u":)" +
               std::to_string(book_number(shown)) + R"(,"pu":)" + std::to_string(previous) + R"(,"cs":0}]}})",
           FrameKind::kBook);
    });
  }

  void add_routes(http::Router& router) override {
    router.get("/exchange/v1/public/get-trades",
               [this](const http::Request& request) { return get_trades(request); });
    router.post("/exchange/v1/public/staking/get-conversion-rate",
                [this](const http::Request& request) { return conversion_rate(request); });
  }

 private:
  struct Channel {
    std::size_t market;
    std::size_t levels;  ///< 0: trades
  };

  std::optional<Channel> channel_of(std::string_view name) const {
    if (name.starts_with("trade.")) {
      const auto market = market_of(name.substr(6));
      return market ? std::optional(Channel{*market, 0}) : std::nullopt;
    }
    if (!name.starts_with("book.")) return std::nullopt;
    name.remove_prefix(5);
    std::size_t levels = 50;
    for (const auto& [ending, depth] :
         {std::pair{std::string_view(".10"), 10U}, {std::string_view(".50"), 50U}}) {
      if (!name.ends_with(ending)) continue;
      levels = depth;
      name.remove_suffix(ending.size());
      break;
    }
    const auto market = market_of(name);
    return market ? std::optional(Channel{*market, levels}) : std::nullopt;
  }

  void apply(Peer& peer, const Channel& channel, bool on) {
    peer.subscribed = true;
    if (channel.levels == 0) {
      const bool news = on && !peer.trades[channel.market];
      peer.trades[channel.market] = on;
      std::vector<Print> last = recent(channel.market, kRecent);
      if (news && !last.empty())
        send(peer, trade_message(channel.market, {last.rbegin(), last.rend()}), FrameKind::kTrade);
      return;
    }
    peer.levels[channel.market] = on ? channel.levels : 0;
    if (on) send_snapshot(peer, channel.market, channel.levels);
  }

  void send_snapshot(Peer& peer, std::size_t market, std::size_t levels) {
    const Board& shown = board(market);
    const std::string t = std::to_string(milliseconds(shown.depth.time));
    const std::span<const DepthLevel> bids(shown.depth.bids);
    const std::span<const DepthLevel> asks(shown.depth.asks);
    send(peer,
         head(market, channel_name(market, levels), "book", levels) + R"("data":[{"asks":[)" +
             level_list(market, asks.first(std::min(levels, asks.size()))) + R"(],"bids":[)" +
             level_list(market, bids.first(std::min(levels, bids.size()))) + R"(],"t":)" + t + R"(,"tt":)" +
             t + R"(,"u":)" + std::to_string(book_number(shown)) + R"(,"cs":0}]}})",
         FrameKind::kBook);
  }

  std::string channel_name(std::size_t market, std::size_t levels) const {
    return "book." + std::string(listing(market).symbol) + "." + std::to_string(levels);
  }

  std::string head(std::size_t market, const std::string& subscription, const char* channel,
                   std::size_t levels) const {
    return R"({"id":-1,"method":"subscribe","code":0,"result":{"instrument_name":")" +
           std::string(listing(market).symbol) + R"(","subscription":")" + subscription + R"(","channel":")" +
           channel + R"(",)" + (levels > 0 ? R"("depth":)" + std::to_string(levels) + "," : "");
  }

  static std::uint64_t book_number(const Board& shown) { return kFirstBookNumber + shown.book_sequence * 3; }

  std::string level_list(std::size_t market, std::span<const DepthLevel> levels) const {
    std::string text;
    for (const DepthLevel& level : levels) {
      text += (text.empty() ? "" : ",") +
              (R"([")" + price(market, level.price_ticks) + R"(",")" + size(market, level.size_units) +
               R"(",")" + (level.size_units == 0 ? "0" : "2") + R"("])");
    }
    return text;
  }

  std::string trade_message(std::size_t market, const std::vector<Print>& prints) const {
    std::string data;
    for (const Print& print : prints)
      data += (data.empty() ? "" : ",") + trade(market, print, "SELL", "BUY", "");
    return head(market, "trade." + std::string(listing(market).symbol), "trade", 0) + R"("data":[)" + data +
           "]}}";
  }

  /// `tn`: the member of that name, with its comma before it, or nothing.
  std::string trade(std::size_t market, const Print& print, const char* sell, const char* buy,
                    const std::string& tn) const {
    return R"({"d":")" + id_of(market, print) + R"(","t":)" + std::to_string(milliseconds(print.time)) + tn +
           R"(,"q":")" + size(market, print.size_units) + R"(","p":")" + price(market, print.price_ticks) +
           R"(","s":")" + (print.buyer_took ? buy : sell) + R"(","i":")" +
           std::string(listing(market).symbol) + R"("})";
  }

  /// Only the history has the time in nanoseconds, inside the millisecond that the stream names.
  static std::string fine_time(const Print& print) {
    const auto below = static_cast<std::int64_t>(print.number * 7'919 % 1'000'000);
    return R"(,"tn":)" + std::to_string(milliseconds(print.time) * 1'000'000 + below);
  }

  http::Response get_trades(const http::Request& request) {
    constexpr std::string_view kMethod = "public/get-trades";
    const auto failed = [&] { return refused(400, 40004, "MISSING_OR_INVALID_ARGUMENT", kMethod); };
    const std::string* symbol = request.query_value("instrument_name");
    const auto market = symbol == nullptr ? std::nullopt : rest_market_of(*symbol);
    if (!market) return failed();
    const auto number = [&](const char* name, std::int64_t otherwise) -> std::optional<std::int64_t> {
      const std::string* text = request.query_value(name);
      return text == nullptr ? otherwise : whole(*text, 0, INT64_MAX);
    };
    const auto count = number("count", 25);
    auto start = number("start_ts", 0);
    auto end = number("end_ts", kMillisecondsMax);
    if (!count || !start || !end || *count < 1 || *count > kPageMax) return failed();
    for (auto* at : {&start, &end}) {
      if (**at > kMillisecondsMax) *at = **at / 1'000'000;
    }
    if (request.query_value("start_ts") != nullptr && request.query_value("end_ts") != nullptr &&
        *end - *start > kDayMs + 1)
      return failed();
    std::vector<Print> found = prints_where(*market, [&](const Print& print) {
      return milliseconds(print.time) >= *start && milliseconds(print.time) < *end;
    });
    if (found.size() > static_cast<std::size_t>(*count)) found.erase(found.begin(), found.end() - *count);
    std::string data;
    for (auto print = found.rbegin(); print != found.rend(); ++print)
      data += (data.empty() ? "" : ",") + trade(*market, *print, "sell", "buy", fine_time(*print));
    return http::Response::json(R"({"id":-1,"method":"public/get-trades","code":0,"result":{"data":[)" +
                                data + "]}}");
  }

  /// The parameter comes in the body, as documented, or in the query, as some clients send it.
  http::Response conversion_rate(const http::Request& request) const {
    constexpr std::string_view kMethod = "public/staking/get-conversion-rate";
    std::string name;
    if (const std::string* in_query = request.query_value("instrument_name")) name = *in_query;
    if (!request.body.empty()) {
      const auto body = json::parse(request.body);
      if (body.has_error() || body->kind() != json::Kind::kObject)
        return refused(400, 40001, "BAD_REQUEST", kMethod);
      const json::Value* params = body->find("params");
      const std::string_view said = text_of(params != nullptr ? *params : *body, "instrument_name");
      if (!said.empty()) name = said;
    }
    if (name != "CDCETH") return refused(400, 40004, "MISSING_OR_INVALID_ARGUMENT", kMethod);
    const std::int64_t rate_e9 = world_.conversion_rate_e9(second_of(outlet().world_time()));
    return http::Response::json(R"({"id":-1,"method":"public/staking/get-conversion-rate","code":0,"result":)"
                                R"({"instrument_name":"CDCETH","conversion_rate":")" +
                                Market::fixed(rate_e9, 9) + R"("}})");
  }

  const World& world_;
  std::uint64_t beats_ = 1'587'523'073'344;
};

}  // namespace

std::unique_ptr<Venue> make_crypto_com(const World& world, std::int64_t activity) {
  return std::make_unique<CryptoCom>(world, activity);
}

}  // namespace navkeeper::sandbox
