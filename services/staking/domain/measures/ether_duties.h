#pragma once
// What the beacon chain asked of each validator over an interval and what it did, out of the reward answers.
// Missed proposals stand in none of them and are not counted: `proposals_assigned` are those made.
#include <map>

#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/measures/effectiveness.h"

namespace navkeeper::staking::measures {

/// By validator; nobody where the node tells no rewards by type. An attestation is missed when its source
/// and its target cost a penalty.
std::map<std::uint64_t, Duties> duties_of(const ether::EtherFlows& flows);

/// What luck would have been on average, by the protocol's own values: a proposal is worth 8 of 64 parts of
/// what all validators earn in a slot, everything done by everybody. Balances in Gwei, `total_active` above
/// nothing (ENSURE).
Chances chances_of(std::uint64_t epochs, ether::Gwei own_effective, ether::Gwei total_active);

}  // namespace navkeeper::staking::measures
