#pragma once
// The ether source of a fund.
//
//   [[staking.ethereum]]
//   name = "ether"
//   fund = "BTCETH"
//   asset = "ETH"
//   genesis_validators_root = "0x4b36…"          # default: mainnet's
//   validators = ["500001", "0x8bdb…"]           # indices or public keys of all that are the fund's
//   withdrawal_addresses = ["0x…"]               # credentials that pay elsewhere raise an alert
//   fee_recipients = ["0x…"]                     # likewise a block of ours that pays its tips elsewhere
//   from_epoch = 0                               # where the record begins; 0: the newest final epoch
//   every_epochs = 1                             # a reading and roll-forwards so often; 225 is a day
//   total_active_ether = "34000000"              # of the whole chain, for the forecast of a slashing alone
//   [[staking.ethereum.nodes]]                   # beacon nodes; a second one is compared to the unit
//   name = "beacon"
//   url = "http://127.0.0.1:5052"
//   authorization_file = "beacon.auth"           # the header's value; its owner's alone
//   ca_file = "ca.pem"
//   timeout_ms = 20000
//   [[staking.ethereum.execution]]               # execution clients, as nodes; for what blocks of ours
//   brought in name = "execution"                           # tips and builders' payments; a second one is
//   compared url = "http://127.0.0.1:8545"
#include <cstdint>
#include <string>
#include <vector>

#include "common/model/id.h"
#include "common/runtime/toml_reader.h"
#include "services/staking/adapters/chain_node.h"

namespace navkeeper::staking {

struct EtherSettings {
  std::string name;
  model::FundId fund = model::FundId::literal("UNSET");
  model::AssetId asset = model::AssetId::literal("ETH");
  std::string genesis_validators_root = "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";
  std::vector<std::string> validators;
  std::vector<std::string> withdrawal_addresses;  ///< 0x and 40 digits in lower case
  std::vector<std::string> fee_recipients;        ///< likewise
  std::int64_t every_epochs = 1;
  std::uint64_t total_active_ether = 0;  ///< 0: not known
  std::vector<http::NodeSettings> nodes;
  std::vector<http::NodeSettings> execution;  ///< empty: tips are not read
  std::uint64_t from_epoch = 0;               ///< of the first reading; 0: the newest final one
};

/// Throws base::Refused with file, line and key; `folder` for the paths of nodes.
EtherSettings read_ether_settings(runtime::TomlReader& table, const std::string& folder);

}  // namespace navkeeper::staking
