// Movements in a real PostgreSQL: two people other than the proposer, limits by role and day, addresses that
// cool off; by the code that decides, and by constraints that hold against any code.
#include <atomic>
#include <thread>

#include "common/db/audit.h"
#include "common/db/errors.h"
#include "tests/db/movement_fixture.h"

namespace navkeeper::custody {
namespace {

using S = MovementState;
using model::Role;
using money::Decimal;
using time::Duration;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_F(MovementTest, RulesComeInForceWhenTwoOthersApprovedThem) {
  const auto propose_rule = [&](const MovementRule& rule, const MovementActor& actor) {
    return refusal([&](auto& t) { propose_movement_rule(t, settings_, kFund, rule, actor); });
  };
  const auto approve_rule = [&](const char* kind, const char* id, const MovementActor& actor) {
    return refusal([&](auto& t) { approve_movement_rule(t, kFund, kind, id, actor); });
  };
  EXPECT_TRUE(says(propose_rule(policy("p1"), ann()), "may not"));
  EXPECT_TRUE(says(refusal([&](auto& t) {
                     propose_movement_rule(t, settings_, model::FundId::literal("NOBODYS"), policy("p"),
                                           maker());
                   }),
                   "no custodian of it is configured"));
  EXPECT_EQ(propose_rule(policy("p1"), maker()), "");
  EXPECT_TRUE(says(propose_rule(policy("p1", "9"), maker()), "with other content"));
  EXPECT_TRUE(says(approve_rule("policy", "p1", who("mia", Role::kApprover)), "may not approve it"));
  EXPECT_TRUE(says(approve_rule("policy", "p1", olga()), "may not"));
  EXPECT_TRUE(says(approve_rule("policy", "p2", ann()), "is not a known policy"));
  EXPECT_EQ(approve_rule("policy", "p1", ann()), "");
  EXPECT_FALSE(in([&](auto& t) { return approve_movement_rule(t, kFund, "policy", "p1", ann()); }));
  EXPECT_FALSE(in([&](auto& t) { return policy_in_force(t, kFund); }));
  EXPECT_EQ(approve_rule("policy", "p1", bob()), "");
  EXPECT_EQ(in([&](auto& t) { return policy_in_force(t, kFund); })->id, "p1");
  EXPECT_TRUE(says(approve_rule("policy", "p1", who("cid", Role::kApprover)), "already"));
  // Another policy replaces it; one in force cannot be taken back.
  enforce(policy("p2", "5", "5"));
  EXPECT_EQ(in([&](auto& t) { return policy_in_force(t, kFund); })->id, "p2");
  EXPECT_EQ(in([&](auto& t) { return load_movement_rules(t, kFund, "policy", "p1"); })[0].state(kNow),
            "replaced");
  EXPECT_TRUE(
      says(refusal([&](auto& t) { withdraw_movement_rule(t, kFund, "policy", "p2", ann()); }), "in force"));
  // An address cools off; it cannot be whitelisted under two names.
  enforce(destination("ap"));
  const auto state_at = [&](time::Instant now) {
    return in([&](auto& t) { return load_movement_rules(t, kFund, "destination", "ap"); })[0].state(now);
  };
  EXPECT_EQ(state_at(kNow + Duration::hours(24) - Duration::from_ns(1)), "cooling_off");
  EXPECT_EQ(state_at(kNow + Duration::hours(24)), "in_force");
  EXPECT_TRUE(says(propose_rule(destination("ap2"), maker()), "is that of destination ap"));
  MovementRule spelled = destination("ap2", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4");
  std::get<Destination>(spelled.terms).network = "bitcoin";
  EXPECT_TRUE(says(propose_rule(spelled, maker()), "is that of destination ap")) << "in another spelling";
  EXPECT_TRUE(in([&](auto& t) { return withdraw_movement_rule(t, kFund, "destination", "ap", ann()); }));
  EXPECT_EQ(state_at(kNow + Duration::hours(99)), "withdrawn");
  EXPECT_EQ(propose_rule(destination("ap2"), maker()), "");
  // What was proposed comes back as it was.
  const auto rules = in([&](auto& t) { return load_movement_rules(t, kFund); });
  EXPECT_EQ(std::get<MovementPolicy>(rules[0].rule.terms), std::get<MovementPolicy>(policy("p1").terms));
  EXPECT_EQ(std::get<Destination>(rules[2].rule.terms), std::get<Destination>(destination("ap").terms));
}

TEST_F(MovementTest, AClockThatWasSetBackShortensNoCoolingOff) {
  enforce(policy("p1"), kNow - Duration::hours(30));
  in([&](auto& t) { return propose_movement_rule(t, settings_, kFund, destination("ap"), maker()); });
  const auto approve = [&](const MovementActor& actor) {
    return refusal([&](auto& t) { approve_movement_rule(t, kFund, "destination", "ap", actor); });
  };
  EXPECT_TRUE(says(approve(ann(kNow - Duration::hours(48))), "it was proposed at 2026-03-05T10:00:00Z"));
  EXPECT_EQ(approve(ann(kNow + Duration::hours(1))), "");
  EXPECT_TRUE(
      says(approve(bob(kNow)), "it was approved first at 2026-03-05T11:00:00Z; is a clock set back?"));
  // The database refuses it whatever the code does.
  const auto insert = [&](time::Instant at) {
    return constraint(
        "INSERT INTO movement_approval (fund_id, kind, proposal_id, proposed_by, place, previous, limited, "
        "decided_by, known_at_ns) VALUES ('BTCETH', 'destination', 'ap', 'mia', 2, 1, NULL, 'bob', " +
        std::to_string(at.ns()) + ")");
  };
  EXPECT_EQ(insert(kNow), "an_approval_follows_in_time");
  // What others wrote down later is later, whatever the second approver's clock says.
  in([&](auto& t) {
    return propose_movement_rule(t, settings_, kFund, policy("p2"), maker(kNow + Duration::hours(5)));
  });
  EXPECT_EQ(approve(bob(kNow + Duration::hours(1))), "");
  const auto rules = in([&](auto& t) { return load_movement_rules(t, kFund, "destination", "ap"); });
  EXPECT_EQ(rules.at(0).active_from, kNow + Duration::hours(29));
}

TEST_F(MovementTest, AnAddressThatWasTakenUnderOlderRulesTakesNoCoins) {
  open_for_business();
  const std::string old =
      R"({"address":"bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs","address_tag":"","asset":"BTC","id":"old",)"
      R"("kind":"destination","name":"an AP","network":""})";
  const time::Instant before = kNow - Duration::hours(25);
  in([&](auto& t) {
    lock_movements(t, kFund);
    return add_movement_proposal(t, kFund, "destination", "old", old, maker(before));
  });
  for (const MovementActor& actor : {ann(before), bob(before)})
    in([&](auto& t) { return approve_movement_rule(t, kFund, "destination", "old", actor); });
  EXPECT_EQ(in([&](auto& t) { return load_movement_rules(t, kFund, "destination", "old"); })[0].state(kNow),
            "in_force");
  Movement one = withdrawal("w");
  one.destination = "old";
  EXPECT_TRUE(says(refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, maker()); }),
                   "has no rules yet"));
}

