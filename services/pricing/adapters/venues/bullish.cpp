// Bullish, websocket of anonymous trades: api.exchange.bullish.com/docs (unified anonymous trades, keep
// websocket open) and REST GET /trading-api/v1/history/markets/{symbol}/trades. The first message holds the
// latest hundred trades. Trades that were matched over the counter (otcMatchId or otcTradeId) are no trades
// of the order book and are left out.
#include <algorithm>
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr int kPageLimit = 100;
constexpr std::int64_t kMillisecond = 1'000'000;

Side side_of(const Token& side) {
  if (side.is("BUY")) return Side::kBuy;
  if (side.is("SELL")) return Side::kSell;
  return Side::kUnknown;
}

bool names_something(const Token& token) {
  return token.present() && !token.is_null() && !token.text.empty();
}

struct Trade {
  Token id, symbol, price, quantity, side, created, otc_match, otc_trade;
  Fields fields;

  bool over_the_counter() const { return names_something(otc_match) || names_something(otc_trade); }
  TradeTokens tokens() const {
    return {.price = price, .size = quantity, .id = id, .size_field = "quantity", .id_field = "tradeId"};
  }
};

bool read_trade(ondemand::value& item, Trade& trade) {
  ondemand::object object;
  return as_object(item, object) &&
         each_field(object,
                    [&](std::string_view key, ondemand::value& value) {
                      if (key == "tradeId") return trade.fields.take(trade.id, value);
                      if (key == "symbol") return trade.fields.take(trade.symbol, value);
                      if (key == "price") return trade.fields.take(trade.price, value);
                      if (key == "quantity") return trade.fields.take(trade.quantity, value);
                      if (key == "side") return trade.fields.take(trade.side, value);
                      if (key == "createdAtTimestamp") return trade.fields.take(trade.created, value);
                      if (key == "otcMatchId") return trade.fields.take(trade.otc_match, value);
                      if (key == "otcTradeId") return trade.fields.take(trade.otc_trade, value);
                      return true;
                    }) &&
         !trade.fields.twice();
}

class Bullish final : public VenueProtocol {
 public:
  explicit Bullish(std::vector<Instrument> instruments)
      : VenueProtocol(std::move(instruments), {.trades = true, .books = false}) {
    facts_.venue = Venue::kBullish;
    facts_.socket = {"api.exchange.bullish.com", "/trading-api/v1/market-data/trades"};
    facts_.rest = {"api.exchange.bullish.com", ""};
    facts_.gap_rule = GapRule::kTime;
    facts_.rest_limit = {10, time::Duration::milliseconds(40)};
    facts_.silence = time::Duration::seconds(60);
    facts_.keepalive = time::Duration::seconds(20);
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t now_ms) const override {
    std::vector<std::string> texts;
    for (const Instrument& market : instruments()) {
      texts.push_back(
          R"({"jsonrpc":"2.0","type":"command","method":"subscribe","params":{"topic":"anonymousTrades","symbol":)" +
          json_list({market.symbol}) + R"(},"id":")" + std::to_string(now_ms) + R"("})");
    }
    return texts;
  }

