#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

base::Result<Window, time::ZoneError> window_of(const IndexDefinition& index, time::Date date) {
  const auto strike = time::local_to_instant(date, index.strike_time, index.time_zone);
  if (strike.has_error()) return strike.error();
  std::int64_t start_ns = 0;
  if (__builtin_sub_overflow(strike->ns(), time::Duration::minutes(index.window_minutes).ns(), &start_ns)) {
    return time::ZoneError::kOutOfRange;
  }
  return Window{start_ns, strike->ns(), index.partitions};
}

}  // namespace navkeeper::pricing
