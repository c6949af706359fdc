#include "common/time/steady_clock.h"

#include <time.h>

#include "common/base/ensure.h"

namespace navkeeper::time {

Instant SteadyClock::now() const {
  timespec now{};
  ENSURE(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return Instant() + Duration::seconds(now.tv_sec) + Duration::from_ns(now.tv_nsec);
}

}  // namespace navkeeper::time
