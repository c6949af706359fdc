// What a day's income is held against: each balance for as long as it held.
#include "services/staking/app/watch_fund.h"

#include <gtest/gtest.h>

#include "services/staking/domain/ether/rewards.h"
#include "tests/unit/services/staking/memory_store.h"

namespace navkeeper::staking {
namespace {

constexpr std::uint64_t kDaySlots = 7'200;
constexpr std::uint64_t kEpochs = 225;
constexpr ether::Gwei kTotal = 30'000'000'000'000'000;
const time::Instant kNow = time::Instant::literal("2026-03-06T00:00:00Z");
const model::FundId kFund = model::FundId::literal("BTCETH");

/// A validator that earned what `earning` would earn in a day; its effective balance was `first` until slot
/// `changed_at` of the day and `second` after.
std::vector<std::string> band_alerts(ether::Gwei first, ether::Gwei second, std::uint64_t changed_at,
                                     ether::Gwei earning) {
  MemoryStore store;
  const PositionKey key{Chain::kEthereum, "ether", "1", model::AssetId::literal("ETH")};
  PositionReading reading{Chain::kEthereum, "ether", {kDaySlots, "0x1", kNow}, true, "", {}};
  Position stake;
  stake.key = key;
  stake.amount = money::Decimal::of(2'048);
  reading.positions.push_back(stake);
  store.all_readings.push_back({reading, kNow});
  StakingEvent reward;
  reward.id = "r";
  reward.key = key;
  reward.kind = EventKind::kRewardAttestation;
  reward.amount =
      money::Decimal::of(static_cast<std::int64_t>(ether::ideal_rewards(earning, kEpochs, kTotal)), 9);
  reward.mark = {kDaySlots, "0x1", kNow};
  store.all_events.push_back({reward, kNow});
  QueueReading queue;
  queue.chain = Chain::kEthereum;
  queue.source = "ether";
  queue.name = "entry";
  queue.figures = {{"total_active_gwei", std::to_string(kTotal)}};
  store.all_queues.push_back(queue);
  // As a store sums the day's stretches.
  DutyReading duty;
  duty.source = "ether";
  duty.place = "1";
  duty.from = {0, "", kNow - time::Duration::hours(24)};
  duty.to = {kDaySlots, "", kNow};
  duty.effective_gwei = second;
  duty.effective_slots =
      money::Units(static_cast<money::Int128>(first) * static_cast<money::Int128>(changed_at) +
                   static_cast<money::Int128>(second) * static_cast<money::Int128>(kDaySlots - changed_at));
  store.all_duties.push_back(duty);
  std::vector<std::string> found;
  for (const Alert& alert : watch_fund(store, kFund))
    if (alert.kind == "income_outside_band") found.push_back(alert.detail);
  return found;
}

TEST(WatchFund, IncomeIsExpectedOfEachBalanceForAsLongAsItHeld) {
  constexpr ether::Gwei kSmall = 32'000'000'000;
  constexpr ether::Gwei kLarge = 2'048'000'000'000;
  // Topped up in the last hour: what it earned is what 32 ether and, for an hour, 2,048 earn.
  const ether::Gwei mean = (kSmall * 6'900 + kLarge * 300) / kDaySlots;
  EXPECT_TRUE(band_alerts(kSmall, kLarge, 6'900, mean).empty());
  EXPECT_TRUE(band_alerts(kLarge, kLarge, 0, kLarge).empty());
  ASSERT_EQ(band_alerts(kLarge, kLarge, 0, mean).size(), 1U) << "it should have earned more";
  EXPECT_EQ(band_alerts(kSmall, kSmall, 0, mean).size(), 1U) << "or less";
}

}  // namespace
}  // namespace navkeeper::staking
