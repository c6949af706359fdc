#pragma once
// The queues of the beacon chain as a reading brought them: how long who enters, leaves or waits for the
// sweep now would wait, and what forecasts for single positions need.
#include "services/staking/app/staking_store.h"
#include "services/staking/domain/ether/ether_books.h"
#include "services/staking/domain/queues/exit_queue.h"

namespace navkeeper::staking::ether {

/// `exits`: those set already, of the whole chain. `total_active` in Gwei, above nothing. The sweep is taken
/// to pay every 32 ether of the chain in a round: an upper bound.
std::vector<QueueReading> queue_readings(const std::string& source, const EtherReading& reading,
                                         const std::vector<queues::SetExit>& exits, time::Instant genesis,
                                         Gwei total_active);

}  // namespace navkeeper::staking::ether
