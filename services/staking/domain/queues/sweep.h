#pragma once
// How long a withdrawable balance waits for the sweep that pays it out (get_expected_withdrawals of the
// consensus specification; Lido's ejector/sweep.py).
#include <cstdint>

namespace navkeeper::staking::queues {

/// Where the sweep is, seen from one validator.
struct SweepPosition {
  std::uint64_t validators_ahead = 0;   ///< indices from the sweep's next one up to ours, ours not counted
  std::uint64_t withdrawals_ahead = 0;  ///< of these, how many it will pay
  std::uint64_t pending_partials = 0;   ///< requested partial withdrawals that are due; they go first
};
/// Payloads (slots with a block) until ours is paid, its own included; missed slots come on top.
std::uint64_t payloads_until_paid(const SweepPosition& position);

/// Epochs of a whole round in which `withdrawals` are paid: ceil(withdrawals / 16 / 32).
std::uint64_t sweep_round_epochs(std::uint64_t withdrawals);
/// What a validator waits on average, where only the number of a round is known: half of it, cut.
std::uint64_t mean_sweep_epochs(std::uint64_t withdrawals);
/// The withdrawals of a round with the requested partials that are due: they take up to 8 of 16 places of a
/// payload, so that they can at most double what the sweep itself pays.
std::uint64_t withdrawals_of_round(std::uint64_t swept, std::uint64_t pending_partials);

inline constexpr std::uint64_t kWithdrawalsPerPayload = 16;   ///< MAX_WITHDRAWALS_PER_PAYLOAD
inline constexpr std::uint64_t kPartialsPerPayload = 8;       ///< MAX_PENDING_PARTIALS_PER_WITHDRAWALS_SWEEP
inline constexpr std::uint64_t kValidatorsPerSweep = 16'384;  ///< MAX_VALIDATORS_PER_WITHDRAWALS_SWEEP

}  // namespace navkeeper::staking::queues
