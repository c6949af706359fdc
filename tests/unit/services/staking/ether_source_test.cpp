// The ether source against the sandbox's beacon nodes on real sockets: every roll-forward ties to the gwei,
// and a node that answers zeros, leaves something out, lies or is not final is not believed.
#include "services/staking/adapters/ether/ether_source.h"

#include <gtest/gtest.h>

#include <set>

#include "services/sandbox/chains/beacon_ledger.h"
#include "services/sandbox/chains/chain_nodes.h"
#include "services/sandbox/chains/evm_ledger.h"
#include "services/staking/app/make_plan.h"
#include "services/staking/app/sync_source.h"
#include "tests/unit/services/staking/memory_store.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using sandbox::ChainFault;
using time::Duration;
using time::Instant;

Decimal d(std::string_view text) { return Decimal::literal(text); }

class EtherSourceTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSeed = 20260213;
  const Instant start = Instant::literal("2026-03-05T20:00:05Z");

  EtherSourceTest() {
    settings.name = "ether";
    settings.fund = model::FundId::literal("BTCETH");
    settings.withdrawal_addresses = {"0x" + sandbox::account_hex(kSeed, sandbox::kFleetOwner)};
    settings.fee_recipients = settings.withdrawal_addresses;
    settings.total_active_ether = 34'000'000;
    for (std::uint64_t index = sandbox::kFleetFirst; index <= sandbox::kFleetLast; ++index)
      settings.validators.push_back(index < 520'011 ? std::to_string(index)
                                                    : sandbox::validator_pubkey(kSeed, index));
  }

  std::unique_ptr<StakingSource> source(const std::vector<std::string>& names, bool hide_rewards = false,
                                        const std::vector<std::string>& execution_names = {"execution"}) {
    settings.nodes.clear();
    settings.execution.clear();
    std::vector<std::shared_ptr<http::NodeCarrier>> execution;
    for (const std::string& name : execution_names) {
      settings.execution.push_back({.name = name, .url = nodes.url(name)});
      settings.execution.back().attempts = 1;
      execution.push_back(http::http_carrier(settings.execution.back()));
    }
    std::vector<std::shared_ptr<http::NodeCarrier>> carriers;
    for (const std::string& name : names) {
      settings.nodes.push_back({.name = name, .url = nodes.url(name)});
      settings.nodes.back().attempts = 1;
      std::shared_ptr<http::NodeCarrier> carrier = http::http_carrier(settings.nodes.back());
      if (hide_rewards) carrier = std::make_shared<WithoutRewards>(carrier);
      carriers.push_back(std::move(carrier));
    }
    return ether::ether_source(settings, carriers, execution);
  }
  SyncReport sync(StakingSource& of) { return sync_source(of, store, clock, "test"); }
  void advance_epochs(int count) { clock.advance(Duration::seconds(384 * count)); }
  void fault(const std::string& node, ChainFault kind) {
    nodes.faults().add({node, kind, clock.now(), Instant::latest()});
  }
  /// The clock at the beginning of the epoch of the fleet, `epochs` later, with that state final.
  void go_to(std::uint64_t epochs) {
    const Instant genesis = Instant::from_ns(1'606'824'023'000'000'000);
    const auto epoch = static_cast<std::int64_t>(first_epoch + epochs + 2);
    clock.set(genesis + Duration::seconds(384 * epoch + 13));
  }
  void all_tied() const {
    for (const StoredRollForward& one : store.all_roll_forwards)
      EXPECT_TRUE(one.roll_forward.is_tied())
          << one.roll_forward.key.place << " " << describe(one.roll_forward.account) << " to "
          << one.roll_forward.to.height << ": " << one.roll_forward.difference().to_string();
  }

  class WithoutRewards final : public http::NodeCarrier {
   public:
    explicit WithoutRewards(std::shared_ptr<http::NodeCarrier> inner) : inner_(std::move(inner)) {}
    http::Response carry(const http::ClientRequest& request) override {
      if (request.path.find("/rewards/") != std::string::npos) return {.status = 404, .body = "{}"};
      return inner_->carry(request);
    }

   private:
    std::shared_ptr<http::NodeCarrier> inner_;
  };

  time::ManualClock clock{start};
  sandbox::ChainWorld world{kSeed, start, clock};
  sandbox::ChainNodes nodes{world, "127.0.0.1", [] { return std::uint16_t{0}; }};
  std::uint64_t first_epoch = sandbox::BeaconLedger(world).first_epoch();
  EtherSettings settings;
  MemoryStore store;
};

