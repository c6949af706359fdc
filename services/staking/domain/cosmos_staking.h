#pragma once
// The staking of a Cosmos SDK chain, act by act: validators, delegations, unbondings, redelegations, claims,
// slashes with everything that they reach (x/staking/keeper: delegation.go, slash.go). For replaying what a
// chain did, and for asking what a slash would take. Amounts in the smallest unit, whole.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "services/staking/domain/cosmos_parameters.h"
#include "services/staking/domain/reward_distribution.h"
#include "services/staking/domain/unbonding.h"

namespace navkeeper::staking {

struct BlockPlace {
  std::uint64_t height = 0;
  time::Instant at;
};

struct SlashEffect {
  money::Decimal asked;  ///< of the power at the infraction, cut
  money::Decimal from_unbonding;
  money::Decimal from_redelegations;
  money::Decimal from_validator;
  money::Decimal burned() const { return from_unbonding + from_redelegations + from_validator; }
};

class CosmosStaking {
 public:
  explicit CosmosStaking(CosmosParameters parameters) : parameters_(std::move(parameters)) {}

  /// From this block on. Entries that are mature then are paid out: what each delegator gets.
  std::map<std::string, money::Decimal> begin_block(BlockPlace block);
  void set_parameters(CosmosParameters parameters) { parameters_ = std::move(parameters); }

  // Each refused one changes nothing and says what the chain says.
  base::Checked<void> create_validator(const std::string& validator, const money::Decimal& commission_rate);
  base::Checked<void> allocate(const std::string& validator, const money::Decimal& rewards);
  base::Checked<void> delegate(const std::string& delegator, const std::string& validator,
                               const money::Decimal& amount);
  base::Checked<void> undelegate(const std::string& delegator, const std::string& validator,
                                 const money::Decimal& amount);
  base::Checked<void> cancel_unbonding(const std::string& delegator, const std::string& validator,
                                       std::uint64_t creation_height, const money::Decimal& amount);
  base::Checked<void> redelegate(const std::string& delegator, const std::string& source,
                                 const std::string& destination, const money::Decimal& amount);
  base::Checked<void> claim(const std::string& delegator, const std::string& validator);
  /// `power_tokens`: the validator's tokens at the infraction.
  base::Checked<SlashEffect> slash(const std::string& validator, std::uint64_t infraction_height,
                                   const money::Decimal& power_tokens, const money::Decimal& fraction);
  base::Checked<void> jail(const std::string& validator);
  base::Checked<void> unjail(const std::string& validator);
  /// A double sign: jailed for ever.
  base::Checked<void> tombstone(const std::string& validator);

  const RewardDistribution* validator(const std::string& validator) const;
  bool is_jailed(const std::string& validator) const;
  const std::vector<UnbondingEntry>& unbondings() const { return unbondings_; }
  const std::vector<RedelegationEntry>& redelegations() const { return redelegations_; }
  const BlockPlace& block() const { return block_; }

 private:
  struct Validator {
    RewardDistribution distribution;
    bool jailed = false;
    bool tombstoned = false;
  };
  base::Checked<Validator*> find(const std::string& validator);
  money::Decimal slash_unbondings(const std::string& validator, std::uint64_t infraction_height,
                                  const money::Decimal& fraction, SlashEffect& effect);
  base::Checked<money::Decimal> slash_redelegations(const std::string& validator,
                                                    std::uint64_t infraction_height,
                                                    const money::Decimal& fraction, SlashEffect& effect);

  CosmosParameters parameters_;
  BlockPlace block_;
  std::map<std::string, Validator> validators_;
  std::vector<UnbondingEntry> unbondings_;
  std::vector<RedelegationEntry> redelegations_;
};

}  // namespace navkeeper::staking
