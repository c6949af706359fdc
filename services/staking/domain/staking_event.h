#pragma once
// What changed a position, and which accounts of its place a kind of event moves. Amounts are never negative:
// the kind says the direction.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "services/staking/domain/position.h"

namespace navkeeper::staking {

enum class EventKind {
  // Ether: deposits, withdrawals, consolidations.
  kDepositSubmitted,   ///< a deposit of the execution layer entered the queue
  kDepositApplied,     ///< from the queue to the balance
  kDepositLost,        ///< a first deposit with a bad signature: the ether is gone
  kWithdrawalSweep,    ///< what lay above the maximum
  kWithdrawalPartial,  ///< requested
  kWithdrawalFull,     ///< all that was left
  kConsolidationIn,
  kConsolidationOut,
  kMovedToPending,  ///< a switch to compounding, without a transaction
  // Income of ether.
  kRewardAttestation,
  kRewardProposal,
  kRewardSync,
  kRewardSlashingReport,  ///< for including evidence against another validator
  kRewardUnsplit,         ///< income whose type no node told
  kRewardTips,            ///< execution layer, as received by the fee recipient
  kRewardMev,             ///< likewise, paid by a builder
  // Losses of either chain.
  kPenalty,   ///< duties missed, inactivity; type_detail says which
  kSlashing,  ///< of the stake; type_detail: initial, correlation, ...
  // Cosmos SDK chains.
  kRewardBase,
  kRewardCommission,  ///< of a validator of the fund's own
  kRewardTierBonus,   ///< contingent until it is paid: moves no account before its claim
  kTierBonusPaid,
  kDelegate,
  kUndelegate,
  kRedelegateIn,
  kRedelegateOut,
  kUnbonded,           ///< an entry matured
  kUnbondingCanceled,  ///< and went back to the validator
  kUnbondingSlashed,
  kClaim,          ///< asked for or by itself at every change of a delegation
  kClaimDust,      ///< parts of a smallest unit, forfeited by a claim
  kShareRateUp,    ///< a smallest unit that shares became worth more, by others' roundings
  kShareRateDown,  ///< or less: shares are issued and redeemed cut
  // Custodians and liquid-staking tokens.
  kRewardCustodian,
  kRewardRebase,   ///< new units of a token that rebases
  kStakeIn,        ///< token minted or bought
  kStakeOut,       ///< sold, converted
  kStakeReturned,  ///< a custodian's stake that came to nothing: its coins are free again
  kRedeemRequested,
  kRedeemed,
  kConvertRequested,  ///< staked coins on their way to becoming a token: in flight, at the custodian in
                      ///< nothing
  kConverted,         ///< what was given is gone; type_detail: what came, "CDCETH 9.8"
  kConvertedInto,     ///< what came, of its own asset
  kConvertReturned,   ///< it came to nothing
  // The bank account of a place.
  kTransferIn,
  kTransferOut,
};
inline constexpr int kEventKindCount = static_cast<int>(EventKind::kTransferOut) + 1;
std::string_view describe(EventKind kind);  ///< "deposit_submitted", "reward_attestation", ...
std::optional<EventKind> parse_event_kind(std::string_view word);

/// Income that can be recognised: every reward_ kind, and tier_bonus_paid.
bool is_reward(EventKind kind);
/// penalty, slashing, unbonding_slashed, deposit_lost.
bool is_loss(EventKind kind);

/// +1 the event's amount goes in, -1 out, 0 the account is not touched.
int effect(EventKind kind, Account account);

struct StakingEvent {
  std::string id;  ///< unique in the fund and the same whenever it is read again: event_id()
  PositionKey key;
  EventKind kind = EventKind::kPenalty;
  money::Decimal amount;  ///< whole coins, not negative
  StateMark mark;         ///< where it took effect: slot or height, root where known, time
  std::string type_detail = {};
  bool operator==(const StakingEvent&) const = default;
};

/// "ethereum/500001/reward_attestation/12345678" and, where one height has several, "/tail".
std::string event_id(const PositionKey& key, EventKind kind, std::uint64_t height,
                     std::string_view tail = "");

}  // namespace navkeeper::staking
