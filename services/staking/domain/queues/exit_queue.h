#pragma once
// When ether that asks to leave becomes withdrawable, by the chain's own exit queue.
#include <optional>
#include <vector>

#include "services/staking/domain/ether/registry.h"
#include "services/staking/domain/queues/epoch_clock.h"

namespace navkeeper::staking::queues {

/// A queue as it can be told from the validators alone, where a node does not serve the state's own fields:
/// of the exits already set, the last epoch and what leaves in it. Partial withdrawals take from the same
/// churn and are not among validators, so that this is a lower bound of the wait.
struct SetExit {
  ether::Epoch exit_epoch = 0;
  ether::Gwei effective = 0;
};
/// `churn` > 0 (ENSURE).
ether::ChurnQueue queue_of(const std::vector<SetExit>& exits, ether::Gwei churn);

struct ExitForecast {
  ether::Epoch exit_epoch = 0;          ///< earns until then
  ether::Epoch withdrawable_epoch = 0;  ///< the sweep may take it from then on
  ether::Gwei ahead = 0;                ///< what the queue lets out before it
};
/// If `amount` asked in `current` (not before its time in the committee is over). The queue is not changed.
/// Nothing: nothing leaves at all.
std::optional<ExitForecast> forecast_exit(ether::ChurnQueue queue, ether::Gwei amount, ether::Gwei exit_churn,
                                          ether::Epoch current);

}  // namespace navkeeper::staking::queues
