#include "services/staking/domain/measures/income_band.h"

#include "common/base/ensure.h"
#include "services/staking/domain/ether/rewards.h"

namespace navkeeper::staking::measures {
namespace {

using money::Rational;
using money::Units;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kYearSeconds = 31'536'000;

Rational of(Units units) { return Rational::of(units.count()); }
Rational of(std::uint64_t count) { return Rational::of(static_cast<money::Int128>(count)); }

/// Balances of a pool are 64-bit Gwei summed (ENSURE).
ether::Gwei gwei(Units units) {
  ENSURE(units.count() >= 0 && units.count() <= UINT64_MAX);
  return static_cast<ether::Gwei>(units.count());
}

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

std::string_view describe(BandRule rule) {
  switch (rule) {
    case BandRule::kDailyFall:
      return "daily_fall";
    case BandRule::kDailyRise:
      return "daily_rise";
    case BandRule::kAnnualRise:
      return "annual_rise";
    case BandRule::kExpectedRatio:
      return "expected_ratio";
    case BandRule::kNegativePeriod:
      return "negative_period";
    case BandRule::kNegativeRebases:
      return "negative_rebases";
  }
  return "";
}

std::vector<BandFinding> outside_band(const PoolPeriod& period, const BandLimits& limits) {
  ENSURE(period.stake.count() > 0 && period.seconds > 0 && period.sync_period_slots > 0);
  const Rational stake = of(period.stake);
  const Rational income = of(period.income);
  const Rational days = Rational::of(period.seconds, kDaySeconds);
  std::vector<BandFinding> findings;
  const auto find = [&](BandRule rule, bool outside, Rational measured, Rational limit, bool binding = true) {
    if (outside) findings.push_back({rule, binding, std::move(measured), std::move(limit)});
  };

  const Rational fall_max = Rational() - Rational(limits.daily_fall_max) * days;
  find(BandRule::kDailyFall, income / stake < fall_max, income / stake, fall_max);

  const Rational allowance =
      of(period.proposals) * of(limits.proposal_allowance) +
      of(period.sync_seat_slots) * of(limits.sync_seat_allowance) / of(period.sync_period_slots);
  const Rational rise_max = Rational(limits.daily_rise_max) * days + allowance / stake;
  find(BandRule::kDailyRise, income / stake > rise_max, income / stake, rise_max);

  const Rational annual = income / stake * Rational::of(kYearSeconds, period.seconds);
  find(BandRule::kAnnualRise, annual > Rational(limits.annual_rise_max), annual,
       Rational(limits.annual_rise_max), period.validators > limits.annual_from_validators);

  const Units expected(static_cast<money::Int128>(ether::ideal_rewards(
      gwei(period.effective_balance), period.epochs, gwei(period.total_effective_balance))));
  if (!expected.is_zero()) {
    const Rational ratio = income / of(expected);
    const bool binding = period.validators > limits.expected_from_validators;
    find(BandRule::kExpectedRatio, ratio < Rational(limits.expected_ratio_min), ratio,
         Rational(limits.expected_ratio_min), binding);
    find(BandRule::kExpectedRatio, ratio > Rational(limits.expected_ratio_max), ratio,
         Rational(limits.expected_ratio_max), binding);
  }
  find(BandRule::kNegativePeriod, income.is_negative(), income, Rational());
  return findings;
}

std::vector<BandFinding> outside_rebase_limit(const NegativeRebases& rebases, const BandLimits& limits) {
  const Rational allowed =
      of(less(rebases.validators, rebases.exited_18_days_ago)) * of(limits.initial_slashing) +
      of(less(rebases.validators, rebases.exited_54_days_ago)) * of(limits.inactivity);
  if (of(rebases.fallen_in_18_days) <= allowed) return {};
  return {{BandRule::kNegativeRebases, true, of(rebases.fallen_in_18_days), allowed}};
}

}  // namespace navkeeper::staking::measures
