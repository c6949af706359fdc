#pragma once
// How long a withdrawable balance waits for the sweep that pays it out (get_expected_withdrawals of the
// consensus specification; Lido's ejector/sweep.py).
#include <cstdint>

namespace navkeeper::staking::queues {

/// Epochs of a whole round in which `withdrawals` are paid: ceil(withdrawals / 16 / 32).
std::uint64_t sweep_round_epochs(std::uint64_t withdrawals);
/// What a validator waits on average, where only the number of a round is known: half of it, cut.
std::uint64_t mean_sweep_epochs(std::uint64_t withdrawals);
/// The withdrawals of a round with the requested partials that are due: they take up to 8 of 16 places of a
/// payload, so that they can at most double what the sweep itself pays.
std::uint64_t withdrawals_of_round(std::uint64_t swept, std::uint64_t pending_partials);

/// Epochs in which so many requested partials are paid, one at least: ceil(partials / 8 / 32).
std::uint64_t partials_epochs(std::uint64_t pending_partials);

inline constexpr std::uint64_t kPartialsPerPayload = 8;      ///< MAX_PENDING_PARTIALS_PER_WITHDRAWALS_SWEEP
inline constexpr std::uint64_t kWithdrawalsPerPayload = 16;  ///< MAX_WITHDRAWALS_PER_PAYLOAD

}  // namespace navkeeper::staking::queues
