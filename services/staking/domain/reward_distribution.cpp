#include "services/staking/domain/reward_distribution.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {

using money::Decimal;

namespace {

const Decimal kOne = Decimal::of(1);

std::optional<DistributionRefusal> check_amount(const Decimal& amount) {
  if (!amount.is_positive()) return DistributionRefusal::kNotPositive;
  if (amount.scale() > 0) return DistributionRefusal::kNotWhole;
  return std::nullopt;
}

}  // namespace

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

bool RewardDistribution::is_commission_rate(const Decimal& rate) {
  return !rate.is_negative() && rate <= kOne && rate.scale() <= sdk::kDecimals;
}

RewardDistribution::RewardDistribution(const Decimal& commission_rate) : commission_rate_(commission_rate) {
  ENSURE(is_commission_rate(commission_rate));
}

RewardDistribution::Delegation* RewardDistribution::find(const std::string& delegator) {
  const auto found = index_.find(delegator);
  if (found == index_.end() || delegations_[found->second].shares.is_zero()) return nullptr;
  return &delegations_[found->second];
}

/// The ratio sum if the period ended now. Without tokens its rewards are nobody's.
Decimal RewardDistribution::next_ratio() const {
  return tokens_.is_zero() ? ratio_ : ratio_ + sdk::quo_truncate(current_rewards_, tokens_);
}

void RewardDistribution::end_period() {
  ratio_ = next_ratio();
  if (tokens_.is_zero()) {
    community_pool_ += current_rewards_;
    outstanding_ -= current_rewards_;
  }
  current_rewards_ = Decimal{};
}

Decimal RewardDistribution::worth(const Decimal& shares) const {
  return shares.is_zero() ? Decimal{} : sdk::mul_quo(shares, tokens_, shares_);
}

Distributed<Decimal> RewardDistribution::earned(const Delegation& delegation,
                                                const Decimal& ratio_now) const {
  Decimal stake = delegation.start_stake;
  Decimal ratio = delegation.start_ratio;
  Decimal rewards;
  for (std::size_t i = delegation.slashes_before; i < slashes_.size(); ++i) {
    rewards += sdk::mul_truncate(slashes_[i].ratio - ratio, stake);
    stake = sdk::mul_truncate(stake, kOne - slashes_[i].fraction);
    ratio = slashes_[i].ratio;
  }
  // A stake cut slash by slash may end a little above one computed at once; the chain allows 3e-18.
  const Decimal now = worth(delegation.shares);
  if (stake > now) {
    if (stake > now + Decimal::of(3, sdk::kDecimals)) return DistributionRefusal::kStakeAboveTokens;
    stake = now;
  }
  return rewards + sdk::mul_truncate(ratio_now - ratio, stake);
}

/// Ends the period and pays what the delegation earned: whole units to it, the rest to the community pool.
Distributed<void> RewardDistribution::settle(Delegation& delegation) {
  const auto rewards = earned(delegation, next_ratio());
  if (rewards.has_error()) return rewards.error();
  end_period();
  const Decimal payable = std::min(*rewards, outstanding_);
  const Decimal whole = sdk::truncate_int(payable);
  outstanding_ -= payable;
  delegation.paid += whole;
  delegation.dust += payable - whole;
  community_pool_ += payable - whole;
  return {};
}

/// The delegation earns from here on, by what its shares are worth now, cut.
void RewardDistribution::begin(Delegation& delegation) const {
  delegation.start_stake =
      delegation.shares.is_zero() ? Decimal{} : sdk::mul_quo_truncate(delegation.shares, tokens_, shares_);
  delegation.start_ratio = ratio_;
  delegation.slashes_before = slashes_.size();
}

Distributed<void> RewardDistribution::allocate(const Decimal& rewards) {
  if (rewards.is_negative()) return DistributionRefusal::kNegativeRewards;
  if (rewards.scale() > sdk::kDecimals) return DistributionRefusal::kTooFine;
  const Decimal commission = sdk::mul(rewards, commission_rate_);
  const Decimal shared = rewards - commission;
  commission_ += commission;
  outstanding_ += rewards;
  current_rewards_ += shared;
  if (tokens_.is_zero()) end_period();
  return {};
}

Distributed<void> RewardDistribution::slash(const Decimal& fraction) {
  if (fraction.is_negative() || fraction > kOne) return DistributionRefusal::kFractionOutOfRange;
  if (fraction.scale() > sdk::kDecimals) return DistributionRefusal::kTooFine;
  const Decimal burned = sdk::truncate_int(sdk::mul(tokens_, fraction));
  if (burned.is_zero()) return {};
  end_period();
  slashes_.push_back({ratio_, std::min(sdk::quo_round_up(burned, tokens_), kOne)});
  tokens_ -= burned;
  return {};
}

Distributed<void> RewardDistribution::delegate(const std::string& delegator, const Decimal& amount) {
  if (const auto refusal = check_amount(amount)) return *refusal;
  if (tokens_.is_zero() && !shares_.is_zero()) return DistributionRefusal::kSharesWithoutTokens;
  const Decimal issued = shares_.is_zero() ? amount : sdk::mul_quo_truncate(shares_, amount, tokens_);
  if (Delegation* old = find(delegator)) {
    if (auto settled = settle(*old); settled.has_error()) return settled;
  } else {
    end_period();
  }
  const auto [place, is_new] = index_.try_emplace(delegator, delegations_.size());
  if (is_new) delegations_.emplace_back().delegator = delegator;
  Delegation& delegation = delegations_[place->second];
  tokens_ += amount;
  shares_ += issued;
  delegation.shares += issued;
  begin(delegation);
  return {};
}

Distributed<void> RewardDistribution::undelegate(const std::string& delegator, const Decimal& amount) {
  if (const auto refusal = check_amount(amount)) return *refusal;
  Delegation* const delegation = find(delegator);
  if (delegation == nullptr) return DistributionRefusal::kNoDelegation;
  if (tokens_.is_zero()) return DistributionRefusal::kMoreThanStake;
  const Decimal shares = sdk::mul_quo_truncate(shares_, amount, tokens_);
  if (shares > delegation->shares) return DistributionRefusal::kMoreThanStake;
  if (auto settled = settle(*delegation); settled.has_error()) return settled;
  delegation->shares -= shares;
  begin(*delegation);  // As the chain does: before the tokens leave, at the rate that held until now.
  const bool is_last = shares == shares_;
  tokens_ -= is_last ? tokens_ : sdk::truncate_int(worth(shares));
  shares_ -= shares;
  return {};
}

Distributed<void> RewardDistribution::withdraw(const std::string& delegator) {
  Delegation* const delegation = find(delegator);
  if (delegation == nullptr) return DistributionRefusal::kNoDelegation;
  if (auto settled = settle(*delegation); settled.has_error()) return settled;
  begin(*delegation);
  return {};
}

Distributed<std::vector<RewardDistribution::DelegatorLine>> RewardDistribution::delegators() const {
  std::vector<DelegatorLine> lines;
  const Decimal ratio_now = next_ratio();
  for (const Delegation& delegation : delegations_) {
    DelegatorLine line{delegation.delegator,
                       sdk::truncate_int(worth(delegation.shares)),
                       {},
                       delegation.paid,
                       delegation.dust};
    if (!delegation.shares.is_zero()) {
      const auto unclaimed = earned(delegation, ratio_now);
      if (unclaimed.has_error()) return unclaimed.error();
      line.unclaimed = *unclaimed;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace navkeeper::staking
