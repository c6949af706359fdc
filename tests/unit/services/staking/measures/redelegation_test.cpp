// Which stakes are moved, how, and what the chain and the policy keep from it.
#include "services/staking/domain/plan/redelegation.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace navkeeper::staking::plan {
namespace {

using money::Decimal;
using money::Rational;

Decimal d(const char* text) { return Decimal::literal(text); }

Candidate validator(const char* place, const char* commission, const char* current = "0") {
  Candidate one;
  one.place = place;
  one.owner = std::string("operator of ") + place;
  one.tokens = d("10000000");
  one.gross_rate = d("0.05");
  one.commission = d(commission);
  one.current = d(current);
  return one;
}

/// 1,000 coins at a validator that keeps half of what it earns; two better ones.
PlanInputs world() {
  PlanInputs inputs;
  inputs.asset = model::AssetId::literal("CRO");
  inputs.coins_total = d("10000");
  inputs.native_days = 28;
  inputs.validators = {validator("poor", "0.5", "1000"), validator("good", "0.05"),
                       validator("best", "0.02")};
  return inputs;
}
MoveTerms terms() {
  MoveTerms made;
  made.stakes = {{"d1", "poor", d("1000")}};
  made.entries_max = 7;
  return made;
}
std::vector<Move> moves(const PlanInputs& inputs, const MoveTerms& asked, const StakingPlan& plan = {}) {
  return *propose_moves(inputs, plan, asked);
}

TEST(Redelegation, GoesToWhereItYieldsMostAndSaysTheGain) {
  const auto found = moves(world(), terms());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].way, Move::Way::kRedelegate);
  EXPECT_EQ(found[0].to, "best");
  EXPECT_EQ(found[0].amount, d("1000"));
  EXPECT_EQ(found[0].rate_from, d("0.025"));
  EXPECT_EQ(found[0].rate_to, d("0.049"));
  EXPECT_EQ(found[0].gain, d("24")) << "1,000 x (0.049 - 0.025) over a year";
}

TEST(Redelegation, LimitsOfThePolicySplitIt) {
  PlanInputs inputs = world();
  inputs.policy.fund_validator_share_max = d("0.06");  // 600 coins
  const auto found = moves(inputs, terms());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].to, "best");
  EXPECT_EQ(found[0].amount, d("600"));
  EXPECT_EQ(found[1].to, "good");
  EXPECT_EQ(found[1].amount, d("400"));
  // What the plan places there is there already.
  StakingPlan plan;
  plan.placements = {{Placement::Kind::kNative, "best", "operator of best", d("500"), {}}};
  EXPECT_EQ(moves(inputs, terms(), plan)[0].amount, d("100"));
  inputs.policy.minimum = d("200");
  EXPECT_EQ(moves(inputs, terms(), plan)[0].to, "good") << "less than the least delegation";
  inputs = world();
  inputs.policy.fund_owner_share_max = d("0.03");
  EXPECT_EQ(moves(inputs, terms())[0].amount, d("300"));
  inputs.validators[2].owner = inputs.validators[0].owner;
  EXPECT_EQ(moves(inputs, terms())[0].amount, d("1000")) << "of one operator it is already";
}

TEST(Redelegation, WhatTheChainForbidsGoesByUndelegatingWhereTheGainBearsTheWait) {
  MoveTerms asked = terms();
  asked.running = {{"d1", "other", "poor"}};
  auto found = moves(world(), asked);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].way, Move::Way::kUndelegate);
  EXPECT_NE(found[0].why.find("may not hop on"), std::string::npos) << found[0].why;
  // 1,000 x (0.049 x 337 - 0.025 x 365) / 365
  EXPECT_EQ(found[0].gain, d("20.24109589"));
  asked.running = {{"d2", "other", "poor"}};
  EXPECT_EQ(moves(world(), asked)[0].way, Move::Way::kRedelegate) << "another delegator's";
  // Seven of a pair run.
  asked.running.assign(7, {"d1", "poor", "best"});
  found = moves(world(), asked);
  EXPECT_EQ(found[0].way, Move::Way::kUndelegate);
  asked.running.pop_back();
  EXPECT_EQ(moves(world(), asked)[0].way, Move::Way::kRedelegate);
  // Over a short horizon the wait costs more than it brings.
  asked.running.assign(7, {"d1", "poor", "best"});
  PlanInputs soon = world();
  soon.policy.horizon_days = 40;
  found = moves(soon, asked);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].to, "good") << "where it may still be redelegated to";
  EXPECT_EQ(found[0].way, Move::Way::kRedelegate);
  // No unbonding entry is left: it stays.
  asked.running = {{"d1", "other", "poor"}};
  PlanInputs full = world();
  full.validators[0].entries_left = 0;
  EXPECT_TRUE(moves(full, asked).empty());
}

