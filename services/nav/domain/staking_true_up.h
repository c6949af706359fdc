#pragma once
// What staking told too late: events of a state that a struck NAV should have had. While what they are worth
// stays under a cent a share (the fund's nav_error_per_share) on every NAV since, the next strike has them;
// from a cent on they are a NAV error of the days affected: a late slashing is a quantity, not an estimate.
// First order: quantity times the day's price over the day's shares, without the fee and tax on it.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"

namespace navkeeper::nav {

struct StruckDay {
  time::Date date;
  money::Decimal shares;
  std::map<std::string, money::Decimal> prices;  ///< by asset
  /// Dollars of earlier late events that this NAV lacks still, gains positive.
  money::Decimal netted;
};

struct LateQuantity {
  std::string asset;
  money::Decimal quantity;  ///< whole coins that the NAV would have had more; negative: lost
  time::Date since;         ///< the first NAV that lacks it
};

struct DayEffect {
  time::Date date;
  money::Rational dollars;
  money::Rational per_share;
  bool is_error = false;
};

struct TrueUp {
  std::vector<DayEffect> days;  ///< the struck days from the first affected on
  bool is_error = false;        ///< of any of them
};

/// `days` by date. A day whose NAV has no price of the coin or no shares cannot be measured and counts as an
/// error.
TrueUp assess_true_up(const money::Decimal& error_per_share, const std::vector<StruckDay>& days,
                      const std::vector<LateQuantity>& late);

}  // namespace navkeeper::nav
