#include "services/staking/app/take_measures.h"

#include <algorithm>
#include <map>

namespace navkeeper::staking {
namespace {

using measures::StakeHistory;

/// Stakes by instant: a state's closing is the next one's opening.
std::map<PositionKey, std::map<time::Instant, money::Decimal>> stakes_of(
    const std::vector<StoredRollForward>& roll_forwards) {
  std::map<PositionKey, std::map<time::Instant, money::Decimal>> stakes;
  for (const StoredRollForward& stored : roll_forwards) {
    const RollForward& one = stored.roll_forward;
    if (one.account != Account::kStake) continue;
    auto& of_place = stakes[one.key];
    of_place.emplace(one.from.at, one.opening);
    of_place.insert_or_assign(one.to.at, one.closing);
  }
  return stakes;
}

bool counts(EventKind kind) {
  return (is_reward(kind) && kind != EventKind::kRewardTierBonus) || is_loss(kind);
}

}  // namespace

std::vector<AssetMeasures> take_measures(const std::vector<StoredRollForward>& roll_forwards,
                                         const std::vector<StoredEvent>& events, time::Instant to) {
  std::map<PositionKey, StakeHistory> histories;
  for (const auto& [key, stakes] : stakes_of(roll_forwards))
    for (const auto& [at, stake] : stakes) histories[key].stakes.push_back({at, stake});
  for (const StoredEvent& stored : events) {
    const StakingEvent& event = stored.event;
    if (!counts(event.kind)) continue;
    histories[event.key].income.push_back(
        {event.mark.at, is_loss(event.kind) ? -event.amount : event.amount});
  }
  std::map<model::AssetId, AssetMeasures> assets;
  std::map<model::AssetId, std::vector<StakeHistory>> together;
  for (auto& [key, history] : histories) {
    std::stable_sort(history.income.begin(), history.income.end(),
                     [](const measures::Income& a, const measures::Income& b) { return a.at < b.at; });
    AssetMeasures& asset = assets[key.asset];
    asset.asset = key.asset;
    asset.places.push_back({key, measures::yields_until(history, to)});
    together[key.asset].push_back(history);
  }
  std::vector<AssetMeasures> result;
  for (auto& [asset, measured] : assets) {
    measured.windows = measures::yields_until(measures::together(together[asset]), to);
    result.push_back(std::move(measured));
  }
  return result;
}

}  // namespace navkeeper::staking
