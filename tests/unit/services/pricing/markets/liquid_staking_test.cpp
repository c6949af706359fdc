#include "services/pricing/domain/markets/liquid_staking.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;
using time::Duration;
using time::Instant;

const auto kToken = model::AssetId::literal("CDCETH");
const auto kPair = model::PairId::literal("CDCETH/USD");
const auto kVenue = model::VenueId::literal("cryptocom");
const auto kValuation = Instant::literal("2026-03-02T21:00:00Z");
const PrincipalMarket kMarket{kVenue, kPair, "the only one"};

ExecutedTrade trade(int minutes_before, const char* price, const char* size = "1") {
  return {kVenue,
          kPair,
          kValuation - Duration::minutes(minutes_before),
          std::to_string(1'000 - minutes_before),
          Decimal::literal(price),
          Decimal::literal(size)};
}

LiquidStakingPolicy policy() {
  LiquidStakingPolicy policy;
  policy.activity = {Duration::hours(24), 3, Decimal::of(5), Duration::hours(12)};
  policy.discount_annual_ppm = 36'500;  // 0.01% a day
  policy.redemption_days = 20;
  return policy;
}

LiquidStakingInput input(std::span<const ExecutedTrade> trades) {
  return {.token = kToken,
          .date = Date::literal("2026-03-02"),
          .act = FundAct::kIca1940,
          .rate = {Decimal::literal("1.0417"), kValuation - Duration::hours(3), "issuer API"},
          .earlier_rate = std::nullopt,
          .coin_price = Decimal::of(3000),
          .market = kMarket,
          .trades = trades,
          .valuation = kValuation,
          .now = kValuation + Duration::minutes(1)};
}

TEST(LiquidStaking, ActiveMarketIsOfficial) {
  const std::vector<ExecutedTrade> trades{trade(725, "3100", "3"), trade(300, "3110", "3"),
                                          trade(10, "3120.55")};
  const auto value = value_liquid_staking(policy(), input(trades));
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->source, LiquidStakingSource::kMarket);
  EXPECT_EQ(value->official, Decimal::literal("3120.55"));
  EXPECT_TRUE(value->activity.active);
  EXPECT_EQ(value->by_rate, Rational(Decimal::literal("3125.1")));
  EXPECT_EQ(value->peg_deviation, Rational(Decimal::literal("4.55")) / Rational(Decimal::literal("3125.1")));
  EXPECT_EQ(value->determination, std::nullopt);
}

TEST(LiquidStaking, WithoutAnActiveMarketItIsRateTimesCoinLessTheWait) {
  const std::vector<ExecutedTrade> thin{trade(10, "3120.55")};
  const auto value = value_liquid_staking(policy(), input(thin));
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->source, LiquidStakingSource::kExchangeRate);
  EXPECT_EQ(redemption_discount(policy()), Rational::of(2, 1000));
  EXPECT_EQ(value->official, Decimal::literal("3118.8498")) << "3125.1 * 0.998";
  EXPECT_TRUE(value->peg_deviation.has_value()) << "a thin market still shows where the token trades";
  const auto none = value_liquid_staking(policy(), input({}));
  EXPECT_EQ(none->official, Decimal::literal("3118.8498"));
  EXPECT_EQ(none->peg_deviation, std::nullopt);
}

TEST(LiquidStaking, PegBeyondItsBoundForcesADetermination) {
  const std::vector<ExecutedTrade> trades{trade(725, "3100", "3"), trade(300, "3110", "3"),
                                          trade(10, "2950")};
  const auto value = value_liquid_staking(policy(), input(trades));
  ASSERT_TRUE(value->determination.has_value());
  EXPECT_EQ(value->determination->trigger, DeterminationTrigger::kPegDeviation);
  EXPECT_EQ(value->determination->inputs.size(), 5U);
  EXPECT_TRUE(value->determination->for_board);
  const std::vector<ExecutedTrade> at_bound{trade(10, "3093.849")};
  EXPECT_EQ(value_liquid_staking(policy(), input(at_bound))->determination, std::nullopt)
      << "1% exactly is allowed";
  const std::vector<ExecutedTrade> beyond{trade(10, "3093.848")};
  EXPECT_TRUE(value_liquid_staking(policy(), input(beyond))->determination.has_value())
      << "an inactive market warns too";
}

