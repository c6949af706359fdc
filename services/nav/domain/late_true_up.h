#pragma once
// What struck NAVs should have had and did not: events of staking's state, facts and entries that people
// tell, corrections of them. While what they are worth stays under a cent a share (the fund's
// nav_error_per_share) on every NAV since, the next strike has them; from a cent on they are a NAV error of
// the days affected: a late slashing is a quantity, not an estimate. First order: quantity times the day's
// price over the day's shares, without the fee and tax on it.
#include <map>
#include <optional>
#include <set>
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
  money::Rational lacks;
  bool is_priced = true;  ///< all of that has a price
  /// Some of that is booked on its own day, so this one is struck again anyway: what comes now is too.
  bool is_open = false;
  /// Dollars a share by which it differs from what was published of its day. So an error counts as a whole,
  /// whether it is told at once or in parts between which the day was struck again.
  money::Rational apart = {};
};

struct LateQuantity {
  std::string asset;
  money::Decimal quantity;  ///< whole coins, dollars that the NAV would have had more; negative: less
  time::Date since;         ///< the first NAV that lacks it
  /// Later days that do not lack it: of a correction those that never had what it corrects.
  std::set<time::Date> spared = {};
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
  bool is_open = false;         ///< any of them is struck again anyway

  /// It is booked on the days that lack it, else on the day after the last struck one.
  bool belongs_to_its_days() const { return is_error || is_open; }
};

/// What is told to whoever posted it.
struct LateReport {
  std::size_t late = 0;  ///< of what was posted: a struck NAV lacks it
  /// Where that is a NAV error: the struck days it concerns, and dollars a share on the one it moves most.
  std::optional<time::Date> error_from = {};
  std::optional<time::Date> error_through = {};
  money::Decimal error_per_share = {};
  /// Where it is none, and these days are struck again anyway, with it.
  std::optional<time::Date> again_from = {};
  std::optional<time::Date> again_through = {};
  std::size_t moved = 0;  ///< earlier small ones that were brought to their own days with it
};

/// `days` by date. A day whose NAV has no price of the coin or no shares cannot be measured and counts as an
/// error. The days that are answered are those that `late` moves, and all from `from` on.
TrueUp assess_true_up(const money::Decimal& error_per_share, const std::vector<StruckDay>& days,
                      const std::vector<LateQuantity>& late, std::optional<time::Date> from = std::nullopt);

/// Dollars a share of the effect on the day that it moves most.
money::Rational worst_of(const TrueUp& true_up);

LateReport report_of(const TrueUp& true_up, std::size_t late);

}  // namespace navkeeper::nav
