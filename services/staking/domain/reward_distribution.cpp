#include "services/staking/domain/reward_distribution.h"

#include <algorithm>
#include <utility>

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

bool RewardDistribution::is_commission_rate(const Decimal& rate) {
  return !rate.is_negative() && rate <= kOne && rate.scale() <= sdk::kDecimals;
}

RewardDistribution::RewardDistribution(const Decimal& commission_rate) : commission_rate_(commission_rate) {
  ENSURE(is_commission_rate(commission_rate));
}

const RewardDistribution::Delegation* RewardDistribution::find(const std::string& delegator) const {
  const auto found = index_.find(delegator);
  if (found == index_.end() || delegations_[found->second].shares.is_zero()) return nullptr;
  return &delegations_[found->second];
}
RewardDistribution::Delegation* RewardDistribution::find(const std::string& delegator) {
  return const_cast<Delegation*>(std::as_const(*this).find(delegator));
}

Decimal RewardDistribution::shares_of(const std::string& delegator) const {
  const Delegation* const delegation = find(delegator);
  return delegation == nullptr ? Decimal{} : delegation->shares;
}
Decimal RewardDistribution::stake_of(const std::string& delegator) const {
  return sdk::truncate_int(worth(shares_of(delegator)));
}
Decimal RewardDistribution::paid_to(const std::string& delegator) const {
  const auto found = index_.find(delegator);
  return found == index_.end() ? Decimal{} : delegations_[found->second].paid;
}
Distributed<Decimal> RewardDistribution::unclaimed_of(const std::string& delegator) const {
  const Delegation* const delegation = find(delegator);
  if (delegation == nullptr) return Decimal{};
  return earned(*delegation, next_ratio());
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
  return shares_worth(shares, tokens_, shares_);
}

Distributed<Decimal> RewardDistribution::earned(const Delegation& delegation,
                                                const Decimal& ratio_now) const {
  return rewards_between(delegation.start_stake, delegation.start_ratio,
                         std::span(slashes_).subspan(delegation.slashes_before), worth(delegation.shares),
                         ratio_now);
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
  return burn(sdk::truncate_int(sdk::mul(tokens_, fraction)));
}

Distributed<void> RewardDistribution::burn(const Decimal& burned) {
  if (burned.is_negative()) return DistributionRefusal::kNotPositive;
  if (burned.scale() > 0) return DistributionRefusal::kNotWhole;
  if (burned > tokens_) return DistributionRefusal::kMoreThanStake;
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

Distributed<Decimal> RewardDistribution::shares_for(const std::string& delegator,
                                                    const Decimal& amount) const {
  if (const auto refusal = check_amount(amount)) return *refusal;
  const Delegation* const delegation = find(delegator);
  if (delegation == nullptr) return DistributionRefusal::kNoDelegation;
  if (tokens_.is_zero()) return DistributionRefusal::kMoreThanStake;
  const Decimal shares = sdk::mul_quo_truncate(shares_, amount, tokens_);
  if (shares > delegation->shares) return DistributionRefusal::kMoreThanStake;
  return shares;
}

Distributed<Decimal> RewardDistribution::unbond(const std::string& delegator, const Decimal& shares) {
  Delegation* const delegation = find(delegator);
  if (delegation == nullptr) return DistributionRefusal::kNoDelegation;
  if (shares.is_negative()) return DistributionRefusal::kNotPositive;
  if (shares > delegation->shares) return DistributionRefusal::kMoreThanStake;
  if (auto settled = settle(*delegation); settled.has_error()) return settled.error();
  delegation->shares -= shares;
  begin(*delegation);  // As the chain does: before the tokens leave, at the rate that held until now.
  const Decimal removed = shares == shares_ ? tokens_ : sdk::truncate_int(worth(shares));
  tokens_ -= removed;
  shares_ -= shares;
  return removed;
}

Distributed<void> RewardDistribution::undelegate(const std::string& delegator, const Decimal& amount) {
  const auto shares = shares_for(delegator, amount);
  if (shares.has_error()) return shares.error();
  const auto removed = unbond(delegator, *shares);
  if (removed.has_error()) return removed.error();
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
