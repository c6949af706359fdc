#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>
#include <stdexcept>

#include "tests/support/vectors.h"
#include "tests/unit/services/staking/cosmos_world.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

Decimal d(std::string_view text) { return Decimal::literal(text); }

CosmosParameters parameters() {
  CosmosParameters p;
  p.unbonding_time = time::Duration::hours(std::int64_t{24} * 28);
  p.max_entries = 7;
  p.max_validators = 100;
  p.bond_denomination = "basecro";
  p.signed_blocks_window = 5000;
  p.min_signed_per_window = d("0.5");
  p.downtime_jail = time::Duration::hours(24);
  p.slash_double_sign = d("0.05");
  return p;
}

time::Instant day(int days) {
  return time::Instant::literal("2026-01-01T00:00:00Z") + time::Duration::hours(std::int64_t{24} * days);
}

/// A chain at a height with one validator that has `tokens` of "d".
CosmosStaking chain_with(const char* tokens, std::uint64_t height) {
  CosmosStaking chain(parameters());
  chain.begin_block({height, day(0)});
  EXPECT_TRUE(chain.create_validator("a", d("0")));
  EXPECT_TRUE(chain.create_validator("b", d("0")));
  EXPECT_TRUE(chain.delegate("d", "a", d(tokens)));
  return chain;
}

/// cosmos-sdk x/staking/keeper/slash_test.go, by ../shared/data/staking/cosmos/f1_distribution_vectors.json.
TEST(CosmosSlashing, UnbondingEntriesBearTheirPartFirst) {
  CosmosStaking chain = chain_with("14", 11);
  ASSERT_TRUE(chain.undelegate("d", "a", d("4")));
  chain.begin_block({12, day(1)});
  const char* balances[] = {"2", "0", "0", "0"};
  const char* burned[] = {"3", "6", "9", "10"};
  const char* power[] = {"7", "4", "1", "0"};
  Decimal sum;
  for (int i = 0; i < 4; ++i) {
    const auto effect = chain.slash("a", 10, d("10"), d("0.5"));
    ASSERT_TRUE(effect);
    sum += effect->from_validator;
    EXPECT_EQ(chain.unbondings()[0].balance, d(balances[i])) << i;
    EXPECT_EQ(sum, d(burned[i])) << i;
    EXPECT_EQ(chain.validator("a")->tokens(), d(power[i])) << i;
  }
}

TEST(CosmosSlashing, OneEntry) {
  CosmosStaking chain = chain_with("20", 5);
  ASSERT_TRUE(chain.undelegate("d", "a", d("10")));
  chain.begin_block({9, day(1)});
  ASSERT_TRUE(chain.slash("a", 6, d("10"), d("0.5")));  // Begun before the fault: it answers for nothing.
  EXPECT_EQ(chain.unbondings()[0].balance, d("10"));
  const auto effect = chain.slash("a", 5, d("10"), d("0.5"));
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->from_unbonding, d("5"));
  EXPECT_EQ(chain.unbondings()[0].balance, d("5"));
  EXPECT_EQ(chain.unbondings()[0].initial, d("10"));
  EXPECT_EQ(chain.begin_block({10, day(28)}).at("d"), d("5"))
      << "the balance is paid, not what was asked for";
  EXPECT_TRUE(chain.unbondings().empty());
}

TEST(CosmosSlashing, RedelegatedStakeAnswersForItsSource) {
  CosmosStaking chain = chain_with("16", 11);
  ASSERT_TRUE(chain.redelegate("d", "a", "b", d("6")));
  chain.begin_block({12, day(1)});
  const auto effect = chain.slash("a", 10, d("10"), d("0.5"));
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->burned(), d("5"));
  EXPECT_EQ(effect->from_redelegations, d("3"));
  EXPECT_EQ(chain.validator("a")->tokens(), d("8"));
  EXPECT_EQ(chain.validator("b")->tokens(), d("3"));
  chain.begin_block({13, day(29)});
  EXPECT_TRUE(chain.redelegations().empty());
  ASSERT_TRUE(chain.slash("a", 10, d("8"), d("0.5")));
  EXPECT_EQ(chain.validator("b")->tokens(), d("3")) << "a finished redelegation answers for nothing";
}

