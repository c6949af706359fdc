// A plan's steps are proposed once in custody's own tables, whatever is killed in between; what is stale,
// forbidden or refused sends nothing; states by raw SQL.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "services/custody/adapters/movements/movement_store.h"
#include "services/staking/adapters/movement_client.h"
#include "services/staking/adapters/plan_json.h"
#include "services/staking/adapters/plan_store.h"
#include "services/staking/app/submit_plan.h"
#include "tests/db/staking_fixture.h"

namespace navkeeper::staking {
namespace {

using time::Duration;
using time::Instant;
using world::d;
using world::kCro;
using world::kFund;
using world::kNow;

const model::AssetId kEther = model::AssetId::literal("ETH");

class StandingClock final : public time::Clock {
 public:
  Instant now() const override { return kNow; }
};

/// Custody's own tables, by its own code, on connections of this process.
class CustodysDesk : public MovementDesk {
 public:
  explicit CustodysDesk(db::Pool& custody) : custody_(custody) {
    custody::CustodianSettings one;
    one.name = "cc";
    one.protocol = custody::CustodianProtocol::kCryptoCom;
    one.fund = kFund;
    settings_.custodians.push_back(one);
  }
  std::string propose(const model::FundId& fund, const StakeProposal& proposal) override {
    custody::Movement movement;
    movement.id = proposal.id;
    movement.kind = custody::MovementKind::kStake;
    if (proposal.act == PlanStep::Act::kConvert) {
      movement.kind = custody::MovementKind::kConvert;
      movement.conversion = custody::Conversion{proposal.into, proposal.expected_rate, proposal.slippage_bps};
    }
    movement.custodian = proposal.desk.custodian;
    movement.account = proposal.desk.account;
    movement.asset = proposal.asset;
    movement.amount = proposal.amount;
    movement.reason = proposal.reason;
    custody_.transact([&](db::Transaction& transaction) {
      return custody::propose_movement(transaction, settings_, fund, movement, service());
    });
    return "proposed";
  }
  std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) override {
    return custody_.transact([&](db::Transaction& transaction) -> std::optional<std::string> {
      const auto found = custody::load_movements(transaction, fund, proposal.id);
      if (found.empty()) return std::nullopt;
      return std::string(custody::describe(custody::standing_of(found[0].events).state));
    });
  }
  std::vector<UnseenStake> unseen_stakes(const model::FundId& fund, Instant read_at,
                                         const std::set<std::string>& without) override {
    return custody_.transact([&](db::Transaction& transaction) {
      const auto all = custody::movements_json(fund, custody::load_movements(transaction, fund));
      return unseen_stakes_in(json::parse(all).value(), read_at, without,
                              [](const std::string&) { return std::string(); });
    });
  }
  /// Whoever approves, sends and follows it: its states are written down here.
  void confirm(const std::string& id) {
    for (const char* name : {"ann", "bob"})
      custody_.transact([&](db::Transaction& t) {
        return custody::approve_movement(t, kFund, id, who(name, model::Role::kApprover));
      });
    custody::PostgresMovementStore store(custody_);
    for (const custody::StoredMovement& one : store.open(kFund)) {
      if (one.movement.id != id) continue;
      using S = custody::MovementState;
      store.add(kFund, one, {{S::kSending, ""}, {S::kSent, "", "STAKE:1"}, {S::kConfirmed, ""}}, {}, {},
                "test", time::SystemClock().now());
    }
  }
  void enforce_policy() {
    custody::MovementPolicy policy;
    policy.id = "p1";
    policy.cooling_off = Duration::hours(24);
    policy.lapses_after = Duration::hours(48);
    for (const model::Role role : {model::Role::kService, model::Role::kApprover}) {
      policy.limits.push_back({kCro, custody::MovementKind::kStake, role, d("400000"), d("1000000")});
      for (const auto kind : {custody::MovementKind::kStake, custody::MovementKind::kConvert})
        policy.limits.push_back({kEther, kind, role, d("1000"), d("10000")});
    }
    const custody::MovementRule rule{policy};
    custody_.transact([&](db::Transaction& t) {
      return custody::propose_movement_rule(t, settings_, kFund, rule, who("mia", model::Role::kMaker));
    });
    for (const char* name : {"ann", "bob"})
      custody_.transact([&](db::Transaction& t) {
        return custody::approve_movement_rule(t, kFund, "policy", "p1", who(name, model::Role::kApprover));
      });
  }

