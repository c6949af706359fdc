#include "services/nav/domain/staking_feed.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

using books::CoinState;
using policy::RewardStage;

constexpr std::string_view kLiquid = "liquid";
constexpr std::string_view kFee = "fee";
constexpr std::string_view kTo = "to ";
constexpr std::string_view kOfTheFund = " of the fund";

struct Row {
  std::string_view kind;
  StakingRule rule;
};

constexpr StakingRule reward(std::string_view type, RewardStage stage, CoinState to = CoinState::kAvailable) {
  return {StakingEffect::kReward, type, stage, CoinState::kAvailable, to, 0};
}
constexpr StakingRule moved(CoinState from, CoinState to, int rank) {
  return {StakingEffect::kMoved, {}, RewardStage::kReceived, from, to, rank};
}
constexpr StakingRule lost(CoinState from) {
  return {StakingEffect::kLost, {}, RewardStage::kReceived, from, from, 4};
}
constexpr StakingRule paid(StakingEffect effect) {
  return {effect, {}, RewardStage::kReceived, CoinState::kStaked, CoinState::kAvailable, 1};
}

constexpr std::array<Row, 46> kRows{{
    {"deposit_submitted", moved(CoinState::kAvailable, CoinState::kActivating, 2)},
    {"deposit_applied", moved(CoinState::kActivating, CoinState::kStaked, 3)},
    {"deposit_lost", lost(CoinState::kActivating)},
    {"withdrawal_sweep", paid(StakingEffect::kWithdrawn)},
    {"withdrawal_partial", paid(StakingEffect::kWithdrawn)},
    {"withdrawal_full", paid(StakingEffect::kWithdrawn)},
    {"consolidation_in", {}},
    {"consolidation_out", {}},
    {"moved_to_pending", moved(CoinState::kStaked, CoinState::kActivating, 3)},
    {"reward_attestation", reward("consensus", RewardStage::kProtocolCredit)},
    {"reward_proposal", reward("consensus", RewardStage::kProtocolCredit)},
    {"reward_sync", reward("consensus", RewardStage::kProtocolCredit)},
    {"reward_slashing_report", reward("consensus", RewardStage::kProtocolCredit)},
    {"reward_unsplit", reward("consensus", RewardStage::kProtocolCredit)},
    {"reward_tips", reward("execution", RewardStage::kReceived)},
    {"reward_mev", reward("execution", RewardStage::kReceived)},
    {"penalty", lost(CoinState::kStaked)},
    {"slashing", lost(CoinState::kStaked)},
    {"reward_base", reward("delegation", RewardStage::kClaimable)},
    {"reward_commission", reward("commission", RewardStage::kClaimable)},
    {"reward_tier_bonus", {}},  // contingent: the pool may be short
    {"tier_bonus_paid", reward("tier_bonus", RewardStage::kReceived)},
    {"delegate", moved(CoinState::kAvailable, CoinState::kStaked, 2)},
    {"undelegate", moved(CoinState::kStaked, CoinState::kUnbonding, 3)},
    {"redelegate_in", {}},
    {"redelegate_out", {}},
    {"unbonded", moved(CoinState::kUnbonding, CoinState::kAvailable, 1)},
    {"unbonding_canceled", moved(CoinState::kUnbonding, CoinState::kStaked, 2)},
    {"unbonding_slashed", lost(CoinState::kUnbonding)},
    {"claim", paid(StakingEffect::kCollected)},
    {"claim_dust", {}},  // parts of a smallest unit: never booked
    {"share_rate_up", reward("share_rate", RewardStage::kReceived, CoinState::kStaked)},
    {"share_rate_down", lost(CoinState::kStaked)},
    {"reward_custodian", reward("custodian", RewardStage::kReceived)},
    {"reward_rebase", reward("rebase", RewardStage::kReceived)},
    {"stake_in", moved(CoinState::kAvailable, CoinState::kStaked, 2)},
    {"stake_out", moved(CoinState::kStaked, CoinState::kAvailable, 1)},
    {"stake_returned", moved(CoinState::kActivating, CoinState::kAvailable, 1)},
    {"redeem_requested", moved(CoinState::kStaked, CoinState::kUnbonding, 3)},
    {"redeemed", moved(CoinState::kUnbonding, CoinState::kAvailable, 1)},
    {"convert_requested", moved(CoinState::kStaked, CoinState::kActivating, 2)},
    {"convert_returned", moved(CoinState::kActivating, CoinState::kStaked, 3)},
    {"converted",
     {StakingEffect::kSwapped, {}, RewardStage::kReceived, CoinState::kActivating, CoinState::kAvailable, 4}},
    {"converted_into", moved(CoinState::kAvailable, CoinState::kStaked, 5)},
    {"transfer_in", {}},
    {"transfer_out", {}},
}};