TEST(CosmosStaking, RulesOfTheChain) {
  CosmosStaking chain = chain_with("1000", 5);
  for (std::uint64_t i = 0; i < 7; ++i) {
    chain.begin_block({10 + i, day(static_cast<int>(i))});
    ASSERT_TRUE(chain.undelegate("d", "a", d("1")));
  }
  EXPECT_EQ(chain.undelegate("d", "a", d("1")).error().rule, "has 7 unbondings of this delegator already");
  const auto room = unbonding_room(chain.unbondings(), "d", "a", 7, day(6));
  EXPECT_EQ(room.left, 0U);
  EXPECT_EQ(*room.frees_at, day(28));
  // A limit that the chain lowered: all but one of the seven must end first.
  std::vector<time::Instant> ends;
  for (const UnbondingEntry& entry : chain.unbondings())
    if (entry.validator == "a") ends.push_back(entry.completes_at);
  std::sort(ends.begin(), ends.end());
  ASSERT_EQ(ends.size(), 7U);
  EXPECT_EQ(*unbonding_room(chain.unbondings(), "d", "a", 2, day(6)).frees_at, ends[5]);
  EXPECT_EQ(chain.begin_block({20, day(28)}).at("d"), d("1"));
  EXPECT_TRUE(chain.undelegate("d", "a", d("1")));
  ASSERT_TRUE(chain.redelegate("d", "a", "b", d("5")));
  EXPECT_NE(chain.redelegate("d", "b", "a", d("1")).error().rule.find("runs until 2026-02-26"),
            std::string::npos);
  EXPECT_TRUE(chain.undelegate("d", "b", d("1"))) << "only a hop is forbidden";
  ASSERT_TRUE(chain.jail("b"));
  EXPECT_EQ(chain.cancel_unbonding("d", "b", 20, d("1")).error().rule, "is jailed");
  ASSERT_TRUE(chain.unjail("b"));
  EXPECT_TRUE(chain.cancel_unbonding("d", "b", 20, d("1")));
  ASSERT_TRUE(chain.tombstone("b"));
  EXPECT_EQ(chain.unjail("b").error().rule, "signed twice and stays jailed for ever");
  EXPECT_EQ(chain.slash("a", 21, d("1"), d("0.1")).error().where, "infraction_height");
  EXPECT_EQ(chain.redelegate("d", "a", "a", d("1")).error().where, "destination");
  EXPECT_EQ(chain.delegate("d", "nobody", d("1")).error().where, "validator");
}

TEST(CosmosParametersByHeight, ChangesAreNamed) {
  ParameterHistory history;
  CosmosParameters later = parameters();
  later.max_entries = 14;
  ASSERT_TRUE(history.add(200, later));
  ASSERT_TRUE(history.add(100, parameters()));
  EXPECT_TRUE(history.add(100, parameters()));
  EXPECT_TRUE(history.add(100, later).has_error());
  EXPECT_EQ(history.at(99), nullptr);
  EXPECT_EQ(history.at(199)->max_entries, 7U);
  EXPECT_EQ(history.at(200)->max_entries, 14U);
  const auto changes = history.changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].name, "staking.max_entries");
  EXPECT_EQ(changes[0].after, 100U);
  EXPECT_EQ(changes[0].until, 200U);
  later.community_tax = d("1.1");
  EXPECT_EQ(check(later).error().where, "distribution.community_tax");
}

// A life of random acts, each block explained.
struct Life {
  Walk walk;
  std::vector<std::size_t> cut;  ///< where a state between two blocks was kept: index of the next step
  std::vector<DelegatorState> between;
};

