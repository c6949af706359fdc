// LMAX Digital, public data API, channel TICKER: docs.lmax.com/public-data-api. Quotes only: the
// specification calls the ticker "per trade", but it has been seen throttled to one message a second, and
// there is no history to check it against, so its last trade is not taken as a tape. The connection closes
// for some minutes every day, and the server closes it on frequent pings, so none is sent.
#include <utility>

#include "services/pricing/adapters/venues/frame_reader.h"
#include "services/pricing/adapters/venues/protocol.h"

namespace navkeeper::pricing::venues {
namespace {

class Lmax final : public VenueProtocol {
 public:
  explicit Lmax(std::vector<Instrument> instruments)
      : VenueProtocol(std::move(instruments), {.trades = false, .books = false}) {
    facts_.venue = Venue::kLmax;
    facts_.socket = {"public-data-api.london-digital.lmax.com", "/v1/web-socket"};
    facts_.rest = {"public-data-api.london-digital.lmax.com", ""};
    facts_.gap_rule = GapRule::kNone;
    facts_.rest_limit = {1, time::Duration::seconds(2)};
    facts_.silence = time::Duration::seconds(60);
  }

  const VenueFacts& facts() const override { return facts_; }

  std::vector<std::string> subscribe(std::int64_t) const override {
    std::vector<std::string> symbols;
    for (const Instrument& market : instruments()) symbols.push_back(market.symbol);
    return {R"({"type":"SUBSCRIBE","channels":[{"name":"TICKER","instruments":[)" + json_list(symbols) +
            "]}]}"};
  }

  void read(std::string_view frame, Frame& out) noexcept override {
    out.clear();
    if (frame.size() > kFrameBytesMax) return out.refuse_whole(Problem::kTooLarge);
    ondemand::object root;
    Token type, symbol, timestamp, bid, ask, message;
    Fields fields;
    const bool whole = reader_.open(frame) && reader_.root(root) &&
                       each_field(root,
                                  [&](std::string_view key, ondemand::value& value) {
                                    if (key == "type") return fields.take(type, value);
                                    if (key == "instrument_id") return fields.take(symbol, value);
                                    if (key == "timestamp") return fields.take(timestamp, value);
                                    if (key == "best_bid") return fields.take(bid, value);
                                    if (key == "best_ask") return fields.take(ask, value);
                                    if (key == "error_message" || key == "message")
                                      return fields.take(message, value);
                                    return true;
                                  }) &&
                       reader_.at_end();
    if (!whole) return out.refuse_whole(Problem::kNotJson);
    if (fields.twice()) return out.refuse_whole(Problem::kTwice);
    if (type.is("TICKER")) {
      read_ticker(symbol, timestamp, bid, ask, out);
    } else if (type.is("SUBSCRIPTIONS")) {
      out.subscribed = true;
    } else if (type.is("ERROR")) {
      out.venue_error = message.present() ? quoted_text(message.text) : "error";
    } else {
      out.refuse(Problem::kUnknownMessage, Fate::kKeep, "type");
    }
  }

  std::optional<RestRequest> backfill_request(const Gap&, const BackfillCursor&,
                                              time::Instant) const override {
    return std::nullopt;
  }

  BackfillPage read_backfill(std::string_view, const Gap&, const BackfillCursor& cursor) noexcept override {
    BackfillPage page;
    page.done = true;
    page.incomplete = true;
    page.next = cursor;
    return page;
  }

 private:
  void read_ticker(const Token& symbol, const Token& timestamp, const Token& bid, const Token& ask,
                   Frame& out) {
    const auto market = find(symbol.text);
    if (!market) return out.refuse(Problem::kUnknownInstrument, Fate::kKeep, "instrument_id");
    const auto ns = read_utc(timestamp.text);
    if (!ns) return out.refuse(Problem::kBadTime, Fate::kKeep, "timestamp", market);
    if (bid.is_null() || ask.is_null())
      return;  // One side of the book is empty: there is no quote, and nothing is wrong.
    Quote quote;
    quote.instrument = *market;
    quote.exchange_ns = *ns;
    if (!read_positive(bid, "best_bid", Fate::kKeep, *market, quote.bid, out)) return;
    if (!read_positive(ask, "best_ask", Fate::kKeep, *market, quote.ask, out)) return;
    if (quote.bid >= quote.ask) return out.refuse(Problem::kCrossedBook, Fate::kKeep, "best_bid", market);
    out.quotes.push_back(quote);
  }

  VenueFacts facts_;
  FrameReader reader_;
};

}  // namespace

std::unique_ptr<VenueProtocol> lmax(std::vector<Instrument> instruments) {
  return std::make_unique<Lmax>(std::move(instruments));
}

}  // namespace navkeeper::pricing::venues
