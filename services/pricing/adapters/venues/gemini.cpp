// Gemini market data v2, subscription `l2`: docs.gemini.com/websocket-api, Market Data Version 2. The first
// answer holds the last fifty trades; afterwards each trade is a message of its own. Auction and block prints
// are no trades of the order book and are left out, as are trades that Gemini marks broken. REST: GET
// /v1/trades/{symbol}, oldest first after a trade's id (`since_tid`); a trade's `event_id` on the websocket
// is its `tid` over REST.
#include <algorithm>
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr int kPageLimit = 500;
constexpr std::int64_t kMillisecond = 1'000'000;

Side side_of(const Token& side) {
  if (side.is("buy")) return Side::kBuy;
  if (side.is("sell")) return Side::kSell;
  return Side::kUnknown;
}

class Gemini final : public VenueProtocol {
 public:
  explicit Gemini(std::vector<Instrument> instruments)
      : VenueProtocol(std::move(instruments), {.trades = true, .books = false}) {
    facts_.venue = Venue::kGemini;
    facts_.socket = {"api.gemini.com", "/v2/marketdata"};
    facts_.rest = {"api.gemini.com", ""};
    facts_.gap_rule = GapRule::kTime;
    facts_.rest_limit = {2, time::Duration::seconds(1)};
    facts_.silence = time::Duration::seconds(20);  // A heartbeat comes every five seconds.
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t) const override {
    std::vector<std::string> symbols;
    for (const Instrument& market : instruments()) symbols.push_back(market.symbol);
    return {R"({"type":"subscribe","subscriptions":[{"name":"l2","symbols":[)" + json_list(symbols) + "]}]}"};
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Trade trade;
    Token result, reason;
    bool changes = false;
    const bool whole = reader_.open(frame) && reader_.root(root) &&
                       each_field(root,
                                  [&](std::string_view key, ondemand::value& value) {
                                    if (key == "trades") return read_list(value, out);
                                    if (key == "changes") changes = true;
                                    if (key == "result") return trade.fields.take(result, value);
                                    if (key == "reason" || key == "message")
                                      return trade.fields.take(reason, value);
                                    return read_field(key, value, trade);
                                  }) &&
                       reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (trade.fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (trade.type.is("trade")) {
      out.trades.clear();
      add(trade, out);
    } else if (trade.type.is("l2_updates")) {
      if (!changes) return out.refuse(Problem::kMissingField, Fate::kKeep, "changes");
      out.history = !out.trades.empty();
      out.subscribed = true;  // Of a market that has not traded yet the list of trades is empty.
    } else if (trade.type.is("heartbeat")) {
      out.heartbeat = true;
    } else if (trade.type.is("auction_result") || trade.type.is("block_trade")) {
      ++out.excluded;
    } else if (result.is("error")) {
      out.venue_error = reason.present() ? quoted_text(reason.text) : "error";
    } else if (!trade.type.is("auction_indicative") && !trade.type.is("auction_open")) {
      out.trades.clear();
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "type");
    }
  }

  BackfillCursor begin_backfill(const Gap& gap) const override {
    return {gap.from_ns, gap.until_ns, read_unsigned(gap.after_id.text()).value_or(0), {}};
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant) const override {
    const std::string since = cursor.number > 0
                                  ? "since_tid=" + std::to_string(cursor.number)
                                  : "timestamp=" + std::to_string(cursor.from_ns / 1'000'000'000);
    return RestRequest{"/v1/trades/" + instrument(gap.instrument).rest_symbol,
                       since + "&limit_trades=" + std::to_string(kPageLimit)};
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.next = cursor;
    std::uint64_t highest = 0;
    std::int64_t latest_ns = INT64_MIN;
    ondemand::array root;
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_item(
            root,
            [&](ondemand::value& item) {
              ondemand::object object;
              if (!as_object(item, object)) return false;
              Token ms, tid, price, amount, type, broken;
              Fields fields;
              if (!each_field(object,
                              [&](std::string_view key, ondemand::value& value) {
                                if (key == "timestampms") return fields.take(ms, value);
                                if (key == "tid") return fields.take(tid, value);
                                if (key == "price") return fields.take(price, value);
                                if (key == "amount") return fields.take(amount, value);
                                if (key == "type") return fields.take(type, value);
                                if (key == "broken") return fields.take(broken, value);
                                return true;
                              }) ||
                  fields.twice()) {
                return false;
              }
              const auto ns = read_epoch(ms, kMillisecond);
              if (ns) latest_ns = std::max(latest_ns, *ns);
              if (const auto number = read_unsigned(tid.text)) highest = std::max(highest, *number);
              if (broken.is_true() || side_of(type) == Side::kUnknown) {
                ++page.excluded;
                return true;
              }
              add_trade(
                  TradeSink::of_page(page), Venue::kGemini, gap.instrument,
                  {.price = price, .size = amount, .id = tid, .size_field = "amount", .id_field = "tid"}, ns,
                  "timestampms", side_of(type), false);
              return true;
            }) &&
        reader_.at_end();
    if (!whole) {
      page.trades.clear();
      page.refusals.push_back({Problem::kNotJson, Fate::kKeep, "", gap.instrument});
      return page;
    }
    page.done = highest <= cursor.number || latest_ns > gap.until_ns;
    if (!page.done) page.next.number = highest;
    return page;
  }

 private:
  struct Trade {
    Token type, symbol, event_id, timestamp, price, quantity, side;
    Fields fields;
  };

  static bool read_field(std::string_view key, ondemand::value& value, Trade& trade) {
    if (key == "type") return trade.fields.take(trade.type, value);
    if (key == "symbol") return trade.fields.take(trade.symbol, value);
    if (key == "event_id") return trade.fields.take(trade.event_id, value);
    if (key == "timestamp") return trade.fields.take(trade.timestamp, value);
    if (key == "price") return trade.fields.take(trade.price, value);
    if (key == "quantity") return trade.fields.take(trade.quantity, value);
    if (key == "side") return trade.fields.take(trade.side, value);
    return true;
  }

  bool read_list(ondemand::value& value, Frame& out) {
    ondemand::array list;
    return as_array(value, list) && each_item(list, [&](ondemand::value& item) {
             ondemand::object object;
             Trade trade;
             if (!as_object(item, object) ||
                 !each_field(object, [&](std::string_view key,
                                         ondemand::value& field) { return read_field(key, field, trade); }) ||
                 trade.fields.twice()) {
               return false;
             }
             if (trade.type.is("trade")) {
               add(trade, out);
             } else {
               ++out.excluded;
             }
             return true;
           });
  }

  void add(const Trade& trade, Frame& out) {
    const auto market = find(trade.symbol.text);
    if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "symbol");
    add_trade(TradeSink::of(out), Venue::kGemini, *market,
              {.price = trade.price,
               .size = trade.quantity,
               .id = trade.event_id,
               .size_field = "quantity",
               .id_field = "event_id"},
              read_epoch(trade.timestamp, kMillisecond), "timestamp", side_of(trade.side), false);
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> gemini(std::vector<Instrument> instruments) {
  return std::make_unique<Gemini>(std::move(instruments));
}

}  // namespace navkeeper::pricing::venues
