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

#include "common/money/decimal.h"
#include "services/staking/domain/delegator_rewards.h"

namespace navkeeper::staking {

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
  /// Takes `burned` whole tokens (at most all) from everybody's stake: what `slash` leaves for the validator
  /// after entries that are on their way out have borne their part.
  Distributed<void> burn(const money::Decimal& burned);
  /// The shares that `amount` tokens of a delegator are now. Refused: more than its stake.
  Distributed<money::Decimal> shares_for(const std::string& delegator, const money::Decimal& amount) const;
  /// Takes shares out of a delegation, its rewards settled first; the whole tokens that they were worth.
  Distributed<money::Decimal> unbond(const std::string& delegator, const money::Decimal& shares);

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
  const money::Decimal& shares() const { return shares_; }
  /// Of one delegator; nothing where it has none.
  money::Decimal shares_of(const std::string& delegator) const;
  money::Decimal stake_of(const std::string& delegator) const;  ///< whole
  money::Decimal paid_to(const std::string& delegator) const;   ///< in all
  Distributed<money::Decimal> unclaimed_of(const std::string& delegator) const;
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
  const Delegation* find(const std::string& delegator) const;
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
  std::vector<RatioSlash> slashes_;
  std::vector<Delegation> delegations_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace navkeeper::staking
