// Crypto.com Exchange v1, channels `trade.{instrument}` and `book.{instrument}.{depth}` with delta updates:
// exchange-docs.crypto.com. The server's heartbeat must be answered with its own id. Prices and sizes are
// strings or numbers, by version; both are read. REST: GET /exchange/v1/public/get-trades, at most one day at
// a time. Nothing in the stream numbers the trades, so interruptions are closed by time.
#include <algorithm>
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr int kPageLimit = 150;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDayMs = 86'400'000;

Side side_of(const Token& side) {
  if (side.is("BUY") || side.is("buy")) return Side::kBuy;
  if (side.is("SELL") || side.is("sell")) return Side::kSell;
  return Side::kUnknown;
}

/// `t` in milliseconds. The history also has `tn` in nanoseconds, which the stream has not: it is not read,
/// so that a trade has one time whichever way it came.
std::optional<std::int64_t> time_of(const Token& t) { return read_epoch(t, kMillisecond); }

class CryptoCom final : public VenueProtocol {
 public:
  CryptoCom(std::vector<Instrument> instruments, Feeds feeds) : VenueProtocol(std::move(instruments), feeds) {
    facts_.venue = Venue::kCryptoCom;
    facts_.socket = {"stream.crypto.com", "/exchange/v1/market"};
    facts_.rest = {"api.crypto.com", ""};
    facts_.gap_rule = GapRule::kTime;
    facts_.rest_limit = {10, time::Duration::milliseconds(20)};
    facts_.settle =
        time::Duration::seconds(1);  // Asked for by the documentation: the rate limit is per calendar second.
    facts_.silence = time::Duration::seconds(45);  // The server's heartbeat comes every 30 seconds.
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t now_ms) const override {
    std::vector<std::string> texts;
    std::vector<std::string> trades;
    std::vector<std::string> books;
    for (const Instrument& market : instruments()) {
      trades.push_back("trade." + market.symbol);
      books.push_back(book_channel(market));
    }
    if (feeds().trades) {
      texts.push_back(R"({"id":1,"method":"subscribe","params":{"channels":[)" + json_list(trades) +
                      R"(]},"nonce":)" + std::to_string(now_ms) + "}");
    }
    if (feeds().books) texts.push_back(book_request(2, "subscribe", json_list(books), now_ms));
    return texts;
  }