TEST_F(EtherSourceTest, AFleetsLifeTiesToTheGwei) {
  const auto ether = source({"beacon"});
  go_to(2);
  EXPECT_EQ(sync(*ether).run.detail, "");
  ASSERT_EQ(store.all_readings.size(), 1U);
  EXPECT_TRUE(store.all_roll_forwards.empty());
  for (const std::uint64_t epochs : {12U, 24U, 34U, 44U, 58U, 72U}) {
    go_to(epochs);
    EXPECT_EQ(sync(*ether).run.detail, "") << epochs;
  }
  EXPECT_EQ(world.slash(520'009) / 32, first_epoch + 74);
  go_to(84);
  EXPECT_EQ(sync(*ether).run.detail, "");
  all_tied();
  for (const StoredAlert& one : store.all_alerts)
    EXPECT_NE(one.alert.kind, "not_continuous") << one.alert.subject << " " << one.alert.detail;
  EXPECT_EQ(store.repeated, 0U);
  EXPECT_EQ(store.all_readings.size(), 83U);  // an epoch each, and the first

  // What a consolidation takes does not come back by itself: it is no stake on its way out.
  std::size_t merging = 0;
  for (const StoredReading& stored : store.all_readings) {
    bool merges = false;
    for (const Position& one : stored.reading.positions) {
      if (one.part != "merging into 520005") continue;
      merges = true;
      EXPECT_EQ(one.key.place, "520004");
      EXPECT_EQ(one.state, PositionState::kActive);
      EXPECT_EQ(one.amount, d("32"));
      EXPECT_TRUE(one.due_at);
    }
    merging += merges ? 1U : 0U;
    for (const Position& one : stored.reading.positions) {
      if (merges && one.key.place == "520004" && one.part.empty()) {
        EXPECT_LT(one.amount, d("1"));
      }
    }
  }
  EXPECT_GT(merging, 0U);

  // What the world did, and nothing of it is income.
  EXPECT_EQ(store.sum(EventKind::kDepositApplied, "520002"), d("1"));
  EXPECT_EQ(store.sum(EventKind::kDepositSubmitted, "520002"), d("1"));
  EXPECT_EQ(store.sum(EventKind::kDepositApplied, "520011"), d("32"));
  EXPECT_EQ(store.sum(EventKind::kDepositLost), d("32"));
  EXPECT_TRUE(store.has_alert("bad_deposit", sandbox::validator_pubkey(kSeed, 520'012)));
  EXPECT_EQ(store.sum(EventKind::kWithdrawalPartial, "520002"), d("2"));
  EXPECT_EQ(store.sum(EventKind::kConsolidationOut, "520004"), d("32"));
  EXPECT_EQ(store.sum(EventKind::kConsolidationIn, "520005"), d("32"));
  EXPECT_EQ(store.sum(EventKind::kWithdrawalFull, "520007"), d("32"));
  EXPECT_EQ(store.sum(EventKind::kWithdrawalSweep, "520007"), d("0.003"));
  EXPECT_TRUE(store.sum(EventKind::kMovedToPending, "520003").is_positive());
  EXPECT_EQ(store.sum(EventKind::kMovedToPending, "520003"), store.sum(EventKind::kDepositApplied, "520003"));
  EXPECT_TRUE(store.sum(EventKind::kRewardSync, "520010").is_positive());
  EXPECT_TRUE(store.sum(EventKind::kRewardProposal).is_positive());
  EXPECT_TRUE(store.sum(EventKind::kWithdrawalSweep).is_positive());
  EXPECT_EQ(store.sum(EventKind::kSlashing, "520009"), d("0.0078125"));
  EXPECT_TRUE(store.has_alert("slashed", "520009"));
  EXPECT_FALSE(store.has_alert("deposit_lost")) << "one fact, one alert";
  std::set<std::string> told;
  for (const StoredAlert& one : store.all_alerts)
    if (one.alert.kind == "slashed") told.insert(one.alert.subject + ": " + one.alert.detail);
  EXPECT_EQ(told.size(), 1U) << "one fact, one alert";
  EXPECT_TRUE(store.has_alert("slashing_forecast", "520009"));
  EXPECT_FALSE(store.has_alert("wrong_fee_recipient"));
  EXPECT_FALSE(store.has_alert("wrong_withdrawal_credential"));
  EXPECT_FALSE(store.has_alert("not_tied"));
  EXPECT_FALSE(store.has_alert("not_proven"));

  // A fork on the way is read, not assumed.
  ASSERT_EQ(store.all_parameters.size(), 3U);
  EXPECT_EQ(store.all_parameters[0].value, "electra");
  EXPECT_EQ(store.all_parameters[1].name, "configured");
  EXPECT_EQ(store.all_parameters[2].value, "fulu");
  EXPECT_EQ(store.all_parameters[2].mark.height / 32, first_epoch + 36);
  std::set<std::string> queues;
  for (const QueueReading& one : store.all_queues) {
    queues.insert(one.name);
    EXPECT_TRUE(one.wait_seconds && *one.wait_seconds >= 0) << one.name;
  }
  EXPECT_EQ(queues, (std::set<std::string>{"entry", "exit", "sweep"}));
  std::uint64_t attested = 0;
  measures::Duties done;
  for (const DutyReading& one : store.all_duties) {
    attested += one.duties.attestations_assigned;
    done += one.duties;
    EXPECT_EQ(one.effective_slots.count(), static_cast<money::Int128>(one.effective_gwei) * 32);
  }
  EXPECT_GT(attested, 500U);
  EXPECT_EQ(done.attestations_without_ideal, 0U) << "a consolidated validator has more than 32 ether";
  EXPECT_LE(*measures::effectiveness(done).attestation, money::Rational::of(1));
  EXPECT_TRUE(done.proposals_told);
  EXPECT_GT(done.proposals_made, 0U);
  EXPECT_EQ(done.proposals_missed, 0U);

  // The parts of each reading add up to what the world's ledger says.
  const sandbox::BeaconLedger ledger(world);
  const PositionReading& last = store.all_readings.back().reading;
  std::int64_t wanted = 0;
  const auto state =
      ledger.state_at(last.mark.height, last.mark.height + 64, [](std::uint64_t) { return 0; });
  for (const sandbox::FleetValidator& one : state.validators) wanted += one.balance;
  Decimal sum;
  for (const Position& one : last.positions) sum += one.amount;
  EXPECT_EQ(sum, Decimal::of(wanted, 9));

  // Tips and builders' payments are what the owner received beside its withdrawals, to the wei.
  const auto owner_wei = [&](std::uint64_t slot) {
    return ledger.state_at(slot, last.mark.height + 64, [](std::uint64_t) { return 0; }).owner_wei;
  };
  const Decimal received = Decimal::of(
      owner_wei(last.mark.height) - owner_wei(store.all_readings.front().reading.mark.height), 18);
  Decimal withdrawn;
  for (const EventKind kind :
       {EventKind::kWithdrawalSweep, EventKind::kWithdrawalPartial, EventKind::kWithdrawalFull})
    withdrawn += store.sum(kind);
  EXPECT_TRUE(store.sum(EventKind::kRewardTips).is_positive());
  EXPECT_TRUE(store.sum(EventKind::kRewardMev).is_positive());
  EXPECT_EQ(store.sum(EventKind::kRewardTips) + store.sum(EventKind::kRewardMev), received - withdrawn);
  std::size_t recipients = 0;
  for (const StoredRollForward& one : store.all_roll_forwards)
    recipients += one.roll_forward.account == Account::kLiquid ? 1U : 0U;
  EXPECT_GT(recipients, 20U);  // each block of ours, the balance before and behind it
}

TEST_F(EtherSourceTest, AFleetThatIsAwayMissesAttestationsAndProposalsAndTies) {
  const auto ether = source({"beacon"});
  go_to(2);
  EXPECT_EQ(sync(*ether).run.detail, "");
  const std::uint64_t from = world.keep_away(0, 8 * 32);
  go_to(18);
  EXPECT_EQ(sync(*ether).run.detail, "");
  all_tied();
  measures::Duties away;
  measures::Duties there;
  for (const DutyReading& one : store.all_duties)
    // The attestations of an epoch are credited two later; its proposals are of the epoch itself.
    (one.to.height > from && one.from.height < from + 8 * 32 ? away : there) += one.duties;
  const sandbox::BeaconLedger ledger(world);
  std::uint64_t missed = 0;
  std::uint64_t made = 0;
  const std::uint64_t last = store.all_readings.back().reading.mark.height;
  for (std::uint64_t slot = from; slot < from + 8 * 32; ++slot) {
    const auto block = ledger.block_at(slot, last + 64, [](std::uint64_t) { return 0; });
    missed += block.is_missed ? 1U : 0U;
    made += block.is_own() ? 1U : 0U;
  }
  EXPECT_GT(missed, 3U);
  EXPECT_EQ(made, 0U);
  EXPECT_EQ(away.proposals_missed, missed);
  EXPECT_EQ(there.proposals_missed, 0U);
  EXPECT_TRUE(away.proposals_told);
  EXPECT_GT(away.attestations_missed, 40U) << "ten validators over at least five of the eight epochs";
  EXPECT_GT(away.sync_slots_missed, 200U);
  EXPECT_LT(*measures::effectiveness(away).attestation, money::Rational::of(1, 2));
  EXPECT_TRUE(store.sum(EventKind::kPenalty).is_positive());
  EXPECT_FALSE(store.has_alert("duties_contradicted"));
  EXPECT_FALSE(store.has_alert("not_tied"));
  // One validator alone: the others go on.
  const std::size_t before = store.all_duties.size();
  const std::uint64_t again = world.keep_away(520'008, 6 * 32);
  go_to(30);
  EXPECT_EQ(sync(*ether).run.detail, "");
  all_tied();
  std::uint64_t of_it = 0;
  for (std::size_t i = before; i < store.all_duties.size(); ++i) {
    const DutyReading& one = store.all_duties[i];
    if (one.place == "520008") of_it += one.duties.attestations_missed;
    if (one.place != "520008") {
      EXPECT_EQ(one.duties.proposals_missed, 0U) << one.place;
    }
  }
  EXPECT_GE(of_it, 5U) << again;
}

TEST_F(EtherSourceTest, TheFundsOwnValidatorsAreWhomItsPlansChooseAmong) {
  const auto ether = source({"beacon"});
  go_to(2);
  EXPECT_EQ(sync(*ether).run.detail, "");
  go_to(62);  // some six hours later
  EXPECT_EQ(sync(*ether).run.detail, "");
  go_to(64);
  EXPECT_EQ(sync(*ether).run.detail, "");
  ASSERT_EQ(store.all_sets.size(), 2U) << "one every six hours";
  const ValidatorSet& set = store.all_sets.back();
  EXPECT_EQ(set.history_from, store.all_sets.front().mark.height);
  const Decimal a_year = *gross_rate(set);
  EXPECT_GT(a_year, d("0.02"));
  EXPECT_LT(a_year, d("0.04"));
  const ValidatorRecord* const compounding = set.find("520005");
  ASSERT_NE(compounding, nullptr);
  EXPECT_EQ(compounding->name.substr(0, 7), "0x02 0x");
  EXPECT_EQ(compounding->tokens_max, d("2048"));
  EXPECT_GT(*uptime(*compounding), d("0.9"));
  const ValidatorRecord* const whole = set.find("520001");
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->tokens_max, d("32"));
  EXPECT_EQ(set.find("520007")->status, "unbonding") << "it exits";

  // A plan without a word about validators: they are candidates, and none gets more than it earns on.
  FundFacts facts;
  facts.act = "ICA_1940";
  facts.date = time::utc_date(clock.now());
  facts.version = 1;
  facts.valued_at = clock.now() - Duration::minutes(1);
  facts.cash = facts.net_assets = d("900000000");
  FundHolding held;
  held.asset = settings.asset;
  held.price = d("1000");
  held.quantity = d("100000");
  held.value = d("100000000");
  facts.net_assets += held.value;
  facts.holdings = {held};
  const LiquidityInputs inputs = resolve_liquidity(store, settings.fund, facts, {}, clock.now());
  PlanRequest request;
  request.id = "e";
  request.candidates.asset = settings.asset;
  request.decimals = 9;
  request.place_most = d("5000");
  const auto validators = resolve_validators(store, settings.fund, request.candidates, {}, clock.now());
  const MadePlan made = make_plan(inputs, validators, request);
  EXPECT_EQ(made.candidates.size(), validators->validators.size());
  ASSERT_FALSE(made.plan.placements.empty());
  for (const plan::Placement& placement : made.plan.placements) {
    const ValidatorRecord& record = *validators->find(placement.place);
    EXPECT_LE(record.tokens + placement.amount, *record.tokens_max) << placement.place;
    EXPECT_EQ(record.name.substr(0, 4), "0x02") << "the others are full";
  }
  EXPECT_GT(made.plan.placed, d("1900"));
  // A request narrows them.
  request.candidates.validators_named = true;
  request.candidates.validators = {{"520005"}};
  const auto one = resolve_validators(store, settings.fund, request.candidates, {}, clock.now());
  EXPECT_EQ(make_plan(inputs, one, request).candidates.size(), 1U);
}

TEST_F(EtherSourceTest, AnExecutionNodeIsBelievedOnlyAboutTheBlocksOfTheBeaconChain) {
  go_to(5);
  sync(*source({"beacon"}));
  go_to(10);
  const std::size_t readings = store.all_readings.size();
  const std::map<ChainFault, std::string> rules{{ChainFault::kZeros, "receipts"},
                                                {ChainFault::kFork, "beacon chain carries"},
                                                {ChainFault::kErrors, "execution"}};
  for (const auto& [kind, rule] : rules) {
    SCOPED_TRACE(sandbox::name_of(kind));
    fault("execution", kind);
    const auto fresh = source({"beacon"});
    const SyncReport report = sync(*fresh);
    EXPECT_EQ(report.run.outcome, SyncOutcome::kFailed) << report.run.detail;
    EXPECT_NE(report.run.detail.find(rule), std::string::npos) << report.run.detail;
    EXPECT_EQ(store.all_readings.size(), readings);
    nodes.faults().clear();
  }
  fault("execution_2", ChainFault::kLie);
  const SyncReport differ = sync(*source({"beacon"}, false, {"execution", "execution_2"}));
  EXPECT_NE(differ.run.detail.find("differ in what block"), std::string::npos) << differ.run.detail;
  EXPECT_EQ(store.all_readings.size(), readings);
  nodes.faults().clear();
  fault("execution", ChainFault::kErrors);
  const SyncReport stood_in = sync(*source({"beacon"}, false, {"execution", "execution_2"}));
  EXPECT_EQ(stood_in.run.outcome, SyncOutcome::kPartly) << stood_in.run.detail;
  EXPECT_TRUE(store.sum(EventKind::kRewardTips).is_positive());
  all_tied();
}

TEST_F(EtherSourceTest, WithoutRewardsByTypeIncomeIsOneLineAndTies) {
  const auto ether = source({"beacon"}, true);
  go_to(2);
  sync(*ether);
  go_to(10);
  const SyncReport report = sync(*ether);
  EXPECT_EQ(report.run.outcome, SyncOutcome::kPartly);
  EXPECT_NE(report.run.detail.find("no rewards by type"), std::string::npos) << report.run.detail;
  all_tied();
  EXPECT_TRUE(store.sum(EventKind::kRewardUnsplit).is_positive());
  EXPECT_TRUE(store.sum(EventKind::kRewardAttestation).is_zero());
}

TEST_F(EtherSourceTest, AReorganisationBeforeFinalityIsNeverSeen) {
  const auto ether = source({"beacon", "beacon_2"});
  go_to(5);
  sync(*ether);
  for (int i = 0; i < 4; ++i) {
    advance_epochs(1);
    world.reorganise(sandbox::SimulatedChain::kEthereum, 8);
    EXPECT_EQ(sync(*ether).run.detail, "");
  }
  advance_epochs(4);
  EXPECT_EQ(sync(*ether).run.detail, "");
  all_tied();
  EXPECT_FALSE(store.has_alert("not_believed"));
  EXPECT_EQ(store.all_readings.size(), 9U);
}

TEST_F(EtherSourceTest, WhatIsWrongIsNotBelievedAndChangesNothing) {
  const auto alone = source({"beacon"});
  go_to(5);
  sync(*alone);
  const std::size_t readings = store.all_readings.size();
  const std::map<ChainFault, std::string> rules{{ChainFault::kZeros, ""},
                                                {ChainFault::kTruncated, "leaves validator"},
                                                {ChainFault::kDuplicate, "comes twice"},
                                                {ChainFault::kLie, ""},
                                                {ChainFault::kFork, ""},
                                                {ChainFault::kWrongChain, "another network"},
                                                {ChainFault::kSyncing, "syncing"},
                                                {ChainFault::kOptimistic, "optimistic"},
                                                {ChainFault::kLag, "lies before the last reading"}};
  advance_epochs(1);
  for (const auto& [kind, rule] : rules) {
    SCOPED_TRACE(sandbox::name_of(kind));
    fault("beacon", kind);
    const auto fresh = source({"beacon"});
    const SyncReport report = sync(*fresh);
    EXPECT_EQ(report.run.outcome, SyncOutcome::kFailed) << report.run.detail;
    EXPECT_NE(report.run.detail.find(rule), std::string::npos) << report.run.detail;
    EXPECT_EQ(store.all_readings.size(), readings);
    nodes.faults().clear();
  }
  // Zeros of the rewards alone, from a node that was right until then.
  fault("beacon", ChainFault::kErrors);
  EXPECT_EQ(sync(*alone).run.outcome, SyncOutcome::kFailed);
  nodes.faults().clear();
  EXPECT_EQ(sync(*alone).run.outcome, SyncOutcome::kDone);
  all_tied();
}

/// A deposit of a configured key that the node puts into a state which was read without it.
class WithADeposit final : public http::NodeCarrier {
 public:
  WithADeposit(std::shared_ptr<http::NodeCarrier> inner, std::string pubkey)
      : inner_(std::move(inner)), pubkey_(std::move(pubkey)) {}
  http::Response carry(const http::ClientRequest& request) override {
    http::Response response = inner_->carry(request);
    const std::size_t at = response.body.find("\"data\":[");
    if (is_inventing && request.path.ends_with("/pending_deposits") && at != std::string::npos)
      response.body.insert(at + 8, R"({"pubkey":")" + pubkey_ + R"(","withdrawal_credentials":"0x01)" +
                                       std::string(62, '0') + R"(","amount":"32000000000","signature":"0x)" +
                                       std::string(192, 'a') + R"(","slot":"1"})" +
                                       (response.body[at + 8] == ']' ? "" : ","));
    return response;
  }
  bool is_inventing = false;

 private:
  std::shared_ptr<http::NodeCarrier> inner_;
  std::string pubkey_;
};

TEST_F(EtherSourceTest, ADepositThatIsPutIntoThePastIsNotBelieved) {
  const std::string key = sandbox::validator_pubkey(kSeed, 520'999);
  settings.validators.push_back(key);
  settings.nodes = {{.name = "beacon", .url = nodes.url("beacon")}};
  settings.nodes.back().attempts = 1;
  const auto liar = std::make_shared<WithADeposit>(http::http_carrier(settings.nodes.back()), key);
  const auto fresh = [&] { return ether::ether_source(settings, {liar}, {}); };
  go_to(5);
  EXPECT_EQ(sync(*fresh()).run.detail, "");
  const std::size_t readings = store.all_readings.size();
  advance_epochs(1);
  liar->is_inventing = true;
  const SyncReport report = sync(*fresh());
  EXPECT_EQ(report.run.outcome, SyncOutcome::kFailed);
  EXPECT_NE(report.run.detail.find("says 32 of validator " + key), std::string::npos) << report.run.detail;
  EXPECT_NE(report.run.detail.find("and nothing was stored"), std::string::npos) << report.run.detail;
  EXPECT_EQ(store.all_readings.size(), readings);
  liar->is_inventing = false;
  EXPECT_EQ(sync(*fresh()).run.outcome, SyncOutcome::kDone);
  // Of a key that was configured since, nothing was stored then.
  settings.validators.push_back(sandbox::validator_pubkey(kSeed, 520'998));
  advance_epochs(1);
  EXPECT_EQ(sync(*fresh()).run.outcome, SyncOutcome::kDone);
  EXPECT_FALSE(store.has_alert("not_continuous"));
}

TEST_F(EtherSourceTest, AfterAnInventedStateWasSetAsideTheTruthIsRead) {
  const std::string key = sandbox::validator_pubkey(kSeed, 520'999);
  settings.validators.push_back(key);
  settings.nodes = {{.name = "beacon", .url = nodes.url("beacon")}};
  settings.nodes.back().attempts = 1;
  const auto liar = std::make_shared<WithADeposit>(http::http_carrier(settings.nodes.back()), key);
  const auto fresh = [&] { return ether::ether_source(settings, {liar}, {}); };
  const auto served = fresh();
  go_to(5);
  EXPECT_EQ(sync(*served).run.detail, "");
  advance_epochs(1);
  const std::size_t readings = store.all_readings.size(), rolled = store.all_roll_forwards.size();
  liar->is_inventing = true;  // in the newest state alone: the one before is remembered
  EXPECT_EQ(sync(*served).run.outcome, SyncOutcome::kDone);
  ASSERT_EQ(store.all_readings.size(), readings + 1);
  liar->is_inventing = false;
  const SyncReport refused = sync(*fresh());
  EXPECT_EQ(refused.run.outcome, SyncOutcome::kFailed);
  EXPECT_NE(refused.run.detail.find("navkeeper staking set-aside"), std::string::npos) << refused.run.detail;
  // Two people set it aside.
  store.all_aside = {store.all_readings.back().reading.mark.height};
  store.all_readings.pop_back();
  store.all_roll_forwards.resize(rolled);
  EXPECT_EQ(sync(*fresh()).run.outcome, SyncOutcome::kDone);
  EXPECT_EQ(store.all_readings.size(), readings) << "that state is not read again";
  advance_epochs(1);
  EXPECT_EQ(sync(*fresh()).run.outcome, SyncOutcome::kDone);
  ASSERT_EQ(store.all_readings.size(), readings + 1);
  EXPECT_TRUE(std::none_of(store.all_readings.back().reading.positions.begin(),
                           store.all_readings.back().reading.positions.end(),
                           [&](const Position& one) { return one.key.place == key; }));
}

TEST_F(EtherSourceTest, WhatAnotherSourceReadsIsNotReadAgain) {
  go_to(5);
  EXPECT_EQ(sync(*source({"beacon"})).run.detail, "");
  settings.name = "ether_b";
  const SyncReport twice = sync(*source({"beacon_2"}));
  EXPECT_EQ(twice.run.outcome, SyncOutcome::kFailed);
  EXPECT_NE(twice.run.detail.find("is read by source ether already, and would be counted twice"),
            std::string::npos)
      << twice.run.detail;
  EXPECT_EQ(store.readings(settings.fund, {}).size(), 1U);
}

TEST_F(EtherSourceTest, TheSecondNodeIsComparedAndStandsInForTheFirst) {
  const auto both = source({"beacon", "beacon_2"});
  go_to(5);
  EXPECT_EQ(sync(*both).run.detail, "");
  fault("beacon_2", ChainFault::kLie);
  advance_epochs(1);
  const SyncReport differ = sync(*both);
  EXPECT_EQ(differ.run.outcome, SyncOutcome::kFailed);
  EXPECT_NE(differ.run.detail.find("differ in validator 520001"), std::string::npos) << differ.run.detail;
  nodes.faults().clear();
  fault("beacon", ChainFault::kErrors);
  const SyncReport stood_in = sync(*both);
  EXPECT_EQ(stood_in.run.outcome, SyncOutcome::kPartly);
  EXPECT_NE(stood_in.run.detail.find("not compared"), std::string::npos) << stood_in.run.detail;
  all_tied();
  fault("beacon_2", ChainFault::kErrors);
  advance_epochs(1);
  EXPECT_EQ(sync(*both).run.outcome, SyncOutcome::kFailed);
}

TEST_F(EtherSourceTest, WrongRecipientsAndCredentialsAreSaid) {
  settings.withdrawal_addresses = {"0x" + std::string(40, '1')};
  settings.fee_recipients = settings.withdrawal_addresses;
  const auto ether = source({"beacon"});
  go_to(5);
  sync(*ether);
  go_to(12);
  sync(*ether);
  EXPECT_TRUE(store.has_alert("wrong_withdrawal_credential", "520001"));
  EXPECT_TRUE(store.has_alert("wrong_fee_recipient"));
}

}  // namespace
}  // namespace navkeeper::staking
