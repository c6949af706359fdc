#include "services/pricing/adapters/book_sink.h"

#include <optional>
#include <string>
#include <string_view>

#include "common/log/log.h"

namespace navkeeper::pricing {
namespace {

/// The price in ticks of BookScale{}; the book took the level, so it is one.
std::optional<std::int64_t> ticks_of(const venues::BookLevel& level) {
  const auto units = level.price.decimal().to_units(BookScale{}.price_decimals);
  if (!units || *units <= 0 || *units >= kTicksEnd) return std::nullopt;
  return static_cast<std::int64_t>(*units);
}

std::string_view describe_note(venues::SessionNote::Kind kind) {
  using Kind = venues::SessionNote::Kind;
  switch (kind) {
    case Kind::kConnected:
      return "books connected";
    case Kind::kLive:
      return "books live";
    case Kind::kDisconnected:
      return "books disconnected";
    case Kind::kSilent:
      return "books silent";
    case Kind::kRefused:
      return "book message refused";
    case Kind::kVenueError:
      return "venue complains";
    case Kind::kBookLost:
      return "book lost";
    case Kind::kContradiction:
    case Kind::kTooOld:
    case Kind::kAstray:
    case Kind::kBeganAnew:
    case Kind::kGapFound:
    case Kind::kGapClosed:
    case Kind::kGapAbandoned:
    case Kind::kGapLost:
    case Kind::kRestFailed:
      return "book feed";  // Of trades, which this connection has none of.
  }
  return "";
}

}  // namespace

BookSink::BookSink(venues::Venue venue, const std::vector<venues::Instrument>& instruments, LiveIndex& index,
                   const time::Clock& clock, const log::Logger& logger)
    : venue_(model::VenueId::literal(venues::name_of(venue))), index_(index), clock_(clock), logger_(logger) {
  for (const venues::Instrument& instrument : instruments)
    pairs_.push_back(model::PairId::literal(instrument.pair));
}

void BookSink::book_changed(std::uint16_t instrument, const venues::LiveBook& book,
                            const venues::BookUpdate& update, std::span<const venues::BookLevel> levels,
                            std::int64_t received_ns) {
  const auto received_at = time::Instant::from_ns(received_ns);
  if (update.snapshot) return index_.snapshot(venue_, pairs_[instrument], received_at, book.book());
  touched_.clear();
  for (const venues::BookLevel& level : levels) {
    if (const auto ticks = ticks_of(level)) touched_.push_back({level.bid ? Side::kBid : Side::kAsk, *ticks});
  }
  index_.change(venue_, pairs_[instrument], received_at, book.book(), touched_);
}

void BookSink::book_lost(std::uint16_t instrument) { index_.lost(venue_, pairs_[instrument], clock_.now()); }

void BookSink::heard(std::int64_t received_ns) { index_.heard(venue_, time::Instant::from_ns(received_ns)); }

void BookSink::note(const venues::SessionNote& note) {
  using Kind = venues::SessionNote::Kind;
  const bool good = note.kind == Kind::kConnected || note.kind == Kind::kLive;
  logger_.write(good ? log::Level::kInfo : log::Level::kWarning, describe_note(note.kind),
                {{"venue", venue_.value()},
                 {"pair", note.instrument ? pairs_[*note.instrument].value() : std::string()},
                 {"detail", note.detail}});
}

}  // namespace navkeeper::pricing
