#include "services/staking/domain/measures/yield.h"

#include <algorithm>
#include <map>

#include "services/staking/domain/measures/power.h"

namespace navkeeper::staking::measures {
namespace {

using money::Decimal;
using money::Rational;
using money::Rounding;

constexpr int kApyDecimals = 18;
/// The chain of stretches is kept with so many; each step is off by less than its last place.
constexpr int kFactorDecimals = 36;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

Decimal whole(std::int64_t value) { return Decimal::of(value); }

std::optional<YieldRefusal> fault_of(const StakeHistory& history, time::Instant from, time::Instant to) {
  if (from >= to) return YieldRefusal::kEmptyWindow;
  const auto backwards = [](const auto& a, const auto& b) { return b.at < a.at; };
  for (std::size_t i = 1; i < history.stakes.size(); ++i)
    if (history.stakes[i].at <= history.stakes[i - 1].at) return YieldRefusal::kOutOfOrder;
  if (std::adjacent_find(history.income.begin(), history.income.end(), backwards) != history.income.end())
    return YieldRefusal::kOutOfOrder;
  for (const StakeChange& change : history.stakes)
    if (change.stake.is_negative()) return YieldRefusal::kNegativeStake;
  if (history.stakes.empty() || history.stakes.front().at > from) return YieldRefusal::kUnknownStakeAtStart;
  return std::nullopt;
}

struct Stretch {
  time::Instant until;
  Decimal stake;
  std::int64_t ns = 0;
  Decimal income;
};

/// The window cut at every change of the stake.
std::vector<Stretch> stretches_of(const StakeHistory& history, time::Instant from, time::Instant to) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < history.stakes.size(); ++i) {
    const time::Instant begin = std::max(from, history.stakes[i].at);
    const time::Instant end = i + 1 < history.stakes.size() ? std::min(to, history.stakes[i + 1].at) : to;
    if (end > begin) stretches.push_back({end, history.stakes[i].stake, (end - begin).ns(), {}});
  }
  std::size_t at = 0;
  for (const Income& income : history.income) {
    if (income.at <= from || income.at > to) continue;
    while (income.at > stretches[at].until) ++at;
    stretches[at].income += income.amount;
  }
  return stretches;
}

/// The product of 1 + income / stake.
Yielded<Decimal> linked(const std::vector<Stretch>& stretches) {
  Decimal factor = whole(1);
  for (const Stretch& stretch : stretches) {
    if (stretch.income.is_zero()) continue;
    if (stretch.stake.is_zero()) return YieldRefusal::kIncomeWithoutStake;
    const Decimal after = stretch.stake + stretch.income;
    if (after.is_negative()) return YieldRefusal::kLostMoreThanAll;
    factor = money::mul_div(factor, after, stretch.stake, kFactorDecimals, Rounding::kHalfEven);
  }
  return factor;
}

Decimal annualised(const Decimal& factor, YearBasis year, std::int64_t elapsed_ns) {
  if (factor.is_zero()) return whole(-1);
  const std::int64_t year_ns = seconds_of(year) * kNsPerSecond;
  return power(factor, year_ns, elapsed_ns, kApyDecimals) - whole(1);
}

}  // namespace

std::string_view describe(YearBasis year) { return year == YearBasis::kDays365 ? "365" : "365.25"; }

std::string_view describe(YieldRefusal refusal) {
  switch (refusal) {
    case YieldRefusal::kEmptyWindow:
      return "the window does not end after it begins";
    case YieldRefusal::kOutOfOrder:
      return "the history goes back in time";
    case YieldRefusal::kNegativeStake:
      return "a stake is negative";
    case YieldRefusal::kUnknownStakeAtStart:
      return "the stake at the start of the window is not known";
    case YieldRefusal::kNoStake:
      return "nothing was staked in the window";
    case YieldRefusal::kIncomeWithoutStake:
      return "income came while nothing was staked";
    case YieldRefusal::kLostMoreThanAll:
      return "more than the stake was lost";
    case YieldRefusal::kNoSupply:
      return "there are no shares";
    case YieldRefusal::kOutOfRange:
      return "the rate is out of range";
  }
  return "";
}

StakeHistory together(const std::vector<StakeHistory>& histories) {
  std::map<time::Instant, Decimal> changes;
  StakeHistory sum;
  for (const StakeHistory& history : histories) {
    Decimal before;
    for (const StakeChange& change : history.stakes) {
      changes[change.at] += change.stake - before;
      before = change.stake;
    }
    sum.income.insert(sum.income.end(), history.income.begin(), history.income.end());
  }
  Decimal stake;
  for (const auto& [at, change] : changes) sum.stakes.push_back({at, stake += change});
  std::stable_sort(sum.income.begin(), sum.income.end(),
                   [](const Income& a, const Income& b) { return a.at < b.at; });
  return sum;
}

Yielded<Yield> yield_over(const StakeHistory& history, time::Instant from, time::Instant to) {
  if (const auto fault = fault_of(history, from, to)) return *fault;
  const std::vector<Stretch> stretches = stretches_of(history, from, to);
  Yield yield;
  Decimal stake_time;
  for (const Stretch& stretch : stretches) {
    yield.income += stretch.income;
    stake_time += stretch.stake * whole(stretch.ns);
  }
  if (stake_time.is_zero())
    return yield.income.is_zero() ? YieldRefusal::kNoStake : YieldRefusal::kIncomeWithoutStake;
  const std::int64_t elapsed_ns = (to - from).ns();
  yield.mean_stake = Rational(stake_time) / Rational::of(elapsed_ns);
  yield.period_return = Rational(yield.income) / yield.mean_stake;
  const auto factor = linked(stretches);
  if (factor.has_error()) return factor.error();
  for (std::size_t i = 0; i < kYearBases.size(); ++i) {
    const std::int64_t year_ns = seconds_of(kYearBases[i]) * kNsPerSecond;
    yield.apr[i] = Rational(yield.income * whole(year_ns)) / Rational(stake_time);
    try {
      yield.apy[i] = annualised(*factor, kYearBases[i], elapsed_ns);
    } catch (const money::OverflowError&) {
      return YieldRefusal::kOutOfRange;
    }
  }
  return yield;
}

std::vector<WindowYield> yields_until(const StakeHistory& history, time::Instant to) {
  std::vector<WindowYield> windows;
  for (const int days : kWindowDays) {
    const time::Instant from = to + time::Duration::hours(std::int64_t{-24} * days);
    windows.push_back({days, from, yield_over(history, from, to)});
  }
  return windows;
}

Yielded<Rational> share_rate_apr(const ShareRate& pre, const ShareRate& post, const Decimal& fee_shares,
                                 time::Duration elapsed, YearBasis year) {
  if (elapsed.ns() <= 0) return YieldRefusal::kEmptyWindow;
  const Decimal shares = post.shares - fee_shares;
  if (!pre.shares.is_positive() || !pre.ether.is_positive() || !shares.is_positive())
    return YieldRefusal::kNoSupply;
  if (post.ether.is_negative()) return YieldRefusal::kLostMoreThanAll;
  const Rational rise = Rational(post.ether * pre.shares) / Rational(shares * pre.ether) - Rational::of(1);
  return rise * Rational(whole(seconds_of(year)) * whole(kNsPerSecond)) / Rational::of(elapsed.ns());
}

}  // namespace navkeeper::staking::measures