  std::string keepalive(std::int64_t now_ms) const override {
    return R"({"jsonrpc":"2.0","type":"command","method":"keepalivePing","params":{},"id":")" +
           std::to_string(now_ms) + R"("})";
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token type, data_type, code, message;
    Fields fields;
    bool answered = false;
    bool data_seen = false;
    bool trades_seen = false;
    const auto read_answer = [&](std::string_view key, ondemand::value& value) {
      if (key == "responseCode" || key == "code" || key == "errorCode") return fields.take(code, value);
      if (key == "message") return fields.take(message, value);
      return true;
    };
    const bool whole =
        reader_.open(frame) && reader_.root(root) &&
        each_field(root,
                   [&](std::string_view key, ondemand::value& value) {
                     if (key == "type") return fields.take(type, value);
                     if (key == "dataType") return fields.take(data_type, value);
                     ondemand::object object;
                     if (key == "data") {
                       fields.once(data_seen);
                       return !as_object(value, object) || read_data(object, fields, trades_seen, out);
                     }
                     if (key == "result" || key == "error") {
                       answered = true;
                       return !as_object(value, object) || each_field(object, read_answer);
                     }
                     return true;
                   }) &&
        reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (data_type.is("V1TAAnonymousTradeUpdate")) {
      out.history = type.is("snapshot");
      if (!out.history && !type.is("update")) {
        out.trades.clear();
        out.refuse(Problem::kUnknownMessage, Fate::kKeep, "type");
      }
    } else if (data_type.is("V1TAErrorResponse") || (answered && code.text != "200")) {
      out.trades.clear();
      out.venue_error = quoted_text(code.text) + " " + quoted_text(message.text);
    } else if (answered) {
      out.heartbeat = message.text.starts_with("Keep alive");
      out.subscribed = !out.heartbeat;
    } else {
      out.trades.clear();
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "dataType");
    }
  }

  BackfillCursor begin_backfill(const Gap& gap) const override {
    return {
        gap.from_ns / kMillisecond, gap.until_ns / kMillisecond, 0, {}};  // In milliseconds, both included.
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant) const override {
    const auto encoded = [](std::int64_t ms) {
      std::string text = to_utc_ms(ms * kMillisecond);
      for (std::size_t at = text.find(':'); at != std::string::npos; at = text.find(':', at))
        text.replace(at, 1, "%3A");
      return text;
    };
    return RestRequest{
        "/trading-api/v1/history/markets/" + instrument(gap.instrument).rest_symbol + "/trades",
        "createdAtDatetime%5Bgte%5D=" + encoded(cursor.from_ns) + "&createdAtDatetime%5Blte%5D=" +
            encoded(cursor.until_ns) + "&_pageSize=" + std::to_string(kPageLimit)};
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.next = cursor;
    PageRange range(cursor.from_ns, cursor.until_ns);
    bool other = false;  // A row names another instrument.
    ondemand::array root;
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_item(
            root,
            [&](ondemand::value& item) {
              Trade trade;
              if (!read_trade(item, trade)) return false;
              if (names_something(trade.symbol) && trade.symbol.text != instrument(gap.instrument).symbol)
                other = true;
              const auto ns = read_epoch(trade.created, kMillisecond);
              if (ns) range.row(*ns / kMillisecond);
              if (trade.over_the_counter()) {
                ++page.excluded;
                return true;
              }
              add_trade(TradeSink::of_page(page), Venue::kBullish, gap.instrument, trade.tokens(), ns,
                        "createdAtTimestamp", side_of(trade.side), false);
              return true;
            }) &&
        reader_.at_end();
    if (!whole || other) {
      page.trades.clear();
      page.refusals.push_back({whole ? Problem::kUnknownInstrument : Problem::kNotJson, Fate::kKeep,
                               whole ? "symbol" : "", gap.instrument});
      return page;
    }
    page.done = !range.narrow();
    page.incomplete = range.overflowed();
    page.next.from_ns = range.from_ms();
    page.next.until_ns = range.until_ms();
    return page;
  }

 private:
  bool read_data(ondemand::object& data, Fields& fields, bool& trades_seen, Frame& out) {
    return each_field(data, [&](std::string_view key, ondemand::value& value) {
      if (key != "trades") return true;
      fields.once(trades_seen);
      ondemand::array list;
      return as_array(value, list) && each_item(list, [&](ondemand::value& item) {
               Trade trade;
               if (!read_trade(item, trade)) return false;
               const auto market = find(trade.symbol.text);
               if (!market) {
                 out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "symbol");
               } else if (trade.over_the_counter()) {
                 ++out.excluded;
               } else {
                 add_trade(TradeSink::of(out), Venue::kBullish, *market, trade.tokens(),
                           read_epoch(trade.created, kMillisecond), "createdAtTimestamp", side_of(trade.side),
                           false);
               }
               return true;
             });
    });
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> bullish(std::vector<Instrument> instruments) {
  return std::make_unique<Bullish>(std::move(instruments));
}

}  // namespace navkeeper::pricing::venues
