#pragma once
// What is staked where, in which state, and which state of the chain says so.
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/shared_text.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"

namespace navkeeper::staking {

enum class Chain {
  kEthereum,   ///< validators; place = index
  kCronosPos,  ///< delegations; place = "delegator/validator"
  kCustodian,  ///< staked by a custodian on its own books; place = its account
  kLiquid,     ///< a liquid-staking token; place = its contract
};
std::string_view describe(Chain chain);  ///< "ethereum", "cronos_pos", "custodian", "liquid"
std::optional<Chain> parse_chain(std::string_view word);

enum class PositionState {
  kInFlight,      ///< given to be converted by its custodian, which counts it nowhere until it is done
  kPending,       ///< in the chain's queue of deposits
  kQueued,        ///< credited, waits for activation
  kActive,        ///< earns
  kExiting,       ///< earns still, its exit is set
  kUnbonding,     ///< earns nothing, comes back at due_at
  kWithdrawable,  ///< waits for the sweep
  kClaimable,     ///< reward that any transaction can fetch
  kLiquid,        ///< free coins, such as tips at the fee recipient
  kRedeeming,     ///< asked back from an issuer
  kContingent,    ///< may never be paid; in no total
};
inline constexpr std::array kPositionStates{
    PositionState::kInFlight,     PositionState::kPending,   PositionState::kQueued,
    PositionState::kActive,       PositionState::kExiting,   PositionState::kUnbonding,
    PositionState::kWithdrawable, PositionState::kClaimable, PositionState::kLiquid,
    PositionState::kRedeeming,    PositionState::kContingent};
/// "in_flight", "pending", "queued", "active", "exiting", "unbonding", "withdrawable", "claimable", "liquid",
/// "redeeming", "contingent"
std::string_view describe(PositionState state);
std::optional<PositionState> parse_position_state(std::string_view word);

/// The account of a place in which coins lie; each has a roll-forward of its own (roll_forward.h).
enum class Account {
  kStake,      ///< balance of the validator, principal of the delegation, tokens
  kPending,    ///< deposits that the chain did not apply yet
  kUnbonding,  ///< on their way back
  kClaimable,  ///< rewards outstanding
  kLiquid,     ///< fee recipient, bank
};
inline constexpr std::array kAccounts{Account::kStake, Account::kPending, Account::kUnbonding,
                                      Account::kClaimable, Account::kLiquid};
std::string_view describe(Account account);  ///< "stake", "pending", "unbonding", "claimable", "liquid"
std::optional<Account> parse_account(std::string_view word);
/// The account whose closing balance the amount is part of; nothing for contingent amounts. An exited
/// validator's ether stays in its balance until it is swept: its account is the stake.
std::optional<Account> account_of(Chain chain, PositionState state);

struct PositionKey {
  Chain chain = Chain::kEthereum;
  base::SharedText source;  ///< the configured name of who says so
  std::string place;
  model::AssetId asset = model::AssetId::literal("UNSET");
  auto operator<=>(const PositionKey&) const = default;
};

/// The state that a figure was read from.
struct StateMark {
  std::uint64_t height = 0;  ///< slot of an ether state, height of a block, 0 where there is no chain
  base::SharedText root;     ///< state root or app hash, as the chain spells it; empty where there is none
  time::Instant at;          ///< the slot's or the block's time
  bool operator==(const StateMark&) const = default;
};

/// How the parts of a validator begin that go another way than its rest: what was asked to be paid out beside
/// the sweep, and what a consolidation takes into another validator.
inline constexpr std::string_view kPartialPart = "partial ";
inline constexpr std::string_view kMergingPart = "merging into ";

struct Position {
  PositionKey key;
  PositionState state = PositionState::kActive;
  std::string part = {};  ///< tells several of one place and state apart, such as unbonding entries
  money::Decimal amount;  ///< whole coins, not negative
  std::optional<time::Instant> due_at = {};
  bool verifiable = true;   ///< can be checked on a chain
  std::string detail = {};  ///< the chain's own word: "active_slashed"
  bool operator==(const Position&) const = default;
};

}  // namespace navkeeper::staking
