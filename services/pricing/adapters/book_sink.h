#pragma once
// BookSink: what a session says about books, into the real-time index.
#include <cstdint>
#include <span>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/adapters/venues/venue_session.h"
#include "services/pricing/app/live_index.h"

namespace navkeeper::log {
class Logger;
}

namespace navkeeper::pricing {

/// Of one venue; all must outlive it.
class BookSink final : public venues::SessionSink {
 public:
  BookSink(venues::Venue venue, const std::vector<venues::Instrument>& instruments, LiveIndex& index,
           const time::Clock& clock, const log::Logger& logger);

  void trade(const venues::ReceivedTrade&) override {}
  void quote(const venues::Quote&, std::int64_t) override {}
  void book(std::uint16_t, const venues::LiveBook&) override {}
  void book_changed(std::uint16_t instrument, const venues::LiveBook& book, const venues::BookUpdate& update,
                    std::span<const venues::BookLevel> levels, std::int64_t received_ns) override;
  void book_lost(std::uint16_t instrument) override;
  void heard(std::int64_t received_ns) override;
  void note(const venues::SessionNote& note) override;

 private:
  model::VenueId venue_;
  std::vector<model::PairId> pairs_;
  LiveIndex& index_;
  const time::Clock& clock_;
  const log::Logger& logger_;
  std::vector<TouchedLevel> touched_;  ///< kept for its memory
};

}  // namespace navkeeper::pricing
