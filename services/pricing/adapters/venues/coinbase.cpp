// Coinbase Exchange, channels `matches` and `heartbeat`: docs.cdp.coinbase.com/exchange/websocket-feed
// (channels, rate limits) and /exchange/rest-api/pagination. Trades of a product are numbered without holes;
// the heartbeat, once a second, carries the last number, so that a loss shows even when nothing follows it.
// `side` is the maker's; ours is the taker's.
#include <algorithm>
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr int kPageLimit = 1000;

Side taker_of(const Token& maker) {
  if (maker.is("sell")) return Side::kBuy;
  if (maker.is("buy")) return Side::kSell;
  return Side::kUnknown;
}

class Coinbase final : public VenueProtocol {
 public:
  explicit Coinbase(std::vector<Instrument> instruments)
      : VenueProtocol(std::move(instruments), {.trades = true, .books = false}) {
    facts_.venue = Venue::kCoinbase;
    facts_.socket = {"ws-feed.exchange.coinbase.com", "/"};
    facts_.rest = {"api.exchange.coinbase.com", ""};
    facts_.gap_rule = GapRule::kDenseNumber;
    facts_.end_shows = true;  // Each second's heartbeat has last_trade_id.
    facts_.rest_limit = {5, time::Duration::milliseconds(200)};
    facts_.silence = time::Duration::seconds(10);
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t) const override {
    std::vector<std::string> symbols;
    for (const Instrument& market : instruments()) symbols.push_back(market.symbol);
    return {R"({"type":"subscribe","product_ids":[)" + json_list(symbols) +
            R"(],"channels":["matches","heartbeat"]})"};
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token type, trade_id, side, size, price, product, time, last_trade_id, message, reason;
    Fields fields;
    const bool whole = reader_.open(frame) && reader_.root(root) &&
                       each_field(root,
                                  [&](std::string_view key, ondemand::value& value) {
                                    if (key == "type") return fields.take(type, value);
                                    if (key == "trade_id") return fields.take(trade_id, value);
                                    if (key == "side") return fields.take(side, value);
                                    if (key == "size") return fields.take(size, value);
                                    if (key == "price") return fields.take(price, value);
                                    if (key == "product_id") return fields.take(product, value);
                                    if (key == "time") return fields.take(time, value);
                                    if (key == "last_trade_id") return fields.take(last_trade_id, value);
                                    if (key == "message") return fields.take(message, value);
                                    if (key == "reason") return fields.take(reason, value);
                                    return true;
                                  }) &&
                       reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice()) return out.refuse_whole(Problem::kTwice);

    const bool match = type.is("match");
    if (match || type.is("last_match")) {
      const auto market = find(product.text);
      if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "product_id");
      out.history = !match;
      add_trade(TradeSink::of(out), Venue::kCoinbase, *market,
                {.price = price, .size = size, .id = trade_id, .id_field = "trade_id"}, read_utc(time.text),
                "time", taker_of(side), true);
    } else if (type.is("heartbeat")) {
      out.heartbeat = true;
      out.said_ns = read_utc(time.text);
      const auto market = find(product.text);
      const auto number = read_unsigned(last_trade_id.text);
      if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "product_id");
      if (!number) return out.refuse(Problem::kBadId, Fate::kKeep, "last_trade_id", market);
      if (*number > 0) out.reached.push_back({*market, *number});
    } else if (type.is("subscriptions")) {
      out.subscribed = true;
    } else if (type.is("error")) {
      out.venue_error = quoted_text(message.text);
      if (reason.present()) out.venue_error += ": " + quoted_text(reason.text);
    } else {
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "type");
    }
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant) const override {
    // `after` asks for older trades than that number, newest first.
    std::string query = "limit=" + std::to_string(kPageLimit);
    if (cursor.number > 0) query += "&after=" + std::to_string(cursor.number + 1);
    return RestRequest{"/products/" + instrument(gap.instrument).rest_symbol + "/trades", query};
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    ondemand::array root;
    int count = 0;
    std::uint64_t lowest = UINT64_MAX;
    std::int64_t earliest_ns = INT64_MAX;
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_item(root,
                  [&](ondemand::value& item) {
                    ondemand::object object;
                    if (!as_object(item, object)) return false;
                    Token time, trade_id, price, size, side;
                    Fields fields;
                    if (!each_field(object,
                                    [&](std::string_view key, ondemand::value& value) {
                                      if (key == "time") return fields.take(time, value);
                                      if (key == "trade_id") return fields.take(trade_id, value);
                                      if (key == "price") return fields.take(price, value);
                                      if (key == "size") return fields.take(size, value);
                                      if (key == "side") return fields.take(side, value);
                                      return true;
                                    }) ||
                        fields.twice()) {
                      return false;
                    }
                    ++count;
                    if (const auto number = read_unsigned(trade_id.text)) lowest = std::min(lowest, *number);
                    const auto ns = read_utc(time.text);
                    if (ns) earliest_ns = std::min(earliest_ns, *ns);
                    add_trade(TradeSink::of_page(page), Venue::kCoinbase, gap.instrument,
                              {.price = price, .size = size, .id = trade_id, .id_field = "trade_id"}, ns,
                              "time", taker_of(side), true);
                    return true;
                  }) &&
        reader_.at_end();
    if (!whole) {
      page.trades.clear();
      page.refusals.push_back({Problem::kNotJson, Fate::kKeep, "", gap.instrument});
      return page;
    }
    const bool covered = gap.number_first > 0 ? lowest <= gap.number_first : earliest_ns < gap.from_ns;
    const bool stuck =
        count == 0 || lowest == UINT64_MAX || lowest <= 1 || (cursor.number > 0 && lowest > cursor.number);
    page.done = covered || stuck;
    page.incomplete = stuck && !covered;
    page.next = cursor;
    if (!page.done) page.next.number = lowest - 1;
    return page;
  }

 private:
  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> coinbase(std::vector<Instrument> instruments) {
  return std::make_unique<Coinbase>(std::move(instruments));
}

}  // namespace navkeeper::pricing::venues
