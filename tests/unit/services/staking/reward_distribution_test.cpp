#include "services/staking/domain/reward_distribution.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <sstream>

#include "services/staking/domain/sdk_decimal.h"
#include "tests/support/process.h"

namespace navkeeper::staking {
namespace {

using money::Decimal;

Decimal d(std::string_view text) { return Decimal::literal(text); }

RewardDistribution::DelegatorLine line_of(const RewardDistribution& distribution,
                                          const std::string& delegator) {
  const auto lines = distribution.delegators();
  EXPECT_TRUE(lines.has_value());
  for (const auto& line : *lines) {
    if (line.delegator == delegator) return line;
  }
  ADD_FAILURE() << delegator << " never delegated";
  return {};
}

/// The numbers of cosmos-sdk x/distribution/keeper/delegation_test.go.
TEST(RewardDistribution, DividesAsTheSdksOwnTestsSay) {
  RewardDistribution basic(d("0.5"));
  ASSERT_TRUE(basic.delegate("v", d("100")));
  ASSERT_TRUE(basic.allocate(d("10")));
  EXPECT_EQ(line_of(basic, "v").unclaimed, d("5"));
  EXPECT_EQ(basic.commission(), d("5"));

  RewardDistribution two(d("0.5"));
  ASSERT_TRUE(two.delegate("d1", d("100")));
  ASSERT_TRUE(two.allocate(d("20")));
  ASSERT_TRUE(two.delegate("d2", d("100")));
  ASSERT_TRUE(two.allocate(d("20")));
  EXPECT_EQ(line_of(two, "d1").unclaimed, d("15"));
  EXPECT_EQ(line_of(two, "d2").unclaimed, d("5"));
  EXPECT_EQ(two.commission(), d("20"));
}

TEST(RewardDistribution, PastRewardsSeeASlashOnlyFromThereOn) {
  RewardDistribution slashed(d("0.5"));
  ASSERT_TRUE(slashed.delegate("v", d("100000000")));
  ASSERT_TRUE(slashed.slash(d("0.5")));
  ASSERT_TRUE(slashed.allocate(d("10000000")));
  ASSERT_TRUE(slashed.slash(d("0.5")));
  ASSERT_TRUE(slashed.allocate(d("10000000")));
  EXPECT_EQ(line_of(slashed, "v").unclaimed, d("10000000"));
  EXPECT_EQ(slashed.tokens(), d("25000000"));

  RewardDistribution many(d("0.5"));
  ASSERT_TRUE(many.delegate("d1", d("100000000")));
  ASSERT_TRUE(many.allocate(d("30000000")));
  ASSERT_TRUE(many.slash(d("0.5")));
  ASSERT_TRUE(many.delegate("d2", d("100000000")));
  ASSERT_TRUE(many.allocate(d("30000000")));
  ASSERT_TRUE(many.slash(d("0.5")));
  // The SDK's figures are 20000000 and 10000000; its 18 decimals leave what the third of a unit leaves.
  EXPECT_EQ(line_of(many, "d1").unclaimed.rounded(6, money::Rounding::kHalfEven), d("20000000"));
  EXPECT_EQ(line_of(many, "d2").unclaimed.rounded(6, money::Rounding::kHalfEven), d("10000000"));
}

TEST(RewardDistribution, AWithdrawalPaysWholeUnitsAndNamesTheDust) {
  RewardDistribution distribution(d("0"));
  ASSERT_TRUE(distribution.delegate("d1", d("3")));
  ASSERT_TRUE(distribution.allocate(d("10")));
  ASSERT_TRUE(distribution.delegate("d2", d("3")));
  ASSERT_TRUE(distribution.allocate(d("10")));
  ASSERT_TRUE(distribution.withdraw("d1"));
  const auto line = line_of(distribution, "d1");
  EXPECT_EQ(line.paid, d("14"));
  EXPECT_EQ(line.dust,
            d("0.999999999999999997"));  // (10/3 + 10/6, each cut at 18 decimals) x 3
  EXPECT_EQ(line.unclaimed, d("0"));
  EXPECT_EQ(distribution.community_pool(), line.dust);
}

TEST(RewardDistribution, ADelegationSettlesFirstAndTheLastHolderTakesAll) {
  RewardDistribution distribution(d("0"));
  ASSERT_TRUE(distribution.delegate("d1", d("100")));
  ASSERT_TRUE(distribution.allocate(d("7")));
  ASSERT_TRUE(distribution.delegate("d1", d("50")));
  EXPECT_EQ(line_of(distribution, "d1").paid, d("7"));
  ASSERT_TRUE(distribution.slash(d("0.33")));
  EXPECT_EQ(distribution.tokens(), d("101"));  // 150 x 0.33 = 49.5, cut
  ASSERT_TRUE(distribution.undelegate("d1", d("101")));
  EXPECT_EQ(distribution.tokens(), d("0"));
  EXPECT_EQ(line_of(distribution, "d1").stake, d("0"));
  ASSERT_TRUE(distribution.allocate(d("5")));
  EXPECT_EQ(distribution.community_pool(), d("5"));
  ASSERT_TRUE(distribution.delegate("d2", d("9")));
  EXPECT_EQ(line_of(distribution, "d2").unclaimed, d("0"));
}

TEST(RewardDistribution, RefusalsChangeNothing) {
  RewardDistribution distribution(d("0.1"));
  EXPECT_EQ(distribution.delegate("d1", d("0")).error(), DistributionRefusal::kNotPositive);
  EXPECT_EQ(distribution.delegate("d1", d("1.5")).error(), DistributionRefusal::kNotWhole);
  EXPECT_EQ(distribution.withdraw("d1").error(), DistributionRefusal::kNoDelegation);
  ASSERT_TRUE(distribution.delegate("d1", d("10")));
  ASSERT_TRUE(distribution.allocate(d("3.3")));
  EXPECT_EQ(distribution.undelegate("d1", d("11")).error(), DistributionRefusal::kMoreThanStake);
  EXPECT_EQ(distribution.allocate(d("-1")).error(), DistributionRefusal::kNegativeRewards);
  EXPECT_EQ(distribution.allocate(d("0.0000000000000000001")).error(), DistributionRefusal::kTooFine);
  EXPECT_EQ(distribution.slash(d("1.01")).error(), DistributionRefusal::kFractionOutOfRange);
  EXPECT_EQ(distribution.undelegate("d2", d("1")).error(), DistributionRefusal::kNoDelegation);
  EXPECT_EQ(line_of(distribution, "d1").unclaimed, d("2.97"));
  EXPECT_EQ(line_of(distribution, "d1").paid, d("0"));
  ASSERT_TRUE(distribution.slash(d("1")));
  EXPECT_EQ(distribution.tokens(), d("0"));
  EXPECT_EQ(distribution.delegate("d1", d("5")).error(), DistributionRefusal::kSharesWithoutTokens);
  EXPECT_EQ(distribution.undelegate("d1", d("1")).error(), DistributionRefusal::kMoreThanStake);
  ASSERT_TRUE(distribution.withdraw("d1"));
  EXPECT_EQ(line_of(distribution, "d1").paid, d("2"));
}

TEST(RewardDistribution, CommissionsOfRecordedBlocksComeOutToTheLastDecimal) {
  const auto folder = tests::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no ../shared: the recorded blocks are not here";
  std::ifstream file(folder / "staking/cosmos/crypto_org_reward_commission_pairs.csv");
  ASSERT_TRUE(file);
  std::string line;
  std::getline(file, line);
  int pairs = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string height, validator, rewards, commission;
    std::getline(fields, height, ',');
    std::getline(fields, validator, ',');
    std::getline(fields, rewards, ',');
    std::getline(fields, commission, ',');
    if (commission.ends_with('\r')) commission.pop_back();
    // The validator's rate, from the pair itself: rates have at most a few decimals.
    const Decimal rate = money::divide(d(commission), d(rewards), 6, money::Rounding::kHalfEven);
    RewardDistribution distribution(rate);
    ASSERT_TRUE(distribution.allocate(d(rewards)));
    EXPECT_EQ(distribution.commission(), d(commission)) << height << " " << validator;
    ++pairs;
  }
  EXPECT_EQ(pairs, 111);
}

TEST(RewardDistribution, NothingIsMadeOrLost) {
  const bool holds = rc::check([] {
    RewardDistribution distribution(Decimal::of(*rc::gen::inRange(0, 101), 2));
    Decimal allocated;
    // An undelegation pays whole units and leaves less than one behind, which is nobody's stake until its
    // delegators are settled again: rewards on it stay with the validator, as on the chain.
    Decimal left_behind;
    int undelegations = 0;
    const int events = *rc::gen::inRange(1, 60);
    for (int i = 0; i < events; ++i) {
      const std::string who = "d" + std::to_string(*rc::gen::inRange(0, 4));
      const Decimal amount = Decimal::of(*rc::gen::inRange(1, 1'000'000));
      bool done = true;
      switch (*rc::gen::inRange(0, 7)) {
        case 0:
        case 1:
          done = distribution.delegate(who, amount).has_value();
          break;
        case 2:
          done = distribution.undelegate(who, amount).has_value();
          if (done) ++undelegations;
          break;
        case 3:
          done = distribution.withdraw(who).has_value();
          break;
        case 4:
          done = distribution.slash(Decimal::of(*rc::gen::inRange(0, 60), 2)).has_value();
          break;
        default: {
          const Decimal rewards = Decimal::of(*rc::gen::inRange(0, 1'000'000'000), 3);
          if (distribution.tokens().is_positive())
            left_behind += money::mul_div(rewards, Decimal::of(undelegations), distribution.tokens(), 18,
                                          money::Rounding::kUp);
          ASSERT_TRUE(distribution.allocate(rewards));
          allocated += rewards;
        }
      }
      static_cast<void>(done);
    }
    const auto lines = distribution.delegators();
    RC_ASSERT(lines.has_value());
    Decimal given = distribution.commission() + distribution.community_pool();
    Decimal stakes;
    for (const auto& line : *lines) {
      given += line.paid + line.unclaimed;
      stakes += line.stake;
      RC_ASSERT(line.unclaimed >= Decimal{});
      RC_ASSERT(line.dust < Decimal::of(events + 1));
    }
    RC_ASSERT(given <= allocated);                                // never more than came in,
    RC_ASSERT(allocated - given < Decimal::of(1) + left_behind);  // and only roundings stay behind
    RC_ASSERT(stakes <= distribution.tokens() + Decimal::of(1));  // each stake is cut or rounded by 1e-18
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace navkeeper::staking
