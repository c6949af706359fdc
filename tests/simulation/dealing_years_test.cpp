#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/dealing_year.h"

namespace navkeeper::simulation {
namespace {

TEST(DealingYears, OrdersSettleOnceAndNobodyIsDilutedInEightYears) {
  DealingCounts all;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) all.add(DealingYear(seed).run());
  std::cout << all.restated << " NAVs restated, " << all.repricings << " repricings booked\n";
  std::cout << all.strikes << " strikes, " << all.plans << " orders short of coins, " << all.crashes
            << " crashes\n";
  for (const auto& [word, count] : all.events) std::cout << word << " " << count << "\n";
  for (const auto& [word, count] : all.refused) std::cout << "refused: " << word << " " << count << "\n";
  // The years must have been worth the walk.
  for (const char* word : {"placed", "accepted", "priced", "settled"})
    EXPECT_GT(all.events[word], 1200u) << word;
  for (const char* word :
       {"rejected", "cancelled", "execution", "failed", "collateral_received", "collateral_returned"})
    EXPECT_GT(all.events[word], 20u) << word;
  EXPECT_GT(all.events["cash_in_lieu"], 10u);
  EXPECT_GT(all.events["closed_out"], 0u);
  EXPECT_GT(all.crashes, 200u);
  EXPECT_GT(all.plans, 5u);
  EXPECT_GT(all.repricings, 60u);
  EXPECT_GT(all.events["repriced"], 100u);
  for (const char* what : {"place", "contradict", "accept own", "settle too much", "price unapproved"})
    EXPECT_GT(all.refused[what], 100u) << what;
  for (const char* what : {"reprice unapproved", "approve own repricing", "propose repricing"})
    EXPECT_GT(all.refused[what], 30u) << what;
}

TEST(DealingYears, TheSameSeedGivesTheSameYear) {
  const auto first = DealingYear(3, 60).run();
  EXPECT_EQ(first.events, DealingYear(3, 60).run().events);
  EXPECT_NE(first.events, DealingYear(4, 60).run().events);
}

}  // namespace
}  // namespace navkeeper::simulation
