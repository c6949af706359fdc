#pragma once
// QuoteFeed: a venue that publishes quotes alone (LMAX): its newest bid and ask of each market onto the
// board, where they stand beside the real-time index of the pair. No quote is a part of any value.
#include <memory>
#include <string>

#include "common/time/clock.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/live_venue.h"

namespace navkeeper::log {
class Logger;
}

namespace navkeeper::pricing {

class RealTimeBoard;

class QuoteFeed {
 public:
  /// All must outlive this. The venue must offer books or quotes (ENSURE).
  QuoteFeed(const VenueSettings& settings, RealTimeBoard& board, const time::Clock& clock,
            const log::Logger& logger);
  ~QuoteFeed();  ///< stops
  void start() { venue_->start(); }
  void stop() { venue_->stop(); }

 private:
  class Sink;
  std::unique_ptr<venues::VenueProtocol> protocol_;
  std::unique_ptr<Sink> sink_;
  std::unique_ptr<venues::LiveVenue> venue_;
};

}  // namespace navkeeper::pricing
