#pragma once
// The live part of the demonstration: the simulated world opens its venues on loopback, the pricing service's
// feeds listen to them, and what arrived is compared with what was printed; then the service's strike job,
// which runs all the while, strikes by itself. The market's clock stands still until all feeds listen, then
// runs as fast as asked; half a minute after the window it waits until the tape has everything (the store is
// not 1200 times as fast), and goes on past the retrieval delay. Connections run by the machine's clock. Both
// services' clocks are handed over here, in this process: no service can be configured to use a simulated
// one.
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/date.h"
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
  /// What the strike job did, a line each: when by the market's clock, what, of which index or asset.
  std::vector<std::string> job;
  /// False: the job of this database looks after later days only (a service ran on it), a person must strike.
  bool is_struck = false;
};

/// The hour whose end strikes a day.
struct MarketHour {
  time::Date day;
  time::Instant from;
  time::Instant until;
};

/// Runs the world over [from, until) and returns when every trade that it printed is stored and the strike
/// job has priced every asset of the day. Throws base::Unavailable when one of them does not happen in time.
HeardWindow hear_window(db::Pool& pricing, std::uint64_t seed, const MarketHour& hour, std::int64_t speed);

}  // namespace navkeeper
