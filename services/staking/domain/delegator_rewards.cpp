#include "services/staking/domain/delegator_rewards.h"

#include "common/base/ensure.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {

using money::Decimal;

std::string_view describe(DistributionRefusal refusal) {
  switch (refusal) {
    case DistributionRefusal::kNotPositive:
      return "is not positive";
    case DistributionRefusal::kNotWhole:
      return "is not a whole number of the smallest unit";
    case DistributionRefusal::kNegativeRewards:
      return "is negative";
    case DistributionRefusal::kTooFine:
      return "has more than 18 decimals";
    case DistributionRefusal::kFractionOutOfRange:
      return "is not between 0 and 1";
    case DistributionRefusal::kNoDelegation:
      return "has no delegation";
    case DistributionRefusal::kMoreThanStake:
      return "is more than the stake";
    case DistributionRefusal::kSharesWithoutTokens:
      return "the validator has shares and no tokens: it takes no delegation";
    case DistributionRefusal::kStakeAboveTokens:
      return "the stake comes out above the worth of its shares: the chain would halt";
  }
  ENSURE(false);
}

Decimal shares_worth(const Decimal& shares, const Decimal& validator_tokens,
                     const Decimal& validator_shares) {
  return shares.is_zero() ? Decimal{} : sdk::mul_quo(shares, validator_tokens, validator_shares);
}

Distributed<Decimal> rewards_between(Decimal stake, Decimal start_ratio, std::span<const RatioSlash> slashes,
                                     const Decimal& worth_now, const Decimal& ratio_now) {
  const Decimal one = Decimal::of(1);
  Decimal rewards;
  for (const RatioSlash& slash : slashes) {
    rewards += sdk::mul_truncate(slash.ratio - start_ratio, stake);
    stake = sdk::mul_truncate(stake, one - slash.fraction);
    start_ratio = slash.ratio;
  }
  // A stake cut slash by slash may end a little above one computed at once; the chain allows 3e-18.
  if (stake > worth_now) {
    if (stake > worth_now + Decimal::of(3, sdk::kDecimals)) return DistributionRefusal::kStakeAboveTokens;
    stake = worth_now;
  }
  return rewards + sdk::mul_truncate(ratio_now - start_ratio, stake);
}

Distributed<Decimal> unclaimed(const RewardState& state, const Decimal& allocated) {
  const Decimal ratio_now =
      state.validator_tokens.is_zero()
          ? state.ratio
          : state.ratio + sdk::quo_truncate(state.current_rewards + allocated, state.validator_tokens);
  return rewards_between(state.start_stake, state.start_ratio, state.slashes,
                         shares_worth(state.shares, state.validator_tokens, state.validator_shares),
                         ratio_now);
}

}  // namespace navkeeper::staking
