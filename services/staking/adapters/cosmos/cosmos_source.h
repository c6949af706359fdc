#pragma once
// The Cronos POS source of a fund.
//
//   [[staking.cronos]]
//   name = "cronos"
//   fund = "CROYIELD"
//   asset = "CRO"
//   chain_id = "crypto-org-chain-mainnet-1"      # default: mainnet's
//   delegators = ["cro1…"]                       # accounts of the fund; tier positions are found by them
//   payees = ["cro1…"]                           # further addresses of the fund that rewards may be paid to
//   history_days = 365                           # how far back validators' slashes are looked for at first
//   [[staking.cronos.nodes]]                     # a second one is compared to the unit; both keep all states
//   name = "own"                                 # authorization_file, ca_file, timeout_ms as for ether's
//   url = "http://127.0.0.1:1317"                # REST
//   rpc_url = "http://127.0.0.1:26657"           # CometBFT's RPC
#include <memory>
#include <string>
#include <vector>

#include "services/staking/adapters/cosmos/cosmos_node.h"
#include "services/staking/app/staking_source.h"

namespace navkeeper::staking {

struct CosmosNodeSettings {
  http::NodeSettings node;
  std::string rpc_url;
};

struct CosmosSettings {
  std::string name;
  model::FundId fund = model::FundId::literal("UNSET");
  model::AssetId asset = model::AssetId::literal("CRO");
  CosmosRules rules;
  std::vector<std::string> delegators;
  std::vector<std::string> payees;
  int history_days = 365;
  std::vector<CosmosNodeSettings> nodes;
};

/// Throws base::Refused with file, line and key; `folder` for the paths of nodes.
CosmosSettings read_cosmos_settings(runtime::TomlReader& table, const std::string& folder);

/// Connects to nothing yet.
std::unique_ptr<StakingSource> cosmos_source(const CosmosSettings& settings);
/// The same over chains of the caller's, as tests do.
std::unique_ptr<StakingSource> cosmos_source(const CosmosSettings& settings,
                                             std::vector<std::unique_ptr<CosmosChain>> chains);

}  // namespace navkeeper::staking
