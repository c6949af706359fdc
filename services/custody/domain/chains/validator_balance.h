#pragma once
// Ether at validators, each gwei once. Sources: consensus-specs, phase0 and electra beacon-chain.md;
// beacon-APIs types/api.yaml (ValidatorStatus).
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/time/instant.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/balance.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {

inline constexpr std::uint64_t kFarFutureEpoch = ~std::uint64_t{0};

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
std::string_view describe(ValidatorStatus status);  ///< "pending_initialized", …
std::optional<ValidatorStatus> parse_validator_status(std::string_view word);

using WithdrawalCredentials = std::array<std::uint8_t, 32>;
/// The address to which credentials of type 0x01 and 0x02 pay out (EIP-4895, EIP-7251); nothing for others.
std::optional<EthereumAddress> payout_address(const WithdrawalCredentials& credentials);

struct Validator {
  std::uint64_t index = 0;
  std::string pubkey;  ///< 0x and 96 digits in lower case
  WithdrawalCredentials credentials{};
  Gwei balance;
  Gwei effective_balance;
  ValidatorStatus status{};
  bool slashed = false;
  std::uint64_t activation_epoch = kFarFutureEpoch;
  std::uint64_t exit_epoch = kFarFutureEpoch;
  std::uint64_t withdrawable_epoch = kFarFutureEpoch;
};

/// Paid into the deposit contract and seen by the beacon chain, not yet in a validator's balance (Electra).
struct PendingDeposit {
  std::string pubkey;
  WithdrawalCredentials credentials{};
  Gwei amount;
  std::uint64_t slot = 0;
};

/// Asked for and not yet paid: still inside its validator's balance, which falls when it is paid (electra,
/// process_withdrawal_request adds it to the queue, process_withdrawals takes it from the balance).
struct PendingPartialWithdrawal {
  std::uint64_t validator_index = 0;
  Gwei amount;
  std::uint64_t withdrawable_epoch = 0;
};

/// When an epoch begins.
struct EpochClock {
  time::Instant genesis;
  std::int64_t seconds_per_slot = 12;
  std::int64_t slots_per_epoch = 32;

  /// Nothing for the far future, or what no instant can hold.
  std::optional<time::Instant> begin_of(std::uint64_t epoch) const;
  time::Instant of_slot(std::uint64_t slot) const;
  /// The slot that begins at `at`, when one does.
  std::optional<std::uint64_t> slot_at(time::Instant at) const;
};

struct StakedEther {
  Gwei staked;      ///< earning, less what is on its way out
  Gwei activating;  ///< validators that wait, and deposits that no balance shows yet
  Gwei unbonding;   ///< partial withdrawals asked for; whole validators that leave or have left
  std::vector<UnbondingEntry> unbonding_entries;
  Gwei all() const { return staked + activating + unbonding; }
};

/// Sums validators that all belong to one address. `deposits` are its own. Refused: a validator twice, a
/// partial withdrawal of a validator that is not among them.
base::Checked<StakedEther> sum_validators(const std::vector<Validator>& validators,
                                          const std::vector<PendingDeposit>& deposits,
                                          const std::vector<PendingPartialWithdrawal>& partials,
                                          const EpochClock& clock);

}  // namespace navkeeper::custody
