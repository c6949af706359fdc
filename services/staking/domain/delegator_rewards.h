#pragma once
// The delegator's side of the Cosmos SDK's F1 distribution: what one delegation earned between two ratio sums
// of its validator (x/distribution/keeper/delegation.go, calculateDelegationRewards; facts/staking.md 2.1).
// Stakes and rewards in the smallest unit (basecro); stakes, ratios and rewards have 18 decimals.
#include <span>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/money/decimal.h"

namespace navkeeper::staking {

enum class DistributionRefusal {
  kNotPositive,  ///< an amount of nothing or less
  kNotWhole,     ///< an amount with a part of the smallest unit
  kNegativeRewards,
  kTooFine,             ///< more than 18 decimals: the chain has no such number
  kFractionOutOfRange,  ///< a slash of less than nothing or more than all
  kNoDelegation,        ///< the delegator has no stake here
  kMoreThanStake,
  kSharesWithoutTokens,  ///< a validator slashed to nothing takes no delegation any more
  kStakeAboveTokens,     ///< a stake came out above what its shares are worth by more than 3e-18: the chain
                         ///< would halt
};
std::string_view describe(DistributionRefusal refusal);

template <class T>
using Distributed = base::Result<T, DistributionRefusal>;

struct RatioSlash {
  money::Decimal ratio;     ///< the ratio sum when it happened
  money::Decimal fraction;  ///< burned / tokens, rounded up
};

/// What `shares` of a validator are worth, through the rounding quotient; nothing for no shares.
money::Decimal shares_worth(const money::Decimal& shares, const money::Decimal& validator_tokens,
                            const money::Decimal& validator_shares);

/// Stake x growth of the ratio, cut at every slash, when the stake shrinks by its fraction. `worth_now`: what
/// the delegation's shares are worth now; the last stake is never above it (3e-18 are allowed for).
Distributed<money::Decimal> rewards_between(money::Decimal stake, money::Decimal start_ratio,
                                            std::span<const RatioSlash> slashes,
                                            const money::Decimal& worth_now, const money::Decimal& ratio_now);

/// One delegation as the chain's own stores hold it at a height.
struct RewardState {
  money::Decimal start_stake;  ///< DelegatorStartingInfo
  money::Decimal start_ratio;  ///< ValidatorHistoricalRewards of its period
  std::vector<RatioSlash> slashes;
  money::Decimal ratio;            ///< the ratio sum of the periods that ended
  money::Decimal current_rewards;  ///< of the period that runs, commission taken off
  money::Decimal validator_tokens;
  money::Decimal validator_shares;
  money::Decimal shares;  ///< of the delegation
};

/// What a query at that height answers; with `allocated` more rewards (commission taken off), what the next
/// claim pays before it is cut to whole units.
Distributed<money::Decimal> unclaimed(const RewardState& state, const money::Decimal& allocated = {});

}  // namespace navkeeper::staking
