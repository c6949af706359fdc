#include "services/pricing/domain/window.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/time/calendar.h"

namespace navkeeper::pricing {
namespace {

base::Result<time::TimeOfDay, time::ZoneError> strike_time_on(const IndexDefinition& index, time::Date date) {
  if (!index.half_day_calendar) return index.strike_time;
  const time::Calendar* const calendar = time::Calendar::find(*index.half_day_calendar);
  ENSURE(calendar != nullptr);
  if (!calendar->covers(date)) return time::ZoneError::kOutOfRange;
  if (calendar->kind(date) != time::DayKind::kHalfDay) return index.strike_time;
  return std::min(index.strike_time, *calendar->close(date));
}

}  // namespace

base::Result<Window, time::ZoneError> window_of(const IndexDefinition& index, time::Date date) {
  const auto local = strike_time_on(index, date);
  if (local.has_error()) return local.error();
  const auto strike = time::local_to_instant(date, *local, index.time_zone);
  if (strike.has_error()) return strike.error();
  std::int64_t start_ns = 0;
  if (__builtin_sub_overflow(strike->ns(), time::Duration::minutes(index.window_minutes).ns(), &start_ns)) {
    return time::ZoneError::kOutOfRange;
  }
  return Window{start_ns, strike->ns(), index.partitions};
}

}  // namespace navkeeper::pricing