 private:
  static custody::MovementActor who(const char* name, model::Role role) {
    return {{model::ActorId::literal(name), {role}},
            time::SystemClock().now()};  // Custody's: the database's.
  }
  static custody::MovementActor service() { return who("navkeeper", model::Role::kService); }
  db::Pool& custody_;
  custody::Settings settings_;
};

/// Dies before the n-th step; loses the answers of the proposals whose turn it is.
struct Fuse {
  int left = 0;
  void step() {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  }
};
class BurningDesk final : public MovementDesk {
 public:
  BurningDesk(MovementDesk& inner, Fuse& fuse, bool loses_answers)
      : inner_(inner), fuse_(fuse), loses_answers_(loses_answers) {}
  std::string propose(const model::FundId& fund, const StakeProposal& proposal) override {
    fuse_.step();
    std::string state = inner_.propose(fund, proposal);
    fuse_.step();
    if (loses_answers_) throw base::InDoubt("the answer was lost");
    return state;
  }
  std::optional<std::string> find(const model::FundId& fund, const StakeProposal& proposal) override {
    fuse_.step();
    return inner_.find(fund, proposal);
  }
  std::vector<UnseenStake> unseen_stakes(const model::FundId& fund, Instant read_at,
                                         const std::set<std::string>& without) override {
    return inner_.unseen_stakes(fund, read_at, without);
  }

 private:
  MovementDesk& inner_;
  Fuse& fuse_;
  bool loses_answers_;
};

class PlanStoreTest : public StakingStoreTest {
 protected:
  /// At most 200,000 a validator, so that the plan has several steps.
  static PlanRequest request(const char* id = "2026-12") {
    std::string text = world::kRequest;
    const auto replace = [&](const std::string& from, const std::string& to) {
      text.replace(text.find(from), from.size(), to);
    };
    replace("\"2026-12\"", '"' + std::string(id) + '"');
    replace(R"("fund_validator_share_max":"0.2")", R"("fund_validator_share_max":"0.13")");
    replace(R"("redemptions")", R"("native_days":28,"redemptions")");
    std::string more = R"({"place":"v3","tokens":"1000000","gross_rate":"0.05","commission":"0.03"},)";
    for (const char* place : {"a1", "a2", "a3", "a4", "a5", "a6"})
      more += R"({"place":")" + std::string(place) +
              R"(","tokens":"20000000","gross_rate":"0.05","commission":"0.06","custodian":"cc"},)";
    replace(R"({"place":"v4")", more + R"({"place":"v4")");
    replace(R"("policy":{)", R"("policy":{"validator_tokens_share_max":"0.001",)");
    return read_plan_request(json::parse(text).value());
  }
  StoredPlan proposed(const PlanRequest& asked) {
    PostgresStakingStore readings = store();
    PostgresPlanStore plans(pool());
    const LiquidityInputs inputs = resolve_liquidity(readings, kFund, world::facts(), {}, kNow);
    plans.save(kFund, inputs, {}, asked, make_plan(inputs, {}, asked), "mia");
    return *plans.find(kFund, asked.id);
  }
  std::int64_t movements() {
    return service_pool("auditor").transact([&](db::Transaction& transaction) {
      return db::query(transaction,
                       "SELECT count(*) FROM custody.movement_proposal WHERE kind = 'movement'")[0][0]
          .as<std::int64_t>();
    });
  }
  StandingClock clock_;
};

TEST_F(PlanStoreTest, APlanIsStoredOnceAndMadeAgainFromItsInputs) {
  synced();
  const StoredPlan plan = proposed(request());
  ASSERT_GE(plan.steps.size(), 3U) << plan.answer;
  EXPECT_EQ(made_plan_text(plan.request, {}, make_plan(plan.inputs, {}, plan.request)), plan.answer);
  EXPECT_EQ(std::count_if(plan.steps.begin(), plan.steps.end(),
                          [](const StoredStep& step) { return step.step.movement_id.empty(); }),
            1)
      << "v3 has no custodian";
  EXPECT_THROW(proposed(request()), base::Conflict);
  proposed(request("2027-01"));
  PostgresPlanStore plans(pool());
  EXPECT_EQ(plans.plans(kFund, Instant::latest()).size(), 2U);
  EXPECT_TRUE(plans.plans(kOther, Instant::latest()).empty());
  EXPECT_FALSE(plans.find(kFund, "nothing"));
  EXPECT_FALSE(plans.find(kFund, ""));
  EXPECT_EQ(rows("plan"), 2);
}

