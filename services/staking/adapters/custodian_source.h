#pragma once
// What a custodian stakes for a fund, and its liquid-staking tokens, by custody's word.
//
//   [[staking.custodian]]
//   name = "foris"
//   fund = "CROYIELD"
//   custody_source = "crypto_com"                # the name that custody's configuration gives the custodian
//   url = "http://127.0.0.1:8082"                # the custody service
//   authorization_file = "custody.auth"          # "Bearer …"; ca_file, timeout_ms as for a node
//   [[staking.custodian.tokens]]                 # liquid-staking tokens held there
//   asset = "CDCETH"
//   coin = "ETH"
//   kind = "value_accruing"                      # or "rebasing": new units are income
//   least_rate = "0.9"                           # a rate outside is not believed
//   most_rate = "1.5"
//   redemption_rate_fixed = false                # the rate of the day it is paid
//   redemption_slashable = true
//   redemption_days = 28
#include <memory>
#include <string>
#include <vector>

#include "services/staking/adapters/chain_node.h"
#include "services/staking/app/custodian_sync.h"
#include "services/staking/app/staking_source.h"

namespace navkeeper::staking {

struct CustodianSettings {
  std::string name;
  model::FundId fund = model::FundId::literal("UNSET");
  std::string custody_source;
  http::NodeSettings custody;
  std::vector<TokenPolicy> tokens;
};

/// Throws base::Refused with file, line and key; `folder` for the paths of files.
CustodianSettings read_custodian_settings(runtime::TomlReader& table, const std::string& folder);

std::unique_ptr<StakingSource> custodian_source(const CustodianSettings& settings,
                                                std::shared_ptr<http::NodeCarrier> carrier);

}  // namespace navkeeper::staking
