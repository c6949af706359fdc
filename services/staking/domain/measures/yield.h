#pragma once
// What staked coins yield a year. Amounts in whole coins, exact; income is signed, so that a falling position
// is reported as falling. An annual rate names its year: 365 days, or 365.25 (Lido, the SDK's tier bonus).
//
// APR (time-weighted stake) = income x year / sum(stake x time): the formula of rotki's performance, taken
// over any positions together and not as a mean of means (facts/staking.md 3).
// APY = (product of (1 + income / stake) over the stretches between changes of the stake)
//       ^ (year / elapsed) - 1.
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/instant.h"

namespace navkeeper::staking::measures {

enum class YearBasis { kDays365, kDays365Quarter };
inline constexpr std::array kYearBases{YearBasis::kDays365, YearBasis::kDays365Quarter};
constexpr std::int64_t seconds_of(YearBasis year) {
  return year == YearBasis::kDays365 ? 31'536'000 : 31'557'600;
}
std::string_view describe(YearBasis year);  ///< "365", "365.25"

/// The stake from `at` on, until the next change.
struct StakeChange {
  time::Instant at;
  money::Decimal stake;
};

/// Earned (positive) or lost at that instant.
struct Income {
  time::Instant at;
  money::Decimal amount;
};

/// Of one position, or of many added up. Both lists go forward in time; stakes at differing instants.
struct StakeHistory {
  std::vector<StakeChange> stakes;
  std::vector<Income> income;
};

/// Of many positions together: stakes add up, income stays.
StakeHistory together(const std::vector<StakeHistory>& histories);

enum class YieldRefusal {
  kEmptyWindow,  ///< it does not end after it begins
  kOutOfOrder,   ///< the history goes back in time
  kNegativeStake,
  kUnknownStakeAtStart,  ///< the history begins inside the window
  kNoStake,              ///< nothing was staked in all of the window
  kIncomeWithoutStake,   ///< a stretch earned without a stake: it has no rate
  kLostMoreThanAll,      ///< a stretch lost more than its stake
  kNoSupply,             ///< a share rate without shares
  kOutOfRange,           ///< a rate that no decimal holds: a window far too short for it
};
std::string_view describe(YieldRefusal refusal);

template <class T>
using Yielded = base::Result<T, YieldRefusal>;

struct Yield {
  money::Decimal income;               ///< from < at <= to
  money::Rational mean_stake;          ///< weighted by time
  money::Rational period_return;       ///< income / mean stake
  std::array<money::Rational, 2> apr;  ///< by kYearBases; a loss is negative
  std::array<money::Decimal, 2> apy;   ///< by kYearBases, half-even at 18 decimals
};

/// Income with from < at <= to over the stake from `from` to `to`. Stretches of the APY end where the stake
/// changes and count the income up to and including that instant.
Yielded<Yield> yield_over(const StakeHistory& history, time::Instant from, time::Instant to);

inline constexpr std::array kWindowDays{1, 7, 30, 365};
struct WindowYield {
  int days = 0;
  time::Instant from;
  Yielded<Yield> yield;
};
/// The windows of 1, 7, 30 and 365 days that end at `to`.
std::vector<WindowYield> yields_until(const StakeHistory& history, time::Instant to);

/// A pool at one instant, for what is measured by its rate: Lido's stETH, a wrapped token, a stride token.
struct ShareRate {
  money::Decimal ether;  ///< or any coin
  money::Decimal shares;
};
/// year x (post.ether / (post.shares - fee_shares) / (pre.ether / pre.shares) - 1) / elapsed, as Lido's
/// oracle has it, but a falling rate stays negative. elapsed > 0 in nanoseconds. kEmptyWindow, kNoSupply.
Yielded<money::Rational> share_rate_apr(const ShareRate& pre, const ShareRate& post,
                                        const money::Decimal& fee_shares, time::Duration elapsed,
                                        YearBasis year);

}  // namespace navkeeper::staking::measures
