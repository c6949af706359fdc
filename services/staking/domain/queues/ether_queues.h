#pragma once
// The queues of the beacon chain as one state told them, and what they mean for one fund's positions.
#include <string>
#include <vector>

#include "services/staking/domain/queues/sweep.h"
#include "services/staking/domain/queues/time_to_cash.h"

namespace navkeeper::staking::queues {

struct WaitingDeposit {
  std::string pubkey;     ///< 0x and 96 digits
  std::string validator;  ///< its index where it exists: a top-up; else empty
  QueuedDeposit deposit;
};

struct EtherQueues {
  ether::Slot slot = 0;
  ether::Fork fork = ether::Fork::kElectra;
  EpochClock clock;
  ether::Gwei total_active = 0;
  ether::ChurnQueue exits;
  ether::Gwei deposit_carry = 0;
  std::vector<WaitingDeposit> deposits;  ///< all of the chain's, in the queue's order
  std::uint64_t swept_per_round = 0;     ///< withdrawals that a whole round of the sweep pays
  std::uint64_t pending_partials = 0;    ///< requested partial withdrawals that are due

  ether::Epoch epoch() const { return slot / ether::kSlotsPerEpoch; }
};

struct QueueTimes {
  ether::Churn churn;
  ether::Gwei waiting_deposits = 0;  ///< Gwei
  std::uint64_t deposits = 0;
  /// When 32 ether that asked or were deposited now would be through.
  std::optional<ExitForecast> exit;
  std::optional<EntryForecast> entry;
  std::uint64_t sweep_round_epochs = 0;
  std::uint64_t sweep_mean_epochs = 0;
};
QueueTimes times_of(const EtherQueues& queues);

/// With the forecasts of the deposits whose place is among `places` (public keys or indices).
EtherOutlook outlook_of(const EtherQueues& queues, const std::vector<std::string>& places);

}  // namespace navkeeper::staking::queues
