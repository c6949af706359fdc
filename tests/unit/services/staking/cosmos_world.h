#pragma once
// A small Cosmos SDK chain for tests: the staking module replayed (domain/cosmos_staking), one delegator of
// ours and others, and everything that a walk needs written down as it happens.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "services/staking/domain/cosmos_staking.h"
#include "services/staking/domain/cosmos_walk.h"

namespace navkeeper::staking {

inline const std::string kOurs = "cro1ours";

class CosmosWorld {
 public:
  CosmosWorld(CosmosParameters parameters, money::Decimal free)
      : chain_(std::move(parameters)), free_(std::move(free)) {}

  CosmosStaking& chain() { return chain_; }
  std::uint64_t height() const { return height_; }

  /// Rewards of the block go out; what matured is paid.
  void begin(const std::map<std::string, money::Decimal>& rewards) {
    before_ = state();
    ++height_;
    facts_.clear();
    due_.clear();
    for (const auto& [validator, amount] : rewards)
      if (!chain_.allocate(validator, amount)) throw std::logic_error("a block's rewards were refused");
    const std::vector<UnbondingEntry> entries = chain_.unbondings();
    const auto at = time();
    chain_.begin_block({height_, at});
    for (const UnbondingEntry& entry : entries) {
      if (entry.delegator != kOurs || !is_mature(entry, at)) continue;
      free_ += entry.balance;
      facts_.push_back({CosmosAct::kUnbonded, entry.validator, {}, entry.balance});
    }
  }

  /// Does what `act` does and notes what it claimed; false: the chain refused.
  template <class Act>
  bool ours(Act&& act, const std::vector<std::string>& validators, CosmosFact fact) {
    std::map<std::string, std::pair<money::Decimal, money::Decimal>> before;
    for (const std::string& validator : validators) {
      const RewardDistribution& at = *chain_.validator(validator);
      before[validator] = {*at.unclaimed_of(kOurs), at.paid_to(kOurs)};
    }
    if (!act()) return false;
    for (const std::string& validator : validators) {
      if (!held_.contains(validator) && before[validator].first.is_zero() &&
          chain_.validator(validator)->paid_to(kOurs) == before[validator].second)
        continue;
      const money::Decimal paid = chain_.validator(validator)->paid_to(kOurs) - before[validator].second;
      due_[validator] += before[validator].first;
      free_ += paid;
      facts_.push_back({CosmosAct::kClaim, validator, {}, paid, kOurs});
    }
    held_.insert(validators.begin(), validators.end());
    if (fact.act != CosmosAct::kClaim) facts_.push_back(std::move(fact));
    return true;
  }

  bool delegate(const std::string& validator, const money::Decimal& amount) {
    if (amount > free_) return false;
    if (!ours([&] { return chain_.delegate(kOurs, validator, amount).has_value(); }, {validator},
              {CosmosAct::kDelegate, validator, {}, amount}))
      return false;
    free_ -= amount;
    return true;
  }
  bool undelegate(const std::string& validator, const money::Decimal& amount) {
    return ours([&] { return chain_.undelegate(kOurs, validator, amount).has_value(); }, {validator},
                {CosmosAct::kUndelegate, validator, {}, amount});
  }
  bool redelegate(const std::string& from, const std::string& to, const money::Decimal& amount) {
    return ours([&] { return chain_.redelegate(kOurs, from, to, amount).has_value(); }, {from, to},
                {CosmosAct::kRedelegate, from, to, amount});
  }
  bool claim(const std::string& validator) {
    return ours([&] { return chain_.claim(kOurs, validator).has_value(); }, {validator},
                {CosmosAct::kClaim, validator});
  }
  bool slash(const std::string& validator, std::uint64_t infraction, const money::Decimal& fraction) {
    // A slash of a redelegation claims at its destination.
    std::vector<std::string> claimed;
    for (const RedelegationEntry& entry : chain_.redelegations()) {
      if (entry.source == validator && entry.delegator == kOurs && infraction < height_ &&
          answers_for(entry, infraction, time()))
        claimed.push_back(entry.destination);
    }
    if (fraction.is_zero()) claimed.clear();
    std::sort(claimed.begin(), claimed.end());
    claimed.erase(std::unique(claimed.begin(), claimed.end()), claimed.end());
    const money::Decimal power = chain_.validator(validator)->tokens();
    return ours([&] { return chain_.slash(validator, infraction, power, fraction).has_value(); }, claimed,
                {CosmosAct::kSlash, validator, {}, {}, {}, "double_sign"});
  }
  void receive(const money::Decimal& amount) {
    free_ += amount;
    facts_.push_back({CosmosAct::kTransferIn, {}, {}, amount, "cro1other"});
  }

  /// The block is over; where nothing happened to us there is no step.
  void end(Walk& walk) {
    if (facts_.empty()) return;
    walk.steps.push_back({before_, facts_, state(), due_});
  }

  DelegatorState state() const {
    DelegatorState state;
    state.mark = {height_, "root" + std::to_string(height_), time()};
    for (const std::string& validator : names_) {
      const RewardDistribution& at = *chain_.validator(validator);
      if (at.shares_of(kOurs).is_zero()) continue;
      state.delegations[validator] = {at.shares_of(kOurs), at.stake_of(kOurs), *at.unclaimed_of(kOurs)};
    }
    for (const UnbondingEntry& entry : chain_.unbondings())
      if (entry.delegator == kOurs) state.unbondings.push_back(entry);
    for (const RedelegationEntry& entry : chain_.redelegations())
      if (entry.delegator == kOurs) state.redelegations.push_back(entry);
    state.free = free_;
    return state;
  }
  void add_validator(const std::string& name, const money::Decimal& commission,
                     const money::Decimal& others) {
    names_.push_back(name);
    if (!chain_.create_validator(name, commission) || !chain_.delegate("others", name, others))
      throw std::logic_error("a validator was refused");
  }
  time::Instant time() const {
    return time::Instant::literal("2026-01-01T00:00:00Z") +
           time::Duration::seconds(static_cast<std::int64_t>(height_) * 3600);
  }

 private:
  CosmosStaking chain_;
  money::Decimal free_;
  std::uint64_t height_ = 1;
  std::vector<std::string> names_;
  std::set<std::string> held_;
  DelegatorState before_;
  std::vector<CosmosFact> facts_;
  std::map<std::string, money::Decimal> due_;
};

}  // namespace navkeeper::staking
