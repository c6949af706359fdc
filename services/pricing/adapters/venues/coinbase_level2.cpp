// Coinbase Advanced Trade, channels `level2` (answered as `l2_data`) and `heartbeats`, which need no key:
// docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket. A whole book first, then changed levels
// with their new size; every message of the connection is numbered without holes.
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

class CoinbaseLevel2 final : public VenueProtocol {
 public:
  explicit CoinbaseLevel2(std::vector<Instrument> instruments)
      : VenueProtocol(std::move(instruments), {.trades = false, .books = true}) {
    facts_.venue = Venue::kCoinbase;
    facts_.socket = {"advanced-trade-ws.coinbase.com", "/"};
    facts_.gap_rule = GapRule::kNone;
    facts_.rest_limit = {1, time::Duration::seconds(1)};
    facts_.silence = time::Duration::seconds(10);
    facts_.numbered_connection = true;
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t) const override {
    const std::string list = symbols();
    return {request("subscribe", "level2", list), request("subscribe", "heartbeats", list)};
  }

  std::vector<std::string> resubscribe_book(std::uint16_t market, std::int64_t) const override {
    const std::string list = json_list({instrument(market).symbol});
    return {request("unsubscribe", "level2", list), request("subscribe", "level2", list)};
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token type, channel, timestamp, sequence, message;
    Fields fields;
    bool events = false;
    const bool whole =
        reader_.open(frame) && reader_.root(root) &&
        each_field(root,
                   [&](std::string_view key, ondemand::value& value) {
                     if (key == "channel") return fields.take(channel, value);
                     if (key == "timestamp") return fields.take(timestamp, value);
                     if (key == "sequence_num") return fields.take(sequence, value);
                     if (key == "type") return fields.take(type, value);
                     if (key == "message") return fields.take(message, value);
                     if (key != "events") return true;
                     ondemand::array list;
                     events = true;
                     return as_array(value, list) && each_item(list, [&](ondemand::value& item) {
                              ondemand::object event;
                              return as_object(item, event) && read_event(event, out);
                            });
                   }) &&
        reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (type.is("error")) {
      out.venue_error = quoted_text(message.text);
      return;
    }
    const auto number = read_unsigned(sequence.text);
    if (!number)
      return out.refuse_whole(channel.present() ? Problem::kMissingField : Problem::kUnknownMessage);
    out.connection_sequence = number;
    if (channel.is("l2_data")) {
      const auto ns = read_utc(timestamp.text);
      if (!ns || !events) {
        out.books.clear();
        return out.refuse(events ? Problem::kBadTime : Problem::kMissingField, Fate::kReconnect, "timestamp");
      }
      if (out.fate() != Fate::kKeep) out.books.clear();
      for (BookUpdate& update : out.books) update.exchange_ns = *ns;
      return;
    }
    out.books.clear();
    if (channel.is("heartbeats")) {
      out.heartbeat = true;
    } else if (channel.is("subscriptions")) {
      out.subscribed = true;
    } else {
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "channel");
    }
  }

  std::optional<RestRequest> backfill_request(const Gap&, const BackfillCursor&,
                                              time::Instant) const override {
    return std::nullopt;  // A book is repaired by asking for it anew.
  }

  BackfillPage read_backfill(std::string_view, const Gap&, const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.done = true;
    page.next = cursor;
    return page;
  }

 private:
  std::string symbols() const {
    std::vector<std::string> list;
    for (const Instrument& market : instruments()) list.push_back(market.symbol);
    return json_list(list);
  }

  static std::string request(const char* type, const char* channel, const std::string& list) {
    return std::string(R"({"type":")") + type + R"(","product_ids":[)" + list + R"(],"channel":")" + channel +
           R"("})";
  }

  static bool read_level(ondemand::value& item, Frame& out) {
    ondemand::object object;
    Token side, price, quantity;
    Fields fields;
    if (!as_object(item, object) ||
        !each_field(object,
                    [&](std::string_view key, ondemand::value& value) {
                      if (key == "side") return fields.take(side, value);
                      if (key == "price_level") return fields.take(price, value);
                      if (key == "new_quantity") return fields.take(quantity, value);
                      return true;
                    }) ||
        fields.twice()) {
      return false;
    }
    BookLevel level;
    level.bid = side.is("bid");
    if (!level.bid && !side.is("offer") && !side.is("ask")) {
      out.refuse(Problem::kMissingField, Fate::kResubscribeBook, "side");
    } else if (!price.present() || read_exact(price.text, level.price) != ExactError::kNone ||
               !level.price.is_positive()) {
      out.refuse(Problem::kBadNumber, Fate::kResubscribeBook, "price_level");
    } else if (!quantity.present() || read_exact(quantity.text, level.size) != ExactError::kNone ||
               level.size.mantissa < 0) {
      out.refuse(Problem::kBadNumber, Fate::kResubscribeBook, "new_quantity");
    } else if (out.levels.size() == kLevelsMax) {
      out.refuse(Problem::kTooManyLevels, Fate::kResubscribeBook);
    } else {
      out.levels.push_back(level);
    }
    return true;
  }

  bool read_event(ondemand::object& event, Frame& out) {
    Token type, product;
    Fields fields;
    bool levels = false;
    BookUpdate update;
    update.first_level = out.levels.size();
    if (!each_field(event,
                    [&](std::string_view key, ondemand::value& value) {
                      if (key == "type") return fields.take(type, value);
                      if (key == "product_id") return fields.take(product, value);
                      if (key != "updates") return true;
                      ondemand::array list;
                      levels = true;
                      return as_array(value, list) &&
                             each_item(list, [&](ondemand::value& item) { return read_level(item, out); });
                    }) ||
        fields.twice()) {
      return false;
    }
    if (!levels) return true;  // Of another channel.
    const auto market = find(product.text);
    update.snapshot = type.is("snapshot");
    if (!market) {
      out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "product_id");
    } else if (!update.snapshot && !type.is("update")) {
      out.refuse(Problem::kUnknownMessage, Fate::kResubscribeBook, "type", market);
    } else {
      update.instrument = *market;
      update.level_count = out.levels.size() - update.first_level;
      out.books.push_back(update);
    }
    return true;
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> coinbase_level2(std::vector<Instrument> instruments) {
  return std::make_unique<CoinbaseLevel2>(std::move(instruments));
}

}  // namespace navkeeper::pricing::venues
