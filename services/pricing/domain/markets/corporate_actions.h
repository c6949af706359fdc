#pragma once
// What happens to a share between two closes: splits, a new ticker, a new share after a bankruptcy. They turn
// the closes of tickers into the history of one security, in stretches within which prices compare.
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "common/base/refusal.h"
#include "common/model/id.h"
#include "common/money/rational.h"
#include "common/time/date.h"
#include "services/pricing/domain/markets/equity_close.h"

namespace navkeeper::pricing {

/// From `date` on, `new_shares` stand for `old_shares`: 4 for 1, or 1 for 10. Named by the ticker of that
/// date.
struct ShareSplit {
  model::AssetId symbol;
  time::Date date;
  std::int64_t new_shares = 1;
  std::int64_t old_shares = 1;
};

/// From `date` on the same share trades as `to`. Closes of `to` before it, and of `from` from it on, are
/// somebody else's.
struct TickerChange {
  model::AssetId from;
  model::AssetId to;
  time::Date date;
};

/// From `date` on the ticker is another share (a bankruptcy's new stock): no return is ever computed across
/// it.
struct Relisting {
  model::AssetId symbol;
  time::Date date;
};

using CorporateAction = std::variant<ShareSplit, TickerChange, Relisting>;

struct ComparableClose {
  time::Date date;
  model::AssetId symbol;  ///< the ticker of that date
  money::Rational value;  ///< on the share count of the end of its stretch
  time::Instant snapped_at;
};

/// Closes without a break between them, oldest first.
using Stretch = std::vector<ComparableClose>;

/// The history of the security that trades as `symbol` after all of `actions`, oldest stretch first, empty
/// ones left out. A ticker that was given up and traded on is another security from that day. Splits are
/// applied to series as traded only: others have them in their prices. Refused, of its own tickers: a ratio
/// that is not positive, two actions of one kind for one ticker and date; no series of any of its tickers,
/// two series of one ticker, series with different clocks or adjustments.
base::Checked<std::vector<Stretch>> follow_security(const model::AssetId& symbol,
                                                    std::span<const CloseSeries> series,
                                                    std::span<const CorporateAction> actions);

}  // namespace navkeeper::pricing