TEST_F(MovementTest, LimitsThatWereTightenedAfterApprovalHoldWhenItIsSent) {
  open_for_business();
  propose(withdrawal("w", "5"));
  approve_twice("w");
  EXPECT_EQ(movement("w").over_limits_of, "");
  enforce(policy("p2", "5", "25"), kNow);
  EXPECT_EQ(movement("w").over_limits_of, "") << "it fits these too";
  enforce(policy("p3", "4", "25"), kNow);
  EXPECT_EQ(movement("w").over_limits_of, "p3");
}

TEST_F(MovementTest, AnAddressIsLookedAtAgainWhenItIsSentTo) {
  const time::Instant now = in([](auto& t) { return database_time(t); });
  enforce(policy("p1"), now - Duration::hours(30));
  enforce(destination("ap"), now - Duration::hours(25));
  propose(withdrawal("w"), now);
  approve_twice("w", now);
  EXPECT_EQ(movement("w").destination_trouble, "");
  // A later policy lets new addresses cool off longer: for this one too.
  MovementRule longer = policy("p2");
  std::get<MovementPolicy>(longer.terms).cooling_off = Duration::hours(48);
  enforce(longer, now);
  EXPECT_TRUE(says(movement("w").destination_trouble, "cools off until"))
      << movement("w").destination_trouble;
  EXPECT_TRUE(says(movement("w").destination_trouble, "policy p2"));
  EXPECT_EQ(in([&](auto& t) { return load_movement_rules(t, kFund, "destination", "ap"); })[0].state(now),
            "cooling_off");
  EXPECT_TRUE(
      says(refusal([&](auto& t) { propose_movement(t, settings_, kFund, withdrawal("w2"), maker(now)); }),
           "cools off until"));
  EXPECT_EQ(
      constraint("INSERT INTO movement_event (fund_id, movement_id, seq, previous, previous_state, state, "
                 "kind, approvals, detail, custodian_id, transaction_id, status, document, actor, at_ns) "
                 "VALUES ('BTCETH', 'w', 4, 3, 'approved_twice', 'sending', 'movement', 2, '', '', '', '', "
                 "'', 'x', 1)"),
      "cooled_off_by_the_policy_in_force");
  // A shorter one ends no cooling-off that was written down.
  std::get<MovementPolicy>(longer.terms).id = "p3";
  std::get<MovementPolicy>(longer.terms).cooling_off = Duration::hours(1);
  enforce(longer, now);
  EXPECT_EQ(movement("w").destination_trouble, "");
}

