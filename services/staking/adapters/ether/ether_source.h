#pragma once
// The fund's validators as a staking source: from the newest stored reading to the newest final epoch,
// interval by interval, each read from the first node that is believed and compared with the others to the
// unit.
#include <memory>

#include "services/staking/adapters/ether/beacon_client.h"
#include "services/staking/adapters/ether/execution_client.h"
#include "services/staking/app/staking_source.h"

namespace navkeeper::staking::ether {

/// A carrier for each of settings.nodes and settings.execution, in their order.
std::unique_ptr<StakingSource> ether_source(EtherSettings settings,
                                            std::vector<std::shared_ptr<http::NodeCarrier>> carriers,
                                            std::vector<std::shared_ptr<http::NodeCarrier>> execution = {});
/// The same over HTTP.
std::unique_ptr<StakingSource> ether_source(EtherSettings settings);

}  // namespace navkeeper::staking::ether
