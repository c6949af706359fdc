// LMAX Digital public data API: docs.lmax.com/public-data-api. The ticker is throttled to one message a
// second and instrument, as it has been seen to be; there is no history of trades. REST takes one request a
// second.
#include "common/json/write.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

http::Response refused(int status, std::string_view code, std::string_view message) {
  return http::Response::json(
      R"({"error_code":)" + json::quoted(code) + R"(,"error_message":)" + json::quoted(message) + "}",
      status);
}

class Lmax final : public Venue {
 public:
  Lmax(const World& world, std::int64_t activity) : Venue(world, "lmax", activity) {}

  std::string_view target() const override { return "/v1/web-socket"; }
  RateRule rate_rule() const override { return {1, time::Duration::seconds(1), time::Duration::seconds(60)}; }
  http::Response too_many_requests() const override {
    return refused(429, "TOO_MANY_REQUESTS", "Rate limit exceeded");
  }

  void received(Peer& peer, std::string_view text) override {
    const auto message = json::parse(text);
    const auto failed = [&](std::string_view code, std::string_view why) {
      send(peer, R"({"type":"ERROR","error_code":)" + json::quoted(code) + R"(,"error_message":)" +
                     json::quoted(why) + "}");
    };
    if (message.has_error() || message->kind() != json::Kind::kObject)
      return failed("INVALID_MESSAGE", "The message is not JSON");
    const std::string_view type = text_of(*message, "type");
    if (type != "SUBSCRIBE" && type != "UNSUBSCRIBE") return failed("INVALID_MESSAGE", "Unknown type");
    const json::Value* channels = message->find("channels");
    if (channels == nullptr || channels->kind() != json::Kind::kArray)
      return failed("INVALID_MESSAGE", "channels is required");
    for (const json::Value& channel : channels->as_array()) {
      const auto instruments =
          channel.kind() == json::Kind::kObject ? texts_of(channel.find("instruments")) : std::nullopt;
      if (!instruments || text_of(channel, "name") != "TICKER")
        return failed("INVALID_CHANNEL", "Unknown channel");
      for (const std::string& instrument : *instruments) {
        const auto market = market_of(instrument);
        if (!market) return failed("INSTRUMENT_DOES_NOT_EXIST", "Unknown instrument " + instrument);
        peer.subscribed = true;
        peer.levels[*market] = type == "SUBSCRIBE" ? 1 : 0;
      }
    }
    std::string subscribed;
    for (std::size_t i = 0; i < boards().size(); ++i) {
      if (peer.levels[i] > 0) subscribed += (subscribed.empty() ? "" : ",") + json::quoted(listing(i).symbol);
    }
    send(peer,
         R"({"type":"SUBSCRIPTIONS","channels":[{"name":"TICKER","instruments":[)" + subscribed + "]}]}");
    for (std::size_t i = 0; i < boards().size(); ++i) {
      if (peer.levels[i] > 0) send(peer, ticker(i), FrameKind::kBook);
    }
  }

  void printed(std::size_t, std::span<const Print>) override {}

  void moved_book(std::size_t market, const Depth&) override {
    const std::string text = ticker(market);
    each_reader(market, [&](Peer& peer, std::size_t) { send(peer, text, FrameKind::kBook); });
  }

  void add_routes(http::Router& router) override {
    router.get("/v1/ticker/{instrument}", [this](const http::Request& request) {
      const auto market = rest_market_of(request.parameter("instrument"));
      return market ? http::Response::json(ticker(*market))
                    : refused(404, "INSTRUMENT_DOES_NOT_EXIST", "Unknown instrument");
    });
    router.get("/v1/time", [this](const http::Request&) {
      return http::Response::json(R"({"timestamp":")" + utc(outlet().world_time(), 3) + R"("})");
    });
  }

 private:
  std::string ticker(std::size_t market) const {
    const Depth& shown = board(market).depth;
    const std::vector<Print> last = recent(market, 1);
    std::string text = R"({"type":"TICKER","instrument_id":")" + std::string(listing(market).symbol) +
                       R"(","timestamp":")" + utc(shown.time, 3) + R"(","best_bid":")" +
                       price(market, shown.bids.front().price_ticks) + R"(","best_ask":")" +
                       price(market, shown.asks.front().price_ticks) + R"(",)";
    if (last.empty()) return text + R"("trade_id":null,"last_quantity":null,"last_price":null})";
    return text + R"("trade_id":"0B5WMAAAAAAAAA)" + id_of(market, last[0]) + R"(","last_quantity":")" +
           size(market, last[0].size_units) + R"(","last_price":")" + price(market, last[0].price_ticks) +
           R"("})";
  }
};

}  // namespace

std::unique_ptr<Venue> make_lmax(const World& world, std::int64_t activity) {
  return std::make_unique<Lmax>(world, activity);
}

}  // namespace navkeeper::sandbox