TEST_F(MovementTest, AMovementNeedsAPolicyAnAddressThatCooledOffAndTwoOtherPeople) {
  const auto propose_it = [&](const Movement& one, const MovementActor& actor) {
    return refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, actor); });
  };
  EXPECT_TRUE(says(propose_it(stake("s", "1"), maker()), "no policy is in force"));
  enforce(policy("p1"), kNow - Duration::hours(30));
  EXPECT_TRUE(says(propose_it(withdrawal("w"), maker()), "ap is not whitelisted"));
  enforce(destination("ap"), kNow - Duration::hours(23));
  EXPECT_TRUE(says(propose_it(withdrawal("w"), maker()), "cools off until 2026-03-05T11:00:00Z"));
  const time::Instant later = kNow + Duration::hours(1);
  EXPECT_TRUE(says(propose_it(withdrawal("w"), ann(later)), "may not"));
  Movement wrong = withdrawal("w");
  wrong.custodian = "xx";
  EXPECT_TRUE(says(propose_it(wrong, maker(later)), "xx is not configured"));
  wrong = withdrawal("w");
  wrong.account = "wallet";
  EXPECT_TRUE(says(propose_it(wrong, maker(later)), "must be empty"));
  wrong = withdrawal("w");
  wrong.asset = model::AssetId::literal("ETH");
  EXPECT_TRUE(says(propose_it(wrong, maker(later)), "ap takes BTC"));
  EXPECT_EQ(propose_it(withdrawal("w"), maker(later)), "");
  EXPECT_FALSE(
      in([&](auto& t) { return propose_movement(t, settings_, kFund, withdrawal("w"), maker(later)); }));
  EXPECT_TRUE(says(propose_it(withdrawal("w", "2"), maker(later)), "other content"));
  const auto approve_it = [&](const MovementActor& actor) {
    return refusal([&](auto& t) { approve_movement(t, kFund, "w", actor); });
  };
  EXPECT_TRUE(says(approve_it(who("mia", Role::kApprover, later)), "may not approve it"));
  EXPECT_EQ(approve_it(ann(later)), "");
  EXPECT_EQ(state("w"), S::kApprovedOnce);
  EXPECT_FALSE(in([&](auto& t) { return approve_movement(t, kFund, "w", ann(later)); }));
  EXPECT_EQ(state("w"), S::kApprovedOnce);
  EXPECT_EQ(approve_it(bob(later)), "");
  EXPECT_EQ(state("w"), S::kApprovedTwice);
  EXPECT_EQ(movement("w").lapses_at, later + Duration::hours(48));
  EXPECT_EQ(movement("w").movement, withdrawal("w"));
  EXPECT_TRUE(
      says(refusal([&](auto& t) { withdraw_movement(t, kFund, "w", who("max", Role::kMaker, later)); }),
           "by who proposed it or by an approver"));
  EXPECT_TRUE(in([&](auto& t) { return withdraw_movement(t, kFund, "w", maker(later)); }));
  EXPECT_FALSE(in([&](auto& t) { return withdraw_movement(t, kFund, "w", maker(later)); }));
  EXPECT_TRUE(says(approve_it(who("cid", Role::kApprover, later)), "was withdrawn by mia"));
  // A service, such as staking's plans, proposes too, under its own limits.
  EXPECT_EQ(propose_it(stake("s", "10"), who("navkeeper", Role::kService, later)), "");
  EXPECT_TRUE(says(refusal([&](auto& t) { retry_movement(t, kFund, "s", "x", olga()); }), "is proposed"));
  EXPECT_TRUE(says(refusal([&](auto& t) { match_movement(t, kFund, "s", "x", olga()); }), "not in doubt"));
  const auto audited = in([&](auto& t) { return db::extend_audit(t, "custody", {}); });
  EXPECT_TRUE(audited.faults.empty());
  EXPECT_GT(audited.records, 10);
}

