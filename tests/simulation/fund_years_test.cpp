#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/fund_year.h"

namespace navkeeper::simulation {
namespace {

TEST(FundYears, TheBooksOfTwentyYearsHoldAfterEveryStep) {
  YearCounts all;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) all.add(FundYear(seed).run());
  std::cout << "seeds 1 to 20: " << all.steps << " steps, " << all.posted << " posted, " << all.refused
            << " refused, " << all.unchanged << " sent again, " << all.reversed << " reversed, "
            << all.strikes << " strikes, " << all.recomputed << " past NAVs recomputed, " << all.identified
            << " with lots identified, " << all.footed << " roll-forwards\n";
  for (const auto& [kind, count] : all.kinds) std::cout << kind << " " << count << "\n";
  // The years must have been worth the walk.
  EXPECT_GT(all.posted, 10'000u);
  EXPECT_GT(all.strikes, 4'000u);
  EXPECT_GT(all.recomputed, 20'000u);
  EXPECT_GT(all.unchanged, 100u);
  EXPECT_GT(all.contradicted, 100u);
  EXPECT_GT(all.reversed, 100u);
  EXPECT_GT(all.late, 300u);
  EXPECT_GT(all.closed, 10u);
  EXPECT_GT(all.identified, 100u);
  EXPECT_GT(all.footed, 500u);
  EXPECT_GT(all.refused, 500u);
  for (const char* kind :
       {"open", "opening_lot", "creation", "redemption", "purchase", "sale", "fee_accrued", "fee_paid",
        "fee_paid_in_kind", "reward", "penalty", "split", "distribution", "transfer"})
    EXPECT_GT(all.kinds[kind], 5u) << kind;
}

TEST(FundYears, TheSameSeedGivesTheSameYear) {
  const auto first = FundYear(7).run();
  const auto second = FundYear(7).run();
  EXPECT_EQ(first.kinds, second.kinds);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_NE(first.steps, FundYear(8).run().steps);
}

}  // namespace
}  // namespace navkeeper::simulation
