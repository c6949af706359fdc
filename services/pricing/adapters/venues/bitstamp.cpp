// Bitstamp websocket v2, channels `live_trades_{pair}` and `order_book_{pair}` (whole snapshots of the best
// hundred levels, which heal by themselves): www.bitstamp.net/websocket/v2. Decimals are read from the *_str
// fields where they are sent. The server asks for a reconnect before maintenance. REST: GET
// /api/v2/transactions/{pair}/ for the last minute, hour or day, with whole seconds only.
#include <algorithm>
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr std::string_view kTradesPrefix = "live_trades_";
constexpr std::string_view kBookPrefix = "order_book_";
constexpr std::int64_t kSecond = 1'000'000'000;

Side side_of(const Token& type) {
  if (type.text == "0") return Side::kBuy;
  if (type.text == "1") return Side::kSell;
  return Side::kUnknown;
}

class Bitstamp final : public VenueProtocol {
 public:
  Bitstamp(std::vector<Instrument> instruments, Feeds feeds) : VenueProtocol(std::move(instruments), feeds) {
    facts_.venue = Venue::kBitstamp;
    facts_.socket = {"ws.bitstamp.net", "/"};
    facts_.rest = {"www.bitstamp.net", ""};
    facts_.gap_rule = GapRule::kTime;
    facts_.rest_limit = {10, time::Duration::milliseconds(150)};
    facts_.silence = time::Duration::seconds(30);
    facts_.keepalive = time::Duration::seconds(10);
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t) const override {
    std::vector<std::string> texts;
    for (const Instrument& market : instruments()) {
      if (feeds().trades) texts.push_back(request("bts:subscribe", kTradesPrefix, market));
      if (feeds().books) texts.push_back(request("bts:subscribe", kBookPrefix, market));
    }
    return texts;
  }

