// A token that grows in value is not income unless the fund says so; a coin put into one is disposed of.
#include "services/nav/domain/policy/liquid_staking.h"

#include <gtest/gtest.h>

#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

Accretion rise() {
  return {"LCRO", day("2026-05-04"), dec("1000000"), dec("1.10"), dec("1.1003"), dec("0.095")};
}

TEST(LiquidStaking, RiseOfTheRateIsUnrealisedByDefaultPolicy) {
  const auto decision = accrete(AccretionPolicy::kUnrealised, rise()).value();
  EXPECT_EQ(decision.from_rate, dec("28.5"));  // 1,000,000 x 0.0003 x 0.095
  EXPECT_TRUE(decision.income.is_zero());
  EXPECT_TRUE(decision.cost_change.is_zero());
  EXPECT_FALSE(decision.entry);
}

TEST(LiquidStaking, UnderIncomePolicyTheRiseIsIncomeAndCost) {
  const auto decision = accrete(AccretionPolicy::kIncome, rise()).value();
  EXPECT_EQ(decision.income, dec("28.5"));
  EXPECT_EQ(decision.cost_change, dec("28.5"));
  EXPECT_TRUE(balances(*decision.entry));
  EXPECT_EQ(sum_of(*decision.entry, "Income:Rewards:liquid staking", "USD"), dec("-28.5"));
}

TEST(LiquidStaking, AFallingRateIsReportedAsFalling) {
  auto fall = rise();
  fall.rate_after = dec("1.0997");
  EXPECT_EQ(accrete(AccretionPolicy::kUnrealised, fall).value().from_rate, dec("-28.5"));
  const auto decision = accrete(AccretionPolicy::kIncome, fall).value();
  EXPECT_TRUE(decision.income.is_zero());
  EXPECT_EQ(decision.loss, dec("28.5"));
  EXPECT_EQ(sum_of(*decision.entry, "Expenses:Penalties", "USD"), dec("28.5"));
}

TEST(LiquidStaking, PutIntoATokenACoinIsDisposedOfAtItsValueWhichIsTheTokensCost) {
  const auto swap =
      swap_into({"tx-1", day("2026-05-04"), "CRO", dec("1100000"), dec("0.0951"), "LCRO", dec("1000000")})
          .value();
  EXPECT_EQ(swap.delivery, (CoinDelivery{"CRO", dec("1100000"), dec("104610"), DeliveryCause::kSwap}));
  EXPECT_EQ(swap.receipt, (LotReceipt{"LCRO", dec("1000000"), dec("104610"), day("2026-05-04")}));
}

TEST(LiquidStaking, BadInputIsRefused) {
  auto bad = rise();
  bad.rate_after = dec("0");
  EXPECT_EQ(message_of(accrete(AccretionPolicy::kUnrealised, bad)),
            "accretion of LCRO on 2026-05-04: a rate is not positive");
  bad = rise();
  bad.quantity = dec("-1");
  EXPECT_EQ(message_of(accrete(AccretionPolicy::kUnrealised, bad)),
            "accretion of LCRO on 2026-05-04: quantity is negative");
  EXPECT_EQ(message_of(swap_into({"t", day("2026-05-04"), "CRO", dec("1"), dec("1"), "CRO", dec("1")})),
            "swap 't' of CRO into CRO: gives and takes the same asset");
  EXPECT_EQ(message_of(swap_into({"t", day("2026-05-04"), "CRO", dec("1"), dec("1"), "LCRO", dec("0")})),
            "swap 't' of CRO into LCRO: quantity received is not positive");
  for (const AccretionPolicy policy : {AccretionPolicy::kUnrealised, AccretionPolicy::kIncome})
    EXPECT_EQ(parse_accretion_policy(describe(policy)), policy);
}

}  // namespace
}  // namespace navkeeper::nav::policy
