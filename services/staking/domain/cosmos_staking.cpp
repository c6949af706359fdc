#include "services/staking/domain/cosmos_staking.h"

#include <algorithm>

#include "services/staking/domain/sdk_decimal.h"

namespace navkeeper::staking {

using money::Decimal;

namespace {

base::Checked<void> said(const std::string& where, const Distributed<void>& done) {
  if (done.has_error()) return base::Refusal{where, std::string(describe(done.error()))};
  return {};
}

bool is_whole(const Decimal& amount) { return amount.is_positive() && amount.scale() == 0; }

}  // namespace

base::Checked<CosmosStaking::Validator*> CosmosStaking::find(const std::string& validator) {
  const auto found = validators_.find(validator);
  if (found == validators_.end()) return base::Refusal{"validator", validator + " does not exist"};
  return &found->second;
}

const RewardDistribution* CosmosStaking::validator(const std::string& validator) const {
  const auto found = validators_.find(validator);
  return found == validators_.end() ? nullptr : &found->second.distribution;
}

bool CosmosStaking::is_jailed(const std::string& validator) const {
  const auto found = validators_.find(validator);
  return found != validators_.end() && found->second.jailed;
}

std::map<std::string, Decimal> CosmosStaking::begin_block(BlockPlace block) {
  block_ = block;
  std::map<std::string, Decimal> paid;
  for (const UnbondingEntry& entry : unbondings_) {
    if (is_mature(entry, block.at) && !entry.balance.is_zero()) paid[entry.delegator] += entry.balance;
  }
  const auto is_over = [&](const auto& entry) { return is_mature(entry, block.at); };
  std::erase_if(unbondings_, is_over);
  std::erase_if(redelegations_, is_over);
  return paid;
}

base::Checked<void> CosmosStaking::create_validator(const std::string& validator,
                                                    const Decimal& commission_rate) {
  if (!RewardDistribution::is_commission_rate(commission_rate))
    return base::Refusal{"commission_rate", "is not between 0 and 1 with at most 18 decimals"};
  if (!validators_.try_emplace(validator, Validator{RewardDistribution(commission_rate)}).second)
    return base::Refusal{"validator", validator + " exists already"};
  return {};
}

base::Checked<void> CosmosStaking::allocate(const std::string& validator, const Decimal& rewards) {
  const auto to = find(validator);
  if (to.has_error()) return to.error();
  return said("rewards", (*to)->distribution.allocate(rewards));
}

base::Checked<void> CosmosStaking::delegate(const std::string& delegator, const std::string& validator,
                                            const Decimal& amount) {
  const auto to = find(validator);
  if (to.has_error()) return to.error();
  return said("amount", (*to)->distribution.delegate(delegator, amount));
}

base::Checked<void> CosmosStaking::undelegate(const std::string& delegator, const std::string& validator,
                                              const Decimal& amount) {
  const auto from = find(validator);
  if (from.has_error()) return from.error();
  if (unbonding_room(unbondings_, delegator, validator, parameters_.max_entries, block_.at).left == 0)
    return base::Refusal{"validator", "has " + std::to_string(parameters_.max_entries) +
                                          " unbondings of this delegator already"};
  RewardDistribution& distribution = (*from)->distribution;
  const auto shares = distribution.shares_for(delegator, amount);
  if (shares.has_error()) return base::Refusal{"amount", std::string(describe(shares.error()))};
  const auto removed = distribution.unbond(delegator, *shares);
  if (removed.has_error()) return base::Refusal{"amount", std::string(describe(removed.error()))};
  const time::Instant completes_at = block_.at + parameters_.unbonding_time;
  for (UnbondingEntry& entry : unbondings_) {
    // Two of one block are one entry.
    if (entry.delegator == delegator && entry.validator == validator &&
        entry.creation_height == block_.height && entry.completes_at == completes_at) {
      entry.initial += *removed;
      entry.balance += *removed;
      return {};
    }
  }
  unbondings_.push_back({delegator, validator, block_.height, completes_at, *removed, *removed});
  return {};
}

base::Checked<void> CosmosStaking::cancel_unbonding(const std::string& delegator,
                                                    const std::string& validator,
                                                    std::uint64_t creation_height, const Decimal& amount) {
  const auto to = find(validator);
  if (to.has_error()) return to.error();
  if ((*to)->jailed) return base::Refusal{"validator", "is jailed"};
  const auto entry = std::find_if(unbondings_.begin(), unbondings_.end(), [&](const UnbondingEntry& each) {
    return each.delegator == delegator && each.validator == validator &&
           each.creation_height == creation_height;
  });
  if (entry == unbondings_.end())
    return base::Refusal{"creation_height", "no unbonding of this delegator and validator began there"};
  if (!is_whole(amount) || amount > entry->balance)
    return base::Refusal{"amount", "is not a whole number up to the entry's balance"};
  if (auto done = said("amount", (*to)->distribution.delegate(delegator, amount)); done.has_error())
    return done;
  entry->balance -= amount;
  // What a later slash reckons with shrinks by what went back (msg_server.go, CancelUnbondingDelegation).
  entry->initial -= amount;
  if (entry->balance.is_zero()) unbondings_.erase(entry);
  return {};
}

base::Checked<void> CosmosStaking::redelegate(const std::string& delegator, const std::string& source,
                                              const std::string& destination, const Decimal& amount) {
  if (source == destination) return base::Refusal{"destination", "is the source"};
  const auto from = find(source);
  if (from.has_error()) return from.error();
  const auto to = find(destination);
  if (to.has_error()) return to.error();
  if (const auto until = redelegation_blocked_until(redelegations_, delegator, source, block_.at))
    return base::Refusal{"source",
                         "received a redelegation of this delegator that runs until " + until->to_string()};
  const auto pairs = std::count_if(redelegations_.begin(), redelegations_.end(), [&](const auto& each) {
    return each.delegator == delegator && each.source == source && each.destination == destination;
  });
  if (static_cast<std::uint64_t>(pairs) >= parameters_.max_entries)
    return base::Refusal{"destination", "has " + std::to_string(parameters_.max_entries) +
                                            " redelegations of this pair already"};
  RewardDistribution& destination_distribution = (*to)->distribution;
  if (destination_distribution.tokens().is_zero() && !destination_distribution.shares().is_zero())
    return base::Refusal{"destination", "has shares and no tokens: it takes no delegation"};
  const auto shares = (*from)->distribution.shares_for(delegator, amount);
  if (shares.has_error()) return base::Refusal{"amount", std::string(describe(shares.error()))};
  // Shares worth less than one unit move nothing, and the chain refuses before anything is kept.
  if (shares_worth(*shares, (*from)->distribution.tokens(), (*from)->distribution.shares()) < Decimal::of(1))
    return base::Refusal{"amount", "is worth less than one unit"};
  const auto removed = (*from)->distribution.unbond(delegator, *shares);
  if (removed.has_error()) return base::Refusal{"amount", std::string(describe(removed.error()))};
  const Decimal before = destination_distribution.shares_of(delegator);
  if (auto done = said("amount", destination_distribution.delegate(delegator, *removed)); done.has_error())
    return done;
  redelegations_.push_back({delegator, source, destination, block_.height,
                            block_.at + parameters_.unbonding_time, *removed,
                            destination_distribution.shares_of(delegator) - before});
  return {};
}

base::Checked<void> CosmosStaking::claim(const std::string& delegator, const std::string& validator) {
  const auto from = find(validator);
  if (from.has_error()) return from.error();
  return said("delegator", (*from)->distribution.withdraw(delegator));
}

Decimal CosmosStaking::slash_unbondings(const std::string& validator, std::uint64_t infraction_height,
                                        const Decimal& fraction, SlashEffect& effect) {
  Decimal counted;
  for (UnbondingEntry& entry : unbondings_) {
    if (entry.validator != validator || !answers_for(entry, infraction_height, block_.at)) continue;
    const Decimal share = slash_share(entry.initial, fraction);
    const Decimal taken = std::min(share, entry.balance);
    counted += share;
    entry.balance -= taken;
    effect.from_unbonding += taken;
  }
  return counted;
}

base::Checked<Decimal> CosmosStaking::slash_redelegations(const std::string& validator,
                                                          std::uint64_t infraction_height,
                                                          const Decimal& fraction, SlashEffect& effect) {
  Decimal counted;
  for (const RedelegationEntry& entry : redelegations_) {
    if (entry.source != validator || !answers_for(entry, infraction_height, block_.at)) continue;
    counted += slash_share(entry.initial, fraction);
    Validator& destination = validators_.at(entry.destination);
    const Decimal held = destination.distribution.shares_of(entry.delegator);
    const Decimal shares = std::min(sdk::mul(fraction, entry.shares), held);
    if (shares.is_zero()) continue;
    const auto burned = destination.distribution.unbond(entry.delegator, shares);
    if (burned.has_error()) return base::Refusal{"redelegation", std::string(describe(burned.error()))};
    effect.from_redelegations += *burned;
  }
  return counted;
}

base::Checked<SlashEffect> CosmosStaking::slash(const std::string& validator, std::uint64_t infraction_height,
                                                const Decimal& power_tokens, const Decimal& fraction) {
  const auto at = find(validator);
  if (at.has_error()) return at.error();
  if (fraction.is_negative() || fraction > Decimal::of(1) || fraction.scale() > sdk::kDecimals)
    return base::Refusal{"fraction", "is not between 0 and 1 with at most 18 decimals"};
  if (infraction_height > block_.height) return base::Refusal{"infraction_height", "is in the future"};
  SlashEffect effect;
  effect.asked = sdk::truncate_int(sdk::mul(power_tokens, fraction));
  Decimal left = effect.asked;
  if (infraction_height < block_.height) {
    left -= slash_unbondings(validator, infraction_height, fraction, effect);
    const auto counted = slash_redelegations(validator, infraction_height, fraction, effect);
    if (counted.has_error()) return counted.error();
    left -= *counted;
  }
  RewardDistribution& distribution = (*at)->distribution;
  effect.from_validator = std::max(std::min(left, distribution.tokens()), Decimal{});
  if (auto done = said("fraction", distribution.burn(effect.from_validator)); done.has_error())
    return done.error();
  return effect;
}

base::Checked<void> CosmosStaking::jail(const std::string& validator) {
  const auto at = find(validator);
  if (at.has_error()) return at.error();
  if ((*at)->jailed) return base::Refusal{"validator", "is jailed already"};
  (*at)->jailed = true;
  return {};
}

base::Checked<void> CosmosStaking::unjail(const std::string& validator) {
  const auto at = find(validator);
  if (at.has_error()) return at.error();
  if (!(*at)->jailed) return base::Refusal{"validator", "is not jailed"};
  if ((*at)->tombstoned) return base::Refusal{"validator", "signed twice and stays jailed for ever"};
  (*at)->jailed = false;
  return {};
}

base::Checked<void> CosmosStaking::tombstone(const std::string& validator) {
  const auto at = find(validator);
  if (at.has_error()) return at.error();
  (*at)->jailed = true;
  (*at)->tombstoned = true;
  return {};
}

}  // namespace navkeeper::staking