TEST_F(MovementTest, AStakeKeepsWhatItsLiquidityTestSaidForWhoApprovesIt) {
  open_for_business();
  propose(stake("nobody", "1"));
  ASSERT_TRUE(movement("nobody").stake_test);
  EXPECT_EQ(movement("nobody").stake_test->outcome, StakeTest::Outcome::kUnavailable);
  const CoinsUnderWay ether{model::AssetId::literal("ETH"), "cc", money::Decimal::of(1)};
  const StakeTest allowed{StakeTest::Outcome::kAllowed, "within: 12%", {ether}};
  in([&](auto& t) { return propose_movement(t, settings_, kFund, stake("s", "2"), maker(), allowed); });
  EXPECT_EQ(movement("s").stake_test->detail, "within: 12%");
  const std::string shown = movements_json(kFund, {movement("s")});
  EXPECT_TRUE(says(shown, R"("stake_test":{"outcome":"allowed","detail":"within: 12%"})")) << shown;
  EXPECT_TRUE(
      says(movement_history_table(movement("nobody")), "liquidity test: unavailable: nobody was asked"));
  // The test counted one coin of other stakes; by now there are three.
  EXPECT_THROW(in([&](auto& t) {
                 return propose_movement(t, settings_, kFund, stake("late", "2"), maker(), allowed);
               }),
               base::Conflict);
  EXPECT_FALSE(in([&](auto& t) { return load_movements(t, kFund, "late").size() > 0; }));
  propose(withdrawal("w"));
  EXPECT_FALSE(movement("w").stake_test);
  // A withdrawal has none, whoever writes it.
  EXPECT_NE(constraint("INSERT INTO movement_stake_test (fund_id, movement_id, movement, outcome, detail, "
                       "known_at_ns) VALUES ('BTCETH', 'w', 'stake', 'allowed', 'x', 1)"),
            "");
}

