#pragma once
// The live part of the demonstration: the simulated world opens its venues on loopback, the pricing service's
// feeds listen to them, and what arrived is compared with what was printed. The market's clock stands still
// until all feeds listen, then runs as fast as asked; connections run by the machine's. Both services' clocks
// are handed over here, in this process: no service can be configured to use a simulated one.
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "services/sandbox/simulated_trades.h"

namespace navkeeper::db {
class Pool;
}

namespace navkeeper {

struct HeardWindow {
  std::vector<sandbox::SimulatedTrade> trades;  ///< what the venues printed: all of it is in the tape
  int venues = 0;
  std::uint64_t already_known = 0;  ///< of these, trades that the tape had before
};

/// Runs the world over [from, until) and returns when every trade that it printed is stored. Throws
/// base::Unavailable when they do not all arrive in time.
HeardWindow hear_window(db::Pool& pricing, std::uint64_t seed, time::Instant from, time::Instant until,
                        std::int64_t speed);

}  // namespace navkeeper
