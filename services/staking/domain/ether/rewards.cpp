#include "services/staking/domain/ether/rewards.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/money/wide.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::uint64_t kBaseRewardFactor = 64;
constexpr std::uint64_t kInactivityScoreBias = 4;
constexpr std::uint64_t kInactivityRecovery = 16;
constexpr std::uint64_t kSyncCommittee = 512;

std::uint64_t increments(Gwei amount) { return std::max(amount, kIncrement) / kIncrement; }

}  // namespace

std::uint64_t integer_sqrt(std::uint64_t n) {
  if (n < 2) return n;
  // Newton from above: the power of two at or above the root begins, so that five or six steps do.
  const int bits = 64 - __builtin_clzll(n);
  std::uint64_t x = std::uint64_t{1} << ((bits + 1) / 2);
  for (std::uint64_t y = (x + n / x) / 2; y < x; y = (x + n / x) / 2) x = y;
  return x;
}

Gwei base_reward_per_increment(Gwei total_active) {
  ENSURE(total_active > 0);
  return kIncrement * kBaseRewardFactor / integer_sqrt(total_active);
}

Gwei base_reward(Gwei effective, Gwei total_active) {
  return effective / kIncrement * base_reward_per_increment(total_active);
}

FlagDelta flag_delta(const EpochTotals& totals, Flag flag, Gwei effective, bool has_flag) {
  const Gwei base = base_reward(effective, totals.total_active);
  const std::uint64_t weight = kFlagWeights[flag];
  if (has_flag) {
    if (totals.in_leak) return {};
    const Wide numerator = Wide{base} * weight * increments(totals.participating[flag]);
    return {static_cast<Gwei>(numerator / (Wide{increments(totals.total_active)} * kWeights)), 0};
  }
  if (flag == kHead) return {};
  return {0, base * weight / kWeights};
}

Gwei inactivity_penalty(const ForkRules& rules, Gwei effective, std::uint64_t score, bool has_target) {
  if (has_target) return 0;
  return static_cast<Gwei>(Wide{effective} * score /
                           (Wide{kInactivityScoreBias} * rules.inactivity_penalty_quotient));
}

std::uint64_t next_inactivity_score(std::uint64_t score, bool has_target, bool in_leak) {
  if (has_target)
    score -= std::min<std::uint64_t>(1, score);
  else
    score += kInactivityScoreBias;
  if (!in_leak) score -= std::min(kInactivityRecovery, score);
  return score;
}

std::int64_t AttestationDelta::net() const {
  std::int64_t sum = -static_cast<std::int64_t>(inactivity);
  for (const FlagDelta& one : flags)
    sum += static_cast<std::int64_t>(one.reward) - static_cast<std::int64_t>(one.penalty);
  return sum;
}

AttestationDelta attestation_delta(const ForkRules& rules, const EpochTotals& totals, Gwei effective,
                                   std::uint8_t flags, bool slashed, std::uint64_t score) {
  const auto has = [&](Flag flag) { return !slashed && (flags >> flag & 1) != 0; };
  AttestationDelta delta;
  for (const Flag flag : {kSource, kTarget, kHead})
    delta.flags[flag] = flag_delta(totals, flag, effective, has(flag));
  delta.inactivity = inactivity_penalty(rules, effective, score, has(kTarget));
  return delta;
}

Gwei sync_reward(Gwei total_active) {
  const Gwei total_base =
      static_cast<Gwei>(Wide{base_reward_per_increment(total_active)} * increments(total_active));
  return total_base * kWeightSync / kWeights / kSlotsPerEpoch / kSyncCommittee;
}

Gwei proposer_sync_reward(Gwei total_active) {
  return sync_reward(total_active) * kWeightProposer / (kWeights - kWeightProposer);
}

Gwei proposer_attestation_reward(Wide base_reward_times_weight) {
  constexpr std::uint64_t kDenominator = (kWeights - kWeightProposer) * kWeights / kWeightProposer;
  return static_cast<Gwei>(base_reward_times_weight / kDenominator);
}

Gwei ideal_rewards(Gwei effective, std::uint64_t epochs, Gwei total_active) {
  if (total_active == 0) return 0;
  // floor(a / sqrt(t)) = floor(sqrt(floor(a^2 / t))).
  using Whole = money::wide::Wide;
  const Whole product = Whole(kBaseRewardFactor) * effective * epochs;
  return static_cast<Gwei>(Whole(boost::multiprecision::sqrt(Whole(product * product / total_active))));
}

}  // namespace navkeeper::staking::ether