  std::string keepalive(std::int64_t) const override { return R"({"event":"bts:heartbeat"})"; }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token event, channel;
    Data data;
    Fields fields;
    const bool whole = reader_.open(frame) && reader_.root(root) &&
                       each_field(root,
                                  [&](std::string_view key, ondemand::value& value) {
                                    if (key == "event") return fields.take(event, value);
                                    if (key == "channel") return fields.take(channel, value);
                                    if (key != "data") return true;
                                    ondemand::object object;
                                    return !as_object(value, object) || read_data(object, data, out);
                                  }) &&
                       reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice() || data.fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (event.is("trade")) {
      out.levels.clear();
      read_trade(channel, data, out);
    } else if (event.is("data")) {
      read_book(channel, data, out);
    } else if (event.is("bts:subscription_succeeded")) {
      out.subscribed = true;
    } else if (event.is("bts:heartbeat")) {
      out.heartbeat = true;
    } else if (event.is("bts:request_reconnect")) {
      out.please_reconnect = true;
    } else if (event.is("bts:error")) {
      out.venue_error = quoted_text(data.code.text) + " " + quoted_text(data.message.text);
    } else if (!event.is("bts:unsubscription_succeeded")) {
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "event");
    }
  }

  std::optional<RestRequest> backfill_request(const Gap& gap, const BackfillCursor& cursor,
                                              time::Instant now) const override {
    const std::int64_t age_s = (now.ns() - cursor.from_ns) / kSecond;
    const char* span = age_s < 45 ? "minute" : age_s < 3'500 ? "hour" : "day";
    return RestRequest{"/api/v2/transactions/" + instrument(gap.instrument).rest_symbol + "/",
                       std::string("time=") + span};
  }

  BackfillPage read_backfill(std::string_view body, const Gap& gap,
                             const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.next = cursor;
    std::int64_t earliest_ns = INT64_MAX;
    ondemand::array root;
    const bool whole =
        reader_.open(body) && reader_.root(root) &&
        each_item(
            root,
            [&](ondemand::value& item) {
              ondemand::object object;
              if (!as_object(item, object)) return false;
              Token date, tid, price, amount, type;
              Fields fields;
              if (!each_field(object,
                              [&](std::string_view key, ondemand::value& value) {
                                if (key == "date") return fields.take(date, value);
                                if (key == "tid") return fields.take(tid, value);
                                if (key == "price") return fields.take(price, value);
                                if (key == "amount") return fields.take(amount, value);
                                if (key == "type") return fields.take(type, value);
                                return true;
                              }) ||
                  fields.twice()) {
                return false;
              }
              const auto ns = read_epoch(date, kSecond);
              if (ns) earliest_ns = std::min(earliest_ns, *ns);
              if (add_trade(
                      TradeSink::of_page(page), Venue::kBitstamp, gap.instrument,
                      {.price = price, .size = amount, .id = tid, .size_field = "amount", .id_field = "tid"},
                      ns, "date", side_of(type), false)) {
                page.trades.back().coarse_time = true;
              }
              return true;
            }) &&
        reader_.at_end();
    if (!whole) {
      page.trades.clear();
      page.refusals.push_back({Problem::kNotJson, Fate::kKeep, "", gap.instrument});
      return page;
    }
    page.done = true;
    // A day without any trade before the hole cannot be told from a history that is too short.
    page.incomplete = gap.until_ns - gap.from_ns > 86'400 * kSecond && earliest_ns > gap.from_ns;
    return page;
  }

 private:
  struct Data {
    Token id, price, price_str, amount, amount_str, type, microtimestamp, timestamp, code, message;
    Fields fields;
    bool bids = false;
    bool asks = false;
  };

  static std::string request(const char* event, std::string_view prefix, const Instrument& market) {
    return std::string(R"({"event":")") + event + R"(","data":{"channel":)" +
           json_list({std::string(prefix) + market.symbol}) + "}}";
  }

  static bool read_data(ondemand::object& object, Data& data, Frame& out) {
    return each_field(object, [&](std::string_view key, ondemand::value& value) {
      if (key == "id") return data.fields.take(data.id, value);
      if (key == "price") return data.fields.take(data.price, value);
      if (key == "price_str") return data.fields.take(data.price_str, value);
      if (key == "amount") return data.fields.take(data.amount, value);
      if (key == "amount_str") return data.fields.take(data.amount_str, value);
      if (key == "type") return data.fields.take(data.type, value);
      if (key == "timestamp") return data.fields.take(data.timestamp, value);
      if (key == "microtimestamp") return data.fields.take(data.microtimestamp, value);
      if (key == "code") return data.fields.take(data.code, value);
      if (key == "message") return data.fields.take(data.message, value);
      if (key == "bids" || key == "asks") {
        bool& seen = key == "bids" ? data.bids : data.asks;
        seen = true;
        add_levels(value, key == "bids", 0, out);
      }
      return true;
    });
  }

  static std::optional<std::int64_t> time_of(const Data& data) {
    if (data.microtimestamp.present()) return read_epoch(data.microtimestamp, 1'000);
    return read_epoch(data.timestamp, kSecond);
  }

  void read_trade(const Token& channel, const Data& data, Frame& out) {
    const auto market = channel.text.starts_with(kTradesPrefix)
                            ? find(channel.text.substr(kTradesPrefix.size()))
                            : std::nullopt;
    if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "channel");
    add_trade(TradeSink::of(out), Venue::kBitstamp, *market,
              {.price = data.price_str.present() ? data.price_str : data.price,
               .size = data.amount_str.present() ? data.amount_str : data.amount,
               .id = data.id,
               .size_field = "amount"},
              time_of(data), "microtimestamp", side_of(data.type), false);
  }

  void read_book(const Token& channel, const Data& data, Frame& out) {
    const auto market =
        channel.text.starts_with(kBookPrefix) ? find(channel.text.substr(kBookPrefix.size())) : std::nullopt;
    const auto ns = time_of(data);
    if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "channel");
    for (FrameRefusal& refusal : out.refusals) refusal.instrument = market;
    if (out.fate() != Fate::kKeep) return;
    if (!data.bids || !data.asks)
      return out.refuse(Problem::kMissingField, Fate::kResubscribeBook, "bids", market);
    if (!ns || *ns <= 0)
      return out.refuse(Problem::kBadTime, Fate::kResubscribeBook, "microtimestamp", market);
    BookUpdate update;
    update.instrument = *market;
    update.snapshot = true;
    update.exchange_ns = *ns;
    update.level_count = out.levels.size();
    out.books.push_back(update);
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> bitstamp(std::vector<Instrument> instruments, Feeds feeds) {
  return std::make_unique<Bitstamp>(std::move(instruments), feeds);
}

}  // namespace navkeeper::pricing::venues
