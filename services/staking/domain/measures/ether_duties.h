#pragma once
// What the beacon chain asked of each validator over an interval and what it did, out of the reward answers;
// missed proposals, which stand in none of them, out of the node's list of whose every slot was.
#include <map>

#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/measures/effectiveness.h"

namespace navkeeper::staking::measures {

/// By validator; nobody where the node tells no rewards by type. An attestation is missed when its source
/// and its target cost a penalty. What an attestation brought counts only where its ideal was told.
std::map<std::uint64_t, Duties> duties_of(const ether::EtherFlows& flows);

/// What luck would have been on average, by the protocol's own values: a proposal is worth 8 of 64 parts of
/// what all validators earn in a slot, everything done by everybody. `effective_slots`: own balances in Gwei,
/// each times the slots over which it was seen; `total_active` in Gwei, above nothing (ENSURE).
Chances chances_of(money::Units effective_slots, ether::Gwei total_active);

}  // namespace navkeeper::staking::measures
