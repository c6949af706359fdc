#pragma once
// What a block's results say about one delegator: acts, claims that nobody asked for, transfers, slashes of
// its validators, and what was allocated to them.
#include <map>
#include <string>
#include <vector>

#include "services/staking/adapters/cosmos/block_results.h"
#include "services/staking/app/cosmos_chain.h"

namespace navkeeper::staking {

struct FactsQuestion {
  std::string delegator;
  std::string denomination;
  std::string prefix;                                      ///< of accounts: "cro"
  std::map<std::string, std::string> consensus_addresses;  ///< of validators: which validator it is
};

/// Throws base::Refused where an event that concerns the delegator cannot be read.
BlockFacts facts_of(const BlockResults& block, const FactsQuestion& question);

/// Rewards and commission of each validator that the block allocated, as it says them.
struct Allocation {
  money::Decimal rewards;
  money::Decimal commission;
};
std::map<std::string, Allocation> allocations_of(const BlockResults& block, const std::string& denomination);

}  // namespace navkeeper::staking
