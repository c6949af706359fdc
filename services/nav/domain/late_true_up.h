#pragma once
// What struck NAVs should have had and did not: events of staking's state, facts and entries that people
// tell, corrections of them. While what they are worth stays under a cent a share (the fund's
// nav_error_per_share) on every NAV since, the next strike has them; from a cent on they are a NAV error of
// the days affected: a late slashing is a quantity, not an estimate. First order: quantity times the day's
// price over the day's shares, without the fee and tax on it.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"

namespace navkeeper::nav {

/// As an asset: a share, worth the NAV per share of the day. More of them leave less for each.
inline constexpr const char* kShareOut = "share";

struct StruckDay {
  time::Date date;
  money::Decimal shares;
  std::map<std::string, money::Decimal> prices;  ///< by asset; dollars and kShareOut among them
  /// Dollars of what came late before and this NAV lacks still, gains positive.
  money::Decimal netted;
};

struct LateQuantity {
  std::string asset;
  money::Decimal quantity;  ///< whole coins, dollars that the NAV would have had more; negative: less
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

/// What is told to whoever posted it.
struct LateReport {
  std::size_t late = 0;  ///< of what was posted: a struck NAV lacks it
  /// Where that is a NAV error: the struck days it concerns, and dollars a share on the one it moves most.
  std::optional<time::Date> error_from = {};
  std::optional<time::Date> error_through = {};
  money::Decimal error_per_share = {};
};

/// `days` by date. A day whose NAV has no price of the coin or no shares cannot be measured and counts as an
/// error.
TrueUp assess_true_up(const money::Decimal& error_per_share, const std::vector<StruckDay>& days,
                      const std::vector<LateQuantity>& late);

/// Dollars a share of the effect on the day that it moves most.
money::Rational worst_of(const TrueUp& true_up);

LateReport report_of(const TrueUp& true_up, std::size_t late);

}  // namespace navkeeper::nav
