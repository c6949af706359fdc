#pragma once
// Cronos POS by its REST interface. All questions of a reading carry the same height, and each answer must
// say that it is about it.
#include <memory>
#include <string>

#include "common/http/node.h"
#include "services/custody/app/chains/chain_source.h"

namespace navkeeper::custody {

struct CosmosRules {
  std::string chain_id = "crypto-org-chain-mainnet-1";
  std::string denomination = "basecro";  ///< 8 decimals; on Cronos EVM's Cosmos side the same word means 18
};

/// `rpc`: the node's CometBFT RPC, by which transfers are listed; without one they are not.
std::unique_ptr<ChainSource> cosmos_source(const std::string& name,
                                           std::shared_ptr<http::NodeCarrier> carrier, CosmosRules rules,
                                           std::shared_ptr<http::NodeCarrier> rpc = nullptr);

}  // namespace navkeeper::custody
