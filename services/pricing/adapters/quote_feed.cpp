#include "services/pricing/adapters/quote_feed.h"

#include <utility>
#include <vector>

#include "common/log/log.h"
#include "services/pricing/adapters/real_time_board.h"

namespace navkeeper::pricing {

class QuoteFeed::Sink final : public venues::SessionSink {
 public:
  Sink(const VenueSettings& settings, RealTimeBoard& board, const log::Logger& logger)
      : venue_(venues::name_of(settings.venue)), board_(board), logger_(logger) {
    for (const venues::Instrument& instrument : settings.instruments) pairs_.push_back(instrument.pair);
  }

  void quote(const venues::Quote& quote, std::int64_t received_ns) override {
    board_.quote(pairs_[quote.instrument],
                 {venue_, quote.bid.decimal(), quote.ask.decimal(), time::Instant::from_ns(quote.exchange_ns),
                  time::Instant::from_ns(received_ns)});
  }
  void trade(const venues::ReceivedTrade&) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_lost(std::uint16_t) override {}
  void note(const venues::SessionNote& note) override {
    using Kind = venues::SessionNote::Kind;
    const bool good = note.kind == Kind::kConnected || note.kind == Kind::kLive;
    logger_.write(good ? log::Level::kInfo : log::Level::kWarning,
                  good ? "quotes live" : "quotes interrupted", {{"venue", venue_}, {"detail", note.detail}});
  }

 private:
  std::string venue_;
  std::vector<std::string> pairs_;
  RealTimeBoard& board_;
  const log::Logger& logger_;
};

QuoteFeed::QuoteFeed(const VenueSettings& settings, RealTimeBoard& board, const time::Clock& clock,
                     const log::Logger& logger)
    : protocol_(venues::make_protocol(settings.venue, venues::Feed::kBooks, settings.instruments)),
      sink_(std::make_unique<Sink>(settings, board, logger)) {
  venues::LiveVenueOptions options;
  options.socket_base = settings.books_socket_base;
  options.rest_base = settings.books_rest_base;
  options.tls.ca_file = settings.ca_file;
  venue_ = std::make_unique<venues::LiveVenue>(*protocol_, *sink_, clock, std::move(options));
}

QuoteFeed::~QuoteFeed() = default;

}  // namespace navkeeper::pricing
