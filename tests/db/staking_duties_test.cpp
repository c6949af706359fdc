// Missed duties end to end: a fleet that the sandbox keeps away, its beacon node over a socket, the reader,
// the store, and what is measured and alarmed of it.
#include "services/sandbox/chains/beacon_ledger.h"
#include "services/sandbox/chains/chain_nodes.h"
#include "services/staking/adapters/ether/ether_source.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/app/sync_source.h"
#include "services/staking/app/take_measures.h"
#include "tests/db/staking_fixture.h"

namespace navkeeper::staking {
namespace {

constexpr std::uint64_t kSeed = 20260213;
const model::FundId kEtherFund = model::FundId::literal("BTCETH");

class MissedDutiesTest : public StakingStoreTest {
 protected:
  MissedDutiesTest() {
    settings_.name = "ether";
    settings_.fund = kEtherFund;
    settings_.withdrawal_addresses = {"0x" + sandbox::account_hex(kSeed, sandbox::kFleetOwner)};
    settings_.fee_recipients = settings_.withdrawal_addresses;
    settings_.total_active_ether = 34'000'000;
    for (std::uint64_t index = sandbox::kFleetFirst; index < 520'011; ++index)
      settings_.validators.push_back(std::to_string(index));
    settings_.nodes.push_back({.name = "beacon", .url = nodes_.url("beacon")});
    source_ = ether::ether_source(settings_);
  }
  /// The state so many epochs after the fleet's first one is final, and is read.
  SyncReport read(std::uint64_t epochs) {
    const auto epoch = static_cast<std::int64_t>(first_epoch_ + epochs + 2);
    clock_.set(time::Instant::from_ns(1'606'824'023'000'000'000) + time::Duration::seconds(384 * epoch + 13));
    PostgresStakingStore facts = store();
    PostgresMeasureStore measures(pool());
    return sync_and_measure(*source_, {facts, measures}, clock_, kActor);
  }
  /// Epochs from the fleet's first one to the first of the next UTC day after the outage.
  std::uint64_t next_day() const {
    const auto at = [&](std::uint64_t epochs) {
      return time::Instant::from_ns(1'606'824'023'000'000'000) +
             time::Duration::seconds(384 * static_cast<std::int64_t>(first_epoch_ + epochs));
    };
    std::uint64_t epochs = 24;
    while (time::utc_date(at(epochs)) == time::utc_date(at(6))) ++epochs;
    return epochs + 1;
  }
  std::vector<std::string> alerts(const std::string& kind) {
    std::vector<std::string> found;
    for (const StoredAlert& one : store().alerts(kEtherFund, {}, 1'000))
      if (one.alert.kind == kind) found.push_back(one.alert.subject + " " + one.alert.detail);
    return found;
  }
  Performance performance() {
    PostgresStakingStore facts = store();
    return performance_of(facts, kEtherFund, time::Instant::latest(), time::Instant::latest()).at(0);
  }

  time::ManualClock clock_{time::Instant::literal("2026-03-05T20:00:05Z")};
  sandbox::ChainWorld world_{kSeed, clock_.now(), clock_};
  sandbox::ChainNodes nodes_{world_, "127.0.0.1", [] { return std::uint16_t{0}; }};
  std::uint64_t first_epoch_ = sandbox::BeaconLedger(world_).first_epoch();
  EtherSettings settings_;
  std::unique_ptr<StakingSource> source_;
};

TEST_F(MissedDutiesTest, AFleetThatIsAwayLowersItsEffectivenessAndRaisesAlerts) {
  EXPECT_EQ(read(2).run.detail, "");
  EXPECT_EQ(read(6).run.detail, "");
  const Performance before = performance();
  EXPECT_EQ(before.duties.proposals_missed, 0U);
  EXPECT_TRUE(alerts("missed_duties").empty());

  world_.keep_away(0, 10 * 32);
  EXPECT_EQ(read(next_day()).run.detail, "");  // what is judged over a day is judged on the next one
  const Performance after = performance();
  EXPECT_GT(after.duties.attestations_missed, before.duties.attestations_missed + 60);
  EXPECT_GT(after.duties.proposals_missed, 3U);
  EXPECT_TRUE(after.duties.proposals_told);
  EXPECT_LT(*after.effectiveness.attestation, *before.effectiveness.attestation);
  ASSERT_TRUE(after.parts);
  EXPECT_TRUE(after.parts->performance().is_negative()) << "duties missed";
  EXPECT_LT(after.parts->performance(), before.parts->performance());
  for (const StoredRollForward& row : store().roll_forwards(kEtherFund, {}))
    EXPECT_TRUE(row.roll_forward.is_tied()) << row.roll_forward.key.place;
  // Raised with the day's measures; each once.
  const std::size_t raised = alerts("missed_duties").size();
  EXPECT_GT(raised, 0U);
  for (const std::string& one : alerts("missed_duties"))
    EXPECT_NE(one.find("missed "), std::string::npos) << one;
  EXPECT_TRUE(alerts("not_tied").empty());
  EXPECT_TRUE(alerts("duties_contradicted").empty());
  EXPECT_EQ(read(next_day() + 1).run.detail, "");
  EXPECT_EQ(alerts("missed_duties").size(), raised);
}

}  // namespace
}  // namespace navkeeper::staking
