#include "services/staking/adapters/connect.h"

#include "services/staking/adapters/ether/ether_source.h"

namespace navkeeper::staking {

std::vector<std::unique_ptr<StakingSource>> connect_sources(const Settings& settings) {
  std::vector<std::unique_ptr<StakingSource>> sources;
  for (const EtherSettings& one : settings.ethereum) sources.push_back(ether::ether_source(one));
  for (const CosmosSettings& cronos : settings.cronos) sources.push_back(cosmos_source(cronos));
  for (const CustodianSettings& custodian : settings.custodians)
    sources.push_back(custodian_source(custodian, http::http_carrier(custodian.custody)));
  return sources;
}

}  // namespace navkeeper::staking
