#pragma once
// Validators through their life, and the queues of the beacon chain since Electra
// (specs/electra/beacon-chain.md; each function names the one that it is). Amounts in Gwei. Forks before
// Electra had other queues: their rules are refused here (ENSURE compounding).
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/ether/fork.h"
#include "services/staking/domain/position.h"

namespace navkeeper::staking::ether {

enum class Credentials : std::uint8_t { kBls = 0, kExecution = 1, kCompounding = 2, kOther = 255 };

/// beacon-APIs, types/api.yaml.
enum class ValidatorStatus {
  kPendingInitialized,
  kPendingQueued,
  kActiveOngoing,
  kActiveExiting,
  kActiveSlashed,
  kExitedUnslashed,
  kExitedSlashed,
  kWithdrawalPossible,
  kWithdrawalDone,
};
std::string_view describe(ValidatorStatus status);  ///< "pending_initialized", ...
std::optional<ValidatorStatus> parse_validator_status(std::string_view word);

struct Validator {
  std::uint64_t index = 0;
  Credentials credentials = Credentials::kExecution;
  Gwei balance = 0;
  Gwei effective = 0;
  bool slashed = false;
  Epoch eligibility_epoch = kFarFuture;
  Epoch activation_epoch = kFarFuture;
  Epoch exit_epoch = kFarFuture;
  Epoch withdrawable_epoch = kFarFuture;

  bool is_active(Epoch epoch) const { return activation_epoch <= epoch && epoch < exit_epoch; }
  /// Attests or is punished for not doing it: get_eligible_validator_indices.
  bool is_eligible(Epoch previous_epoch) const {
    return is_active(previous_epoch) || (slashed && previous_epoch + 1 < withdrawable_epoch);
  }
  bool operator==(const Validator&) const = default;
};

/// What the epochs say; a node that says something else contradicts itself.
ValidatorStatus status_at(const Validator& validator, Epoch epoch);
/// queued, active, exiting, unbonding (exited), withdrawable; a withdrawn one is withdrawable with nothing in
/// it.
PositionState position_state(ValidatorStatus status);

/// get_max_effective_balance
Gwei max_effective(const Validator& validator);
/// process_effective_balance_updates: down if balance + 0.25 < effective, up if effective + 1.25 < balance
/// (ether).
Gwei next_effective(const Validator& validator);

/// get_balance_churn_limit and its parts, Gwei an epoch.
struct Churn {
  Gwei activation = 0;
  Gwei exit = 0;
  Gwei consolidation = 0;
  bool operator==(const Churn&) const = default;
};
Churn churn_of(const ForkRules& rules, Gwei total_active);

/// A queue that lets so much through an epoch: earliest_exit_epoch and exit_balance_to_consume, or those of
/// consolidations.
struct ChurnQueue {
  Epoch earliest_epoch = 0;
  Gwei left = 0;
  bool operator==(const ChurnQueue&) const = default;
};
/// compute_exit_epoch_and_update_churn and compute_consolidation_epoch_and_update_churn: the epoch in which
/// `amount` passes. Nothing where nothing passes at all (a churn of zero).
std::optional<Epoch> enter_queue(ChurnQueue& queue, Gwei churn, Epoch current, Gwei amount);
/// MIN_VALIDATOR_WITHDRAWABILITY_DELAY behind an exit.
inline constexpr Epoch kWithdrawableDelay = 256;
/// SHARD_COMMITTEE_PERIOD: active so long before any exit.
inline constexpr Epoch kActiveBeforeExit = 256;

struct PendingDeposit {
  std::string pubkey;
  Gwei amount = 0;
  Slot slot = 0;  ///< 0: a switch to compounding
  bool valid_signature = true;
  Credentials credentials = Credentials::kCompounding;  ///< of a first deposit
  bool operator==(const PendingDeposit&) const = default;
};
struct PendingPartial {
  std::uint64_t index = 0;
  Gwei amount = 0;
  Epoch withdrawable_epoch = 0;
  bool operator==(const PendingPartial&) const = default;
};
struct PendingConsolidation {
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  bool operator==(const PendingConsolidation&) const = default;
};

/// The part of a state that moves balances. Validator i has index i and `pubkeys[i]`.
struct Registry {
  ForkRules rules = rules_of(Fork::kElectra);
  Gwei total_active = 0;  ///< of all the chain, not only of those here
  std::vector<Validator> validators;
  std::vector<std::string> pubkeys;
  std::vector<PendingDeposit> deposits;
  std::vector<PendingPartial> partials;
  std::vector<PendingConsolidation> consolidations;
  ChurnQueue exits;
  ChurnQueue consolidating;
  Gwei deposit_carry = 0;  ///< deposit_balance_to_consume
  std::uint64_t next_sweep = 0;
};

/// What became of a deposit that left the queue.
struct DepositOutcome {
  PendingDeposit deposit;
  std::optional<std::uint64_t> applied_to;  ///< nothing: lost, its signature was bad
  bool is_new = false;                      ///< a validator was made
};
/// process_pending_deposits at the end of `current`. `finalized` is the epoch that is final.
std::vector<DepositOutcome> process_deposits(Registry& registry, Epoch current, Epoch finalized);

/// initiate_validator_exit
void initiate_exit(Registry& registry, std::uint64_t index, Epoch current);
/// process_withdrawal_request of the right address; amount 0: a full exit. False: the chain ignores it.
bool request_withdrawal(Registry& registry, std::uint64_t index, Gwei amount, Epoch current);
/// switch_to_compounding_validator: what moved into the queue of deposits.
Gwei switch_to_compounding(Registry& registry, std::uint64_t index);
/// process_consolidation_request of the right address with two different validators. False: ignored.
bool request_consolidation(Registry& registry, std::uint64_t source, std::uint64_t target, Epoch current);

struct Consolidated {
  std::uint64_t source = 0;
  std::uint64_t target = 0;
  Gwei amount = 0;
};
/// process_pending_consolidations at the end of `current`.
std::vector<Consolidated> process_consolidations(Registry& registry, Epoch current);

enum class WithdrawalKind { kPartial, kSweep, kFull };
struct Withdrawal {
  std::uint64_t index = 0;  ///< of the validator
  Gwei amount = 0;
  WithdrawalKind kind = WithdrawalKind::kSweep;
  bool operator==(const Withdrawal&) const = default;
};
struct ExpectedWithdrawals {
  std::vector<Withdrawal> withdrawals;
  std::size_t partials_processed = 0;
  std::size_t swept = 0;  ///< validators looked at
};
/// get_expected_withdrawals of a block in `epoch`.
ExpectedWithdrawals expected_withdrawals(const Registry& registry, Epoch epoch);
/// process_withdrawals: takes them from the balances and moves the sweep on.
ExpectedWithdrawals process_withdrawals(Registry& registry, Epoch epoch);

}  // namespace navkeeper::staking::ether
