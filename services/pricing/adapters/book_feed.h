#pragma once
// BookFeed: one venue's order books, by a connection of their own, into the real-time index.
#include <memory>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/adapters/book_sink.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/live_venue.h"
#include "services/pricing/app/live_index.h"

namespace navkeeper::pricing {

class BookFeed {
 public:
  /// All must outlive this. The venue must offer books (ENSURE).
  BookFeed(const VenueSettings& settings, LiveIndex& index, const time::Clock& clock,
           const log::Logger& logger);
  void start() { venue_.start(); }
  void stop() { venue_.stop(); }
  const std::string& name() const { return name_; }
  venues::VenueSession::Counters counters() const { return venue_.counters(); }

 private:
  std::string name_;
  std::unique_ptr<venues::VenueProtocol> protocol_;
  BookSink sink_;
  venues::LiveVenue venue_;
};

}  // namespace navkeeper::pricing