TEST_F(PlanStoreTest, StatesFollowFromOneAnotherByConstraint) {
  synced();
  proposed(request());
  const auto state = [&](int seq, const char* previous, const char* next) {
    return constraint(
        "INSERT INTO plan_step_state (fund_id, plan_id, step, seq, previous, previous_state, state, detail,"
        " actor, known_at_ns) VALUES ('CROYIELD', '2026-12', 1, " +
        std::to_string(seq) + ", " + (seq == 1 ? "NULL, NULL" : std::to_string(seq - 1) + ", " + previous) +
        ", '" + next + "', '', 'x', 1)");
  };
  EXPECT_NE(state(1, "", "proposed"), "") << "nothing is proposed before it was sent";
  EXPECT_EQ(state(1, "", "sending"), "");
  EXPECT_EQ(state(2, "'sending'", "proposed"), "");
  EXPECT_NE(state(3, "'proposed'", "sending"), "");
  EXPECT_NE(constraint("INSERT INTO plan_step_state (fund_id, plan_id, step, seq, state, detail, actor,"
                       " known_at_ns) VALUES ('CROYIELD', '2026-12', 2, 1, 'refused', '', 'x', 1)"),
            "");
  EXPECT_EQ(constraint("INSERT INTO plan_step_state (fund_id, plan_id, step, seq, state, detail, actor,"
                       " known_at_ns) VALUES ('CROYIELD', '2026-12', 2, 1, 'sending', '', 'x', 1)"),
            "");
  EXPECT_EQ(
      constraint("INSERT INTO plan_step_state (fund_id, plan_id, step, seq, previous, previous_state,"
                 " state, detail, actor, known_at_ns) VALUES ('CROYIELD', '2026-12', 2, 2, 1, 'sending',"
                 " 'sending', '', 'x', 1)"),
      "a_step_is_sent_where_nothing_left")
      << "never sent again while it is not known";
}

TEST_F(PlanStoreTest, AStaleOrForbiddenSubmissionSendsNothing) {
  synced();
  proposed(request());
  CustodysDesk desk(service_pool("custody"));
  desk.enforce_policy();
  PostgresStakingStore readings = store();
  PostgresPlanStore plans(pool());
  const auto refused = [&](const FundTerms& terms, const char* id = "2026-12") -> std::string {
    try {
      submit_plan({readings, plans, desk}, kFund, id, terms, clock_, "mia");
      return "";
    } catch (const base::Refused& refusal) {
      return refusal.what();
    }
  };
  FundTerms strict;
  strict.nav_age_max = Duration::hours(1);
  EXPECT_NE(refused(strict).find("is stale"), std::string::npos);
  strict = {};
  strict.policy.illiquid_max = d("0.12");
  EXPECT_NE(refused(strict).find("ICA_1940"), std::string::npos);
  EXPECT_NE(refused({}, "unknown").find("is not known"), std::string::npos);
  // Somebody delegated meanwhile: what was allowed is not any more.
  SyncResult later = world::sync_result("1300000");
  later.run.started_at = later.run.ended_at = kNow;
  later.readings[0].mark = world::mark(300, kNow);
  store().save(kFund, later, kNow, kActor);
  EXPECT_NE(refused({}).find("ICA_1940"), std::string::npos);
  EXPECT_EQ(movements(), 0);
  EXPECT_EQ(rows("plan_step_state"), 0);
}

