#pragma once
// RewardDistribution: the rewards of one Cosmos SDK validator and its delegators, as the chain's own F1
// distribution keeps them (x/distribution, x/staking; facts/staking.md 2.1). Amounts and stakes in the
// smallest unit (basecro), whole; shares, rewards and commission have 18 decimals.
//
// A period ends whenever a delegation changes, somebody withdraws, or the validator is slashed. The ratio of
// a period is its rewards divided by the tokens; a delegator earns stake x (ratio sum now - ratio sum at its
// start), cut at every slash between, when its stake shrinks by the slash's fraction.
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
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

class RewardDistribution {
 public:
  /// 0 <= commission_rate <= 1, at most 18 decimals (ENSURE).
  explicit RewardDistribution(const money::Decimal& commission_rate);
  static bool is_commission_rate(const money::Decimal& rate);

  // One event each, in the order of the chain; each is a block of its own. A refused one changes nothing.
  Distributed<void> allocate(const money::Decimal& rewards);
  Distributed<void> slash(const money::Decimal& fraction);
  Distributed<void> delegate(const std::string& delegator, const money::Decimal& amount);
  Distributed<void> undelegate(const std::string& delegator, const money::Decimal& amount);
  Distributed<void> withdraw(const std::string& delegator);

  struct DelegatorLine {
    std::string delegator;
    money::Decimal stake;      ///< what its shares are worth, whole
    money::Decimal unclaimed;  ///< what a query would answer now
    money::Decimal paid;       ///< whole, in all
    money::Decimal dust;       ///< what whole payments cut off, in all; it went to the community pool
  };
  /// Everyone who ever delegated, in order of appearance.
  Distributed<std::vector<DelegatorLine>> delegators() const;
  const money::Decimal& commission() const { return commission_; }
  const money::Decimal& tokens() const { return tokens_; }
  /// Dust, and rewards that found no tokens.
  const money::Decimal& community_pool() const { return community_pool_; }

 private:
  struct Delegation {
    std::string delegator;
    money::Decimal shares;
    money::Decimal start_stake;  ///< its tokens when it last began
    money::Decimal start_ratio;  ///< the ratio sum then
    std::size_t slashes_before = 0;
    money::Decimal paid;
    money::Decimal dust;
  };
  struct SlashEvent {
    money::Decimal ratio;  ///< the ratio sum when it happened
    money::Decimal fraction;
  };

  Delegation* find(const std::string& delegator);
  money::Decimal next_ratio() const;
  void end_period();
  Distributed<money::Decimal> earned(const Delegation& delegation, const money::Decimal& ratio_now) const;
  Distributed<void> settle(Delegation& delegation);
  void begin(Delegation& delegation) const;
  money::Decimal worth(const money::Decimal& shares) const;

  money::Decimal commission_rate_;
  money::Decimal commission_;
  money::Decimal tokens_;
  money::Decimal shares_;
  money::Decimal ratio_;            ///< the ratio sum of the periods that ended
  money::Decimal current_rewards_;  ///< of the period that runs
  money::Decimal outstanding_;      ///< allocated and not paid, commission included
  money::Decimal community_pool_;
  std::vector<SlashEvent> slashes_;
  std::vector<Delegation> delegations_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace navkeeper::staking
