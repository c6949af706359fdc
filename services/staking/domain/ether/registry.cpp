#include "services/staking/domain/ether/registry.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"

namespace navkeeper::staking::ether {
namespace {

constexpr std::array<std::pair<ValidatorStatus, std::string_view>, 9> kStatuses{
    {{ValidatorStatus::kPendingInitialized, "pending_initialized"},
     {ValidatorStatus::kPendingQueued, "pending_queued"},
     {ValidatorStatus::kActiveOngoing, "active_ongoing"},
     {ValidatorStatus::kActiveExiting, "active_exiting"},
     {ValidatorStatus::kActiveSlashed, "active_slashed"},
     {ValidatorStatus::kExitedUnslashed, "exited_unslashed"},
     {ValidatorStatus::kExitedSlashed, "exited_slashed"},
     {ValidatorStatus::kWithdrawalPossible, "withdrawal_possible"},
     {ValidatorStatus::kWithdrawalDone, "withdrawal_done"}}};

constexpr Gwei kHysteresis = kIncrement / 4;       ///< HYSTERESIS_QUOTIENT
constexpr Gwei kDownward = kHysteresis;            ///< times HYSTERESIS_DOWNWARD_MULTIPLIER, 1
constexpr Gwei kUpward = 5 * kHysteresis;          ///< times HYSTERESIS_UPWARD_MULTIPLIER, 5
constexpr Epoch kSeedLookahead = 4;                ///< MAX_SEED_LOOKAHEAD
constexpr std::size_t kDepositsAnEpoch = 16;       ///< MAX_PENDING_DEPOSITS_PER_EPOCH
constexpr std::size_t kWithdrawalsABlock = 16;     ///< MAX_WITHDRAWALS_PER_PAYLOAD
constexpr std::size_t kPartialsABlock = 8;         ///< MAX_PENDING_PARTIALS_PER_WITHDRAWALS_SWEEP
constexpr std::size_t kSweptABlock = 16'384;       ///< MAX_VALIDATORS_PER_WITHDRAWALS_SWEEP
constexpr std::size_t kPartialsMax = 134'217'728;  ///< PENDING_PARTIAL_WITHDRAWALS_LIMIT

Gwei floored(Gwei amount) { return amount - amount % kIncrement; }

std::optional<std::size_t> find_key(const Registry& registry, const std::string& pubkey) {
  const auto found = std::find(registry.pubkeys.begin(), registry.pubkeys.end(), pubkey);
  if (found == registry.pubkeys.end()) return std::nullopt;
  return static_cast<std::size_t>(found - registry.pubkeys.begin());
}

Gwei pending_of(const Registry& registry, std::uint64_t index) {
  Gwei sum = 0;
  for (const PendingPartial& one : registry.partials) sum += one.index == index ? one.amount : 0;
  return sum;
}

/// apply_pending_deposit
DepositOutcome apply(Registry& registry, const PendingDeposit& deposit) {
  if (const auto index = find_key(registry, deposit.pubkey)) {
    registry.validators[*index].balance += deposit.amount;
    return {deposit, *index, false};
  }
  if (!deposit.valid_signature) return {deposit, std::nullopt, false};
  Validator made;
  made.index = registry.validators.size();
  made.credentials = deposit.credentials;
  made.balance = deposit.amount;
  made.effective = std::min(floored(deposit.amount), max_effective(made));
  registry.validators.push_back(made);
  registry.pubkeys.push_back(deposit.pubkey);
  return {deposit, made.index, true};
}

bool has_execution(const Validator& validator) {
  return validator.credentials == Credentials::kExecution ||
         validator.credentials == Credentials::kCompounding;
}

bool may_exit(const Validator& validator, Epoch current) {
  return validator.is_active(current) && validator.exit_epoch == kFarFuture &&
         current >= validator.activation_epoch + kActiveBeforeExit;
}

Gwei taken(const std::vector<Withdrawal>& withdrawals, std::uint64_t index) {
  Gwei sum = 0;
  for (const Withdrawal& one : withdrawals) sum += one.index == index ? one.amount : 0;
  return sum;
}

}  // namespace

std::string_view describe(ValidatorStatus status) {
  for (const auto& [one, word] : kStatuses) {
    if (one == status) return word;
  }
  ENSURE(false);
}

std::optional<ValidatorStatus> parse_validator_status(std::string_view word) {
  for (const auto& [one, name] : kStatuses) {
    if (name == word) return one;
  }
  return std::nullopt;
}

ValidatorStatus status_at(const Validator& v, Epoch epoch) {
  if (epoch < v.activation_epoch)
    return v.eligibility_epoch == kFarFuture ? ValidatorStatus::kPendingInitialized
                                             : ValidatorStatus::kPendingQueued;
  if (epoch < v.exit_epoch) {
    if (v.exit_epoch == kFarFuture) return ValidatorStatus::kActiveOngoing;
    return v.slashed ? ValidatorStatus::kActiveSlashed : ValidatorStatus::kActiveExiting;
  }
  if (epoch < v.withdrawable_epoch)
    return v.slashed ? ValidatorStatus::kExitedSlashed : ValidatorStatus::kExitedUnslashed;
  return v.balance > 0 ? ValidatorStatus::kWithdrawalPossible : ValidatorStatus::kWithdrawalDone;
}

PositionState position_state(ValidatorStatus status) {
  switch (status) {
    case ValidatorStatus::kPendingInitialized:
    case ValidatorStatus::kPendingQueued:
      return PositionState::kQueued;
    case ValidatorStatus::kActiveOngoing:
      return PositionState::kActive;
    case ValidatorStatus::kActiveExiting:
    case ValidatorStatus::kActiveSlashed:
      return PositionState::kExiting;
    case ValidatorStatus::kExitedUnslashed:
    case ValidatorStatus::kExitedSlashed:
      return PositionState::kUnbonding;
    case ValidatorStatus::kWithdrawalPossible:
    case ValidatorStatus::kWithdrawalDone:
      return PositionState::kWithdrawable;
  }
  ENSURE(false);
}

Gwei max_effective(const Validator& validator) {
  return validator.credentials == Credentials::kCompounding ? kMaxCompounding : kMinActivation;
}

Gwei next_effective(const Validator& v) {
  if (v.balance + kDownward < v.effective || v.effective + kUpward < v.balance)
    return std::min(floored(v.balance), max_effective(v));
  return v.effective;
}

Churn churn_of(const ForkRules& rules, Gwei total_active) {
  ENSURE(rules.compounding);
  const Gwei whole = floored(std::max(rules.churn_min, total_active / rules.churn_quotient));
  Churn churn;
  churn.activation = std::min(rules.activation_churn_max, whole);
  churn.exit = rules.exit_churn_max ? std::min(*rules.exit_churn_max, whole) : whole;
  churn.consolidation = rules.consolidation_quotient == 0
                            ? whole - churn.activation
                            : floored(total_active / rules.consolidation_quotient);
  return churn;
}

std::optional<Epoch> enter_queue(ChurnQueue& queue, Gwei churn, Epoch current, Gwei amount) {
  if (churn == 0) return std::nullopt;
  const Epoch first = current + 1 + kSeedLookahead;
  Epoch epoch = std::max(queue.earliest_epoch, first);
  Gwei left = queue.earliest_epoch < epoch ? churn : queue.left;
  if (amount > left) {
    const std::uint64_t more = (amount - left - 1) / churn + 1;
    epoch += more;
    left += more * churn;
  }
  queue = {epoch, left - amount};
  return epoch;
}

std::vector<DepositOutcome> process_deposits(Registry& registry, Epoch current, Epoch finalized) {
  const Epoch next_epoch = current + 1;
  const Gwei available = registry.deposit_carry + churn_of(registry.rules, registry.total_active).activation;
  const Slot final_slot = finalized * kSlotsPerEpoch;
  Gwei processed = 0;
  std::size_t next = 0;
  bool limited = false;
  std::vector<PendingDeposit> postponed;
  std::vector<DepositOutcome> outcomes;
  for (const PendingDeposit& deposit : registry.deposits) {
    if (deposit.slot > final_slot || next >= kDepositsAnEpoch) break;
    bool exited = false;
    bool withdrawn = false;
    if (const auto index = find_key(registry, deposit.pubkey)) {
      exited = registry.validators[*index].exit_epoch < kFarFuture;
      withdrawn = registry.validators[*index].withdrawable_epoch < next_epoch;
    }
    if (withdrawn) {
      outcomes.push_back(apply(registry, deposit));
    } else if (exited) {
      postponed.push_back(deposit);
    } else {
      limited = processed + deposit.amount > available;
      if (limited) break;
      processed += deposit.amount;
      outcomes.push_back(apply(registry, deposit));
    }
    ++next;
  }
  registry.deposits.erase(registry.deposits.begin(),
                          registry.deposits.begin() + static_cast<std::ptrdiff_t>(next));
  registry.deposits.insert(registry.deposits.end(), postponed.begin(), postponed.end());
  registry.deposit_carry = limited ? available - processed : 0;
  return outcomes;
}

void initiate_exit(Registry& registry, std::uint64_t index, Epoch current) {
  Validator& validator = registry.validators.at(index);
  if (validator.exit_epoch != kFarFuture) return;
  const auto epoch = enter_queue(registry.exits, churn_of(registry.rules, registry.total_active).exit,
                                 current, validator.effective);
  ENSURE(epoch.has_value());
  validator.exit_epoch = *epoch;
  validator.withdrawable_epoch = *epoch + kWithdrawableDelay;
}

bool request_withdrawal(Registry& registry, std::uint64_t index, Gwei amount, Epoch current) {
  const bool full = amount == 0;
  if (!full && registry.partials.size() >= kPartialsMax) return false;
  const Validator& validator = registry.validators.at(index);
  if (!has_execution(validator) || !may_exit(validator, current)) return false;
  const Gwei pending = pending_of(registry, index);
  if (full) {
    if (pending != 0) return false;
    initiate_exit(registry, index, current);
    return true;
  }
  if (validator.credentials != Credentials::kCompounding || validator.effective < kMinActivation ||
      validator.balance <= kMinActivation + pending)
    return false;
  const Gwei paid = std::min(validator.balance - kMinActivation - pending, amount);
  const auto epoch =
      enter_queue(registry.exits, churn_of(registry.rules, registry.total_active).exit, current, paid);
  ENSURE(epoch.has_value());
  registry.partials.push_back({index, paid, *epoch + kWithdrawableDelay});
  return true;
}

Gwei switch_to_compounding(Registry& registry, std::uint64_t index) {
  Validator& validator = registry.validators.at(index);
  if (validator.credentials != Credentials::kExecution) return 0;
  validator.credentials = Credentials::kCompounding;
  if (validator.balance <= kMinActivation) return 0;
  const Gwei excess = validator.balance - kMinActivation;
  validator.balance = kMinActivation;
  registry.deposits.push_back({registry.pubkeys.at(index), excess, 0, true, Credentials::kCompounding});
  return excess;
}

bool request_consolidation(Registry& registry, std::uint64_t source, std::uint64_t target, Epoch current) {
  const Gwei churn = churn_of(registry.rules, registry.total_active).consolidation;
  if (source == target || churn <= kMinActivation) return false;
  Validator& from = registry.validators.at(source);
  const Validator& to = registry.validators.at(target);
  if (!has_execution(from) || to.credentials != Credentials::kCompounding || !may_exit(from, current) ||
      !to.is_active(current) || to.exit_epoch != kFarFuture || pending_of(registry, source) > 0)
    return false;
  const auto epoch = enter_queue(registry.consolidating, churn, current, from.effective);
  ENSURE(epoch.has_value());
  from.exit_epoch = *epoch;
  from.withdrawable_epoch = *epoch + kWithdrawableDelay;
  registry.consolidations.push_back({source, target});
  return true;
}

std::vector<Consolidated> process_consolidations(Registry& registry, Epoch current) {
  std::vector<Consolidated> done;
  std::size_t next = 0;
  for (const PendingConsolidation& pending : registry.consolidations) {
    Validator& source = registry.validators.at(pending.source);
    if (!source.slashed) {
      if (source.withdrawable_epoch > current + 1) break;
      const Gwei amount = std::min(source.balance, source.effective);
      source.balance -= amount;
      registry.validators.at(pending.target).balance += amount;
      done.push_back({pending.source, pending.target, amount});
    }
    ++next;
  }
  registry.consolidations.erase(registry.consolidations.begin(),
                                registry.consolidations.begin() + static_cast<std::ptrdiff_t>(next));
  return done;
}

ExpectedWithdrawals expected_withdrawals(const Registry& registry, Epoch epoch) {
  ExpectedWithdrawals expected;
  for (const PendingPartial& pending : registry.partials) {
    if (pending.withdrawable_epoch > epoch || expected.withdrawals.size() == kPartialsABlock) break;
    const Validator& validator = registry.validators.at(pending.index);
    const Gwei balance = validator.balance - taken(expected.withdrawals, pending.index);
    if (validator.exit_epoch == kFarFuture && validator.effective >= kMinActivation &&
        balance > kMinActivation)
      expected.withdrawals.push_back(
          {pending.index, std::min(balance - kMinActivation, pending.amount), WithdrawalKind::kPartial});
    ++expected.partials_processed;
  }
  const std::size_t count = registry.validators.size();
  std::uint64_t index = count == 0 ? 0 : registry.next_sweep % count;
  for (std::size_t i = 0; i < std::min(count, kSweptABlock); ++i) {
    if (expected.withdrawals.size() == kWithdrawalsABlock) break;
    const Validator& validator = registry.validators[index];
    const Gwei balance = validator.balance - taken(expected.withdrawals, index);
    if (has_execution(validator)) {
      const Gwei most = max_effective(validator);
      if (validator.withdrawable_epoch <= epoch && balance > 0)
        expected.withdrawals.push_back({index, balance, WithdrawalKind::kFull});
      else if (validator.effective == most && balance > most)
        expected.withdrawals.push_back({index, balance - most, WithdrawalKind::kSweep});
    }
    ++expected.swept;
    index = (index + 1) % count;
  }
  return expected;
}

ExpectedWithdrawals process_withdrawals(Registry& registry, Epoch epoch) {
  ExpectedWithdrawals expected = expected_withdrawals(registry, epoch);
  for (const Withdrawal& one : expected.withdrawals) registry.validators[one.index].balance -= one.amount;
  registry.partials.erase(
      registry.partials.begin(),
      registry.partials.begin() + static_cast<std::ptrdiff_t>(expected.partials_processed));
  if (!registry.validators.empty())
    registry.next_sweep = (registry.next_sweep + expected.swept) % registry.validators.size();
  return expected;
}

}  // namespace navkeeper::staking::ether