TEST_F(PlanStoreTest, StakesOfOtherPlansCountWithThisOne) {
  synced();
  proposed(request());
  proposed(request("2027-01"));
  CustodysDesk desk(service_pool("custody"));
  desk.enforce_policy();
  PostgresStakingStore readings = store();
  PostgresPlanStore plans(pool());
  const auto first = submit_plan({readings, plans, desk}, kFund, "2026-12", {}, clock_, "mia");
  const std::int64_t sent = movements();
  EXPECT_GT(sent, 0);
  try {
    submit_plan({readings, plans, desk}, kFund, "2027-01", {}, clock_, "mia");
    ADD_FAILURE() << "both together are above the act's limit";
  } catch (const base::Refused& refusal) {
    EXPECT_NE(std::string(refusal.what()).find("ICA_1940"), std::string::npos) << refusal.what();
  }
  EXPECT_EQ(movements(), sent);
  // Submitting the first one again still looks at its own steps alone.
  submit_plan({readings, plans, desk}, kFund, "2026-12", {}, clock_, "mia");
  EXPECT_EQ(movements(), sent);
}

TEST_F(PlanStoreTest, ATokenIsAStakeAndOnceThatIsConfirmedAConversion) {
  SyncResult result = world::sync_result();
  PositionReading staked{Chain::kCustodian,    "foris", {0, "", world::hours_ago(1)}, true,
                         std::string(64, 'b'), {}};
  Position position;
  position.key = {Chain::kCustodian, "foris", "main", kEther};
  position.amount = d("10");
  position.verifiable = false;
  staked.positions.push_back(position);
  SyncResult foris;
  foris.run = {"foris", world::hours_ago(1), world::hours_ago(1), SyncOutcome::kDone, ""};
  foris.readings = {staked};
  foris.parameters = {{Chain::kLiquid, "foris", "rate.CDCETH", "1.02", {0, "", world::hours_ago(1)}}};
  store().save(kFund, result, world::hours_ago(1), kActor);
  store().save(kFund, foris, world::hours_ago(1), kActor);
  PostgresStakingStore readings = store();
  PostgresPlanStore plans(pool());
  FundFacts facts = world::facts();
  facts.holdings.push_back({kEther, d("30"), d("1000"), d("30000")});
  facts.net_assets += d("30000");
  PlanRequest asked =
      read_plan_request(json::parse(R"({"id":"t-1","asset":"ETH","decimals":8,"native_days":20,
      "validators":[],"tokens":[{"token":"CDCETH","issuer":"Crypto.com","net_rate":"0.03","days_to_free":0,
      "custodian":"cc","slippage_bps":5}]})")
                            .value());
  const LiquidityInputs inputs = resolve_liquidity(readings, kFund, facts, {}, kNow);
  resolve_token_rates(readings, kFund, asked, kNow);
  plans.save(kFund, inputs, {}, asked, make_plan(inputs, {}, asked), "mia");
  StoredPlan plan = *plans.find(kFund, "t-1");
  EXPECT_EQ(made_plan_text(plan.request, {}, make_plan(plan.inputs, {}, plan.request)), plan.answer);
  ASSERT_EQ(plan.steps.size(), 2U) << plan.answer;
  EXPECT_EQ(plan.steps[0].step.act, PlanStep::Act::kStake);
  EXPECT_EQ(plan.steps[1].step.act, PlanStep::Act::kConvert);
  EXPECT_EQ(plan.steps[1].step.expected_rate, d("1.02"));
  EXPECT_EQ(plan.steps[1].step.placement.amount, d("20"));
  CustodysDesk desk(service_pool("custody"));
  desk.enforce_policy();
  plan = submit_plan({readings, plans, desk}, kFund, "t-1", {}, clock_, "mia");
  EXPECT_EQ(plan.steps[0].state(), StepState::kProposed) << plan.steps[0].events.back().detail;
  EXPECT_EQ(plan.steps[1].state(), std::nullopt) << "staked coins alone are converted";
  EXPECT_EQ(movements(), 1);
  submit_plan({readings, plans, desk}, kFund, "t-1", {}, clock_, "mia");
  EXPECT_EQ(movements(), 1);
  desk.confirm("plan-t-1-1");
  plan = submit_plan({readings, plans, desk}, kFund, "t-1", {}, clock_, "mia");
  EXPECT_EQ(plan.steps[1].state(), StepState::kProposed) << plan.steps[1].events.back().detail;
  EXPECT_EQ(movements(), 2);
  const auto moved = service_pool("custody").transact(
      [&](db::Transaction& t) { return custody::known_movement(t, kFund, "plan-t-1-2").movement; });
  EXPECT_EQ(moved.kind, custody::MovementKind::kConvert);
  EXPECT_EQ(moved.conversion, (custody::Conversion{"CDCETH", d("1.02"), 5}));
  submit_plan({readings, plans, desk}, kFund, "t-1", {}, clock_, "mia");
  EXPECT_EQ(movements(), 2);
}

