#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "services/staking/domain/liquidity/breach.h"
#include "services/staking/domain/liquidity/redemption.h"

namespace navkeeper::staking::liquidity {
namespace {

using money::Decimal;
using money::Rational;
using time::Duration;
using time::Instant;

Decimal d(const char* text) { return Decimal::literal(text); }
Instant now() { return Instant::literal("2026-03-10T21:00:00Z"); }
Instant days_on(std::int64_t days) { return now() + Duration::hours(24 * days); }

Holding holding(HoldingKind kind, const char* place, const char* value, std::optional<std::int64_t> days,
                const char* loss = "0") {
  Holding result;
  result.kind = kind;
  result.place = place;
  result.asset = model::AssetId::literal(kind == HoldingKind::kCash ? "USD" : "CRO");
  result.decimals = 8;
  result.value = d(value);
  result.quantity = money::multiply(d(value), d("10"), 8, money::Rounding::kDown);
  if (days) result.free_at = days_on(*days);
  result.sale_loss = d(loss);
  return result;
}

std::vector<Holding> fund() {
  return {holding(HoldingKind::kCash, "bank", "20", 0),
          holding(HoldingKind::kCoins, "cold", "60", 0),
          holding(HoldingKind::kStaked, "v1", "10", 28),
          holding(HoldingKind::kReturning, "v1/1", "3", 5),
          holding(HoldingKind::kReturning, "v1/2", "2", 20),
          holding(HoldingKind::kToken, "stCRO", "5", 0, "0.01")};
}

TEST(Liquidity, LadderAndIlliquidPartOfNetAssets) {
  const auto result = test(fund(), d("100"), {}, now());
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->ladder.available[0], d("85"));
  EXPECT_EQ(result->ladder.available[1], d("85"));
  EXPECT_EQ(result->ladder.available[2], d("88"));
  EXPECT_EQ(result->ladder.available[3], d("100"));
  EXPECT_EQ(result->illiquid, d("12"));
  EXPECT_EQ(result->illiquid_share, Rational(d("0.12")));
  EXPECT_EQ(result->standing, Standing::kWithin);
  // What comes back within seven days counts by policy only.
  LiquidityPolicy strict;
  strict.returning_counts = false;
  EXPECT_EQ(test(fund(), d("100"), strict, now())->illiquid, d("15"));
  EXPECT_EQ(test(fund(), d("100"), strict, now())->standing, Standing::kWithin);  // exactly 15 %
  // The limit is a part of net assets, not of assets: a liability makes the same holdings too many.
  EXPECT_EQ(test(fund(), d("99.99"), strict, now())->standing, Standing::kAboveIlliquid);
}

TEST(Liquidity, ATokenThatSellsFarBelowItsValueIsIlliquid) {
  const std::vector<Holding> holdings{holding(HoldingKind::kCash, "bank", "80", 0),
                                      holding(HoldingKind::kToken, "stCRO", "20", 0, "0.021")};
  const auto result = test(holdings, d("100"), {}, now());
  EXPECT_EQ(result->illiquid, d("20"));
  EXPECT_EQ(result->ladder.unknown, d("20"));
  EXPECT_EQ(result->standing, Standing::kAboveIlliquid);
}

TEST(Liquidity, ATrustBelowEightyFiveNeedsItsWrittenPolicy) {
  LiquidityPolicy policy;
  policy.regime = Regime::kEtp1933;
  EXPECT_EQ(test(fund(), d("100"), policy, now())->standing, Standing::kWithin);  // exactly 85 %
  std::vector<Holding> holdings = fund();
  holdings[0].value = d("19.99");
  EXPECT_EQ(test(holdings, d("100"), policy, now())->standing, Standing::kBelowReadily);
  policy.written_policy = "LRP 2026-01";
  EXPECT_EQ(test(holdings, d("100"), policy, now())->standing, Standing::kBelowReadilyCovered);
}

Acquisition staking(const char* value) {
  Acquisition acquisition;
  acquisition.bought = holding(HoldingKind::kStaked, "v2", value, 28);
  acquisition.paid_by = {holding(HoldingKind::kCoins, "cold", value, 0)};
  return acquisition;
}

TEST(Liquidity, AnAcquisitionAboveTheLimitIsRefusedBeforeItHappens) {
  EXPECT_EQ(check_acquisition(fund(), d("100"), staking("3"), {}, now())->illiquid_share,
            Rational(d("0.15")));
  EXPECT_EQ(check_acquisition(fund(), d("100"), staking("3.01"), {}, now()).error(),
            LiquidityRefusal::kIlliquidLimit);
  EXPECT_EQ(check_acquisition(fund(), d("100"), staking("60.01"), {}, now()).error(),
            LiquidityRefusal::kMoreThanHeld);
  // In a passive breach more of the illiquid is refused, liquid for liquid is not.
  EXPECT_EQ(check_acquisition(fund(), d("50"), staking("0.01"), {}, now()).error(),
            LiquidityRefusal::kIlliquidLimit);
  Acquisition token = staking("1");
  token.bought = holding(HoldingKind::kToken, "stCRO2", "1", 0);
  EXPECT_EQ(check_acquisition(fund(), d("50"), token, {}, now())->standing, Standing::kAboveIlliquid);
  EXPECT_EQ(check_acquisition(fund(), Decimal(), token, {}, now()).error(), LiquidityRefusal::kNoNetAssets);
}

RC_GTEST_PROP(LiquidityProperty, TheRoomIsExactlyWhatTheRuleStillAllows, ()) {
  LiquidityPolicy policy;
  policy.regime = *rc::gen::element(Regime::kIca1940, Regime::kEtp1933);
  policy.illiquid_max = Decimal::of(*rc::gen::inRange(0, 100), 2);
  policy.readily_min = Decimal::of(*rc::gen::inRange(0, 100), 2);
  const Decimal staked = Decimal::of(*rc::gen::inRange(0, 5'000), 2);
  std::vector<Holding> holdings{holding(HoldingKind::kCoins, "cold", "100", 0),
                                holding(HoldingKind::kStaked, "v1", "0", 28)};
  holdings[1].value = staked;
  const auto before = test(holdings, d("150"), policy, now());
  const Rational room = *room_for_illiquid(*before, policy);
  const Decimal cents = room.rounded(2, money::Rounding::kDown);
  if (cents > d("99")) return;
  Acquisition all = staking("1");
  all.bought.value = all.paid_by[0].value = cents;
  RC_ASSERT(check_acquisition(holdings, d("150"), all, policy, now()).has_value());
  all.bought.value = all.paid_by[0].value = cents + d("0.01");
  RC_ASSERT(check_acquisition(holdings, d("150"), all, policy, now()).has_error());
}

TEST(Redemption, UsesCashThenWhatSellsBestThenWhatComesBack) {
  const auto result = redeem(fund(), d("100"), d("90"), {}, now(), Duration::hours(24));
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->steps.size(), 6U);
  EXPECT_EQ(result->steps[0].act, Act::kPay);
  EXPECT_EQ(result->steps[1].act, Act::kSell);
  EXPECT_EQ(result->steps[1].place, "cold");
  EXPECT_EQ(result->steps[2].place, "stCRO");
  EXPECT_EQ(result->steps[2].proceeds, d("4.95"));
  EXPECT_EQ(result->steps[3].act, Act::kAwait);
  EXPECT_EQ(result->steps[3].at, days_on(6));
  EXPECT_EQ(result->steps[4].place, "v1/2");
  EXPECT_EQ(result->steps[5].act, Act::kAskBack);
  EXPECT_EQ(result->steps[5].quantity, d("0.5"));
  EXPECT_EQ(result->covered_by[1], d("84.95"));
  EXPECT_EQ(result->covered_by[2], d("87.95"));
  EXPECT_EQ(result->covered, d("90"));
  EXPECT_EQ(result->sale_losses, d("0.05"));
}

TEST(Redemption, SaysWhatMustBeAskedBackAndHowTheFundStandsAfterwards) {
  std::vector<Holding> holdings{holding(HoldingKind::kCoins, "cold", "85", 0),
                                holding(HoldingKind::kStaked, "v1", "15", 28)};
  holdings[1].yield_rate = d("0.05");
  // Within the limit before; the redemption takes the liquid part and leaves a passive breach.
  const auto small = redeem(holdings, d("100"), d("10"), {}, now(), Duration::hours(24));
  ASSERT_EQ(small->steps.size(), 1U);
  EXPECT_EQ(small->paid_at, days_on(1));
  EXPECT_EQ(small->before.standing, Standing::kWithin);
  EXPECT_EQ(small->after->standing, Standing::kAboveIlliquid);
  EXPECT_EQ(small->after->illiquid_share, Rational::of(1, 6));
  const auto large = redeem(holdings, d("100"), d("90"), {}, now(), Duration::hours(24));
  ASSERT_EQ(large->steps.size(), 2U);
  EXPECT_EQ(large->steps[1].act, Act::kAskBack);
  EXPECT_EQ(large->steps[1].quantity, d("50"));
  EXPECT_EQ(large->paid_at, days_on(29));
  EXPECT_EQ(large->yield_given_up, d("0.25"));
  // A validator that leaves whole brings more than was asked.
  holdings[1].indivisible = true;
  const auto whole = redeem(holdings, d("100"), d("90"), {}, now(), Duration::hours(24));
  EXPECT_EQ(whole->steps[1].proceeds, d("15"));
  EXPECT_EQ(whole->covered, d("100"));
  holdings[1].free_at.reset();
  const auto stuck = redeem(holdings, d("100"), d("90"), {}, now(), Duration::hours(24));
  EXPECT_EQ(stuck->shortfall, d("5"));
  EXPECT_FALSE(stuck->paid_at);
  EXPECT_EQ(redeem(holdings, d("100"), d("100.01"), {}, now(), Duration()).error(),
            LiquidityRefusal::kMoreThanNetAssets);
  EXPECT_EQ(redeem(holdings, d("100"), Decimal(), {}, now(), Duration()).error(),
            LiquidityRefusal::kNotPositive);
}

TEST(Redemption, PartsOfACentAreCoveredByTheCentAbove) {
  const auto result = redeem(fund(), d("100"), d("30.005"), {}, now(), Duration::hours(24));
  ASSERT_EQ(result->steps.size(), 2U);
  EXPECT_EQ(result->covered, d("30.01"));
  EXPECT_EQ(result->shortfall, Decimal());
}

RC_GTEST_PROP(RedemptionProperty, WhatIsPaidAndWhatLacksIsWhatWasAskedAndOrderDoesNotMatter, ()) {
  std::vector<Holding> holdings;
  Decimal assets;
  const int count = *rc::gen::inRange(1, 8);
  for (int i = 0; i < count; ++i) {
    Holding one = holding(*rc::gen::element(HoldingKind::kCoins, HoldingKind::kStaked, HoldingKind::kToken),
                          std::to_string(i).c_str(), "1", *rc::gen::inRange(0, 40));
    one.value = Decimal::of(*rc::gen::inRange(1, 100'000), 2);
    one.quantity = Decimal::of(*rc::gen::inRange(1, 1'000'000), 4);
    one.sale_loss = Decimal::of(*rc::gen::inRange(0, 5), 2);
    assets += one.value;
    holdings.push_back(one);
  }
  const Decimal asked = Decimal::of(*rc::gen::inRange(1, 100'000), 2);
  if (asked > assets) return;
  const auto result = redeem(holdings, assets, asked, {}, now(), Duration::hours(24));
  RC_ASSERT(result->covered + result->shortfall >= asked);
  // More than asked only by less than the last step's smallest unit is worth, and a cent.
  if (!result->steps.empty() && result->shortfall.is_zero())
    RC_ASSERT(result->covered - asked <= d("1.01") * Decimal::of(10));
  Decimal sum;
  for (const Step& step : result->steps) sum += step.proceeds;
  RC_ASSERT(sum == result->covered);
  std::reverse(holdings.begin(), holdings.end());
  const auto reversed = redeem(holdings, assets, asked, {}, now(), Duration::hours(24));
  RC_ASSERT(reversed->covered == result->covered);
  RC_ASSERT(reversed->steps.size() == result->steps.size());
  for (std::size_t i = 0; i < result->steps.size(); ++i)
    RC_ASSERT(result->steps[i].place == reversed->steps[i].place);
}

TEST(Breach, APassiveBreachIsRecordedFollowedAndCuredByATestAlone) {
  const LiquidityPolicy policy;
  const auto within = *test(fund(), d("100"), policy, now());
  const auto above = *test(fund(), d("70"), policy, now());
  EXPECT_FALSE(follow(std::nullopt, within, policy, now(), "batch"));
  const auto opened = follow(std::nullopt, above, policy, now(), "batch");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, BreachEventKind::kOpened);
  EXPECT_EQ(opened->text, "12 of net assets of 70 is illiquid: 0.171429, the limit is 0.15");
  Breach breach{{*opened}};
  EXPECT_EQ(breach.missing().size(), 3U);
  EXPECT_EQ(act_on(breach, BreachEventKind::kCured, "we are fine", now(), "anna").error(),
            BreachRefusal::kNotByHand);
  EXPECT_EQ(act_on(breach, BreachEventKind::kBoardNotified, "", now(), "anna").error(),
            BreachRefusal::kNothingSaid);
  EXPECT_EQ(act_on(breach, BreachEventKind::kBoardNotified, "x", days_on(-1), "anna").error(),
            BreachRefusal::kBeforeTheBreach);
  breach.events.push_back(*act_on(breach, BreachEventKind::kBoardNotified, "minutes 7", now(), "anna"));
  EXPECT_EQ(act_on(breach, BreachEventKind::kBoardNotified, "again", now(), "anna").error(),
            BreachRefusal::kAlreadyNotified);
  breach.events.push_back(*act_on(breach, BreachEventKind::kPlanRecorded, "let v1/2 mature", now(), "anna"));
  EXPECT_EQ(breach.missing(), std::vector{BreachEventKind::kFormFiled});
  EXPECT_EQ(follow(breach, above, policy, days_on(1), "batch")->kind, BreachEventKind::kMeasured);
  breach.events.push_back(*follow(breach, within, policy, days_on(2), "batch"));
  EXPECT_FALSE(breach.is_open());
  EXPECT_EQ(act_on(breach, BreachEventKind::kFormFiled, "N-RN", days_on(3), "anna").error(),
            BreachRefusal::kNotOpen);
  EXPECT_EQ(follow(breach, above, policy, days_on(4), "batch")->kind, BreachEventKind::kOpened);
}

}  // namespace
}  // namespace navkeeper::staking::liquidity
