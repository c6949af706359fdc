#pragma once
// Cronos POS by its REST interface and CometBFT's RPC: the port CosmosChain on HTTP. All questions about a
// state carry its height, and each answer must say that it is about it.
#include <memory>
#include <string>

#include "services/staking/adapters/chain_node.h"
#include "services/staking/app/cosmos_chain.h"

namespace navkeeper::staking {

struct CosmosRules {
  std::string chain_id = "crypto-org-chain-mainnet-1";
  std::string denomination = "basecro";  ///< 8 decimals
  std::string prefix = "cro";            ///< of accounts; consensus addresses begin with crocnclcons
  std::string validator_prefix = "crocncl";
};

/// `rpc` may be the same carrier as `rest`.
std::unique_ptr<CosmosChain> cosmos_node(const std::string& name, std::shared_ptr<http::NodeCarrier> rest,
                                         std::shared_ptr<http::NodeCarrier> rpc, CosmosRules rules);

}  // namespace navkeeper::staking
