// The Cronos reader against the sandbox's nodes on real sockets. The sandbox computes rewards by itself, with
// every period kept: two implementations must agree to the 18th decimal.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>
#include <numeric>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "services/sandbox/chains/chain_nodes.h"
#include "services/sandbox/chains/cronos_ledger.h"
#include "services/staking/adapters/cosmos/cosmos_node.h"
#include "services/staking/app/cosmos_sync.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;
using sandbox::ChainFault;
using sandbox::CronosAct;
using sandbox::SimulatedChain;

Decimal d(std::string_view text) { return Decimal::literal(text); }
Decimal cro(money::Int128 basecro) { return Decimal::of(basecro, 8); }

/// Changes an answer on its way.
class Spoiled final : public http::NodeCarrier {
 public:
  using Change = std::function<void(const std::string& path, http::Response&)>;
  Spoiled(std::shared_ptr<http::NodeCarrier> inner, Change change)
      : inner_(std::move(inner)), change_(std::move(change)) {}
  http::Response carry(const http::ClientRequest& request) override {
    http::Response response = inner_->carry(request);
    change_(request.path, response);
    return response;
  }

 private:
  std::shared_ptr<http::NodeCarrier> inner_;
  Change change_;
};

class Rig {
 public:
  Rig() {
    question.source = "cronos";
    question.delegators = {fund()};
  }

  const std::string& fund(std::size_t number = 0) const {
    return world.addresses(SimulatedChain::kCronosPos)[number];
  }
  std::string validator(int number) const { return nodes.cronos().validator_address(number); }
  std::string pair(int number) const { return fund() + "/" + validator(number); }

  /// Of a node, with what comes back changed where a test says so.
  std::unique_ptr<CosmosChain> chain(const std::string& name, Spoiled::Change change) const {
    const std::shared_ptr<http::NodeCarrier> carrier = std::make_shared<Spoiled>(
        http::http_carrier({.name = name, .url = nodes.url(name)}), std::move(change));
    return cosmos_node(name, carrier, carrier, {});
  }

