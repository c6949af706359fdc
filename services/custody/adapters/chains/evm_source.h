#pragma once
// Ethereum and Cronos EVM by an execution client, and Ethereum's validators by a beacon node beside it. Both
// are read at one block: the beacon block that carries the execution block asked for.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/node.h"
#include "services/custody/app/chains/chain_source.h"
#include "services/custody/domain/account_address.h"

namespace navkeeper::custody {

struct TokenRule {
  std::string asset;  ///< "CRO"
  EthereumAddress contract;
  int decimals = 0;  ///< must be what the contract says; another answer is refused
  /// The position of the mapping of balances in the contract's storage: with it a balance is proven.
  std::optional<std::uint64_t> balances_position{};
};

struct EvmRules {
  Chain chain = Chain::kEthereum;  ///< or kCronosEvm
  std::uint64_t chain_id = 1;
  /// Ethereum's headers and state tries can be checked; Cronos EVM hashes blocks as CometBFT does and answers
  /// eth_getProof from another kind of tree (cosmos/evm, crypto-org-chain/ethermint), so that its word
  /// stands.
  bool proofs = true;
  /// Whether transfers are listed by walking blocks with all their transactions.
  bool lists_transfers = true;
  std::vector<TokenRule> tokens{};
};
EvmRules ethereum_rules();
EvmRules cronos_evm_rules();  ///< chain id 25

struct BeaconRules {
  /// By which the network is known. Default: mainnet's.
  std::string genesis_validators_root = "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
  /// Indices or public keys of all validators that may be ours; a node cannot be asked by address.
  std::vector<std::string> validators{};
};

std::unique_ptr<ChainSource> evm_source(const std::string& name, std::shared_ptr<http::NodeCarrier> carrier,
                                        EvmRules rules);
/// `beacon_name` is how the beacon node is called in refusals.
std::unique_ptr<ChainSource> ethereum_source(const std::string& name,
                                             std::shared_ptr<http::NodeCarrier> execution, EvmRules rules,
                                             const std::string& beacon_name,
                                             std::shared_ptr<http::NodeCarrier> beacon,
                                             BeaconRules beacon_rules);

}  // namespace navkeeper::custody