/// By staking's word: "to <address>" is the delegator's own where the place begins with it, another address
/// of the fund is called so.
bool is_paid_away(const StakingEvent& event) {
  if (!event.detail.starts_with(kTo) || event.detail.ends_with(kOfTheFund)) return false;
  return event.detail.substr(kTo.size()) != event.place.substr(0, event.place.find('/'));
}

const StakingRule& row_of(const StakingEvent& event) {
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return candidate.kind == event.kind; });
  if (row == kRows.end())
    base::refuse("staking event " + event.id,
                 "is of kind '" + event.kind + "', and nav does not know what that does to the books");
  return row->rule;
}

}  // namespace

bool says_the_same(const StakingEvent& a, const StakingEvent& b) {
  return a.id == b.id && a.chain == b.chain && a.source == b.source && a.place == b.place &&
         a.asset == b.asset && a.kind == b.kind && a.amount == b.amount && a.height == b.height &&
         a.at == b.at && a.detail == b.detail;
}

StakingPlace place_of(const StakingEvent& event) { return {event.source, event.place, event.asset}; }

StakingRule rule_of(const StakingEvent& event) {
  StakingRule rule = row_of(event);
  if (event.kind == "transfer_out" && event.detail == kFee) {
    rule.effect = StakingEffect::kGas;
    rule.rank = 5;
  }
  if (rule.effect == StakingEffect::kCollected && is_paid_away(event)) rule.effect = StakingEffect::kPaidAway;
  // A custodian's reward in free coins stays free, one in staked coins raises the stake.
  if (event.kind == "reward_custodian" && event.detail != "paid in " + event.asset.value())
    rule.to = CoinState::kStaked;
  // A token is held, whatever it stands for: it has no state of its own, and buying it is a trade.
  if (event.chain == kLiquid) {
    if (rule.effect == StakingEffect::kMoved) return {};
    rule.from = CoinState::kAvailable;
    rule.to = CoinState::kAvailable;
  }
  return rule;
}

Swapped swapped_into(const StakingEvent& event) {
  const std::string where = "staking event " + event.id;
  const std::size_t space = event.detail.find(' ');
  if (space == std::string::npos)
    base::refuse(where, "does not say what came of the conversion, but '" + event.detail + "'");
  const auto asset = model::AssetId::parse(event.detail.substr(0, space));
  const auto quantity = money::Decimal::parse(event.detail.substr(space + 1));
  if (asset.has_error() || quantity.has_error() || !quantity->is_positive())
    base::refuse(where, "does not say what came of the conversion, but '" + event.detail + "'");
  return {asset->value(), *quantity};
}

void sort_for_booking(std::vector<StakingEvent>& events) {
  std::sort(events.begin(), events.end(), [](const StakingEvent& a, const StakingEvent& b) {
    return std::tuple(a.at, a.height, rule_of(a).rank, std::string_view(a.id)) <
           std::tuple(b.at, b.height, rule_of(b).rank, std::string_view(b.id));
  });
}

}  // namespace navkeeper::nav
