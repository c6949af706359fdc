#pragma once
// When a deposit in the chain's queue is applied and earns: process_pending_deposits of the consensus
// specification run forward epoch by epoch (as beaconcha.in's estimate does), with today's churn.
// ether/registry.h has the rule on whole registries; this one forecasts queues of a million deposits and is
// held to the other by a test.
#include <cstdint>
#include <optional>
#include <vector>

#include "services/staking/domain/queues/epoch_clock.h"

namespace navkeeper::staking::queues {

/// A deposit in the queue and what its validator is when there is one.
struct QueuedDeposit {
  ether::Gwei amount = 0;
  ether::Slot slot = 0;    ///< of its request; 0: a balance that moved back into the queue
  bool is_top_up = false;  ///< its validator exists: it earns as soon as it is applied
  ether::Epoch validator_exit_epoch = ether::kFarFuture;
  ether::Epoch validator_withdrawable_epoch = ether::kFarFuture;
};

struct DepositQueue {
  std::vector<QueuedDeposit> deposits;  ///< first in, first out
  ether::Gwei carry = 0;                ///< deposit_balance_to_consume
};

struct EntryForecast {
  ether::Gwei amount = 0;
  ether::Gwei ahead = 0;                      ///< what stood before it when the forecast was made
  std::optional<ether::Epoch> applied_epoch;  ///< at whose end it is applied; nothing: not within the bound
  std::optional<ether::Epoch> earns_epoch;    ///< from then on it earns
};

/// Forecasts of the deposits at the indices `wanted` (ENSURE: of the queue), in their order. Each epoch is
/// taken to be finalized in the next; later deposits overtake nothing. `epochs_max` bounds the work.
std::vector<EntryForecast> forecast_entries(const DepositQueue& queue, const std::vector<std::size_t>& wanted,
                                            ether::Epoch current, ether::Gwei activation_churn,
                                            ether::Epoch epochs_max = ether::kEpochsPerDay * 365 * 2);

/// MAX_PENDING_DEPOSITS_PER_EPOCH.
inline constexpr std::uint64_t kDepositsPerEpoch = 16;

}  // namespace navkeeper::staking::queues