Life random_life(unsigned blocks) {
  CosmosWorld world(parameters(), d("100000000000"));
  for (const char* name : {"v1", "v2", "v3"}) {
    const auto tokens = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000);
    world.add_validator(name, Decimal::of(*rc::gen::inRange<std::int64_t>(0, 100), 2), Decimal::of(tokens));
  }
  Life life;
  life.walk.delegator = kOurs;
  life.walk.opening = world.state();
  const auto name = [] { return "v" + std::to_string(*rc::gen::inRange(1, 4)); };
  const auto amount = [] { return Decimal::of(*rc::gen::inRange<std::int64_t>(1, 4'000'000'000)); };
  for (unsigned block = 0; block < blocks; ++block) {
    std::map<std::string, Decimal> rewards;
    for (const char* validator : {"v1", "v2", "v3"})
      rewards[validator] = Decimal::of(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000), 11);
    if (*rc::gen::inRange(0, 4) == 0) {
      life.cut.push_back(life.walk.steps.size());
      life.between.push_back(world.state());
    }
    world.begin(rewards);
    // Other people's acts move the rate of shares, in blocks of their own.
    if (*rc::gen::inRange(0, 3) == 0) {
      static_cast<void>(world.chain().undelegate("others", name(), amount()));
      static_cast<void>(world.chain().delegate("others", name(), amount()));
      world.end(life.walk);
      continue;
    }
    for (int acts = *rc::gen::inRange(0, 3); acts > 0; --acts) {
      switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
          world.delegate(name(), amount());
          break;
        case 2:
          world.undelegate(name(), amount());
          break;
        case 3:
          world.redelegate(name(), name(), amount());
          break;
        case 4:
          world.claim(name());
          break;
        case 5: {
          const std::uint64_t back = *rc::gen::inRange<std::uint64_t>(0, world.height());
          world.slash(name(), world.height() - back, Decimal::of(*rc::gen::inRange(0, 200), 3));
          break;
        }
        default:
          world.receive(amount());
      }
    }
    world.end(life.walk);
  }
  life.walk.closing = world.state();
  // The last block is the closing itself: one more, empty, lies behind it.
  return life;
}

const PositionKey kKey{Chain::kCronosPos, "node", "", model::AssetId::literal("CRO")};

std::string why(const WalkResult& result) {
  std::string text;
  for (const RollForward& each : result.roll_forwards) {
    if (!each.is_tied())
      text += each.key.place + " " + std::string(describe(each.account)) + " " +
              each.difference().to_string() + "; ";
  }
  for (const std::string& doubt : result.doubts) text += doubt + "; ";
  return text;
}

TEST(CosmosWalk, EveryLifeTiesToTheLastUnit) {
  rc::check([] {
    const Life life = random_life(*rc::gen::inRange(1U, 60U));
    const WalkResult result = explain(life.walk, kKey, 8);
    RC_LOG() << why(result);
    RC_ASSERT(result.is_tied());
    RC_ASSERT(result.doubts.empty());
    std::set<std::string> ids;
    for (const StakingEvent& event : result.events) {
      RC_ASSERT(ids.insert(event.id).second);
      RC_ASSERT(event.amount.is_positive());
      if (event.kind == EventKind::kClaimDust) RC_ASSERT(event.amount < Decimal::of(1, 8));
    }
  });
}

TEST(CosmosWalk, SplittingThePeriodChangesNothing) {
  rc::check([] {
    const Life life = random_life(*rc::gen::inRange(4U, 40U));
    const WalkResult whole = explain(life.walk, kKey, 8);
    std::map<std::pair<std::string, Account>, RollForward> joined_up;
    DelegatorState opening = life.walk.opening;
    std::size_t first = 0;
    for (std::size_t i = 0; i <= life.cut.size(); ++i) {
      const bool last = i == life.cut.size();
      const std::size_t end = last ? life.walk.steps.size() : life.cut[i];
      const Walk part{kOurs,
                      opening,
                      {life.walk.steps.begin() + static_cast<std::ptrdiff_t>(first),
                       life.walk.steps.begin() + static_cast<std::ptrdiff_t>(end)},
                      last ? life.walk.closing : life.between[i]};
      for (const RollForward& each : explain(part, kKey, 8).roll_forwards) {
        RC_ASSERT(each.is_tied());
        const auto key = std::pair(each.key.place, each.account);
        const auto known = joined_up.find(key);
        if (known == joined_up.end()) {
          joined_up.emplace(key, each);
          continue;
        }
        const auto both = joined(known->second, each);
        if (both) known->second = *both;  // A pair that was gone for a while begins anew.
      }
      opening = part.closing;
      first = end;
    }
    // What was earned, paid and lost in all is the same, however the period is cut.
    for (const RollForward& each : whole.roll_forwards) {
      if (each.account != Account::kLiquid) continue;
      RC_ASSERT(joined_up.at({each.key.place, each.account}) == each);
    }
  });
}

