#include "services/staking/domain/reward_distribution.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <random>
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

/// Rounds of an allocation and acts of each delegator, one after another in the order given. Slashes between
/// rounds where there are any.
RewardDistribution lived(const std::vector<int>& order, const std::vector<std::vector<int>>& acts,
                         const std::vector<Decimal>& rewards, const std::vector<Decimal>& slashes) {
  RewardDistribution distribution(d("0.07"));
  for (const int one : order)
    EXPECT_TRUE(distribution.delegate("d" + std::to_string(one), Decimal::of(1'000'003 + 77'777 * one)));
  for (std::size_t round = 0; round < rewards.size(); ++round) {
    EXPECT_TRUE(distribution.allocate(rewards[round]));
    for (const int one : order) {
      const std::string who = "d" + std::to_string(one);
      const int act = acts[round][static_cast<std::size_t>(one)];
      if (act == 1) {
        EXPECT_TRUE(distribution.withdraw(who));
      }
      if (act > 1) {
        EXPECT_TRUE(distribution.delegate(who, Decimal::of(act)));
      }
    }
    if (round < slashes.size()) {
      EXPECT_TRUE(distribution.slash(slashes[round]));
    }
  }
  return distribution;
}

TEST(RewardDistribution, TheOrderOfDelegatorsChangesNothingButNamedDust) {
  constexpr int kDelegators = 5;
  const bool holds = rc::check([] {
    const int rounds = *rc::gen::inRange(1, 12);
    const bool is_slashed = *rc::gen::arbitrary<bool>();
    std::vector<std::vector<int>> acts;
    std::vector<Decimal> rewards, slashes;
    for (int i = 0; i < rounds; ++i) {
      acts.push_back(*rc::gen::container<std::vector<int>>(
          kDelegators, rc::gen::oneOf(rc::gen::inRange(0, 2), rc::gen::inRange(2, 500'000))));
      rewards.push_back(Decimal::of(*rc::gen::inRange(0, 1'000'000'000), 3));
      if (is_slashed) slashes.push_back(Decimal::of(*rc::gen::inRange(0, 30), 2));
    }
    std::vector<int> order{0, 1, 2, 3, 4};
    const RewardDistribution first = lived(order, acts, rewards, slashes);
    std::shuffle(order.begin(), order.end(), std::minstd_rand(*rc::gen::arbitrary<unsigned>()));
    const RewardDistribution second = lived(order, acts, rewards, slashes);
    RC_ASSERT(first.commission() == second.commission());
    const auto sum_of = [](const RewardDistribution& of, const std::string& who) {
      for (const auto& line : *of.delegators()) {
        if (line.delegator == who) return line.paid + line.unclaimed + line.dust;
      }
      return Decimal{};
    };
    for (int i = 0; i < kDelegators; ++i) {
      const std::string who = "d" + std::to_string(i);
      if (!is_slashed) {
        RC_ASSERT(first.shares_of(who) == second.shares_of(who));
        RC_ASSERT(first.paid_to(who) == second.paid_to(who));
        RC_ASSERT(*first.unclaimed_of(who) == *second.unclaimed_of(who));
        continue;
      }
      // Behind a slash shares are issued cut: a round may move a share's dust of 1e-18 between delegators,
      // and with it what rewards and stakes are worth, far below a unit.
      RC_ASSERT((first.shares_of(who) - second.shares_of(who)).abs() < d("0.000000001"));
      RC_ASSERT((sum_of(first, who) - sum_of(second, who)).abs() < d("0.000001"));
      RC_ASSERT((first.stake_of(who) - second.stake_of(who)).abs() <= Decimal::of(1));
    }
    RC_ASSERT((first.community_pool() - second.community_pool()).abs() <
              (is_slashed ? d("10") : d("0.000000000000000001")));
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace navkeeper::staking