TEST_F(MovementTest, LimitsAreOfOneMovementAndOfARolesDay) {
  open_for_business();
  const auto refused = [&](const Movement& one, const MovementActor& actor) {
    return refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, actor); });
  };
  const MovementActor max = who("max", Role::kMaker);
  EXPECT_TRUE(
      says(refused(stake("a", "10.1"), maker()), "above the limit of one stake of ETH for maker, 10"));
  EXPECT_EQ(refused(stake("b", "10"), maker()), "");
  EXPECT_EQ(refused(stake("c", "10"), max), "");  // the same role, whoever it is
  EXPECT_TRUE(says(refused(stake("d", "5.000001"), maker()),
                   "with 20 of that day by all in the role it is above the limit of a day for maker, 25"));
  EXPECT_TRUE(says(refused(stake("d", "5.000001"), max), "limit of a day for maker, 25"));
  EXPECT_EQ(refused(stake("d", "5"), max), "");
  EXPECT_EQ(refused(withdrawal("e", "10"), maker()), "");                      // another kind
  EXPECT_EQ(refused(stake("f", "10"), who("navkeeper", Role::kService)), "");  // another role
  const time::Instant tomorrow = time::Instant::literal("2026-03-06T00:00:00Z");
  EXPECT_TRUE(says(refused(stake("g", "1"), maker(tomorrow - Duration::from_ns(1))), "limit of a day"));
  EXPECT_EQ(refused(stake("g", "10"), maker(tomorrow)), "");
  // The approvers' day holds each movement once, whoever of them approved it, and nothing that was proposed.
  const auto approve = [&](const char* id, const MovementActor& actor) {
    return refusal([&](auto& t) { approve_movement(t, kFund, id, actor); });
  };
  const MovementActor cid = who("cid", Role::kApprover);
  EXPECT_EQ(approve("b", ann()), "");
  EXPECT_EQ(approve("b", bob()), "");
  EXPECT_EQ(approve("c", bob()), "");
  EXPECT_TRUE(says(approve("f", cid),
                   "with 20 of that day by all in the role it is above the limit of a day for "
                   "approver, 25"));
  EXPECT_EQ(approve("c", cid), "");
  EXPECT_EQ(approve("d", cid), "");
  // What two people approve on two days is in both.
  EXPECT_EQ(approve("d", ann(tomorrow)), "");
  EXPECT_EQ(approve("g", ann(tomorrow)), "");
  EXPECT_EQ(approve("g", bob(tomorrow)), "");
  EXPECT_EQ(approve("f", ann(tomorrow + Duration::hours(1))), "");
  EXPECT_EQ(in([](auto& t) {
              return db::query(t,
                               "SELECT max(total) FROM movement_role_use WHERE role = 'approver' AND day = "
                               "'2026-03-06'")[0][0]
                  .template as<Decimal>();
            }),
            Decimal::of(25));
  // Another policy counts from its second approval on, for all that is approved later.
  enforce(policy("p2", "4", "100"), tomorrow + Duration::hours(2));
  EXPECT_TRUE(
      says(approve("f", bob(tomorrow + Duration::hours(3))), "limit of one stake of ETH for approver, 4"));
}

TEST_F(MovementTest, ALimitOfOnePersonsDayHoldsWithinTheRoles) {
  MovementRule rule = policy("p1");
  for (MovementLimit& limit : std::get<MovementPolicy>(rule.terms).limits)
    limit.per_person_day = Decimal::literal("12");
  enforce(rule);
  const auto refused = [&](const Movement& one, const MovementActor& actor) {
    return refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, actor); });
  };
  EXPECT_EQ(
      std::get<MovementPolicy>(in([&](auto& t) { return load_movement_rules(t, kFund); })[0].rule.terms),
      std::get<MovementPolicy>(rule.terms));
  EXPECT_EQ(refused(stake("a", "10"), maker()), "");
  EXPECT_TRUE(says(refused(stake("b", "2.1"), maker()), "limit of one person's day for maker, 12"));
  EXPECT_EQ(refused(stake("b", "10"), who("max", Role::kMaker)), "");
  EXPECT_TRUE(says(refused(stake("c", "5.1"), who("moe", Role::kMaker)), "limit of a day for maker, 25"));
  EXPECT_EQ(refused(stake("c", "5"), who("moe", Role::kMaker)), "");
}

TEST_F(MovementTest, ApproversAtOnceDoNotPassALimitTogether) {
  enforce(policy("p1", "10", "25"), kNow - Duration::hours(30));
  constexpr int kMovements = 6;
  for (int i = 0; i < kMovements; ++i)
    propose(stake("s" + std::to_string(i), "10"), kNow - Duration::hours(24 * (i / 2 + 1)));
  std::atomic<int> approved{0};
  std::vector<std::thread> approvers;
  for (int i = 0; i < kMovements; ++i)
    approvers.emplace_back([&, i] {
      const MovementActor actor = who("a" + std::to_string(i), Role::kApprover);
      if (refusal([&](auto& t) { approve_movement(t, kFund, "s" + std::to_string(i), actor); }).empty())
        ++approved;
    });
  for (std::thread& one : approvers) one.join();
  EXPECT_EQ(approved, 2);
  EXPECT_EQ(in([](auto& t) {
              return db::query(t, "SELECT max(total) FROM movement_role_use WHERE role = 'approver'")[0][0]
                  .template as<Decimal>();
            }),
            Decimal::of(20));
}

