#pragma once
// The use case behind `rates compute`: the rate of an index on a date from trades that a source reads. Pure:
// no clock, no store.
#include <cstdint>
#include <optional>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "services/pricing/domain/index_definition.h"
#include "services/pricing/domain/intake.h"
#include "services/pricing/domain/rate.h"
#include "services/pricing/domain/window.h"

namespace navkeeper::pricing {

/// Where the rows come from: files, or the store.
class TradeSource {
 public:
  virtual ~TradeSource() = default;
  /// Hands every row to `intake`, in any order.
  virtual void read_into(TradeIntake& intake) = 0;
};

/// A rate and what it was computed from.
struct ComputedRate {
  IndexDefinition index;
  time::Date date;
  Window window;
  Rate rate;
  RejectedRows rejected;
  std::uint64_t ignored = 0;
  Trades trades;  ///< those offered to the rate, screened venues included
};

/// Refused: a strike time that does not exist on `date`, an unknown zone (where: "time_zone" or
/// "strike_time"), a previous value that is not positive or has more decimals than the index (where:
/// "previous").
base::Checked<ComputedRate> compute_rate(const IndexDefinition& index, time::Date date,
                                         const std::optional<money::Decimal>& previous, TradeSource& source);

/// The window, or the refusal that names the index's key.
base::Checked<Window> checked_window(const IndexDefinition& index, time::Date date);

}  // namespace navkeeper::pricing
