// Staking's stores in a real PostgreSQL: stored once, only added to, as of and as known then; liquidity tests
// made again from what is stored; constraints by raw SQL.
#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "services/staking/adapters/liquidity_json.h"
#include "services/staking/adapters/liquidity_store.h"
#include "services/staking/adapters/measure_store.h"
#include "services/staking/adapters/set_aside_store.h"
#include "services/staking/app/take_measures.h"
#include "services/staking/app/test_liquidity.h"
#include "services/staking/app/watch_fund.h"
#include "tests/db/staking_fixture.h"

namespace navkeeper::staking {
namespace {

using time::Duration;
using time::Instant;
using world::d;
using world::kFund;
using world::kNow;

TEST_F(StakingStoreTest, WhatASourceSaidComesBackAndIsStoredOnce) {
  SyncResult result = world::sync_result();
  result.parameters = {{Chain::kCronosPos, "cronos", "staking.max_entries", "7", world::mark(200, kNow)}};
  result.alerts = {{"cronos", "jailed", "d1/v1", "it is jailed"}};
  result.raw = {{"/a", std::string("{}\0\xff", 4)}};
  const SyncReport first = store().save(kFund, result, kNow, kActor);
  EXPECT_EQ(first.positions_new, 4U);
  EXPECT_EQ(first.events_new, 10U);
  EXPECT_EQ(first.roll_forwards_new, 10U);
  EXPECT_EQ(first.parameters_new, 1U);
  EXPECT_EQ(first.alerts_new, 1U);
  const SyncReport again = store().save(kFund, result, kNow, kActor);
  EXPECT_EQ(again.positions_new + again.events_new + again.roll_forwards_new + again.alerts_new, 0U);
  const auto readings = store().readings(kFund, {});
  ASSERT_EQ(readings.size(), 1U);
  EXPECT_EQ(readings[0].reading.mark, result.readings[0].mark);
  EXPECT_EQ(readings[0].reading.positions.size(), 4U);
  for (const Position& position : result.readings[0].positions)
    EXPECT_NE(std::find(readings[0].reading.positions.begin(), readings[0].reading.positions.end(), position),
              readings[0].reading.positions.end())
        << position.key.place << " " << describe(position.state);
  ASSERT_EQ(store().events(kFund, {}).size(), 10U);
  EXPECT_EQ(store().events(kFund, {})[9].event, result.events[9]);
  EXPECT_EQ(store().roll_forwards(kFund, {})[9].roll_forward, result.roll_forwards[9]);
  EXPECT_EQ(store().parameters(kFund, {}), result.parameters);
  EXPECT_EQ(store().queues(kFund, {}), result.queues);
  EXPECT_EQ(store().alerts(kFund, {}, 10)[0].alert, result.alerts[0]);
  EXPECT_EQ(store().runs(kFund, {}, 10).size(), 1U);
  EXPECT_TRUE(store().readings(kOther, {}).empty());
  EXPECT_TRUE(store().queues(kOther, {}).empty());
  EXPECT_EQ(rows("raw_body"), 1);
}

TEST_F(StakingStoreTest, ValidatorsComeBackWithEverySlashThatWasKnownThen) {
  SyncResult result = world::sync_result();
  result.validator_sets = {world::validator_set()};
  store().save(kFund, result, world::hours_ago(1), kActor);
  ASSERT_EQ(store().validator_sets(kFund, {}).size(), 1U);
  EXPECT_EQ(store().validator_sets(kFund, {})[0], world::validator_set());
  ValidatorSet next = world::validator_set();
  next.validators[0].tokens_max = money::Decimal::of(2'048);
  next.mark = world::mark(300, kNow);
  next.annual_provisions.reset();
  next.validators[1].tombstoned = true;
  next.validators[0].signed_window.reset();
  next.slashes.push_back({"v2", 12, d("0.05"), 200, 300});
  result.run.started_at = result.run.ended_at = kNow;
  result.validator_sets = {next, next};
  store().save(kFund, result, kNow, kActor);
  EXPECT_EQ(store().validator_sets(kFund, {})[0], next);
  StakingQuery before;
  before.as_of = world::hours_ago(1);
  EXPECT_EQ(store().validator_sets(kFund, before)[0], world::validator_set()) << "as of then";
  StakingQuery unknown;
  unknown.known_at = world::hours_ago(1);
  EXPECT_EQ(store().validator_sets(kFund, unknown)[0], world::validator_set()) << "as known then";
  EXPECT_TRUE(store().validator_sets(kOther, {}).empty());
  EXPECT_EQ(rows("validator_slash"), 3);
  EXPECT_EQ(constraint("DELETE FROM validator_slash"), "42501");
  EXPECT_EQ(constraint("UPDATE validator_record SET missed_blocks = 0"), "42501");
}

TEST_F(StakingStoreTest, AFactIsSeenAsOfAndAsKnownAtAnyTime) {
  synced();
  SyncResult later = world::sync_result("2000000");
  later.run.started_at = later.run.ended_at = kNow;
  later.readings[0].mark = world::mark(300, kNow);
  later.queues = {world::unbonding(21)};
  later.queues[0].mark = world::mark(300, kNow);
  later.roll_forwards.clear();
  later.events.clear();
  store().save(kFund, later, kNow, kActor);
  const auto staked = [&](const StakingQuery& query) {
    const auto readings = store().readings(kFund, query);
    return readings.empty() ? d("0") : readings[0].reading.positions.at(1).amount;
  };
  EXPECT_EQ(staked({}), d("2000000"));
  StakingQuery query;
  query.as_of = world::hours_ago(1);
  EXPECT_EQ(staked(query), d("1000000"));
  EXPECT_EQ(store().queues(kFund, query).at(0).wait_seconds, 28 * 86'400);
  EXPECT_EQ(store().queues(kFund, {}).at(0).wait_seconds, 21 * 86'400);
  query = {};
  query.known_at = world::hours_ago(1);
  EXPECT_EQ(staked(query), d("1000000"));
  query.known_at = world::hours_ago(2);
  EXPECT_EQ(staked(query), d("0"));
  query = {};
  query.from = world::hours_ago(49);
  EXPECT_EQ(store().events(kFund, query).size(), 2U);
  EXPECT_EQ(store().events(kFund, query, {EventKind::kPenalty}).size(), 0U);
}

TEST_F(StakingStoreTest, AnEventToldOtherwiseIsNotStoredAndRaisesAnAlert) {
  synced();
  SyncResult other = world::sync_result();
  other.run.started_at = other.run.ended_at = kNow;
  other.events[0].amount = d("101");
  const SyncReport report = store().save(kFund, other, kNow, kActor);
  EXPECT_EQ(report.events_new, 0U);
  EXPECT_EQ(report.alerts_new, 1U);
  EXPECT_EQ(store().alerts(kFund, {}, 10)[0].alert.kind, "contradiction");
  EXPECT_EQ(store().events(kFund, {})[0].event.amount, d("100"));
}

/// A node invents the newest state, and with it a reward and the rows that lead there.
TEST_F(StakingStoreTest, AStateIsSetAsideByTwoPeopleAndTheNextTrueOneStands) {
  synced();
  PostgresSetAsideStore aside(pool());
  const auto mia = model::ActorId::literal("mia"), ann = model::ActorId::literal("ann");
  const Instant lied_at = world::hours_ago(1) + Duration::minutes(10);
  const auto later = [&](const char* delegated, std::uint64_t height, Instant at) {
    SyncResult result = world::sync_result(delegated);
    result.run.started_at = result.run.ended_at = at;
    result.readings[0].mark = world::mark(height, at);
    result.readings[0].raw_sha256 = std::string(64, delegated[0]);
    result.queues.clear();
    RollForward row = world::day_of_stake(0);
    row.from = world::reading().mark;
    row.to = world::mark(height, at);
    row.closing = d(delegated);
    row.lines = {{EventKind::kDelegate, row.closing - row.opening}};
    result.roll_forwards = {row};
    StakingEvent event = world::reward_of_day(0, "7");
    event.mark = world::mark(205, world::hours_ago(1) + Duration::minutes(5));
    event.id = event_id(event.key, event.kind, event.mark.height);
    StakingEvent same = event;
    same.mark.height = 204;
    same.id = event_id(event.key, event.kind, same.mark.height);
    result.events = {event, same};
    return result;
  };
  store().save(kFund, later("2000000", 210, lied_at), lied_at, kActor);
  const auto staked = [&](const StakingQuery& query = {}) {
    return store().readings(kFund, query).at(0).reading.positions.at(1).amount;
  };
  EXPECT_EQ(staked(), d("2000000"));
  const auto refused = [&](const auto& act) -> std::string {
    try {
      act();
      return "";
    } catch (const base::Refused& refusal) {
      return refusal.what();
    }
  };
  const Instant proposed_at = lied_at + Duration::minutes(1);
  const auto propose = [&](const char* source, std::uint64_t height, const char* reason) {
    return aside.propose(kFund, source, height, reason, mia, proposed_at);
  };
  EXPECT_NE(refused([&] { propose("cronos", 211, "why"); }).find("no state of height 211"),
            std::string::npos);
  EXPECT_NE(refused([&] { propose("nobody", 210, "why"); }).find("no state"), std::string::npos);
  EXPECT_NE(refused([&] { propose("cronos", 210, ""); }).find("reason"), std::string::npos);
  const SetAside proposed = propose("cronos", 210, "two others deny it");
  EXPECT_EQ(proposed.number, 1);
  EXPECT_EQ(proposed.readings, 1);
  EXPECT_EQ(proposed.events, 2);
  EXPECT_EQ(proposed.after, world::reading().mark.at);
  EXPECT_NE(refused([&] { propose("cronos", 210, "again"); }).find("waits"), std::string::npos);
  EXPECT_EQ(staked(), d("2000000")) << "one person changes nothing";
  const Instant approved_at = lied_at + Duration::minutes(2);
  EXPECT_NE(refused([&] { aside.approve(kFund, 1, mia, approved_at); }).find("another person"),
            std::string::npos);
  EXPECT_NE(refused([&] { aside.approve(kFund, 2, ann, approved_at); }).find("not known"), std::string::npos);
  EXPECT_EQ(
      constraint("INSERT INTO set_aside_approval SELECT fund_id, number, proposed_by, source, after_ns, "
                 "proposed_by, 1 FROM set_aside"),
      "a_state_is_set_aside_by_two");
  EXPECT_EQ(constraint("DELETE FROM set_aside"), "42501");
  aside.approve(kFund, 1, ann, approved_at);
  EXPECT_NE(refused([&] { aside.approve(kFund, 1, ann, approved_at); }).find("was approved"),
            std::string::npos);

  // What was true stands, what was false is known to have been said.
  EXPECT_EQ(staked(), d("1000000"));
  EXPECT_EQ(store().events(kFund, {}).size(), 10U);
  EXPECT_EQ(store().roll_forwards(kFund, {}).size(), 10U);
  EXPECT_EQ(store().set_aside(kFund, "cronos"), std::set<std::uint64_t>{210});
  StakingQuery then;
  then.known_at = proposed_at;
  EXPECT_EQ(staked(then), d("2000000"));
  EXPECT_EQ(store().events(kFund, then).size(), 12U);
  EXPECT_EQ(rows("audit WHERE kind LIKE 'staking.set_aside%'"), 2);
  EXPECT_THROW(store().save(kFund, later("2000000", 209, lied_at + Duration::seconds(1)), kNow, kActor),
               base::Conflict)
      << "who began to read before may have gone on from it";

  // The truth: one event again, one with another amount.
  SyncResult truth = later("1000100", 220, kNow);
  truth.events[0].amount = d("6");
  const SyncReport report = store().save(kFund, truth, kNow, kActor);
  EXPECT_EQ(report.events_new, 2U);
  EXPECT_EQ(report.alerts_new, 0U) << "what was set aside contradicts nothing";
  EXPECT_EQ(staked(), d("1000100"));
  std::map<std::string, money::Decimal> told;
  LearnedPage page;
  page.known_after = approved_at;
  page.limit = 10;
  for (const StoredEvent& one : store().events_learned(kFund, {}, page))
    told.emplace(one.event.id, one.event.amount);
  EXPECT_EQ(told, (std::map<std::string, money::Decimal>{{truth.events[0].id + "/again-1", d("6")},
                                                         {truth.events[1].id, d("7")}}));
  EXPECT_EQ(store().roll_forwards(kFund, {}).size(), 11U);
  const auto totals = store().roll_forward_totals(kFund, {});
  ASSERT_EQ(totals.size(), 1U);
  EXPECT_EQ(totals[0].broken, 0);
  EXPECT_EQ(totals[0].closing, d("1000100"));
  // Told once more it is known.
  truth.run.started_at = truth.run.ended_at = kNow + Duration::minutes(1);
  EXPECT_EQ(store().save(kFund, truth, kNow + Duration::minutes(1), kActor).events_new, 0U);
  EXPECT_EQ(store().events(kFund, {}).size(), 12U);
}

TEST_F(StakingStoreTest, ALostLeaseWritesNothing) {
  const auto lease = pool().transact([](db::Transaction& transaction) {
    return db::acquire_lease(transaction, "shared", "staking_sync", "one",
                             std::chrono::milliseconds(600'000));
  });
  ASSERT_TRUE(lease);
  PostgresStakingStore held = store().under(*lease);
  PostgresMeasureStore measures = PostgresMeasureStore(pool()).under(*lease);
  held.save(kFund, world::sync_result(), kNow, kActor);
  run_as_administrator("UPDATE staking.lease SET token = token + 1");
  SyncResult later = world::sync_result();
  later.run.started_at = later.run.ended_at = kNow;
  EXPECT_THROW(held.save(kFund, later, kNow, kActor), base::Conflict);
  EXPECT_THROW(measure_fund(held, measures, kFund, Measuring::kNow, kNow, kActor), base::Conflict);
  EXPECT_EQ(rows("sync_run"), 1);
  EXPECT_EQ(rows("measure"), 0);
}

TEST_F(StakingStoreTest, MeasuresAreTakenOnceADayAndKeepTheirInputsHash) {
  synced();
  PostgresStakingStore facts = store();
  PostgresMeasureStore measures(pool());
  EXPECT_EQ(measure_fund(facts, measures, kFund, Measuring::kOnceADay, kNow, kActor), 10U);
  EXPECT_EQ(measure_fund(facts, measures, kFund, Measuring::kOnceADay, kNow, kActor), 0U);
  EXPECT_EQ(measure_fund(facts, measures, kFund, Measuring::kNow, kNow, kActor), 0U) << "the same inputs";
  const auto found = measures.measures(kFund, Instant::latest(), Instant::latest());
  ASSERT_EQ(found.size(), 10U);
  EXPECT_FALSE(found[0].measure.key);
  EXPECT_EQ(found[0].inputs_hash.size(), 64U);
  const auto week = std::find_if(found.begin(), found.end(), [](const StoredMeasure& one) {
    return one.measure.key && one.measure.window_days == 7;
  });
  ASSERT_NE(week, found.end());
  EXPECT_EQ(week->measure.key, world::key("d1/v1"));
  EXPECT_EQ(week->measure.yield->apr_365, d("0.0365"));
  EXPECT_TRUE(measures.measures(kFund, world::hours_ago(2), Instant::latest()).empty());
  EXPECT_TRUE(measures.measures(kFund, Instant::latest(), kNow - Duration::seconds(1)).empty());
  // A late slashing changes the history: a further version of the day, what was known stays.
  SyncResult late = world::sync_result();
  late.run.started_at = late.run.ended_at = kNow;
  late.events = {world::reward_of_day(0, "700")};
  late.events[0].kind = EventKind::kSlashing;
  late.events[0].id = "late";
  store().save(kFund, late, kNow, kActor);
  EXPECT_EQ(measure_fund(facts, measures, kFund, Measuring::kNow, kNow + Duration::hours(1), kActor), 10U);
  const auto newer = measures.measures(kFund, Instant::latest(), Instant::latest());
  ASSERT_EQ(newer.size(), 10U);
  EXPECT_EQ(newer[2].measure.window_days, 7);
  EXPECT_EQ(newer[2].measure.yield->apr_365, d("0"));
  EXPECT_EQ(measures.measures(kFund, Instant::latest(), kNow)[2].measure.yield->apr_365, d("0.0365"));
}

TEST_F(StakingStoreTest, DutiesAddUpAndADayOfTooManyMissedOnesIsAnAlert) {
  const auto at = [](int epoch) { return kNow - Duration::seconds(384 * (225 - epoch)); };
  const auto ether = [](const char* source, const char* amount) {
    PositionReading reading{Chain::kEthereum, source, {7'200, "root", kNow}, true, std::string(64, 'b'), {}};
    reading.positions = {{{Chain::kEthereum, source, "500001", model::AssetId::literal("ETH")},
                          PositionState::kActive,
                          "",
                          d(amount),
                          {},
                          true,
                          ""}};
    return reading;
  };
  for (const auto& [source, amount] : {std::pair{"beacon", "32"}}) {
    SyncResult result;
    result.run = {source, kNow, kNow, SyncOutcome::kDone, ""};
    result.readings = {ether(source, amount)};
    if (std::string(source) == "beacon") {
      for (int epoch = 0; epoch < 225; epoch += 75) {
        DutyReading duty{source,
                         "500001",
                         {static_cast<std::uint64_t>(epoch) * 32, "", at(epoch)},
                         {static_cast<std::uint64_t>(epoch + 75) * 32, "", at(epoch + 75)},
                         epoch == 0 ? 31'000'000'000U : 32'000'000'000U,
                         {}};
        duty.duties.attestations_without_ideal = epoch == 0 ? 3 : 0;
        duty.duties.proposals_made = 1;
        duty.duties.proposals_missed = epoch == 0 ? 0 : 1;
        duty.duties.proposals_told = epoch != 0;
        duty.duties.attestations_assigned = 75;
        duty.duties.attestations_missed = 5;
        duty.duties.attestation_rewards = money::Units(70 * 12'000);
        duty.duties.attestation_penalties = money::Units(-5 * 7'000);
        duty.duties.attestation_ideal = money::Units(75 * 12'000);
        result.duties.push_back(duty);
      }
    }
    store().save(kFund, result, kNow, kActor);
  }
  StakingQuery day;
  day.from = kNow - Duration::hours(24);
  const auto duties = store().duties(kFund, day);
  ASSERT_EQ(duties.size(), 1U);
  EXPECT_EQ(duties[0].duties.attestations_missed, 15U);
  EXPECT_EQ(duties[0].from.height, 0U);
  EXPECT_EQ(duties[0].to.height, 7'200U);
  EXPECT_EQ(duties[0].effective_slots.count(),
            money::Int128{31'000'000'000} * 2'400 + money::Int128{32'000'000'000} * 4'800)
      << "each stretch with its own balance";
  EXPECT_EQ(duties[0].duties.attestations_without_ideal, 3U);
  EXPECT_EQ(duties[0].duties.proposals_assigned(), 5U);
  EXPECT_FALSE(duties[0].duties.proposals_told) << "of one stretch nobody told whose the slots were";
  day.from = kNow - Duration::hours(9);
  EXPECT_EQ(store().duties(kFund, day).at(0).duties.attestations_assigned, 75U);
  EXPECT_TRUE(store().duties(kFund, day).at(0).duties.proposals_told);
  PostgresStakingStore facts = store();
  const auto performance = performance_of(facts, kFund, Instant::latest(), Instant::latest());
  ASSERT_EQ(performance.size(), 4U);
  EXPECT_EQ(*performance[0].effectiveness.missed_attestation_rate, money::Rational::of(1, 15));
  EXPECT_FALSE(performance[0].parts) << "the chain's total is not known";
  const auto alerts = watch_fund(facts, kFund);
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_EQ(alerts[0].kind, "missed_duties");
  EXPECT_EQ(alerts[0].subject, "500001");
  EXPECT_EQ(alerts[1].kind, "missed_duties");
  EXPECT_EQ(alerts[1].detail, "missed 2 of 5 proposals, more than 0.05");
  EXPECT_EQ(facts.raise(kFund, alerts, kNow), 2U);
  EXPECT_EQ(facts.raise(kFund, alerts, kNow + Duration::hours(1)), 0U) << "each once";
  EXPECT_EQ(facts.alerts(kFund, {}, 10).size(), 2U);
}

TEST_F(StakingStoreTest, ATokensRateIsMeasuredBetweenItsReadings) {
  for (const auto& [days, rate] : {std::pair{10, "1.05"}, {0, "1.06"}}) {
    SyncResult result;
    const Instant at = kNow - Duration::hours(24 * days);
    result.run = {"foris", at, at, SyncOutcome::kDone, ""};
    result.readings = {{Chain::kLiquid, "foris", {0, "", at}, true, std::string(64, 'c'), {}}};
    result.parameters = {{Chain::kLiquid, "foris", "rate.CDCETH", rate, {0, "", at}}};
    store().save(kFund, result, at, kActor);
  }
  PostgresStakingStore facts = store();
  const auto rates = token_rates_of(facts, kFund, Instant::latest(), Instant::latest());
  ASSERT_EQ(rates.size(), 3U);  // since known, 1 and 7 days
  EXPECT_EQ(rates[0].window_days, kSinceKnown);
  EXPECT_EQ(rates[0].apr[0],
            money::Rational(d("1.06")) / money::Rational(d("1.05")) * money::Rational::of(73, 2) -
                money::Rational::of(73, 2));
  EXPECT_EQ(rates[2].rate_from, d("1.05"));
}

TEST_F(StakingStoreTest, WhatIsStoredCanBeNeitherChangedNorRemoved) {
  synced();
  PostgresStakingStore facts = store();
  PostgresMeasureStore measures(pool());
  measure_fund(facts, measures, kFund, Measuring::kNow, kNow, kActor);
  for (const char* table : {"measure", "queue_reading", "duty", "liquidity_test", "breach_event", "plan",
                            "plan_step", "plan_step_state", "position", "staking_event"}) {
    EXPECT_EQ(constraint("DELETE FROM " + std::string(table)), "42501") << table;
    EXPECT_EQ(constraint("UPDATE " + std::string(table) + " SET fund_id = 'X'"), "42501") << table;
  }
  EXPECT_NE(
      constraint("INSERT INTO measure SELECT fund_id, asset, day + 1, chain, source, place, window_days,"
                 " from_ns, to_ns, inputs_hash, refusal, income, mean_stake, period_return, apr_365,"
                 " apr_365_25, apy_365, apy_365_25, known_at_ns FROM measure"),
      "")
      << "the day is that of its end";
}

class LiquidityStoreTest : public StakingStoreTest {
 protected:
  LiquidityPicture take(const FundFacts& facts, Instant now = kNow) {
    PostgresStakingStore readings = store();
    PostgresLiquidityStore tests(pool());
    return test_liquidity({readings, tests}, kFund, facts, {}, now, kActor);
  }
  static FundFacts poorer() {
    FundFacts facts = world::facts();
    facts.net_assets = d("600000");  // 102,000 of it illiquid: 17 %
    return facts;
  }
  std::string refused(const std::function<void()>& does) {
    try {
      does();
      return "";
    } catch (const base::Refused& refusal) {
      return refusal.what();
    } catch (const base::Conflict& conflict) {
      return std::string("conflict: ") + conflict.what();
    }
  }
};

TEST_F(LiquidityStoreTest, ATestIsStoredWithItsInputsAndMadeAgainFromThem) {
  synced();
  const LiquidityPicture taken = take(world::facts());
  PostgresLiquidityStore tests(pool());
  const auto stored = tests.newest_test(kFund, Instant::latest());
  ASSERT_TRUE(stored);
  EXPECT_EQ(picture_text(picture_of(stored->inputs), stored->inputs.now), picture_text(taken, kNow));
  EXPECT_EQ(stored->inputs_hash.size(), 64U);
  EXPECT_FALSE(tests.newest_test(kOther, Instant::latest()));
  EXPECT_FALSE(tests.newest_test(kFund, kNow - Duration::seconds(1)));
  EXPECT_TRUE(tests.breaches(kFund, Instant::latest()).empty());
  const auto redemption = redemption_of(*stored, d("950000"));
  EXPECT_EQ(redemption.shortfall, d("0"));
  EXPECT_EQ(redemption.steps.back().act, liquidity::Act::kAskBack);
  EXPECT_NE(refused([&] { redemption_of(*stored, d("0")); }), "");
  EXPECT_NE(refused([&] { redemption_of(*stored, d("1000000.01")); }), "");
}

/// What nav says, and how often it was asked.
class SaidNav final : public FundFactsSource {
 public:
  FundFacts at(const model::FundId&, Instant) override {
    ++asked;
    if (!facts) throw base::Unavailable("nav does not answer");
    return *facts;
  }
  std::optional<FundFacts> facts;
  int asked = 0;
};

TEST_F(LiquidityStoreTest, TheDaysTestIsTakenWithoutBeingAskedAndRecordsABreach) {
  synced();
  PostgresStakingStore readings = store();
  PostgresLiquidityStore tests(pool());
  SaidNav nav;
  const auto pass = [&](Instant now) {
    return test_of_the_day({readings, tests}, kFund, nav, {}, now, kActor).has_value();
  };
  EXPECT_THROW(pass(kNow), base::Unavailable);
  EXPECT_FALSE(tests.newest_test(kFund, Instant::latest())) << "nothing is stored without a NAV";
  nav.facts = poorer();
  EXPECT_TRUE(pass(kNow + Duration::seconds(1)));
  ASSERT_EQ(tests.breaches(kFund, Instant::latest()).size(), 1U);
  EXPECT_TRUE(tests.breaches(kFund, Instant::latest())[0].breach.is_open());
  EXPECT_FALSE(pass(kNow + Duration::seconds(2))) << "once a day";
  EXPECT_EQ(nav.asked, 2);
  // The next day again, when a NAV or a reading that is too old is refused as ever.
  EXPECT_NE(refused([&] { pass(kNow + Duration::hours(24 * 30)); }), "");
  EXPECT_EQ(nav.asked, 3);
}

TEST_F(LiquidityStoreTest, ABreachOpensAndEndsByTestsAndPeopleRecordWhatTheyDo) {
  synced();
  PostgresLiquidityStore tests(pool());
  const auto at = [](int minutes) { return kNow + Duration::minutes(minutes); };
  const auto acts = [&](liquidity::BreachEventKind kind, const char* text, int minute) {
    return refused([&] { act_on_breach(tests, kFund, kind, text, at(minute), kActor); });
  };
  EXPECT_NE(acts(liquidity::BreachEventKind::kBoardNotified, "minutes", 0).find("no open breach"),
            std::string::npos);
  take(poorer());
  take(poorer(), at(1));
  EXPECT_EQ(acts(liquidity::BreachEventKind::kBoardNotified, "minutes of today", 2), "");
  EXPECT_NE(acts(liquidity::BreachEventKind::kBoardNotified, "again", 3).find("already"), std::string::npos);
  EXPECT_NE(acts(liquidity::BreachEventKind::kCured, "by my word", 3).find("test alone"), std::string::npos);
  EXPECT_NE(acts(liquidity::BreachEventKind::kPlanRecorded, "", 3), "");
  const auto open = tests.breaches(kFund, Instant::latest());
  ASSERT_EQ(open.size(), 1U);
  EXPECT_TRUE(open[0].breach.is_open());
  EXPECT_EQ(open[0].breach.events.size(), 3U);
  EXPECT_EQ(open[0].breach.missing(),
            (std::vector{liquidity::BreachEventKind::kFormFiled, liquidity::BreachEventKind::kPlanRecorded}));
  take(world::facts(), at(4));
  take(poorer(), at(5));
  const auto both = tests.breaches(kFund, Instant::latest());
  ASSERT_EQ(both.size(), 2U);
  EXPECT_FALSE(both[0].breach.is_open());
  EXPECT_TRUE(both[1].breach.is_open());
  EXPECT_EQ(tests.breaches(kFund, at(1)).at(0).breach.events.size(), 2U);
  // Two who saw the same state: the second is told so and changes nothing.
  EXPECT_EQ(refused([&] {
              tests.add(kFund, both[1], {liquidity::BreachEventKind::kPlanRecorded, at(6), "one", kActor});
            }),
            "");
  EXPECT_NE(
      refused([&] {
        tests.add(kFund, both[1], {liquidity::BreachEventKind::kPlanRecorded, at(6), "another", kActor});
      }).find("conflict"),
      std::string::npos);
  // Constraints: nothing follows a cure, and no breach begins in its middle.
  const std::string into =
      "INSERT INTO breach_event (fund_id, breach, seq, previous, previous_kind, kind, at_ns, text, actor) "
      "VALUES ";
  EXPECT_NE(constraint(into + "('CROYIELD', 1, 5, 4, 'cured', 'measured', 1, 'x', 'x')"), "");
  EXPECT_NE(constraint(into + "('CROYIELD', 9, 1, NULL, NULL, 'board_notified', 1, 'x', 'x')"), "");
  EXPECT_NE(constraint(into + "('CROYIELD', 2, 3, 2, 'opened', 'measured', 1, 'x', 'x')"), "");
}

}  // namespace
}  // namespace navkeeper::staking