TEST(Redelegation, AJailedValidatorIsLeftAndNoneIsGoneTo) {
  PlanInputs inputs = world();
  inputs.validators[0].jailed = true;
  EXPECT_EQ(moves(inputs, terms())[0].rate_from, d("0"));
  inputs = world();
  inputs.validators[2].jailed = true;
  EXPECT_EQ(moves(inputs, terms())[0].to, "good");
  inputs.validators[1].commission = d("0.6");
  EXPECT_TRUE(moves(inputs, terms()).empty()) << "nowhere does it yield more";
  inputs = world();
  inputs.policy.stake_fee = d("25");
  EXPECT_TRUE(moves(inputs, terms()).empty()) << "the fee is more than the gain";
  MoveTerms elsewhere = terms();
  elsewhere.stakes[0].validator = "unknown";
  EXPECT_TRUE(moves(world(), elsewhere).empty()) << "nobody says what it yields there";
}

TEST(Redelegation, NoLimitIsPassedNoChainOfHopsIsMadeAndTheOrderChangesNothing) {
  std::mt19937 dice(11);
  const auto any = [&](int most) { return static_cast<int>(dice() % static_cast<unsigned>(most)); };
  for (int turn = 0; turn < 500; ++turn) {
    PlanInputs inputs;
    inputs.asset = model::AssetId::literal("CRO");
    inputs.decimals = 2;
    inputs.coins_total = d("5000");
    inputs.policy.fund_validator_share_max = Decimal::of(1 + any(9), 1);
    inputs.policy.validator_tokens_share_max = Decimal::of(1 + any(9), 2);
    MoveTerms asked;
    asked.entries_max = 2;
    for (int i = 0; i < 5; ++i) {
      Candidate one = validator("", "0");
      one.place = "v" + std::to_string(i);
      one.commission = Decimal::of(any(100), 2);
      one.jailed = any(6) == 0;
      one.tokens = Decimal::of(3'000 + any(9'000));
      one.current = Decimal::of(any(900));
      if (one.current.is_positive()) asked.stakes.push_back({"d1", one.place, one.current});
      if (any(4) == 0) asked.running.push_back({"d1", "v" + std::to_string(any(5)), one.place});
      inputs.validators.push_back(one);
    }
    const auto found = moves(inputs, asked);
    std::map<std::string, Decimal> in, out;
    for (const Move& one : found) {
      EXPECT_TRUE(one.gain.is_positive());
      EXPECT_LT(one.rate_from, one.rate_to);
      if (one.way == Move::Way::kRedelegate) {
        EXPECT_FALSE(in.contains(one.from)) << "what came there by a redelegation may not go on";
      }
      in[one.to] += one.amount;
      out[one.from] += one.amount;
      for (const RunningRedelegation& running : asked.running) {
        EXPECT_TRUE(one.way == Move::Way::kUndelegate || running.to != one.from);
      }
    }
    for (const Candidate& one : inputs.validators) {
      EXPECT_LE(out[one.place], one.current);
      if (!in[one.place].is_positive()) continue;
      EXPECT_FALSE(one.jailed);
      const Decimal held = one.current + in[one.place];
      EXPECT_LE(held, inputs.policy.fund_validator_share_max * inputs.coins_total);
      EXPECT_LE(held, inputs.policy.validator_tokens_share_max * (one.tokens + in[one.place]));
    }
    std::shuffle(inputs.validators.begin(), inputs.validators.end(), dice);
    std::shuffle(asked.stakes.begin(), asked.stakes.end(), dice);
    std::shuffle(asked.running.begin(), asked.running.end(), dice);
    const auto again = moves(inputs, asked);
    ASSERT_EQ(again.size(), found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(again[i].from, found[i].from);
      EXPECT_EQ(again[i].to, found[i].to);
      EXPECT_EQ(again[i].amount, found[i].amount);
    }
  }
}

}  // namespace
}  // namespace navkeeper::staking::plan
