// Tiers weigh, and a schedule that could accrue a day twice, never, or below nothing is refused by name.
#include "services/nav/domain/policy/expense_rule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/unit/services/nav/policy/rules.h"

namespace navkeeper::nav::policy {
namespace {

std::string refused(std::vector<ExpenseRule> rules, std::vector<Waiver> waivers = {}) {
  return message_of(ExpenseSchedule::of(std::move(rules), std::move(waivers)));
}

TEST(Tiers, HodlPaysNothingOnTheFirstBillionAndAHalfAndAWeightedRateAbove) {
  const std::vector<Tier> tiers{{dec("0"), dec("0")}, {dec("1500000000"), dec("0.002")}};
  const auto rate_of = [&](std::string_view base) {
    return (tiered(dec(base), tiers) / money::Rational(dec(base))).rounded(8, Rounding::kHalfEven);
  };
  EXPECT_EQ(rate_of("1000000000"), dec("0"));
  EXPECT_EQ(rate_of("1500000000"), dec("0"));
  EXPECT_EQ(rate_of("2000000000"), dec("0.0005"));
  EXPECT_EQ(rate_of("6000000000"), dec("0.0015"));
}

TEST(Tiers, WeightedRateTimesBaseIsTheSumOfEachUnitsOwnRate) {
  EXPECT_TRUE(rc::check("unit by unit", [] {
    std::vector<Tier> tiers{{dec("0"), Decimal::of(*rc::gen::inRange(0, 50), 4)}};
    for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
      tiers.push_back({tiers.back().from + Decimal::of(*rc::gen::inRange(1, 40)),
                       Decimal::of(*rc::gen::inRange(0, 50), 4)});
    const int base = *rc::gen::inRange(0, 150);
    Decimal naive;
    for (int unit = 0; unit < base; ++unit) {
      Decimal rate;
      for (const Tier& tier : tiers) {
        if (tier.from <= Decimal::of(unit)) rate = tier.rate;
      }
      naive += rate;
    }
    RC_ASSERT(tiered(Decimal::of(base), tiers) == money::Rational(naive));
  }));
}

TEST(ExpenseSchedule, WordsOfBasesAndScopesReadBack) {
  for (const BaseKind kind :
       {BaseKind::kNetAssets, BaseKind::kAverageNetAssets, BaseKind::kCoinsHeld, BaseKind::kCoinEquivalent,
        BaseKind::kStakedAssets, BaseKind::kGrossRewards, BaseKind::kRewardsReceived})
    EXPECT_EQ(parse_base_kind(describe(kind)), kind);
  for (const RoundingScope scope : {RoundingScope::kEachStrike, RoundingScope::kCumulative})
    EXPECT_EQ(parse_rounding_scope(describe(scope)), scope);
  EXPECT_EQ(parse_base_kind("nav"), std::nullopt);
}

TEST(ExpenseSchedule, VersionsThatFollowEachOtherAndAWaiverWithinAreTaken) {
  auto first = management_fee("0.0095", "2026-01-01");
  first.to = day("2026-06-30");
  const auto schedule =
      ExpenseSchedule::of({management_fee("0.0075", "2026-07-01"), first},
                          {waiver_of({{dec("0"), dec("0.0075")}}, "2026-06-01", "2026-08-31")});
  ASSERT_TRUE(schedule.has_value());
  EXPECT_EQ(schedule->rules().front().from, day("2026-01-01"));
  EXPECT_EQ(schedule->waiver("management fee", day("2026-05-31")), nullptr);
  ASSERT_NE(schedule->waiver("management fee", day("2026-08-31")), nullptr);
  EXPECT_EQ(schedule->waiver("staking fee", day("2026-08-31")), nullptr);
}

TEST(ExpenseSchedule, OverlapAndGapOfVersionsAreRefused) {
  EXPECT_EQ(refused({management_fee("0.01", "2026-01-01"), management_fee("0.02", "2026-07-01")}),
            "expense rule 'management fee' from 2026-07-01: overlaps the version before it");
  auto first = management_fee("0.01", "2026-01-01");
  first.to = day("2026-06-29");
  EXPECT_EQ(refused({first, management_fee("0.02", "2026-07-01")}),
            "expense rule 'management fee' from 2026-07-01: leaves a gap from 2026-06-30");
  first.to = day("2025-12-31");
  EXPECT_EQ(refused({first}), "expense rule 'management fee' from 2026-01-01: ends before it begins");
}

TEST(ExpenseSchedule, VersionThatChangesBaseCurrencyOrAccrualDaysIsRefused) {
  auto first = management_fee("0.01", "2026-01-01");
  first.to = day("2026-06-30");
  auto second = management_fee("0.01", "2026-07-01");
  second.base = BaseKind::kAverageNetAssets;
  EXPECT_EQ(refused({first, second}),
            "expense rule 'management fee' from 2026-07-01: changes the base: a new base is a new fee");
  second = management_fee("0.01", "2026-07-01");
  second.paid_in = model::AssetId::literal("BTC");
  second.decimals = 8;
  EXPECT_EQ(
      refused({first, second}),
      "expense rule 'management fee' from 2026-07-01: changes the currency: a new currency is a new fee");
  second = management_fee("0.01", "2026-07-01");
  second.accrual_rule = time::AccrualRule::kBackward;
  EXPECT_EQ(refused({first, second}),
            "expense rule 'management fee' from 2026-07-01: changes the accrual days: a day would be accrued "
            "twice or not at all");
}

TEST(ExpenseSchedule, BadRatesBasesAndPayeesAreRefused) {
  const std::string where = "expense rule 'management fee' from 2026-01-01: ";
  auto rule = management_fee();
  rule.tiers = {};
  EXPECT_EQ(refused({rule}), where + "has no rate");
  rule.tiers = {{dec("1"), dec("0.01")}};
  EXPECT_EQ(refused({rule}), where + "the first tier does not begin at 0");
  rule.tiers = {{dec("0"), dec("0.01")}, {dec("5"), dec("0.01")}, {dec("5"), dec("0.02")}};
  EXPECT_EQ(refused({rule}), where + "the tiers do not rise");
  rule.tiers = {{dec("0"), dec("-0.01")}};
  EXPECT_EQ(refused({rule}), where + "a rate is negative: write a waiver");
  rule = management_fee();
  rule.asset = model::AssetId::literal("BTC");
  EXPECT_EQ(refused({rule}), where + "a base in dollars names an asset");
  rule = management_fee();
  rule.decimals = 3;
  EXPECT_EQ(refused({rule}), where + "decimals do not fit the currency");
  rule = management_fee();
  rule.payees = {};
  EXPECT_EQ(refused({rule}), where + "has no payee");
  rule.payees = {{"Adviser", dec("0.6")}, {"Sub", dec("0.3")}};
  EXPECT_EQ(refused({rule}), where + "the payees' shares add up to 0.9, not 1");
  rule.payees = {{"Adviser", dec("0.5")}, {"Adviser", dec("0.5")}};
  EXPECT_EQ(refused({rule}), where + "payee 'Adviser' is listed twice");
  rule.payees = {{"Sub", dec("1")}};
  EXPECT_EQ(refused({rule}), where + "remainder owner 'Adviser' is no payee");
  rule.payees = {{"Adviser", dec("1")}, {"Sub", dec("0")}};
  EXPECT_EQ(refused({rule}), where + "share of payee 'Sub' is not positive");

  auto rewards = staking_fee();
  rewards.tiers = {{dec("0"), dec("1.01")}};
  EXPECT_EQ(refused({rewards}),
            "expense rule 'staking fee' from 2026-01-01: takes more than all of the rewards");
  rewards = staking_fee();
  rewards.asset.reset();
  EXPECT_EQ(refused({rewards}), "expense rule 'staking fee' from 2026-01-01: a base in coins names no asset");
  rewards = staking_fee();
  rewards.paid_in = model::AssetId::literal("BTC");
  EXPECT_EQ(refused({rewards}),
            "expense rule 'staking fee' from 2026-01-01: the base is ETH and the payable BTC");
}

TEST(ExpenseSchedule, WaiverAboveTheFeeAtAnySizeIsRefused) {
  EXPECT_EQ(refused({management_fee("0.0025")},
                    {waiver_of({{dec("0"), dec("0.0026")}}, "2026-01-01", "2026-12-31")}),
            "waiver of 'management fee' from 2026-01-01: is above what Adviser earns by expense rule "
            "'management fee' "
            "from 2026-01-01 from a base of 0");
  auto falling = management_fee();
  falling.tiers = {{dec("0"), dec("0.0025")}, {dec("1000"), dec("0.0010")}};
  EXPECT_EQ(refused({falling}, {waiver_of({{dec("0"), dec("0.0020")}}, "2026-01-01", "2026-12-31")}),
            "waiver of 'management fee' from 2026-01-01: is above what Adviser earns by expense rule "
            "'management fee' "
            "from 2026-01-01 from a base of 1500");  // 2.50 + 0.10% of the rest against 0.20% of all
  // A higher rate of the waiver on a part is no higher amount: 0.20% of 2.1 million and 0.12% beyond, against
  // 70% of 0.95%, 0.5% and 0.25%.
  auto breaks = management_fee();
  breaks.tiers = {{dec("0"), dec("0.0095")}, {dec("1000000"), dec("0.005")}, {dec("2000000"), dec("0.0025")}};
  breaks.payees = {{"Adviser", dec("0.7")}, {"Sub", dec("0.3")}};
  EXPECT_FALSE(
      ExpenseSchedule::of({breaks}, {waiver_of({{dec("0"), dec("0.002")}, {dec("2100000"), dec("0.0012")}},
                                               "2026-01-01", "2026-12-31")})
          .has_error());
  // A payee can waive no more than its own share.
  auto shared = management_fee("0.0025");
  shared.payees = {{"Adviser", dec("0.4")}, {"Sub", dec("0.6")}};
  EXPECT_EQ(refused({shared}, {waiver_of({{dec("0"), dec("0.0011")}}, "2026-01-01", "2026-12-31")}),
            "waiver of 'management fee' from 2026-01-01: is above what Adviser earns by expense rule "
            "'management fee' "
            "from 2026-01-01 from a base of 0");
}

TEST(ExpenseSchedule, WaiverThatOverlapsOutlivesOrMissesItsFeeIsRefused) {
  const std::vector<Tier> some{{dec("0"), dec("0.001")}};
  EXPECT_EQ(refused({management_fee()}, {waiver_of(some, "2026-01-01", "2026-03-31"),
                                         waiver_of(some, "2026-03-31", "2026-04-30")}),
            "waiver of 'management fee' from 2026-03-31: overlaps the waiver before it");
  EXPECT_EQ(refused({management_fee()}, {waiver_of(some, "2025-12-31", "2026-03-31")}),
            "waiver of 'management fee' from 2025-12-31: is outside the life of its fee");
  auto ending = management_fee();
  ending.to = day("2026-06-30");
  EXPECT_EQ(refused({ending}, {waiver_of(some, "2026-06-30", "2026-07-01")}),
            "waiver of 'management fee' from 2026-06-30: is outside the life of its fee");
  EXPECT_EQ(refused({staking_fee()}, {waiver_of(some, "2026-06-30", "2026-07-01")}),
            "waiver of 'management fee' from 2026-06-30: there is no such fee");
  EXPECT_EQ(refused({management_fee()}, {waiver_of(some, "2026-06-30", "2026-06-29")}),
            "waiver of 'management fee' from 2026-06-30: ends before it begins");
  auto by_other = waiver_of(some, "2026-06-30", "2026-07-01");
  by_other.granted_by = "Sub";
  EXPECT_EQ(refused({management_fee()}, {by_other}),
            "waiver of 'management fee' from 2026-06-30: granted by 'Sub', no payee of expense rule "
            "'management fee' "
            "from 2026-01-01");
}

}  // namespace
}  // namespace navkeeper::nav::policy