  std::vector<std::string> resubscribe_book(std::uint16_t market, std::int64_t now_ms) const override {
    const std::string channel = json_list({book_channel(instrument(market))});
    return {book_request(3, "unsubscribe", channel, now_ms), book_request(4, "subscribe", channel, now_ms)};
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token id, method, code, message;
    Result result;
    Fields fields;
    const bool whole = reader_.open(frame) && reader_.root(root) &&
                       each_field(root,
                                  [&](std::string_view key, ondemand::value& value) {
                                    if (key == "result") {
                                      fields.once(result.seen);
                                      ondemand::object object;
                                      return !as_object(value, object) || read_result(object, result, out);
                                    }
                                    if (key == "id") return fields.take(id, value);
                                    if (key == "method") return fields.take(method, value);
                                    if (key == "code") return fields.take(code, value);
                                    if (key == "message") return fields.take(message, value);
                                    return true;
                                  }) &&
                       reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice() || result.fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (method.is("public/heartbeat")) {
      const auto number = read_unsigned(id.text);
      if (!number) return out.refuse(Problem::kBadId, Fate::kKeep, "id");
      out.heartbeat = true;
      out.answer = R"({"id":)" + std::to_string(*number) + R"(,"method":"public/respond-heartbeat"})";
    } else if (code.present() && code.text != "0") {
      out.venue_error = "code " + quoted_text(code.text) + " " + quoted_text(message.text);
    } else if (result.channel.is("trade")) {
      if (!out.books.empty()) return out.refuse_whole(Problem::kUnknownMessage);
    } else if (result.channel.is("book") || result.channel.is("book.update")) {
      finish_book(result, out);
    } else if (method.is("subscribe") && !result.channel.present()) {
      out.subscribed = true;
    } else if (!method.is("unsubscribe")) {
      out.trades.clear();
      out.books.clear();
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "channel");
    }
  }

  BackfillCursor begin_backfill(const Gap& gap) const override {
    return {
        gap.from_ns / kMillisecond, gap.until_ns / kMillisecond, 0, {}};  // In milliseconds, both included.
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant) const override {
    return RestRequest{"/exchange/v1/public/get-trades",
                       "instrument_name=" + instrument(gap.instrument).rest_symbol + "&count=" +
                           std::to_string(kPageLimit) + "&start_ts=" + std::to_string(window_start(cursor)) +
                           "&end_ts=" + std::to_string(cursor.until_ns + 1)};  // The end is not included.
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.next = cursor;
    PageRange range(window_start(cursor), cursor.until_ns);
    Token code;
    Fields fields;
    bool has_data = false;
    bool other = false;  // A row names another instrument.
    ondemand::object root;
    const auto read_item = [&](ondemand::value& item) {
      ondemand::object object;
      Item trade;
      if (!as_object(item, object) || !read_item_fields(object, trade)) return false;
      if (trade.i.present() && trade.i.text != instrument(gap.instrument).symbol) other = true;
      const auto ns = time_of(trade.t);
      if (ns) range.row(*ns / kMillisecond);
      add_trade(TradeSink::of_page(page), Venue::kCryptoCom, gap.instrument, trade.trade(), ns, "t",
                side_of(trade.s), false);
      return true;
    };
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_field(root,
                   [&](std::string_view key, ondemand::value& value) {
                     if (key == "code") return fields.take(code, value);
                     if (key != "result") return true;
                     ondemand::object result;
                     return as_object(value, result) &&
                            each_field(result, [&](std::string_view name, ondemand::value& data) {
                              if (name != "data") return true;
                              ondemand::array list;
                              fields.once(has_data);
                              return as_array(data, list) && each_item(list, read_item);
                            });
                   }) &&
        reader_.at_end();
    if (!whole || fields.twice() || code.text != "0" || !has_data) {
      page.trades.clear();
      page.refusals.push_back({whole && !fields.twice() ? Problem::kUnknownMessage : Problem::kNotJson,
                               Fate::kKeep, "code", gap.instrument});
      return page;
    }
    if (other) {
      page.trades.clear();
      page.refusals.push_back({Problem::kUnknownInstrument, Fate::kKeep, "i", gap.instrument});
      return page;
    }
    const bool more = range.narrow();
    page.incomplete = range.overflowed();
    if (more) {
      page.next.until_ns = range.until_ms();
      page.next.from_ns =
          std::max(cursor.from_ns, range.from_ms() > window_start(cursor) ? range.from_ms() : 0);
    } else if (window_start(cursor) > cursor.from_ns) {
      page.next.until_ns = window_start(cursor) - 1;  // The day before.
    } else {
      page.done = true;
    }
    return page;
  }

 private:
  /// One element of `data`: a trade or a book.
  struct Item {
    Token d, t, s, p, q, i, u, pu;
    Fields fields;
    TradeTokens trade() const {
      return {.price = p, .size = q, .id = d, .price_field = "p", .size_field = "q", .id_field = "d"};
    }
  };
  struct Result {
    Token instrument, channel;
    Token t, u, pu;
    Fields fields;
    bool seen = false;
    bool data_seen = false;
  };

  static std::int64_t window_start(const BackfillCursor& cursor) {
    return std::max(cursor.from_ns, cursor.until_ns - kDayMs + 1);
  }

  std::string book_channel(const Instrument& market) const {
    return "book." + market.symbol + (feeds().depth <= 10 ? ".10" : ".50");
  }

  static std::string book_request(int id, const std::string& method, const std::string& channels,
                                  std::int64_t now_ms) {
    return R"({"id":)" + std::to_string(id) + R"(,"method":")" + method + R"(","params":{"channels":[)" +
           channels +
           R"(],"book_subscription_type":"SNAPSHOT_AND_UPDATE","book_update_frequency":10},"nonce":)" +
           std::to_string(now_ms) + "}";
  }

  /// The fields that trades and books share; any other key is passed over.
  static bool take_field(Item& item, std::string_view key, ondemand::value& value) {
    if (key.size() == 1) {
      switch (key[0]) {
        case 'd':
          return item.fields.take(item.d, value);
        case 't':
          return item.fields.take(item.t, value);
        case 's':
          return item.fields.take(item.s, value);
        case 'p':
          return item.fields.take(item.p, value);
        case 'q':
          return item.fields.take(item.q, value);
        case 'i':
          return item.fields.take(item.i, value);
        case 'u':
          return item.fields.take(item.u, value);
        default:
          return true;
      }
    }
    if (key == "pu") return item.fields.take(item.pu, value);
    return true;
  }

  static bool read_item_fields(ondemand::object& object, Item& item) {
    return each_field(object, [&](std::string_view key,
                                  ondemand::value& value) { return take_field(item, key, value); }) &&
           !item.fields.twice();
  }

  static bool read_side(ondemand::value& value, bool bid, Frame& out) {
    add_levels(value, bid, 0, out);  // What it refuses is in `out`; the market is known at the end.
    return true;
  }

  bool read_result(ondemand::object& object, Result& result, Frame& out) {
    return each_field(object, [&](std::string_view key, ondemand::value& value) {
      if (key == "instrument_name") return result.fields.take(result.instrument, value);
      if (key == "channel") return result.fields.take(result.channel, value);
      if (key != "data") return true;
      result.fields.once(result.data_seen);
      ondemand::array list;
      return as_array(value, list) && each_item(list, [&](ondemand::value& item) {
               ondemand::object element;
               return as_object(item, element) && read_item(element, result, out);
             });
    });
  }

  bool read_item(ondemand::object& object, Result& result, Frame& out) {
    Item item;
    BookUpdate update;
    bool book = false;
    update.first_level = out.levels.size();
    if (!each_field(object,
                    [&](std::string_view key, ondemand::value& value) {
                      if (key == "bids" || key == "asks") {
                        book = true;
                        return read_side(value, key == "bids", out);
                      }
                      if (key == "update") {
                        book = true;
                        ondemand::object sides;
                        return as_object(value, sides) &&
                               each_field(sides, [&](std::string_view name, ondemand::value& list) {
                                 return (name != "bids" && name != "asks") ||
                                        read_side(list, name == "bids", out);
                               });
                      }
                      return take_field(item, key, value);
                    }) ||
        item.fields.twice()) {
      return false;
    }
    if (book) {
      update.level_count = out.levels.size() - update.first_level;
      update.exchange_ns = read_epoch(item.t, kMillisecond).value_or(0);
      update.sequence = read_unsigned(item.u.text);
      update.previous_sequence = read_unsigned(item.pu.text);
      out.books.push_back(update);
      return true;
    }
    const auto market = find(item.i.present() ? item.i.text : result.instrument.text);
    if (!market) {
      out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "i");
      return true;
    }
    add_trade(TradeSink::of(out), Venue::kCryptoCom, *market, item.trade(), time_of(item.t), "t",
              side_of(item.s), false);
    return true;
  }

  void finish_book(const Result& result, Frame& out) {
    const auto market = find(result.instrument.text);
    const bool snapshot = result.channel.is("book");
    out.trades.clear();
    if (!market) {
      out.books.clear();
      return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "instrument_name");
    }
    for (FrameRefusal& refusal : out.refusals) refusal.instrument = market;
    if (out.fate() != Fate::kKeep) out.books.clear();
    for (BookUpdate& update : out.books) {
      update.instrument = *market;
      update.snapshot = snapshot;
      if (!snapshot && !(update.sequence && update.previous_sequence)) {
        out.books.clear();
        return out.refuse(Problem::kMissingField, Fate::kResubscribeBook, "pu", market);
      }
      if (update.exchange_ns <= 0) {
        out.books.clear();
        return out.refuse(Problem::kBadTime, Fate::kResubscribeBook, "t", market);
      }
    }
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> crypto_com(std::vector<Instrument> instruments, Feeds feeds) {
  return std::make_unique<CryptoCom>(std::move(instruments), feeds);
}

}  // namespace navkeeper::pricing::venues