TEST(LiquidStaking, FallingRateIsReportedAsFalling) {
  auto falling = input({});
  falling.earlier_rate =
      ExchangeRate{Decimal::literal("1.0418"), kValuation - Duration::hours(30), "issuer API"};
  EXPECT_TRUE(value_liquid_staking(policy(), falling)->rate_fell);
  falling.earlier_rate->coins_per_token = Decimal::literal("1.0417");
  EXPECT_FALSE(value_liquid_staking(policy(), falling)->rate_fell);
}

TEST(LiquidStaking, BadInputsAreRefused) {
  const auto problem = [](LiquidStakingPolicy rule, LiquidStakingInput in) {
    return value_liquid_staking(rule, in).error();
  };
  auto total = policy();
  total.discount_annual_ppm = 1'000'000;
  total.redemption_days = 365;
  EXPECT_EQ(problem(total, input({})), LiquidStakingProblem::kBadPolicy);
  auto in = input({});
  in.rate.coins_per_token = Decimal();
  EXPECT_EQ(problem(policy(), in), LiquidStakingProblem::kBadRate);
  in = input({});
  in.rate.as_of = kValuation - Duration::hours(24) - Duration::from_ns(1);
  EXPECT_EQ(problem(policy(), in), LiquidStakingProblem::kRateTooOld);
  in.rate.as_of = kValuation + Duration::from_ns(1);
  EXPECT_EQ(problem(policy(), in), LiquidStakingProblem::kRateTooOld);
  in = input({});
  in.coin_price = Decimal::of(-1);
  EXPECT_EQ(problem(policy(), in), LiquidStakingProblem::kBadCoinPrice);
  in = input({});
  in.coin_price = Decimal::literal("0.0000000001");
  EXPECT_EQ(problem(policy(), in), LiquidStakingProblem::kWorthless);
}

TEST(MarketActivity, EachTestCanFail) {
  const std::vector<ExecutedTrade> trades{trade(700, "3100", "3"), trade(300, "3110", "3"),
                                          trade(10, "3120.55")};
  const auto active = [&](ActivityTest test) {
    return market_activity(test, kMarket, trades, kValuation).active;
  };
  EXPECT_TRUE(active({Duration::hours(24), 3, Decimal::of(7), Duration::minutes(740)}));
  EXPECT_FALSE(active({Duration::hours(24), 4, Decimal::of(7), Duration::minutes(740)}));
  EXPECT_FALSE(active({Duration::hours(24), 3, Decimal::literal("7.1"), Duration::minutes(740)}));
  EXPECT_FALSE(active({Duration::hours(24), 3, Decimal::of(7), Duration::minutes(739)}))
      << "740 minutes before the first";
  EXPECT_FALSE(active({Duration::hours(6), 3, Decimal::of(1), Duration::hours(6)}))
      << "the oldest is outside the span";
}

RC_GTEST_PROP(LiquidStakingProperty, ScalingTheCoinScalesTheValueByRate, ()) {
  auto in = input({});
  in.coin_price = Decimal::of(*rc::gen::inRange(1, 100'000), 2);
  auto rule = policy();
  rule.decimals = 30;
  rule.redemption_days = *rc::gen::inRange<std::int64_t>(0, 365);
  const auto one = value_liquid_staking(rule, in);
  in.coin_price = *in.coin_price * Decimal::of(7);
  const auto seven = value_liquid_staking(rule, in);
  RC_ASSERT(one->discounted * Rational::of(7) == seven->discounted);
  RC_ASSERT(!(one->by_rate < one->discounted));
}

}  // namespace
}  // namespace navkeeper::pricing
