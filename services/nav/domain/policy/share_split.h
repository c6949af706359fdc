#pragma once
// Share splits. The number of shares changes, assets and liabilities do not; what was struck before stays in
// the books as it was struck, and is restated only where it is shown beside later figures.
#include <span>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/rounding.h"
#include "common/time/date.h"

namespace navkeeper::nav::policy {

struct ShareSplit {
  time::Date effective;  ///< the first day whose shares and NAV are the new ones
  int new_shares = 1;    ///< 4 for 1: four new for one old
  int old_shares = 1;    ///< 1 for 3 is a reverse split
  bool operator==(const ShareSplit&) const = default;
};

/// Refused: a ratio that is not positive or is 1, two splits on one day.
base::Checked<std::vector<ShareSplit>> checked_splits(std::vector<ShareSplit> splits);  ///< by date

/// Shares after the split. Refused: shares negative or not whole, a fraction left over.
base::Checked<money::Decimal> split_shares(const money::Decimal& shares, const ShareSplit& split);

/// A figure of one day as it was struck.
struct DailyFigure {
  time::Date date;
  money::Decimal value;
  bool operator==(const DailyFigure&) const = default;
};
struct RestatedFigure {
  DailyFigure struck;
  money::Decimal restated;  ///< in shares of `as_of`
  bool is_restated = false;
};

/// New shares for one old share of `date`, over the splits after `date` up to `as_of`.
money::Rational share_factor(std::span<const ShareSplit> splits, time::Date date, time::Date as_of);
/// Amounts per share (NAV, distributions) divided by the factor of their day; rounded once.
std::vector<RestatedFigure> restate_per_share(std::span<const DailyFigure> figures,
                                              std::span<const ShareSplit> splits, time::Date as_of,
                                              int decimals, money::Rounding rounding);
/// Numbers of shares multiplied by it; rounded once (a reverse split leaves fractions in a display).
std::vector<RestatedFigure> restate_shares(std::span<const DailyFigure> figures,
                                           std::span<const ShareSplit> splits, time::Date as_of, int decimals,
                                           money::Rounding rounding);

}  // namespace navkeeper::nav::policy