  std::vector<std::unique_ptr<CosmosChain>> chains(const std::vector<std::string>& names) const {
    std::vector<std::unique_ptr<CosmosChain>> all;
    for (const std::string& name : names) {
      const std::shared_ptr<http::NodeCarrier> carrier =
          http::http_carrier({.name = name,
                              .url = nodes.url(name),
                              .timeout = std::chrono::milliseconds(30'000),
                              .attempts = 2,
                              .pause = std::chrono::milliseconds(5)});
      all.push_back(cosmos_node(name, carrier, carrier, {}));
    }
    return all;
  }

  /// Goes on where the last reading ended.
  SyncResult sync(const std::vector<std::string>& names = {"cronos", "cronos_2"}) {
    SyncResult result = sync_cosmos(chains(names), question);
    if (!result.readings.empty()) question.last = StoredReading{result.readings.front(), clock.now()};
    for (const ParameterReading& each : result.parameters) question.known_parameters.push_back(each);
    if (!result.validator_sets.empty()) question.last_set = result.validator_sets.front();
    return result;
  }

  void act(CronosAct act) {
    if (act.kind == "delegate" || act.kind == "undelegate" || act.kind == "redelegate" ||
        act.kind == "claim" || act.kind == "cancel_unbonding")
      act.delegator = fund();
    nodes.cronos().act(std::move(act));
  }
  void pass(int seconds) { clock.advance(time::Duration::seconds(seconds)); }
  std::uint64_t tip() const { return world.tip(SimulatedChain::kCronosPos); }
  void fault(const std::string& node, ChainFault kind) {
    nodes.faults().add({node, kind, clock.now(), time::Instant::latest()});
  }

  time::ManualClock clock{time::Instant::literal("2026-03-05T20:00:05Z")};
  sandbox::ChainWorld world{20260213, clock.now(), clock};
  sandbox::ChainNodes nodes{world, "127.0.0.1", [] { return std::uint16_t{0}; }};
  CosmosSyncQuestion question;
};

std::string why(const SyncResult& result) {
  std::string text;
  for (const RollForward& each : result.roll_forwards) {
    if (each.is_tied()) continue;
    text += each.key.place + " " + std::string(describe(each.account)) + " " + each.difference().to_string() +
            "; ";
  }
  for (const Alert& alert : result.alerts) text += alert.kind + " " + alert.detail + "; ";
  return text;
}

bool is_tied(const SyncResult& result) {
  return std::all_of(result.roll_forwards.begin(), result.roll_forwards.end(),
                     [](const RollForward& each) { return each.is_tied(); });
}

Decimal sum(const SyncResult& result, EventKind kind, const std::string& place) {
  Decimal total;
  for (const StakingEvent& event : result.events) {
    if (event.kind == kind && event.key.place == place) total += event.amount;
  }
  return total;
}

bool has(const SyncResult& result, const std::string& kind) {
  return std::any_of(result.alerts.begin(), result.alerts.end(),
                     [&](const Alert& alert) { return alert.kind == kind; });
}

Decimal position(const SyncResult& result, const std::string& place, PositionState state) {
  Decimal total;
  for (const Position& each : result.readings.at(0).positions) {
    if (each.key.place == place && each.state == state) total += each.amount;
  }
  return total;
}

TEST(CronosSync, PositionsOfEveryStateAndTheChainsOwnParameters) {
  Rig rig;
  const SyncResult first = rig.sync();
  ASSERT_EQ(first.readings.size(), 1U);
  EXPECT_EQ(first.readings[0].mark.height, rig.tip() - 1);
  EXPECT_EQ(first.readings[0].mark.root.size(), 64U);
  EXPECT_TRUE(first.events.empty());
  EXPECT_EQ(position(first, rig.pair(1), PositionState::kActive), d("3000000"));
  EXPECT_EQ(position(first, rig.pair(1), PositionState::kUnbonding), d("40000"));
  EXPECT_TRUE(position(first, rig.pair(1), PositionState::kClaimable).is_positive());
  EXPECT_LE(position(first, rig.pair(1), PositionState::kClaimable).scale(), 8);
  Decimal contingent;
  for (const Position& each : first.readings[0].positions)
    contingent += each.state == PositionState::kContingent ? each.amount : Decimal{};
  EXPECT_EQ(contingent, d("0.01234666"));
  ASSERT_EQ(first.parameters.size(), 10U);
  EXPECT_EQ(first.parameters[0].name, "staking.unbonding_time");
  EXPECT_EQ(first.parameters[0].value, "2419200s");
  EXPECT_TRUE(first.alerts.empty()) << why(first);
}

TEST(CronosSync, ReadsTheChainsValidatorsEverySixHoursWithTheirSlashes) {
  Rig rig;
  CronosAct early{"slash", "", 4};
  early.fraction = d("0.001");
  rig.act(early);
  rig.pass(60);
  const SyncResult first = rig.sync();
  ASSERT_EQ(first.validator_sets.size(), 1U) << first.run.detail;
  const ValidatorSet& set = first.validator_sets[0];
  EXPECT_EQ(set.mark, first.readings[0].mark);
  ASSERT_EQ(set.validators.size(), 5U);
  const ValidatorRecord* const second = set.find(rig.validator(2));
  ASSERT_NE(second, nullptr);
  const sandbox::CronosState truth = rig.nodes.cronos().state_at(set.mark.height);
  EXPECT_EQ(second->tokens, cro(truth.validators.at(2).tokens));
  EXPECT_EQ(second->commission, d("0.1"));
  EXPECT_EQ(second->name, "validator 2");
  EXPECT_EQ(uptime(*second), d("0.998"));  // ten of 5000 blocks missed
  EXPECT_EQ(gross_rate(set), money::divide(sandbox::cronos_annual_provisions() * cro(1), set.bonded, 18,
                                           money::Rounding::kDown));
  EXPECT_EQ(set.history_from, rig.world.rhythm(SimulatedChain::kCronosPos).first)
      << "as far as the node knows";
  EXPECT_EQ(slashes_of(set, rig.validator(4)).count, 1);
  rig.pass(3'600);
  EXPECT_TRUE(rig.sync().validator_sets.empty()) << "not due";
  CronosAct slash{"slash", "", 2};
  slash.fraction = d("0.05");
  rig.act(slash);
  rig.act({"jail", "", 3});
  rig.pass(5 * 3'600);
  const SyncResult later = rig.sync();
  ASSERT_EQ(later.validator_sets.size(), 1U) << later.run.detail;
  const ValidatorSet& next = later.validator_sets[0];
  EXPECT_EQ(slashes_of(next, rig.validator(2)).count, 1);
  EXPECT_EQ(slashes_of(next, rig.validator(2)).mean_fraction.rounded(9, money::Rounding::kHalfEven),
            d("0.05"));
  EXPECT_EQ(slashes_of(next, rig.validator(4)).count, 1) << "kept";
  EXPECT_EQ(next.slashes.size(), 2U);
  EXPECT_TRUE(next.find(rig.validator(3))->jailed);
  EXPECT_EQ(next.find(rig.validator(3))->slashes_to, set.mark.height)
      << "one that earns nothing is not asked for";
  EXPECT_EQ(next.history_from, set.history_from);
}

TEST(CronosSync, PositionsAreBelievedWithoutValidatorsThatAreNot) {
  const Rig rig;
  const auto read = [&](Spoiled::Change change) {
    std::vector<std::unique_ptr<CosmosChain>> one;
    one.push_back(rig.chain("cronos", std::move(change)));
    return sync_cosmos(one, rig.question);
  };
  const auto pool = [](const std::string& path) { return path.ends_with("/staking/v1beta1/pool"); };
  const SyncResult silent = read([&](const std::string& path, http::Response& response) {
    if (pool(path)) response.status = 500;
  });
  EXPECT_EQ(silent.readings.size(), 1U);
  EXPECT_TRUE(silent.validator_sets.empty());
  EXPECT_NE(silent.run.detail.find("validators were not read"), std::string::npos) << silent.run.detail;
  EXPECT_FALSE(has(silent, "validator_set"));
  const SyncResult left_out = read([&](const std::string& path, http::Response& response) {
    if (pool(path)) response.body = R"({"pool":{"not_bonded_tokens":"0","bonded_tokens":"1"}})";
  });
  EXPECT_EQ(left_out.readings.size(), 1U);
  EXPECT_TRUE(left_out.validator_sets.empty());
  EXPECT_TRUE(has(left_out, "validator_set")) << why(left_out);
  EXPECT_NE(left_out.run.detail.find("validators are not believed"), std::string::npos);
  // A chain without a mint module has no rate; the plan asks for it.
  const SyncResult no_mint = read([](const std::string& path, http::Response& response) {
    if (path.find("/mint/") != std::string::npos) response.status = 501;
  });
  ASSERT_EQ(no_mint.validator_sets.size(), 1U) << no_mint.run.detail;
  EXPECT_FALSE(gross_rate(no_mint.validator_sets[0]));
}

TEST(CronosSync, AValidatorThatMissesBlocksIsSaid) {
  Rig rig;
  CronosAct shorter;  // ten of a hundred blocks are too many, ten of five thousand are not
  shorter.kind = "parameter";
  shorter.parameter = "signed_blocks_window";
  shorter.value = "100";
  rig.act(shorter);
  rig.pass(60);
  const SyncResult result = rig.sync();
  std::vector<std::string> said;
  for (const Alert& alert : result.alerts)
    if (alert.kind == "missed_duties") said.push_back(alert.subject + " " + alert.detail);
  EXPECT_EQ(std::count(said.begin(), said.end(), rig.pair(2) + " missed 10 of 100 duties, more than 0.05"), 1)
      << why(result);
  for (const std::string& one : said) EXPECT_FALSE(one.starts_with(rig.pair(1))) << one;
}

TEST(CronosSync, AValidatorThatSignsNothingIsJailedAndUnjailedAndAllTies) {
  Rig rig;
  rig.act({"parameter", "", 0, 0, 0, {}, 0, "signed_blocks_window", "100"});
  rig.act({"parameter", "", 0, 0, 0, {}, 0, "slash_fraction_downtime", "0.0001"});
  rig.act({"parameter", "", 0, 0, 0, {}, 0, "downtime_jail_duration", "600"});
  rig.pass(12);
  rig.sync();
  rig.act({"down", "", 1});
  rig.pass(6 * 40);
  SyncResult result = rig.sync();
  EXPECT_FALSE(has(result, "jailed")) << "40 of 100 missed";
  const auto counter = [&] {
    for (const CosmosValidatorList::Row& row : rig.chains({"cronos"})[0]->validators(rig.tip()).rows)
      if (row.validator.address == rig.validator(1)) return row.missed_blocks;
    return ~std::uint64_t{0};
  };
  EXPECT_GE(counter(), 38U);
  EXPECT_LE(counter(), 41U);
  rig.pass(6 * 15);
  result = rig.sync();
  EXPECT_TRUE(has(result, "jailed")) << why(result);
  EXPECT_TRUE(is_tied(result)) << why(result);
  EXPECT_TRUE(sum(result, EventKind::kSlashing, rig.pair(1)).is_positive()) << "and slashed for its downtime";
  EXPECT_EQ(counter(), 0U) << "its record begins anew";
  // Not before its time.
  rig.act({"unjail", "", 1});
  rig.pass(30);
  EXPECT_TRUE(rig.nodes.cronos().state_at(rig.tip()).validators.at(1).jailed);
  rig.pass(600);
  rig.act({"unjail", "", 1});
  rig.pass(30);
  result = rig.sync();
  EXPECT_FALSE(rig.nodes.cronos().state_at(rig.tip()).validators.at(1).jailed);
  EXPECT_TRUE(is_tied(result)) << why(result);
  // One that comes back in time is not jailed, and what it missed leaves the window.
  rig.act({"down", "", 1});
  rig.pass(6 * 30);
  rig.act({"up", "", 1});
  rig.pass(6 * 20);
  EXPECT_GE(counter(), 29U);
  rig.pass(6 * 110);
  EXPECT_EQ(counter(), 0U);
  EXPECT_FALSE(rig.nodes.cronos().state_at(rig.tip()).validators.at(1).jailed);
}

TEST(CronosSync, ALifeTiesAndEveryClaimIsRecomputed) {
  Rig rig;
  rig.sync();
  rig.world.pay(SimulatedChain::kCronosPos, {"", rig.fund(), 500'000 * sandbox::kBasecroPerCro});
  rig.pass(60);
  rig.act({"delegate", "", 2, 0, 100'000 * sandbox::kBasecroPerCro + 7});
  rig.pass(120);
  rig.act({"undelegate", "", 1, 0, 250'000 * sandbox::kBasecroPerCro + 3});
  rig.pass(60);
  rig.act({"redelegate", "", 1, 4, 400'000 * sandbox::kBasecroPerCro});
  rig.pass(600);
  rig.act({"claim", "", 4});
  rig.act(
      {"delegate", "", 5, 0, 900'000'000 * sandbox::kBasecroPerCro});  // more than it has: the fee is gone
  rig.pass(60);
  const SyncResult result = rig.sync();
  ASSERT_TRUE(is_tied(result)) << why(result);
  EXPECT_FALSE(has(result, "not_proven")) << why(result);
  EXPECT_FALSE(has(result, "rewards_differ")) << why(result);
  EXPECT_EQ(sum(result, EventKind::kDelegate, rig.pair(2)), cro(100'000 * sandbox::kBasecroPerCro + 7));
  EXPECT_EQ(sum(result, EventKind::kUndelegate, rig.pair(1)), cro(250'000 * sandbox::kBasecroPerCro + 3));
  EXPECT_EQ(sum(result, EventKind::kRedelegateIn, rig.pair(4)), d("400000"));
  EXPECT_TRUE(sum(result, EventKind::kClaim, rig.pair(1)).is_positive()) << "claimed by the undelegation";
  EXPECT_TRUE(sum(result, EventKind::kClaimDust, rig.pair(1)).is_positive());
  EXPECT_LT(sum(result, EventKind::kClaimDust, rig.pair(1)), cro(2));
  EXPECT_EQ(sum(result, EventKind::kTransferOut, rig.fund()), cro(5 * 5'000));
  // What the sandbox's ledger says, which shares nothing with us but the decimal type.
  const sandbox::CronosState truth = rig.nodes.cronos().state_at(result.readings[0].mark.height);
  for (const RollForward& each : result.roll_forwards) {
    if (each.account != Account::kClaimable || !each.key.place.starts_with(rig.fund())) continue;
    for (int number = 1; number <= 5; ++number) {
      if (each.key.place != rig.pair(number)) continue;
      EXPECT_EQ(each.closing, truth.rewards(rig.fund(), number) * cro(1)) << number;
    }
  }
  // Nothing is read twice.
  EXPECT_TRUE(rig.sync().readings.empty());
}

TEST(CronosSync, ASlashReachesStakeOnItsWayOutAndMovedStake) {
  Rig rig;
  rig.sync();
  rig.act({"undelegate", "", 2, 0, 50'000 * sandbox::kBasecroPerCro});
  rig.act({"redelegate", "", 2, 3, 100'000 * sandbox::kBasecroPerCro});
  rig.pass(600);
  const SyncResult before = rig.sync();
  ASSERT_TRUE(is_tied(before)) << why(before);
  CronosAct slash{"slash", "", 2};
  slash.fraction = d("0.05");
  slash.infraction_height = rig.tip() - 150;
  rig.act(slash);
  rig.act({"tombstone", "", 2});
  rig.pass(60);
  const SyncResult result = rig.sync();
  ASSERT_TRUE(is_tied(result)) << why(result);
  EXPECT_EQ(sum(result, EventKind::kUnbondingSlashed, rig.pair(2)), d("2500"));
  EXPECT_EQ(sum(result, EventKind::kSlashing, rig.pair(3)).rounded(4, money::Rounding::kHalfEven), d("5000"));
  EXPECT_TRUE(sum(result, EventKind::kSlashing, rig.pair(2)).is_positive());
  EXPECT_TRUE(has(result, "slashed") && has(result, "tombstoned")) << why(result);
  EXPECT_FALSE(has(result, "rewards_differ")) << why(result);
  EXPECT_FALSE(has(result, "not_proven")) << why(result);
  // A jailed validator earns nothing.
  rig.pass(600);
  const SyncResult later = rig.sync();
  EXPECT_EQ(sum(later, EventKind::kRewardBase, rig.pair(2)), d("0"));
  EXPECT_TRUE(sum(later, EventKind::kRewardBase, rig.pair(1)).is_positive());
}

TEST(CronosSync, ParametersChangeAtTheirHeight) {
  Rig rig;
  rig.sync();
  rig.pass(600);
  CronosAct change;
  change.kind = "parameter";
  change.parameter = "max_entries";
  change.value = "3";
  rig.act(change);
  const std::uint64_t height = rig.tip() + 1;
  rig.pass(1'200);
  change.parameter = "community_tax";
  change.value = "0.02";
  rig.act(change);
  const std::uint64_t second = rig.tip() + 1;
  rig.pass(600);
  const SyncResult result = rig.sync({"cronos"});
  ASSERT_EQ(result.parameters.size(), 2U);
  EXPECT_EQ(result.parameters[0].name, "staking.max_entries");
  EXPECT_EQ(result.parameters[0].mark.height, height);
  EXPECT_EQ(result.parameters[1].value, "0.02");
  EXPECT_EQ(result.parameters[1].mark.height, second);
  EXPECT_TRUE(is_tied(result)) << why(result);
  for (int i = 0; i < 3; ++i) {
    rig.act({"undelegate", "", 2, 0, 10});
    rig.pass(12);
  }
  EXPECT_TRUE(has(rig.sync({"cronos"}), "unbonding_entries"));
}

TEST(CronosSync, AnUnbondingIsPaidAndACanceledOneGoesBack) {
  Rig rig;
  CronosAct shorter;
  shorter.kind = "parameter";
  shorter.parameter = "unbonding_time";
  shorter.value = "1800";
  rig.act(shorter);
  rig.pass(60);
  rig.sync();
  rig.act({"undelegate", "", 1, 0, 1'000 * sandbox::kBasecroPerCro});
  rig.pass(60);
  rig.act({"undelegate", "", 2, 0, 2'000 * sandbox::kBasecroPerCro});
  const std::uint64_t height = rig.tip() + 1;
  rig.pass(60);
  CronosAct cancel{"cancel_unbonding", "", 2, 0, 500 * sandbox::kBasecroPerCro};
  cancel.infraction_height = height;
  rig.act(cancel);
  rig.pass(3'600);
  const SyncResult result = rig.sync();
  ASSERT_TRUE(is_tied(result)) << why(result);
  EXPECT_EQ(sum(result, EventKind::kUnbonded, rig.pair(1)), d("1000"));
  EXPECT_EQ(sum(result, EventKind::kUnbonded, rig.pair(2)), d("1500"));
  EXPECT_EQ(sum(result, EventKind::kUnbondingCanceled, rig.pair(2)), d("500"));
}

TEST(CronosSync, ANodeThatLiesIsNotBelieved) {
  Rig rig;
  rig.sync();
  rig.pass(600);
  for (const ChainFault kind :
       {ChainFault::kLie, ChainFault::kZeros, ChainFault::kTruncated, ChainFault::kDuplicate,
        ChainFault::kStaleHeight, ChainFault::kWrongChain, ChainFault::kFork}) {
    rig.fault("cronos", kind);
    EXPECT_THROW(rig.sync({"cronos"}), base::Refused) << sandbox::name_of(kind);
    rig.nodes.faults().clear();
  }
  // The second one lies: the two contradict each other.
  rig.fault("cronos_2", ChainFault::kLie);
  try {
    rig.sync();
    ADD_FAILURE() << "a contradiction was believed";
  } catch (const base::Refused& refused) {
    EXPECT_NE(std::string(refused.what()).find("tell otherwise of"), std::string::npos) << refused.what();
  }
  rig.nodes.faults().clear();
  rig.fault("cronos", ChainFault::kSyncing);
  EXPECT_THROW(rig.sync({"cronos"}), base::Unavailable);
  rig.nodes.faults().clear();
  rig.fault("cronos_2", ChainFault::kErrors);
  const SyncResult alone = rig.sync();
  EXPECT_NE(alone.run.detail.find("not compared"), std::string::npos);
}

/// The past is what was read of it: a stake that the node puts there afterwards ties from nothing.
TEST(CronosSync, ANodeThatAddsAStakeToItsPastIsNotBelieved) {
  Rig rig;
  rig.act({"delegate", "", 1, 0, 5'000'000'000});
  rig.pass(60);
  rig.sync({"cronos"});
  const StoredReading last = *rig.question.last;
  rig.pass(600);
  const auto inserted = [](std::string& body, const std::string& list, const std::string& row) {
    const std::string begin = "\"" + list + "\":[";
    const std::size_t at = body.find(begin);
    if (at == std::string::npos || body[at + begin.size()] == ']') return;
    body.insert(at + begin.size(), row + ",");
  };
  int number = 1;  // of a validator where the fund has nothing
  const auto has_some = [&](const std::string& place) {
    return std::any_of(last.reading.positions.begin(), last.reading.positions.end(),
                       [&](const Position& one) { return one.key.place == place; });
  };
  while (has_some(rig.pair(number))) ++number;
  const std::string other = rig.validator(number);
  const auto read = [&] {
    std::vector<std::unique_ptr<CosmosChain>> chains;
    chains.push_back(rig.chain("cronos", [&](const std::string& path, http::Response& response) {
      if (path.find("/staking/v1beta1/delegations/" + rig.fund()) != std::string::npos)
        inserted(response.body, "delegation_responses",
                 R"({"delegation":{"delegator_address":")" + rig.fund() + R"(","validator_address":")" +
                     other +
                     R"(","shares":"77700000000.000000000000000000"},)"
                     R"("balance":{"denom":"basecro","amount":"77700000000"}})");
      if (path.find("/delegators/" + rig.fund() + "/rewards") != std::string::npos)
        inserted(response.body, "rewards", R"({"validator_address":")" + other + R"(","reward":[]})");
    }));
    return sync_cosmos(chains, rig.question);
  };
  try {
    const SyncResult believed = read();
    ADD_FAILURE() << "an invented past was believed: " << why(believed);
  } catch (const base::Refused& refused) {
    EXPECT_NE(std::string(refused.what())
                  .find("is told otherwise than when it was read: nothing then, 777 active now"),
              std::string::npos)
        << refused.what();
  }
  // Who tells the truth again is believed again, and a delegator that was not asked about then may have
  // something.
  EXPECT_TRUE(is_tied(rig.sync({"cronos"})));
  rig.question.last = last;
  rig.question.delegators.push_back(rig.fund(1));
  EXPECT_NO_THROW(sync_cosmos(rig.chains({"cronos"}), rig.question));
}

/// The newest state has nothing before it that an invented stake would contradict: the next one has.
TEST(CronosSync, AfterAnInventedStateWasSetAsideTheTruthIsRead) {
  Rig rig;
  rig.act({"delegate", "", 1, 0, 5'000'000'000});
  rig.pass(60);
  rig.sync({"cronos"});
  const StoredReading true_one = *rig.question.last;
  rig.pass(600);
  rig.sync({"cronos"});
  StoredReading& invented = *rig.question.last;
  const std::uint64_t height = invented.reading.mark.height;
  for (Position& position : invented.reading.positions)
    if (position.state == PositionState::kActive) position.amount += d("777");
  rig.pass(600);
  try {
    rig.sync({"cronos"});
    ADD_FAILURE() << "another amount was believed";
  } catch (const base::Refused& refused) {
    EXPECT_NE(std::string(refused.what()).find("navkeeper staking set-aside"), std::string::npos)
        << refused.what();
  }
  rig.question.last = true_one;
  rig.question.set_aside = {height};
  const SyncResult truth = rig.sync({"cronos"});
  ASSERT_EQ(truth.readings.size(), 1U);
  EXPECT_TRUE(is_tied(truth)) << why(truth);
  EXPECT_EQ(truth.roll_forwards.at(0).from, true_one.reading.mark);
  // A state that was set aside is not read again: the one behind it is.
  rig.question.last = true_one;
  rig.question.set_aside = {rig.tip(), truth.readings[0].mark.height};
  EXPECT_TRUE(rig.sync({"cronos"}).readings.empty());
  rig.pass(60);
  EXPECT_EQ(rig.sync({"cronos"}).readings.size(), 1U);
}

TEST(CronosSync, WhereTheFirstNodeCannotBeReadTheNextOneIsAndTheFirstIsNamed) {
  Rig rig;
  rig.sync();
  const StoredReading last = *rig.question.last;
  rig.pass(600);
  for (const ChainFault kind :
       {ChainFault::kErrors, ChainFault::kSyncing, ChainFault::kWrongChain, ChainFault::kTruncated,
        ChainFault::kZeros, ChainFault::kDuplicate, ChainFault::kFork}) {
    rig.question.last = last;
    rig.fault("cronos", kind);
    const SyncResult result = rig.sync();
    rig.nodes.faults().clear();
    ASSERT_EQ(result.readings.size(), 1U) << sandbox::name_of(kind);
    EXPECT_TRUE(is_tied(result)) << why(result);
    EXPECT_EQ(result.run.detail.rfind("cronos", 0), 0U) << sandbox::name_of(kind) << result.run.detail;
    EXPECT_EQ(result.run.detail.find("cronos_2"), std::string::npos) << result.run.detail;
    EXPECT_EQ(has(result, "not_believed"), kind != ChainFault::kErrors && kind != ChainFault::kSyncing)
        << sandbox::name_of(kind);
  }
  // Neither: as the worst of them says.
  rig.question.last = last;
  rig.fault("cronos", ChainFault::kErrors);
  rig.fault("cronos_2", ChainFault::kWrongChain);
  EXPECT_THROW(rig.sync(), base::Refused);
  rig.nodes.faults().clear();
  rig.fault("cronos", ChainFault::kErrors);
  rig.fault("cronos_2", ChainFault::kSyncing);
  EXPECT_THROW(rig.sync(), base::Unavailable);
}

TEST(CronosSync, RandomLivesTieWhereverTheyAreCut) {
  Rig rig;
  rig.world.pay(SimulatedChain::kCronosPos, {"", rig.fund(), 9'000'000 * sandbox::kBasecroPerCro});
  rig.pass(30);
  rig.sync();
  std::uint64_t seed = 7;
  const auto dice = [&](std::uint64_t sides) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33) % sides;
  };
  for (int round = 0; round < 12; ++round) {
    for (std::uint64_t acts = 1 + dice(5); acts > 0; --acts) {
      const int from = static_cast<int>(1 + dice(5));
      const int to = static_cast<int>(1 + dice(5));
      const auto amount = static_cast<money::Int128>(1 + dice(100'000'000'000'000));
      switch (dice(6)) {
        case 0:
        case 1:
          rig.act({"delegate", "", from, 0, amount});
          break;
        case 2:
          rig.act({"undelegate", "", from, 0, amount});
          break;
        case 3:
          rig.act({"redelegate", "", from, to, amount});
          break;
        case 4:
          rig.act({"claim", "", from});
          break;
        default: {
          CronosAct slash{"slash", "", from};
          slash.fraction = Decimal::of(static_cast<money::Int128>(dice(60)), 3);
          slash.infraction_height = dice(2) == 0 ? 0 : rig.tip() - dice(200);
          rig.act(slash);
        }
      }
      rig.pass(static_cast<int>(6 * dice(20)));
    }
    rig.pass(12);
    const SyncResult result = rig.sync({"cronos_2"});
    ASSERT_TRUE(is_tied(result)) << round << ": " << why(result);
    EXPECT_FALSE(has(result, "rewards_differ")) << round << ": " << why(result);
    EXPECT_FALSE(has(result, "not_proven")) << round << ": " << why(result);
  }
}

}  // namespace
}  // namespace navkeeper::staking