TEST_F(MovementTest, TheDatabaseItselfRefusesWhatNoCodeMayDo) {
  open_for_business();
  propose(withdrawal("w"));
  const std::string now = std::to_string(kNow.ns());
  const std::string use =
      "INSERT INTO movement_limit_use (fund_id, actor, asset, movement, day, role_day, position, previous, "
      "total_before, movement_id, amount, total, policy_id, role, per_movement, per_person_day, known_at_ns) "
      "VALUES ('BTCETH', ";
  const auto approval = [&](const char* by, int place, const char* previous) {
    return "INSERT INTO movement_approval (fund_id, kind, proposal_id, proposed_by, place, previous, "
           "limited, "
           "decided_by, known_at_ns) VALUES ('BTCETH', 'movement', 'w', 'mia', " +
           std::to_string(place) + ", " + previous + ", 'w', '" + by + "', " + now + ")";
  };
  const auto event = [&](int seq, const char* before, const char* after, const char* approvals) {
    return "INSERT INTO movement_event (fund_id, movement_id, seq, previous, previous_state, state, kind, "
           "approvals, detail, custodian_id, transaction_id, status, document, actor, at_ns) VALUES "
           "('BTCETH', "
           "'w', " +
           std::to_string(seq) + ", " + std::to_string(seq - 1) + ", '" + before + "', '" + after +
           "', 'movement', " + approvals + ", '', '', '', '', '', 'x', " + now + ")";
  };
  // Approvals: not by the proposer, not twice by one person, not the second first, not beyond a limit.
  EXPECT_EQ(constraint(approval("mia", 1, "NULL")), "nobody_approves_their_own_movement");
  EXPECT_EQ(constraint(approval("ann", 1, "NULL")), "approved_within_a_limit");
  EXPECT_NE(constraint(approval("ann", 2, "1")), "");
  EXPECT_EQ(constraint(use +
                       "'ann', 'BTC', 'withdrawal', '2026-03-05', '2026-03-05', 1, NULL, 0, 'w', 11, 11, "
                       "'p1', 'approver', "
                       "10, 25, " +
                       now + ")"),
            "within_the_limit_of_a_movement");
  EXPECT_NE(constraint(use +
                       "'ann', 'BTC', 'withdrawal', '2026-03-05', '2026-03-05', 1, NULL, 0, 'w', 11, 11, "
                       "'p1', 'approver', "
                       "99, 99, " +
                       now + ")"),
            "");  // a limit of nobody's policy
  EXPECT_NE(
      constraint(use +
                 "'mia', 'BTC', 'withdrawal', '2026-03-05', '2026-03-05', 2, 1, 0, 'x', 1, 1, 'p1', 'maker', "
                 "10, 25, " +
                 now + ")"),
      "");  // a total that does not follow
  EXPECT_NE(
      constraint(
          use +
          "'ann', 'BTC', 'withdrawal', '2026-03-06', '2026-03-06', 1, NULL, 0, 'w', 1, 1, 'p1', 'approver', "
          "10, 25, " +
          now + ")"),
      "");  // another day's
  // The role's day: within its limit, a movement once, and nobody's use without it.
  const std::string role_use =
      "INSERT INTO movement_role_use (fund_id, role, asset, movement, day, position, previous, total_before, "
      "movement_id, amount, total, policy_id, per_day, known_at_ns) VALUES ('BTCETH', ";
  EXPECT_EQ(constraint(role_use +
                       "'approver', 'BTC', 'withdrawal', '2026-03-05', 1, NULL, 0, 'w', 26, 26, "
                       "'p1', 25, " +
                       now + ")"),
            "within_the_limit_of_a_roles_day");
  EXPECT_NE(
      constraint(role_use + "'maker', 'BTC', 'withdrawal', '2026-03-05', 2, 1, 1, 'w', 1, 2, 'p1', 25, " +
                 now + ")"),
      "");  // it is there already
  EXPECT_NE(
      constraint(role_use + "'maker', 'BTC', 'withdrawal', '2026-03-05', 2, 1, 0, 'x', 1, 1, 'p1', 25, " +
                 now + ")"),
      "");  // a total that does not follow
  EXPECT_EQ(constraint(use +
                       "'ann', 'BTC', 'withdrawal', '2026-03-05', '2026-03-05', 1, NULL, 0, 'w', 1, 1, 'p1', "
                       "'approver', 10, 25, " +
                       now + ")"),
            "use_of_a_roles_day");
  EXPECT_EQ(constraint(use +
                       "'ann', 'BTC', 'withdrawal', '2026-03-05', NULL, 1, NULL, 0, 'w', 1, 1, 'p1', "
                       "'approver', 10, 25, " +
                       now + ")"),
            "counted_in_the_roles_day");
  EXPECT_EQ(constraint(event(2, "proposed", "sending", "2")), "a_state_follows_from_the_one_before");
  EXPECT_NE(constraint(event(2, "approved_twice", "sending", "2")), "");  // not the state before
  EXPECT_EQ(constraint(event(2, "proposed", "approved_once", "NULL")), "two_people_approve_what_is_sent");
  in([&](auto& t) { return approve_movement(t, kFund, "w", ann()); });
  EXPECT_EQ(constraint(approval("ann", 2, "1")), "one_person_approves_a_movement_once");
  EXPECT_NE(constraint(event(3, "approved_once", "approved_twice", "2")), "");  // nobody's second approval
  EXPECT_EQ(constraint(event(3, "approved_once", "approved_twice", "1")), "two_people_approve_what_is_sent");
  in([&](auto& t) { return approve_movement(t, kFund, "w", bob()); });
  // Only to an address that cooled off and stands.
  const auto movement_to = [&](const char* destination, const std::string& active, const std::string& at) {
    return "INSERT INTO movement (fund_id, movement_id, kind, movement, custodian, account, asset, amount, "
           "client_id, "
           "destination_id, destination_active_ns, proposed_by, known_at_ns) VALUES ('BTCETH', 'w', "
           "'movement', "
           "'withdrawal', 'cc', '', 'BTC', 1, 'z', " +
           std::string(destination) + ", " + active + ", 'mia', " + at + ")";
  };
  run_as_administrator(
      "CREATE TABLE custody.kept AS SELECT * FROM custody.movement_event; "
      "TRUNCATE custody.movement CASCADE;");
  EXPECT_EQ(constraint(movement_to("NULL", "NULL", now)), "a_withdrawal_has_a_destination");
  EXPECT_EQ(constraint(movement_to("'nobody'", now, now)), "only_to_whitelisted_addresses");
  const std::string active = std::to_string((kNow - Duration::hours(1)).ns());
  EXPECT_EQ(constraint(movement_to("'ap'", active, std::to_string((kNow - Duration::hours(2)).ns()))),
            "only_after_cooling_off");
  EXPECT_EQ(constraint(movement_to("'ap'", active, now)), "");
  run_as_administrator(
      "INSERT INTO custody.movement_event SELECT * FROM custody.kept ORDER BY seq; DROP TABLE custody.kept;");
  in([&](auto& t) { return withdraw_movement_rule(t, kFund, "destination", "ap", ann()); });
  EXPECT_EQ(constraint(event(4, "approved_twice", "sending", "2")), "nothing_is_sent_to_a_withdrawn_address");
  EXPECT_EQ(constraint("INSERT INTO movement_destination SELECT fund_id, 'y', kind, approvals, policy_id, "
                       "cooling_off_s, asset, network, address, address_tag, approved_at_ns, approved_at_ns "
                       "FROM movement_destination"),
            "an_address_cools_off");
  enforce(policy("p2"));
  EXPECT_EQ(
      constraint(
          use +
          "'cid', 'BTC', 'withdrawal', '2026-03-05', '2026-03-05', 1, NULL, 0, 'w', 1, 1, 'p1', 'approver', "
          "10, 25, " +
          now + ")"),
      "limits_of_the_policy_in_force");
  // Nothing is changed or removed.
  for (const char* table :
       {"movement_proposal", "movement_approval", "movement_policy", "movement_limit", "movement_destination",
        "movement_limit_use", "movement_role_use", "movement", "movement_event"}) {
    EXPECT_EQ(constraint(std::string("DELETE FROM ") + table), "42501") << table;
    EXPECT_EQ(constraint(std::string("UPDATE ") + table + " SET fund_id = 'X'"), "42501") << table;
  }
}

