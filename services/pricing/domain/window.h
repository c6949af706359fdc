#pragma once
// The window of an index on a date, [strike - window, strike) in UTC, and its partitions.
#include <cstdint>

#include "common/base/result.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "common/time/zone.h"
#include "services/pricing/domain/index_definition.h"

namespace navkeeper::pricing {

struct Window {
  std::int64_t start_ns = 0;  ///< since the epoch, the first nanosecond inside
  std::int64_t end_ns = 0;    ///< the strike: the first nanosecond outside
  std::int64_t partitions = 1;

  std::int64_t width_ns() const { return (end_ns - start_ns) / partitions; }
  bool contains(std::int64_t time_ns) const { return start_ns <= time_ns && time_ns < end_ns; }
  time::Instant start() const { return time::Instant::from_ns(start_ns); }
  time::Instant end() const { return time::Instant::from_ns(end_ns); }
  time::Instant partition_start(std::int64_t partition) const {
    return time::Instant::from_ns(start_ns + partition * width_ns());
  }
};

/// The window of a checked definition. The strike of a local time that happens twice is the first; the window
/// is a span of real time, so on a day when the clocks change it still has its length. kOutOfRange too for a
/// date that the half-day calendar does not cover.
base::Result<Window, time::ZoneError> window_of(const IndexDefinition& index, time::Date date);

}  // namespace navkeeper::pricing
