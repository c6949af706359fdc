#pragma once
// Which nodes are asked about which chain: the table [custody.chains] of the configuration file. Every key
// optional; a chain without nodes answers that none is configured.
//
//   [custody.chains.bitcoin]
//   genesis = "000000000019d668…"                # id of block 0; default: mainnet's
//   confirmations = 6                            # from which on a block is final
//   behind_max_s = 10800                         # how old a node's newest block may be; every chain has it
//   [[custody.chains.bitcoin.nodes]]
//   name = "esplora"
//   kind = "esplora"                             # or "bitcoind"
//   url = "http://127.0.0.1:3000"
//   authorization_file = "bitcoind.auth"         # the header's value, such as "Basic …"; its owner's alone
//   ca_file = "ca.pem"                           # whom to trust instead of the system's authorities
//   timeout_ms = 20000                           # of one attempt; scantxoutset takes minutes
//
//   [custody.chains.ethereum]
//   chain_id = 1
//   genesis_validators_root = "0x4b36…"          # default: mainnet's
//   validators = ["500001", "0x8bdb…"]           # indices or public keys of all that may be ours
//   list_transfers = true                        # by walking blocks with all their transactions
//   [[custody.chains.ethereum.tokens]]
//   asset = "CRO"
//   contract = "0xA0b7…"
//   decimals = 8                                 # must be what the contract says
//   balances_position = 0                        # of its mapping in storage: with it the balance is proven
//   [[custody.chains.ethereum.nodes]]
//   name = "own"                                 # url, authorization_file, ca_file, timeout_ms as above
//   url = "http://127.0.0.1:8545"
//   beacon_url = "http://127.0.0.1:5052"         # its beacon node; without one validators are not asked for
//
//   [custody.chains.cronos_pos]
//   chain_id = "crypto-org-chain-mainnet-1"      # nodes as above, and
//   rpc_url = "http://127.0.0.1:26657"           # of a node: its CometBFT RPC, by which transfers are listed
//   [custody.chains.cronos_evm]
//   chain_id = 25                                # tokens, list_transfers and nodes as above
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/toml_reader.h"
#include "services/custody/adapters/chains/bitcoin_sources.h"
#include "services/custody/adapters/chains/cosmos_source.h"
#include "services/custody/adapters/chains/evm_source.h"
#include "services/custody/app/chains/read_chain.h"

namespace navkeeper::custody {

struct ChainNodeSettings {
  http::NodeSettings node;
  std::string kind = {};        ///< bitcoin: "esplora" or "bitcoind"
  std::string beacon_url = {};  ///< ethereum
  std::string rpc_url = {};     ///< cronos_pos
};

struct ChainSettings {
  BitcoinRules bitcoin;
  EvmRules ethereum = ethereum_rules();
  BeaconRules beacon;
  CosmosRules cronos_pos;
  EvmRules cronos_evm = cronos_evm_rules();
  std::map<Chain, std::vector<ChainNodeSettings>> nodes;
  std::map<Chain, ChainLimits> limits;  ///< where they are not the default
};

/// Reads the table [custody.chains]; paths are relative to `folder`. Throws base::Refused with file, line and
/// key.
ChainSettings read_chain_settings(runtime::TomlReader table, const std::string& folder);

/// The nodes of one chain, ready to be asked. Connects to nothing yet.
std::vector<std::unique_ptr<ChainSource>> open_sources(const ChainSettings& settings, Chain chain);
ChainLimits limits_of(const ChainSettings& settings, Chain chain);

}  // namespace navkeeper::custody