TEST_F(MovementTest, AConversionIsShownWithItsRateToWhoeverApprovesIt) {
  MovementRule rule = policy("p1");
  std::get<MovementPolicy>(rule.terms)
      .limits.push_back({model::AssetId::literal("ETH"), MovementKind::kConvert, Role::kMaker,
                         Decimal::literal("10"), Decimal::literal("10")});
  enforce(rule);
  Movement one = stake("c", "2.5");
  one.kind = MovementKind::kConvert;
  one.conversion = Conversion{"CDCETH", Decimal::literal("1.0203"), 5};
  propose(one);
  EXPECT_EQ(movement("c").movement, one);
  EXPECT_TRUE(says(movements_json(kFund, {movement("c")}),
                   R"("conversion":{"into":"CDCETH","expected_rate":"1.0203","slippage_bps":5})"));
  EXPECT_TRUE(says(movements_table({movement("c")}), "CDCETH at 1.0203 (5 bps)"));
  one.id = "d";
  one.custodian = "pr";
  one.account = "wallet";
  EXPECT_TRUE(says(refusal([&](auto& t) { propose_movement(t, settings_, kFund, one, maker()); }),
                   "converts no staked coins"));
}

TEST_F(MovementTest, ARecordOfTheCustodianIsOneMovements) {
  open_for_business();
  for (const char* id : {"a", "b"}) {
    propose(stake(id, "3"));
    approve_twice(id);
  }
  PostgresMovementStore store(pool());
  const auto add = [&](const char* id, const std::vector<MovementChange>& changes) {
    return store.add(kFund, movement(id), changes, {{"private/x", "{}", kNow, kNow, 200, "{}"}},
                     {{"movement_x", id, "why"}}, "navkeeper", kNow);
  };
  EXPECT_EQ(add("a", {{S::kSending, ""}, {S::kSent, "answered", "STAKE:1"}}), Added::kAdded);
  EXPECT_EQ(add("b", {{S::kSending, ""}}), Added::kAdded);
  EXPECT_EQ(add("b", {{S::kSent, "answered", "STAKE:1"}}), Added::kTaken);
  EXPECT_EQ(state("b"), S::kSending);
  const StoredMovement stale = movement("b");
  EXPECT_EQ(add("b", {{S::kInDoubt, "lost"}}), Added::kAdded);
  EXPECT_EQ(store.add(kFund, stale, {{S::kSent, "answered", "STAKE:2"}}, {}, {}, "navkeeper", kNow),
            Added::kOvertaken);
  EXPECT_EQ(store.taken(kFund, "cc", "b"), (std::set<std::string>{"STAKE:1"}));
  EXPECT_TRUE(says(refusal([&](auto& t) { match_movement(t, kFund, "b", "STAKE:1", olga()); }),
                   "another movement's"));
  in([&](auto& t) {
    match_movement(t, kFund, "b", "STAKE:2", olga());
    return 0;
  });
  EXPECT_EQ(state("b"), S::kSent);
  EXPECT_EQ(standing_of(movement("b").events).custodian_id, "STAKE:2");
  EXPECT_EQ(store.open(kFund).size(), 2U);
  // What said so is kept beside it, alarms too; what was not stored left nothing.
  const auto rows = [&](const char* table) {
    return in([&](auto& t) {
      return db::query(t, std::string("SELECT count(*) FROM ") + table)[0][0].template as<int>();
    });
  };
  EXPECT_EQ(rows("raw_answer"), 1);  // the same answer each time
  EXPECT_EQ(rows("alarm"), 2);       // of a and of b
  EXPECT_EQ(add("a", {{S::kConfirmed, "by its history", "STAKE:1"}}), Added::kAdded);
  EXPECT_EQ(store.open(kFund).size(), 1U);
  EXPECT_TRUE(says(refusal([&](auto& t) { withdraw_movement(t, kFund, "b", ann()); }), "it may have left"));
}

}  // namespace
}  // namespace navkeeper::custody
