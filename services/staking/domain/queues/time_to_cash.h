#pragma once
// How long until a staked position is cash, step by step: what must pass before its coins are free, and then
// the settlement of their sale. If it were asked back now and alone; together, positions wait for one another
// (liquidity/redemption.h asks them in order).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/staking/domain/position.h"
#include "services/staking/domain/queues/entry_queue.h"
#include "services/staking/domain/queues/exit_queue.h"

namespace navkeeper::staking::queues {

/// The ether queues as read at one epoch.
struct EtherOutlook {
  EpochClock clock;
  ether::Epoch current_epoch = 0;
  ether::Gwei exit_churn = 0;  ///< an epoch
  ether::ChurnQueue exits;
  std::uint64_t sweep_withdrawals = 0;  ///< of a whole round, pending partials included
  std::uint64_t partials = 0;           ///< requested partial withdrawals in the chain's queue
  std::map<std::string, ether::Epoch>
      earns_from{};  ///< place -> epoch, for deposits that wait (entry_queue.h)
};

/// A chain or an issuer where leaving takes a fixed time.
struct UnbondingTerms {
  time::Duration unbonding;
  std::uint32_t entries_max = 0;  ///< at once for one place; 0: no bound
};

struct Outlook {
  time::Instant now;
  std::optional<EtherOutlook> ether;                           ///< nothing: not read
  std::optional<UnbondingTerms> cronos;                        ///< from the chain's parameters
  std::map<std::string, time::Duration> custodian_notice{};    ///< source -> how long unstaking takes there
  time::Duration sale_settlement = time::Duration::hours(24);  ///< from free coins to cash
};

struct CashStep {
  std::string what;  ///< "exit queue", "withdrawability delay", "sweep", "unbonding", "sale"
  time::Instant until;
};

/// `free_at` and `cash_at`: expected; nothing where the wait is not known, and `unknown` says why.
struct TimeToCash {
  std::optional<time::Instant> free_at;
  std::optional<time::Instant> free_at_latest;  ///< where the sweep takes its whole round
  std::optional<time::Instant> cash_at;
  std::vector<CashStep> steps;
  std::string unknown;
};

/// `positions` are all of the fund's: an unbonding needs a free entry of its place.
TimeToCash time_to_cash(const Position& position, const std::vector<Position>& positions,
                        const Outlook& outlook);

/// Coins on their way back by the time at which they are free, earliest first: unbonding entries, exits,
/// redemptions. Those without a due date come last.
struct LadderRung {
  std::optional<time::Instant> due;
  std::string place;
  PositionState state{};
  money::Decimal amount;
  money::Decimal cumulative;  ///< with every rung before it, of the same asset
  model::AssetId asset = model::AssetId::literal("UNSET");
};
std::vector<LadderRung> unbonding_ladder(const std::vector<Position>& positions);

/// Unbonding entries of one place (a delegation). `frees_at`: when none is left, the completion after which
/// one is (unbonding.h).
struct EntryRoom {
  std::uint32_t used = 0;
  std::optional<std::uint32_t> left;  ///< nothing: no bound
  std::optional<time::Instant> frees_at;
};
EntryRoom entry_room(const std::vector<Position>& positions, const PositionKey& key,
                     const UnbondingTerms& terms, time::Instant now);

}  // namespace navkeeper::staking::queues