TEST(CosmosWalk, WhatNoEventExplainsDoesNotTie) {
  CosmosWorld world(parameters(), d("1000"));
  world.add_validator("v1", d("0.1"), d("500"));
  Walk walk{kOurs, world.state(), {}, {}};
  world.begin({{"v1", d("7.5")}});
  ASSERT_TRUE(world.delegate("v1", d("300")));
  world.end(walk);
  world.begin({{"v1", d("10")}});
  walk.closing = world.state();
  ASSERT_TRUE(explain(walk, kKey, 8).is_tied());
  const auto broken = [&](auto change) {
    Walk other = walk;
    change(other);
    return !explain(other, kKey, 8).is_tied();
  };
  EXPECT_TRUE(broken([](Walk& w) { w.closing.delegations["v1"].tokens -= d("2"); }))
      << "a loss without a slash";
  EXPECT_TRUE(broken([&](Walk& w) {
    w.steps.clear();
    w.opening = w.closing;
    w.closing.delegations["v1"].unclaimed = {};
  })) << "a claim without a block";
  EXPECT_TRUE(broken([](Walk& w) { w.closing.free += d("1"); }));
  EXPECT_TRUE(broken([](Walk& w) { w.steps[0].facts.clear(); }));
  EXPECT_TRUE(broken([](Walk& w) {
    w.closing.unbondings.push_back({kOurs, "v1", 9, w.closing.mark.at, d("1"), d("1")});
  }));
  // A unit of rounding is said to be one.
  Walk rounded = walk;
  rounded.closing.delegations["v1"].tokens -= d("1");
  const WalkResult result = explain(rounded, kKey, 8);
  EXPECT_TRUE(result.is_tied());
  const auto named = std::find_if(result.events.begin(), result.events.end(), [](const StakingEvent& event) {
    return event.kind == EventKind::kShareRateDown;
  });
  ASSERT_NE(named, result.events.end());
  EXPECT_EQ(named->amount, d("0.00000001"));
}

TEST(CosmosWalk, AClaimSaysWhetherTheFundWasPaid) {
  Walk walk;
  walk.delegator = "cro1d";
  walk.own = {"cro1d", "cro1e"};
  EXPECT_EQ(payee_of(walk, "cro1d"), "to cro1d");
  EXPECT_EQ(payee_of(walk, "cro1e"), "to cro1e of the fund");
  EXPECT_EQ(payee_of(walk, "cro1x"), "to cro1x");
  EXPECT_FALSE(is_paid_away(walk, "cro1d") || is_paid_away(walk, "cro1e"));
  EXPECT_TRUE(is_paid_away(walk, "cro1x"));
}

TEST(CosmosWalk, AClaimThatPaidOtherThanWasDueIsDoubted) {
  CosmosWorld world(parameters(), d("1000"));
  world.add_validator("v1", d("0"), d("500"));
  Walk walk{kOurs, world.state(), {}, {}};
  world.begin({{"v1", d("7.5")}});
  ASSERT_TRUE(world.delegate("v1", d("300")));
  world.end(walk);
  world.begin({{"v1", d("10")}});
  ASSERT_TRUE(world.claim("v1"));
  world.end(walk);
  world.begin({});
  walk.closing = world.state();
  WalkResult result = explain(walk, kKey, 8);
  ASSERT_TRUE(result.is_tied()) << why(result);
  const auto dust = std::find_if(result.events.begin(), result.events.end(), [](const StakingEvent& event) {
    return event.kind == EventKind::kClaimDust;
  });
  ASSERT_NE(dust, result.events.end());
  EXPECT_EQ(dust->amount, d("0.0000000075"));  // 300 of 800 of 10 = 3.75
  walk.steps[1].due["v1"] += d("2");
  result = explain(walk, kKey, 8);
  EXPECT_FALSE(result.is_tied());
  EXPECT_EQ(result.doubts.size(), 1U);
  walk.steps[1].due.clear();
  result = explain(walk, kKey, 8);
  EXPECT_TRUE(result.is_tied());
  EXPECT_NE(result.doubts.at(0).find("not recomputed"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::staking
