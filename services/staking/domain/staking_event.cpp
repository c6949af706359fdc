#include "services/staking/domain/staking_event.h"

#include "common/base/ensure.h"

namespace navkeeper::staking {
namespace {

struct Effects {
  EventKind kind;
  std::string_view word;
  int stake, pending, unbonding, claimable, liquid;
};

// In the order of the enumeration (checked by the tests).
constexpr std::array<Effects, kEventKindCount> kEffects{{
    {EventKind::kDepositSubmitted, "deposit_submitted", 0, 1, 0, 0, 0},
    {EventKind::kDepositApplied, "deposit_applied", 1, -1, 0, 0, 0},
    {EventKind::kDepositLost, "deposit_lost", 0, -1, 0, 0, 0},
    {EventKind::kWithdrawalSweep, "withdrawal_sweep", -1, 0, 0, 0, 1},
    {EventKind::kWithdrawalPartial, "withdrawal_partial", -1, 0, 0, 0, 1},
    {EventKind::kWithdrawalFull, "withdrawal_full", -1, 0, 0, 0, 1},
    {EventKind::kConsolidationIn, "consolidation_in", 1, 0, 0, 0, 0},
    {EventKind::kConsolidationOut, "consolidation_out", -1, 0, 0, 0, 0},
    {EventKind::kMovedToPending, "moved_to_pending", -1, 1, 0, 0, 0},
    {EventKind::kRewardAttestation, "reward_attestation", 1, 0, 0, 0, 0},
    {EventKind::kRewardProposal, "reward_proposal", 1, 0, 0, 0, 0},
    {EventKind::kRewardSync, "reward_sync", 1, 0, 0, 0, 0},
    {EventKind::kRewardSlashingReport, "reward_slashing_report", 1, 0, 0, 0, 0},
    {EventKind::kRewardUnsplit, "reward_unsplit", 1, 0, 0, 0, 0},
    {EventKind::kRewardTips, "reward_tips", 0, 0, 0, 0, 1},
    {EventKind::kRewardMev, "reward_mev", 0, 0, 0, 0, 1},
    {EventKind::kPenalty, "penalty", -1, 0, 0, 0, 0},
    {EventKind::kSlashing, "slashing", -1, 0, 0, 0, 0},
    {EventKind::kRewardBase, "reward_base", 0, 0, 0, 1, 0},
    {EventKind::kRewardCommission, "reward_commission", 0, 0, 0, 1, 0},
    {EventKind::kRewardTierBonus, "reward_tier_bonus", 0, 0, 0, 0, 0},
    {EventKind::kTierBonusPaid, "tier_bonus_paid", 0, 0, 0, 0, 1},
    {EventKind::kDelegate, "delegate", 1, 0, 0, 0, -1},
    {EventKind::kUndelegate, "undelegate", -1, 0, 1, 0, 0},
    {EventKind::kRedelegateIn, "redelegate_in", 1, 0, 0, 0, 0},
    {EventKind::kRedelegateOut, "redelegate_out", -1, 0, 0, 0, 0},
    {EventKind::kUnbonded, "unbonded", 0, 0, -1, 0, 1},
    {EventKind::kUnbondingCanceled, "unbonding_canceled", 1, 0, -1, 0, 0},
    {EventKind::kUnbondingSlashed, "unbonding_slashed", 0, 0, -1, 0, 0},
    {EventKind::kClaim, "claim", 0, 0, 0, -1, 1},
    {EventKind::kClaimDust, "claim_dust", 0, 0, 0, -1, 0},
    {EventKind::kShareRateUp, "share_rate_up", 1, 0, 0, 0, 0},
    {EventKind::kShareRateDown, "share_rate_down", -1, 0, 0, 0, 0},
    {EventKind::kRewardCustodian, "reward_custodian", 1, 0, 0, 0, 0},
    {EventKind::kRewardRebase, "reward_rebase", 1, 0, 0, 0, 0},
    {EventKind::kStakeIn, "stake_in", 1, 0, 0, 0, 0},
    {EventKind::kStakeOut, "stake_out", -1, 0, 0, 0, 0},
    {EventKind::kStakeReturned, "stake_returned", 0, -1, 0, 0, 1},
    {EventKind::kRedeemRequested, "redeem_requested", -1, 0, 1, 0, 0},
    {EventKind::kRedeemed, "redeemed", 0, 0, -1, 0, 1},
    {EventKind::kConvertRequested, "convert_requested", -1, 1, 0, 0, 0},
    {EventKind::kConverted, "converted", 0, -1, 0, 0, 0},
    {EventKind::kConvertedInto, "converted_into", 1, 0, 0, 0, 0},
    {EventKind::kConvertReturned, "convert_returned", 1, -1, 0, 0, 0},
    {EventKind::kTransferIn, "transfer_in", 0, 0, 0, 0, 1},
    {EventKind::kTransferOut, "transfer_out", 0, 0, 0, 0, -1},
}};

const Effects& effects_of(EventKind kind) {
  const auto place = static_cast<std::size_t>(kind);
  ENSURE(place < kEffects.size() && kEffects[place].kind == kind);
  return kEffects[place];
}

}  // namespace

std::string_view describe(EventKind kind) { return effects_of(kind).word; }

std::optional<EventKind> parse_event_kind(std::string_view word) {
  for (const Effects& row : kEffects) {
    if (row.word == word) return row.kind;
  }
  return std::nullopt;
}

bool is_reward(EventKind kind) {
  return describe(kind).starts_with("reward_") || kind == EventKind::kTierBonusPaid;
}

bool is_loss(EventKind kind) {
  return kind == EventKind::kPenalty || kind == EventKind::kSlashing ||
         kind == EventKind::kUnbondingSlashed || kind == EventKind::kDepositLost;
}

int effect(EventKind kind, Account account) {
  const Effects& row = effects_of(kind);
  switch (account) {
    case Account::kStake:
      return row.stake;
    case Account::kPending:
      return row.pending;
    case Account::kUnbonding:
      return row.unbonding;
    case Account::kClaimable:
      return row.claimable;
    case Account::kLiquid:
      return row.liquid;
  }
  ENSURE(false);
}

std::string event_id(const PositionKey& key, EventKind kind, std::uint64_t height, std::string_view tail) {
  std::string id;
  const std::string_view chain = describe(key.chain);
  const std::string_view word = describe(kind);
  const std::string number = std::to_string(height);
  id.reserve(chain.size() + key.place.size() + word.size() + number.size() + tail.size() + 4);
  id.append(chain).append("/").append(key.place).append("/").append(word).append("/").append(number);
  if (!tail.empty()) id.append("/").append(tail);
  return id;
}

}  // namespace navkeeper::staking