TEST_F(PlanStoreTest, EachStepBecomesOneMovementWhateverIsKilledInBetween) {
  synced();
  const StoredPlan plan = proposed(request());
  const auto submittable = static_cast<std::int64_t>(plan.steps.size()) - 1;
  {
    CustodysDesk desk(service_pool("custody"));
    desk.enforce_policy();
  }
  int killed = 0;
  for (int turn = 1; turn <= 60; ++turn) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      db::Pool staking({.connection = connection("navkeeper_staking"), .schema = "staking"});
      db::Pool custody({.connection = connection("navkeeper_custody"), .schema = "custody"});
      CustodysDesk inner(custody);
      Fuse fuse{1 + turn % 5};
      BurningDesk desk(inner, fuse, turn % 3 == 0);
      PostgresStakingStore readings(staking);
      PostgresPlanStore plans(staking);
      StandingClock clock;
      try {
        submit_plan({readings, plans, desk}, kFund, plan.request.id, {}, clock, "mia");
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    killed += WIFSIGNALED(status) ? 1 : 0;
    EXPECT_LE(movements(), submittable);
  }
  EXPECT_GT(killed, 3);
  CustodysDesk desk(service_pool("custody"));
  PostgresStakingStore readings = store();
  PostgresPlanStore plans(pool());
  for (int i = 0; i < 3; ++i) submit_plan({readings, plans, desk}, kFund, plan.request.id, {}, clock_, "mia");
  const auto stored = plans.find(kFund, plan.request.id);
  for (const StoredStep& step : stored->steps) {
    if (step.step.movement_id.empty()) continue;
    EXPECT_EQ(step.state(), StepState::kProposed) << step.step.number;
    int sent = 0;
    for (const StepEvent& event : step.events) sent += event.state == StepState::kSending ? 1 : 0;
    EXPECT_GE(sent, 1);
  }
  EXPECT_EQ(movements(), submittable);
}

TEST_F(PlanStoreTest, WhatCustodyRefusesIsSaidAndWhatDidNotArriveGoesAgain) {
  synced();
  proposed(request());
  CustodysDesk desk(service_pool("custody"));  // no policy is in force there
  PostgresStakingStore readings = store();
  PostgresPlanStore plans(pool());
  const StoredPlan refused = submit_plan({readings, plans, desk}, kFund, "2026-12", {}, clock_, "mia");
  for (const StoredStep& step : refused.steps) {
    if (!step.step.movement_id.empty()) {
      EXPECT_EQ(step.state(), StepState::kRefused);
      EXPECT_FALSE(step.events.back().detail.empty());
    }
  }
  class Away final : public MovementDesk {
    std::string propose(const model::FundId&, const StakeProposal&) override {
      throw base::Unavailable("nobody listens");
    }
    std::optional<std::string> find(const model::FundId&, const StakeProposal&) override { return {}; }
    std::vector<UnseenStake> unseen_stakes(const model::FundId&, Instant,
                                           const std::set<std::string>&) override {
      return {};
    }
  } away;
  proposed(request("2027-01"));
  const auto first = submit_plan({readings, plans, away}, kFund, "2027-01", {}, clock_, "mia");
  EXPECT_EQ(first.steps[0].state(),
            first.steps[0].step.movement_id.empty() ? std::nullopt : std::optional(StepState::kNotSent));
  desk.enforce_policy();
  const auto second = submit_plan({readings, plans, desk}, kFund, "2027-01", {}, clock_, "mia");
  for (const StoredStep& step : second.steps) {
    if (!step.step.movement_id.empty()) {
      EXPECT_EQ(step.state(), StepState::kProposed);
    }
  }
}

}  // namespace
}  // namespace navkeeper::staking
