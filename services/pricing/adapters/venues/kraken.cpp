// Kraken websocket v2, channels `trade`, `book` and `heartbeat`:
// docs.kraken.com/exchange/api-reference/spot-websocket-v2 and /exchange/guides/websockets/book-checksum-v2;
// REST: GET /0/public/Trades. Prices and quantities are JSON numbers, read from their text. trade_id counts
// the trades of a pair.
#include <algorithm>
#include <array>
#include <utility>

#include "services/pricing/adapters/venues/catalogue.h"
#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr int kPageLimit = 1000;

int offered_depth(int wanted) {
  for (const int depth : {10, 25, 100, 500}) {
    if (wanted <= depth) return depth;
  }
  return 1000;
}

Side side_of(const Token& side) {
  if (side.is("buy") || side.is("b")) return Side::kBuy;
  if (side.is("sell") || side.is("s")) return Side::kSell;
  return Side::kUnknown;
}

/// "1762795433.9717445": seconds; digits below a nanosecond are cut off.
std::optional<std::int64_t> read_seconds(std::string_view text) {
  Exact seconds;
  if (read_exact(text, seconds) != ExactError::kNone || !seconds.is_positive()) return std::nullopt;
  std::int64_t ns = seconds.mantissa;
  for (std::int32_t scale = seconds.scale; scale < 9; ++scale) {
    if (__builtin_mul_overflow(ns, 10, &ns)) return std::nullopt;
  }
  for (std::int32_t scale = seconds.scale; scale > 9; --scale) ns /= 10;
  return ns;
}

/// The history has digits below the microsecond, in which the stream ends: they are cut off, so that a trade
/// has one time whichever way it came.
std::optional<std::int64_t> as_streamed(std::optional<std::int64_t> ns) {
  constexpr std::int64_t kMicrosecond = 1'000;
  return ns ? std::optional(*ns / kMicrosecond * kMicrosecond) : ns;
}

class Kraken final : public VenueProtocol {
 public:
  Kraken(std::vector<Instrument> instruments, Feeds feeds) : VenueProtocol(std::move(instruments), feeds) {
    facts_.venue = Venue::kKraken;
    facts_.socket = {"ws.kraken.com", "/v2"};
    facts_.rest = {"api.kraken.com", ""};
    facts_.gap_rule = GapRule::kDenseNumber;
    facts_.rest_limit = {1, time::Duration::seconds(2)};
    facts_.silence = time::Duration::seconds(15);
    facts_.keepalive = time::Duration::seconds(30);
  }

  const VenueFacts& facts() const override { return facts_; }

  int book_depth() const override { return offered_depth(feeds().depth); }

  std::vector<std::string> subscribe(std::int64_t) const override {
    std::vector<std::string> symbols;
    for (const Instrument& market : instruments()) symbols.push_back(market.symbol);
    std::vector<std::string> texts;
    // The snapshot of recent trades closes short holes after a reconnect without a REST request.
    if (feeds().trades) {
      texts.push_back(R"({"method":"subscribe","params":{"channel":"trade","symbol":[)" + json_list(symbols) +
                      R"(],"snapshot":true}})");
    }
    if (feeds().books) texts.push_back(book_request("subscribe", json_list(symbols)));
    return texts;
  }

  std::vector<std::string> resubscribe_book(std::uint16_t market, std::int64_t) const override {
    const std::string symbol = json_list({instrument(market).symbol});
    return {book_request("unsubscribe", symbol), book_request("subscribe", symbol)};
  }

