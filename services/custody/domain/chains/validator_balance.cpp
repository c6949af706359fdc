#include "services/custody/domain/chains/validator_balance.h"

#include <algorithm>
#include <limits>
#include <map>

#include "common/base/ensure.h"

namespace navkeeper::custody {
namespace {

constexpr ValidatorStatus kStatuses[] = {
    ValidatorStatus::kPendingInitialized, ValidatorStatus::kPendingQueued,
    ValidatorStatus::kActiveOngoing,      ValidatorStatus::kActiveExiting,
    ValidatorStatus::kActiveSlashed,      ValidatorStatus::kExitedUnslashed,
    ValidatorStatus::kExitedSlashed,      ValidatorStatus::kWithdrawalPossible,
    ValidatorStatus::kWithdrawalDone};

constexpr std::uint8_t kExecutionCredentials = 0x01;
constexpr std::uint8_t kCompoundingCredentials = 0x02;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

enum class Way { kIn, kStays, kOut };
Way way_of(ValidatorStatus status) {
  switch (status) {
    case ValidatorStatus::kPendingInitialized:
    case ValidatorStatus::kPendingQueued:
      return Way::kIn;
    case ValidatorStatus::kActiveOngoing:
      return Way::kStays;
    case ValidatorStatus::kActiveExiting:
    case ValidatorStatus::kActiveSlashed:
    case ValidatorStatus::kExitedUnslashed:
    case ValidatorStatus::kExitedSlashed:
    case ValidatorStatus::kWithdrawalPossible:
    case ValidatorStatus::kWithdrawalDone:
      return Way::kOut;
  }
  ENSURE(false);
}

}  // namespace

std::string_view describe(ValidatorStatus status) {
  switch (status) {
    case ValidatorStatus::kPendingInitialized:
      return "pending_initialized";
    case ValidatorStatus::kPendingQueued:
      return "pending_queued";
    case ValidatorStatus::kActiveOngoing:
      return "active_ongoing";
    case ValidatorStatus::kActiveExiting:
      return "active_exiting";
    case ValidatorStatus::kActiveSlashed:
      return "active_slashed";
    case ValidatorStatus::kExitedUnslashed:
      return "exited_unslashed";
    case ValidatorStatus::kExitedSlashed:
      return "exited_slashed";
    case ValidatorStatus::kWithdrawalPossible:
      return "withdrawal_possible";
    case ValidatorStatus::kWithdrawalDone:
      return "withdrawal_done";
  }
  ENSURE(false);
}

std::optional<ValidatorStatus> parse_validator_status(std::string_view word) {
  for (const ValidatorStatus status : kStatuses) {
    if (describe(status) == word) return status;
  }
  return std::nullopt;
}

std::optional<EthereumAddress> payout_address(const WithdrawalCredentials& credentials) {
  constexpr std::size_t kAddressAt = 12;
  if (credentials[0] != kExecutionCredentials && credentials[0] != kCompoundingCredentials)
    return std::nullopt;
  if (std::any_of(credentials.begin() + 1, credentials.begin() + kAddressAt,
                  [](std::uint8_t byte) { return byte != 0; }))
    return std::nullopt;
  EthereumAddress address;
  std::copy(credentials.begin() + kAddressAt, credentials.end(), address.bytes.begin());
  return address;
}

std::optional<time::Instant> EpochClock::begin_of(std::uint64_t epoch) const {
  const std::int64_t seconds = seconds_per_slot * slots_per_epoch;
  const std::int64_t room =
      (std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(genesis.ns(), 0)) / kNsPerSecond;
  if (epoch >= static_cast<std::uint64_t>(room / seconds)) return std::nullopt;
  return genesis + time::Duration::seconds(static_cast<std::int64_t>(epoch) * seconds);
}

time::Instant EpochClock::of_slot(std::uint64_t slot) const {
  return genesis + time::Duration::seconds(static_cast<std::int64_t>(slot) * seconds_per_slot);
}

std::optional<std::uint64_t> EpochClock::slot_at(time::Instant at) const {
  if (at < genesis) return std::nullopt;
  const std::int64_t since_ns = (at - genesis).ns();
  if (since_ns % (seconds_per_slot * kNsPerSecond) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(since_ns / (seconds_per_slot * kNsPerSecond));
}

base::Checked<StakedEther> sum_validators(const std::vector<Validator>& validators,
                                          const std::vector<PendingDeposit>& deposits,
                                          const std::vector<PendingPartialWithdrawal>& partials,
                                          const EpochClock& clock) {
  StakedEther sum;
  std::map<std::uint64_t, Gwei> staying;  // What a partial withdrawal can still take, by validator.
  std::map<std::uint64_t, Way> ways;
  for (const Validator& validator : validators) {
    const Way way = way_of(validator.status);
    if (!ways.emplace(validator.index, way).second)
      return base::Refusal{"validators", "validator " + std::to_string(validator.index) + " comes twice"};
    switch (way) {
      case Way::kIn:
        sum.activating += validator.balance;
        break;
      case Way::kStays:
        sum.staked += validator.balance;
        staying[validator.index] = validator.balance;
        break;
      case Way::kOut:
        sum.unbonding += validator.balance;
        if (!validator.balance.is_zero())
          sum.unbonding_entries.push_back(
              {validator.balance.coins(), clock.begin_of(validator.withdrawable_epoch)});
        break;
    }
  }
  for (const PendingPartialWithdrawal& partial : partials) {
    if (!ways.contains(partial.validator_index))
      return base::Refusal{
          "pending_partial_withdrawals",
          "validator " + std::to_string(partial.validator_index) + " is not among those asked for"};
    const auto found = staying.find(partial.validator_index);
    if (found == staying.end()) continue;  // One that leaves pays no parts; all of it is on its way out.
    const Gwei moved = std::min(partial.amount, found->second);
    if (moved.is_zero()) continue;
    found->second = found->second - moved;
    sum.staked = sum.staked - moved;
    sum.unbonding += moved;
    sum.unbonding_entries.push_back({moved.coins(), clock.begin_of(partial.withdrawable_epoch)});
  }
  for (const PendingDeposit& deposit : deposits) sum.activating += deposit.amount;
  return sum;
}

}  // namespace navkeeper::custody
