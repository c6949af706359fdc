#pragma once
// Epochs of the beacon chain as times.
#include "common/time/instant.h"
#include "services/staking/domain/ether/fork.h"

namespace navkeeper::staking::queues {

/// Mainnet's; a network of its own brings others.
struct EpochClock {
  std::int64_t genesis_seconds = 1'606'824'023;  ///< since 1970
  std::int64_t seconds_per_slot = 12;

  std::int64_t epoch_seconds() const {
    return static_cast<std::int64_t>(ether::kSlotsPerEpoch) * seconds_per_slot;
  }
  /// When the epoch begins; throws std::overflow_error beyond the year 2262.
  time::Instant start_of(ether::Epoch epoch) const;
  /// The epoch that holds `instant`; 0 before the genesis.
  ether::Epoch epoch_at(time::Instant instant) const;
};

/// MAX_SEED_LOOKAHEAD.
inline constexpr ether::Epoch kSeedLookahead = 4;
/// compute_activation_exit_epoch: the first epoch in which what is decided in `epoch` can take effect.
constexpr ether::Epoch activation_exit_epoch(ether::Epoch epoch) { return epoch + 1 + kSeedLookahead; }

}  // namespace navkeeper::staking::queues
