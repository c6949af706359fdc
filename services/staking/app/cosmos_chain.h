#pragma once
// A node of a Cosmos SDK chain, asked about one height at a time. Whoever answers for another height than was
// asked is refused (base::Refused); nobody answering is base::Unavailable.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/staking/app/staking_store.h"
#include "services/staking/domain/cosmos_parameters.h"
#include "services/staking/domain/cosmos_walk.h"
#include "services/staking/domain/delegator_rewards.h"
#include "services/staking/domain/tiered_position.h"

namespace navkeeper::staking {

struct CosmosValidator {
  std::string address;
  std::string consensus_address;  ///< "" where its key is of another kind than ed25519
  std::string status;             ///< "bonded", "unbonding", "unbonded"
  bool jailed = false;
  bool tombstoned = false;
  money::Decimal tokens;
  money::Decimal shares;
  money::Decimal commission_rate;
  bool operator==(const CosmosValidator&) const = default;
};

/// All validators of a chain at one height. Amounts are smallest units.
struct CosmosValidatorList {
  struct Row {
    CosmosValidator validator;
    std::string name;                            ///< as its operator calls it
    std::optional<std::uint64_t> signing_since;  ///< nothing: the chain keeps no signing info of it
    std::uint64_t missed_blocks = 0;             ///< of the chain's window
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> rows;  ///< by address
  money::Decimal bonded;
  std::optional<money::Decimal> annual_provisions;  ///< nothing: no such module
  bool operator==(const CosmosValidatorList&) const = default;
};
/// A slash as the chain keeps it for delegators' rewards.
struct CosmosSlash {
  std::uint64_t period = 0;
  money::Decimal fraction;
};

/// What a block says about one delegator.
struct BlockFacts {
  std::vector<CosmosFact> facts;
  std::map<std::string, money::Decimal> allocated;  ///< by validator: rewards of this block less commission
  std::vector<std::string> jailed;                  ///< validators
  std::vector<std::string> doubts;
};

class CosmosChain {
 public:
  virtual ~CosmosChain() = default;
  virtual const std::string& name() const = 0;
  /// The newest state whose app hash is known: a block's is in the header of the next. Refused: a node that
  /// is still syncing, or of another network.
  virtual StateMark head() = 0;
  virtual StateMark mark_at(std::uint64_t height) = 0;
  virtual DelegatorState delegator(const std::string& delegator, const StateMark& mark) = 0;
  virtual std::string withdraw_address(const std::string& delegator, std::uint64_t height) = 0;
  virtual CosmosValidator validator(const std::string& validator, std::uint64_t height) = 0;
  virtual CosmosValidatorList validators(std::uint64_t height) = 0;
  /// All slashes of the validator that the state at `height` keeps, by period.
  virtual std::vector<CosmosSlash> slashes(const std::string& validator, std::uint64_t height) = 0;
  /// Of a state; nothing where the node does not keep it.
  virtual std::optional<time::Instant> time_of(std::uint64_t height) = 0;
  virtual CosmosParameters parameters(std::uint64_t height) = 0;
  /// Nothing where the chain has no such module.
  virtual std::vector<TierPosition> tier_positions(const std::string& owner, std::uint64_t height) = 0;
  /// Blocks from `first` to `last` in which the delegator sent, received or got unbonded coins.
  virtual std::vector<std::uint64_t> busy_heights(const std::string& delegator, std::uint64_t first,
                                                  std::uint64_t last) = 0;
  /// Blocks in which a validator with that consensus address was slashed.
  virtual std::vector<std::uint64_t> slash_heights(const std::string& consensus_address, std::uint64_t first,
                                                   std::uint64_t last) = 0;
  /// `consensus_addresses`: whose slashes matter, and which validator each is.
  virtual BlockFacts facts(const std::string& delegator, std::uint64_t height,
                           const std::map<std::string, std::string>& consensus_addresses) = 0;
  /// Out of the chain's own stores; nothing where the node does not show them.
  virtual std::optional<RewardState> reward_state(const std::string& delegator, const std::string& validator,
                                                  std::uint64_t height) = 0;
  virtual std::vector<model::NodeAnswer> take_raw() = 0;
};

}  // namespace navkeeper::staking
