#pragma once
// TapeCollector: the feeds of the configured venues joined to the tape. A thread a venue begins its session,
// goes on from where the tape is whole, and, when the store has been away for so long that no more can wait,
// hangs up, waits for the store and goes on from there: what was missed is fetched from the venue.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/log/log.h"
#include "common/runtime/metrics.h"
#include "common/time/clock.h"
#include "services/pricing/adapters/refused_trades.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/live_venue.h"
#include "services/pricing/app/tape_writer.h"

namespace navkeeper::pricing {

/// All must outlive the collector.
struct CollectorSurroundings {
  TapeStore& store;
  const time::Clock& clock;             ///< the market's: dates what is received and known
  const time::Clock& connection_clock;  ///< measures time-outs and pauses
  const log::Logger& logger;
  runtime::Metrics& metrics;
  venues::VenueClocks* venue_clocks = nullptr;  ///< see venues::VenueSession
};

struct CollectorLimits {
  TapeLimits tape{};
  venues::SessionLimits session{};
  time::Duration ahead_max = time::Duration::seconds(60);  ///< a venue's clock is not more wrong than that
  time::Duration behind_max = time::Duration::hours(24 * 31);  ///< older trades are no news of a feed
  /// A hole that is longer than this is not fetched when a feed is begun: it is noted as abandoned. Absent:
  /// all are fetched.
  std::optional<time::Duration> resume_max{};
  /// Gaps that an earlier session gave up are asked for again when they are not older than that.
  time::Duration again_max_age = time::Duration::hours(24);
  RefusedTrades::Limits refused{};  ///< trades dated ahead by more than ahead_max
  /// A pair whose subscription a venue refuses is left out for so long.
  time::Duration left_out = time::Duration::minutes(30);
  int notes_a_minute_max = 60;                      ///< of a kind; what is beyond is counted
  std::chrono::milliseconds counts_every{600'000};  ///< a session writes down what it counted
  std::chrono::milliseconds wholes_every{1'000};    ///< where the markets are whole is written down
  std::chrono::milliseconds retry_max{5'000};       ///< between attempts to begin a session
};

class CollectorObserver;

class TapeCollector {
 public:
  /// Of the venues those with trades.
  TapeCollector(const std::vector<VenueSettings>& venues, const CollectorSurroundings& surroundings,
                CollectorLimits limits = {});
  ~TapeCollector();  ///< stops
  TapeCollector(const TapeCollector&) = delete;
  TapeCollector& operator=(const TapeCollector&) = delete;

  void start();
  /// Hangs up, writes what waits as far as the store takes it in time, and ends.
  void stop();

 private:
  class VenueFeed;
  CollectorSurroundings surroundings_;
  CollectorLimits limits_;
  std::unique_ptr<CollectorObserver> observer_;
  std::unique_ptr<TapeWriter> writer_;
  std::vector<std::unique_ptr<VenueFeed>> feeds_;
};

}  // namespace navkeeper::pricing