  std::string keepalive(std::int64_t) const override { return R"({"method":"ping"})"; }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    if (!reader_.open(frame)) return out.refuse_whole(Problem::kNotJson);
    Envelope envelope;
    if (!read_envelope(envelope, out)) return out.refuse_whole(Problem::kNotJson);
    if (envelope.data_before_channel) {  // The venue sends the channel first; any order is JSON.
      reader_.rewind();
      if (!read_envelope(envelope, out)) return out.refuse_whole(Problem::kNotJson);
    }
    if (envelope.fields.twice()) return out.refuse_whole(Problem::kTwice);
    finish(envelope, out);
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant) const override {
    // One nanosecond earlier than what is known, because `since` is exclusive: trades of the same instant
    // that fell on a page's edge come again, and those already seen are dropped by their numbers.
    const auto reached = read_unsigned(cursor.token);
    const std::int64_t from =
        reached && *reached <= INT64_MAX ? static_cast<std::int64_t>(*reached) : cursor.from_ns;
    const std::string since = std::to_string(std::max<std::int64_t>(from - 1, 0));
    return RestRequest{"/0/public/Trades", "pair=" + instrument(gap.instrument).rest_symbol +
                                               "&since=" + since + "&count=" + std::to_string(kPageLimit)};
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.next = cursor;
    int count = 0;
    std::uint64_t highest = 0;
    std::int64_t latest_ns = 0;
    Token last;
    Token error;
    const auto refuse = [&](Problem problem, const char* field) {
      page.trades.clear();
      page.refusals.push_back({problem, Fate::kKeep, field, gap.instrument});
      return std::move(page);
    };
    const auto read_row = [&](ondemand::value& item) {
      ondemand::array row;
      if (!as_array(item, row)) return false;
      std::array<Token, 7> column;
      std::size_t at = 0;
      if (!each_item(row, [&](ondemand::value& value) {
            if (at < column.size()) column[at] = token_of(value.raw_json_token());
            ++at;
            return true;
          })) {
        return false;
      }
      ++count;
      const auto ns = read_seconds(column[2].text);
      if (ns) latest_ns = std::max(latest_ns, *ns);
      if (const auto number = read_unsigned(column[6].text)) highest = std::max(highest, *number);
      add_trade(TradeSink::of_page(page), Venue::kKraken, gap.instrument,
                {.price = column[0], .size = column[1], .id = column[6], .id_field = "trade_id"},
                as_streamed(ns), "time", side_of(column[3]), true);
      return true;
    };
    ondemand::object root;
    Fields fields;
    bool rows_seen = false;
    bool other = false;  // Rows stand under another pair's name.
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_field(root,
                   [&](std::string_view key, ondemand::value& value) {
                     if (key == "error") {
                       ondemand::array errors;
                       return as_array(value, errors) && each_item(errors, [&](ondemand::value& item) {
                                error = token_of(item.raw_json_token());
                                return true;
                              });
                     }
                     if (key != "result") return true;
                     ondemand::object result;
                     return as_object(value, result) &&
                            each_field(result, [&](std::string_view name, ondemand::value& rows) {
                              if (name == "last") return fields.take(last, rows);
                              ondemand::array list;  // Under the pair's internal name: XXBTZUSD.
                              fields.once(rows_seen);
                              other = other || !is_symbol_of(name, instrument(gap.instrument).pair);
                              return as_array(rows, list) && each_item(list, read_row);
                            });
                   }) &&
        reader_.at_end();
    if (!whole || fields.twice()) return refuse(Problem::kNotJson, "");
    if (error.present()) return refuse(Problem::kUnknownMessage, "error");
    if (other) return refuse(Problem::kUnknownInstrument, "result");
    const bool covered = gap.number_last > 0 ? highest >= gap.number_last : latest_ns > gap.until_ns;
    const bool stuck = count == 0 || !read_unsigned(last.text) || last.text == cursor.token;
    page.done = covered || stuck;
    page.incomplete = stuck && !covered && gap.number_last > 0;
    if (!page.done) page.next.token = std::string(last.text);
    return page;
  }

 private:
  struct Envelope {
    Token channel, type, method, success, error;
    Fields fields;
    bool has_data = false;
    bool data_before_channel = false;
  };

  std::string book_request(const std::string& method, const std::string& symbols) const {
    return R"({"method":")" + method + R"(","params":{"channel":"book","symbol":[)" + symbols +
           R"(],"depth":)" + std::to_string(offered_depth(feeds().depth)) + "}}";
  }

  /// Reads the top object; its data only once the channel is known. On the second reading all of it is.
  bool read_envelope(Envelope& envelope, Frame& out) {
    const bool again = envelope.data_before_channel;
    ondemand::object root;
    if (!reader_.root(root)) return false;
    const bool whole = each_field(root, [&](std::string_view key, ondemand::value& value) {
      if (key == "data") {
        if (!again && envelope.has_data)
          envelope.fields.take(envelope.channel, value);  // Twice: marks it so.
        envelope.has_data = true;
        if (!envelope.channel.present()) {
          envelope.data_before_channel = true;
          return true;
        }
        return read_data(envelope, value, out);
      }
      if (again) return true;
      if (key == "channel") return envelope.fields.take(envelope.channel, value);
      if (key == "type") return envelope.fields.take(envelope.type, value);
      if (key == "method") return envelope.fields.take(envelope.method, value);
      if (key == "success") return envelope.fields.take(envelope.success, value);
      if (key == "error") return envelope.fields.take(envelope.error, value);
      return true;
    });
    return whole && reader_.at_end();
  }

  bool read_data(Envelope& envelope, ondemand::value& value, Frame& out) {
    const bool trade = envelope.channel.is("trade");
    const bool book = envelope.channel.is("book");
    if (!trade && !book) return true;
    ondemand::array list;
    return as_array(value, list) && each_item(list, [&](ondemand::value& item) {
             ondemand::object object;
             if (!as_object(item, object)) return false;
             return trade ? read_trade(envelope, object, out) : read_book(object, out);
           });
  }

  bool read_trade(Envelope& envelope, ondemand::object& object, Frame& out) {
    Token symbol, side, price, quantity, trade_id, timestamp;
    if (!each_field(object, [&](std::string_view key, ondemand::value& value) {
          if (key == "symbol") return envelope.fields.take(symbol, value);
          if (key == "side") return envelope.fields.take(side, value);
          if (key == "price") return envelope.fields.take(price, value);
          if (key == "qty") return envelope.fields.take(quantity, value);
          if (key == "trade_id") return envelope.fields.take(trade_id, value);
          if (key == "timestamp") return envelope.fields.take(timestamp, value);
          return true;
        })) {
      return false;
    }
    const auto market = find(symbol.text);
    if (!market) {
      out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "symbol");
      return true;
    }
    add_trade(TradeSink::of(out), Venue::kKraken, *market,
              {.price = price, .size = quantity, .id = trade_id, .size_field = "qty", .id_field = "trade_id"},
              read_utc(timestamp.text), "timestamp", side_of(side), true);
    return true;
  }

  bool read_side(ondemand::value& list, bool bid, Frame& out) {
    ondemand::array levels;
    return as_array(list, levels) && each_item(levels, [&](ondemand::value& item) {
             ondemand::object object;
             if (!as_object(item, object)) return false;
             Token price, quantity;
             Fields fields;
             if (!each_field(object,
                             [&](std::string_view key, ondemand::value& value) {
                               if (key == "price") return fields.take(price, value);
                               if (key == "qty") return fields.take(quantity, value);
                               return true;
                             }) ||
                 fields.twice()) {
               return false;
             }
             BookLevel level;
             level.bid = bid;
             const bool good =
                 price.present() && quantity.present() &&
                 read_exact(price.text, level.price) == ExactError::kNone && level.price.is_positive() &&
                 read_exact(quantity.text, level.size) == ExactError::kNone && level.size.mantissa >= 0;
             if (!good || out.levels.size() == kLevelsMax) {
               out.refuse(good ? Problem::kTooManyLevels : Problem::kBadNumber, Fate::kResubscribeBook,
                          bid ? "bids" : "asks");
               return true;
             }
             out.levels.push_back(level);
             return true;
           });
  }

  bool read_book(ondemand::object& object, Frame& out) {
    Token symbol, checksum, timestamp;
    Fields fields;
    BookUpdate update;
    update.first_level = out.levels.size();
    const std::uint32_t refused = out.refusal_count();
    if (!each_field(object, [&](std::string_view key, ondemand::value& value) {
          if (key == "symbol") return fields.take(symbol, value);
          if (key == "checksum") return fields.take(checksum, value);
          if (key == "timestamp") return fields.take(timestamp, value);
          if (key == "bids") return read_side(value, true, out);
          if (key == "asks") return read_side(value, false, out);
          return true;
        })) {
      return false;
    }
    const auto market = find(symbol.text);
    const auto crc = read_unsigned(checksum.text);
    // A snapshot carries no time in some versions of the interface.
    const auto ns = timestamp.present() ? read_utc(timestamp.text) : std::optional<std::int64_t>(0);
    if (!market) {
      out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "symbol");
    } else if (fields.twice()) {
      out.refuse(Problem::kTwice, Fate::kResubscribeBook, "", market);
    } else if (!crc || *crc > UINT32_MAX) {
      out.refuse(Problem::kMissingField, Fate::kResubscribeBook, "checksum", market);
    } else if (!ns) {
      out.refuse(Problem::kBadTime, Fate::kResubscribeBook, "timestamp", market);
    } else if (refused == out.refusal_count()) {
      update.instrument = *market;
      update.exchange_ns = *ns;
      update.checksum = static_cast<std::uint32_t>(*crc);
      update.level_count = out.levels.size() - update.first_level;
      out.books.push_back(update);
      return true;
    }
    out.levels.resize(update.first_level);
    return true;
  }

  static void finish(const Envelope& envelope, Frame& out) {
    const bool snapshot = envelope.type.is("snapshot");
    if (envelope.channel.is("trade") || envelope.channel.is("book")) {
      if (!envelope.has_data || (!snapshot && !envelope.type.is("update"))) {
        out.trades.clear();
        out.books.clear();
        return out.refuse(Problem::kUnknownMessage, Fate::kKeep, "type");
      }
      out.history = snapshot;
      for (BookUpdate& update : out.books) update.snapshot = snapshot;
    } else if (envelope.channel.is("heartbeat") || envelope.method.is("pong")) {
      out.heartbeat = true;
    } else if (envelope.error.present() || (envelope.method.present() && envelope.success.text == "false")) {
      out.venue_error = envelope.error.present() ? quoted_text(envelope.error.text) : "request refused";
    } else if (envelope.method.is("subscribe")) {
      out.subscribed = envelope.success.is_true();
    } else if (!envelope.channel.is("status") && !envelope.method.is("unsubscribe")) {
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "channel");
    }
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> kraken(std::vector<Instrument> instruments, Feeds feeds) {
  return std::make_unique<Kraken>(std::move(instruments), feeds);
}

}  // namespace navkeeper::pricing::venues
