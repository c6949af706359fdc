#pragma once
// The service's own part of the configuration file; without it nothing is asked. Each source belongs to one
// fund and has a name that stands in every record and is never reused. An account is read by one source
// alone: what two read would be counted twice.
//
//   [staking]
//   sync_seconds = 384                        # how often `serve` asks each source
//   [[staking.ethereum]]                      # ether/ether_settings.h
//   name = "ether"
//   fund = "BTCETH"
//   [[staking.cronos]]                        # cosmos/cosmos_source.h
//   name = "cronos"
//   fund = "CROYIELD"
//   [[staking.custodian]]                     # custodian_source.h
//   [[staking.funds]]                         # a fund's terms of liquidity: fund_settings.h
//   [[staking.dollars]]                       # the official price that roll-forwards of a fund are shown at
//   fund = "BTCETH"
//   act = "ICA_1940"                          # or ETP_1933
//   basis = "fair_value"                      # or index
#include <cstdint>
#include <string>
#include <vector>

#include "common/runtime/toml_reader.h"
#include "common/time/instant.h"
#include "services/staking/adapters/cosmos/cosmos_source.h"
#include "services/staking/adapters/custodian_source.h"
#include "services/staking/adapters/ether/ether_settings.h"
#include "services/staking/adapters/fund_settings.h"
#include "services/staking/app/price_rows.h"

namespace navkeeper::staking {

struct Settings {
  static constexpr std::int64_t kSyncSecondsMin = 1;
  static constexpr std::int64_t kSyncSecondsMax = 86'400;
  time::Duration sync_every = time::Duration::seconds(384);  ///< an epoch of Ethereum
  std::vector<EtherSettings> ethereum;
  std::vector<CosmosSettings> cronos;
  std::vector<CustodianSettings> custodians;
  FundTermsOf funds;
  std::vector<DollarTerms> dollars;  ///< one a fund

  bool has_sources() const { return !ethereum.empty() || !cronos.empty() || !custodians.empty(); }
};

/// The source that reads a custodian of the fund, by custody's name of it; empty: none is named or known.
std::string custodian_source(const Settings& settings, const model::FundId& fund,
                             const std::string& custodian);

/// Reads the table [staking]; paths are relative to `folder`. Throws base::Refused with file, line and key.
Settings read_settings(runtime::TomlReader table, const std::string& folder);

}  // namespace navkeeper::staking
