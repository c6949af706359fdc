#pragma once
// A clock for spans of time alone: it grows with the time that passes, the machine's sleep included, and is
// never set. Its instants are of no calendar.
#include "common/time/clock.h"

namespace navkeeper::time {

class SteadyClock final : public Clock {
 public:
  Instant now() const override;
};

}  // namespace navkeeper::time
