#include "services/nav/domain/dealing/funding_plan.h"

#include <gtest/gtest.h>
// after gtest, which it needs
#include <rapidcheck/gtest.h>

#include "tests/unit/services/nav/dealing/dealing_fixture.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;

const std::vector<FundingSource> kAll{FundingSource::kCash, FundingSource::kSale, FundingSource::kCreditLine,
                                      FundingSource::kUnstaking, FundingSource::kCashInLieu};

FundingSight some_sight() {
  FundingSight sight;
  sight.free_cash = dec("1000");
  sight.credit_line = dec("500");
  sight.coins = {{coin("BTC"), dec("0.01"), {}, dec("100000"), 8, std::nullopt},
                 {coin("ETH"), {}, dec("32"), dec("4000"), 8, 1}};
  return sight;
}

TEST(FundingPlan, GoesThroughTheSourcesInTheirOrder) {
  FundingSight sight = some_sight();
  const FundingPlan plan = plan_funding({"ETH", dec("10")}, kAll, sight);
  ASSERT_EQ(plan.steps.size(), 4U);
  EXPECT_EQ(plan.steps[0].source, FundingSource::kCash);  // 1000 dollars buy a quarter
  EXPECT_EQ(plan.steps[0].covers, dec("0.25"));
  EXPECT_EQ(plan.steps[1].source, FundingSource::kSale);  // so do 0.01 BTC
  EXPECT_EQ(plan.steps[1].commodity, "BTC");
  EXPECT_EQ(plan.steps[1].covers, dec("0.25"));
  EXPECT_EQ(plan.steps[2].covers, dec("0.125"));
  EXPECT_EQ(plan.steps[3].source, FundingSource::kUnstaking);
  EXPECT_EQ(plan.steps[3].covers, dec("9.375"));
  EXPECT_TRUE(plan.uncovered.is_zero());
  EXPECT_TRUE(sight.free_cash.is_zero());
  EXPECT_EQ(sight.coins[1].staked, dec("22.625"));
}

TEST(FundingPlan, CoinsThatComeBackTooLateCoverNothing) {
  FundingSight sight = some_sight();
  sight.coins[1].unbonding_days = 28;
  const FundingPlan plan = plan_funding({"ETH", dec("10")}, kAll, sight);
  EXPECT_EQ(plan.steps.back().source, FundingSource::kCashInLieu);
  EXPECT_EQ(plan.steps.back().covers, dec("9.375"));
  EXPECT_TRUE(plan.uncovered.is_zero());
}

TEST(FundingPlan, SaysWhatNothingCovers) {
  FundingSight sight = some_sight();
  sight.is_in_kind = false;
  sight.coins[1].unbonding_days.reset();
  const FundingPlan plan = plan_funding({"USD", dec("5000")}, kAll, sight);
  ASSERT_EQ(plan.steps.size(), 3U);
  EXPECT_EQ(plan.uncovered, dec("2500"));
}

RC_GTEST_PROP(FundingPlan, CoversAndUncoveredAreTheNeedAndNoSourceGivesMoreThanItHas, ()) {
  const auto number = [](std::int64_t low, std::int64_t high) { return *rc::gen::inRange(low, high); };
  FundingSight sight;
  sight.free_cash = Decimal::of(number(0, 10'000'000), 2);
  sight.credit_line = Decimal::of(number(0, 10'000'000), 2);
  for (const char* name : {"BTC", "ETH"})
    sight.coins.push_back({coin(name), Decimal::of(number(0, 1'000'000'000), 8),
                           Decimal::of(number(0, 1'000'000'000), 8), Decimal::of(number(1, 20'000'000), 2),
                           static_cast<int>(number(0, 9)), static_cast<int>(number(0, 4))});
  sight.days_to_settlement = number(0, 4);
  sight.is_in_kind = *rc::gen::arbitrary<bool>();
  const FundingSight before = sight;
  const bool is_dollars = *rc::gen::arbitrary<bool>();
  const int decimals = sight.coins[1].transfer_decimals;
  const FundingNeed need = is_dollars ? FundingNeed{"USD", Decimal::of(number(1, 100'000'000), 2)}
                                      : FundingNeed{"ETH", Decimal::of(number(1, 1'000'000'000), decimals)};
  const FundingPlan plan = plan_funding(need, kAll, sight);
  Decimal covered;
  std::size_t last = 0;
  for (const FundingStep& step : plan.steps) {
    RC_ASSERT(step.covers.is_positive() && step.quantity.is_positive());
    const auto at = static_cast<std::size_t>(step.source);
    RC_ASSERT(at >= last);  // in the order of the policy
    last = at;
    covered += step.covers;
  }
  RC_ASSERT(covered + plan.uncovered == need.quantity);
  RC_ASSERT(!plan.uncovered.is_negative());
  RC_ASSERT(!sight.free_cash.is_negative() && sight.free_cash <= before.free_cash);
  RC_ASSERT(!sight.credit_line.is_negative() && sight.credit_line <= before.credit_line);
  for (std::size_t i = 0; i < 2; ++i) {
    RC_ASSERT(!sight.coins[i].free.is_negative() && sight.coins[i].free <= before.coins[i].free);
    RC_ASSERT(!sight.coins[i].staked.is_negative() && sight.coins[i].staked <= before.coins[i].staked);
  }
  if (!is_dollars && sight.is_in_kind) RC_ASSERT(plan.uncovered.is_zero());
}

}  // namespace
}  // namespace navkeeper::nav::dealing
