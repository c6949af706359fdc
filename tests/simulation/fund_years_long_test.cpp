#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/simulation/fund_year.h"

namespace navkeeper::simulation {
namespace {

/// NAVKEEPER_SIMULATION_SEED=N runs the one year that a failure named.
TEST(FundYearsLong, TheBooksOfAThousandYearsHoldAfterEveryStep) {
  const char* seed = std::getenv("NAVKEEPER_SIMULATION_SEED");
  const std::uint64_t first = seed != nullptr ? std::stoull(seed) : 1001;
  const std::uint64_t last = seed != nullptr ? first : 2000;
  YearCounts all;
  std::cout << "seeds " << first << " to " << last << std::endl;
  for (std::uint64_t at = first; at <= last; ++at) all.add(FundYear(at).run());
  std::cout << all.steps << " steps, " << all.posted << " posted, " << all.recomputed
            << " past NAVs recomputed, " << all.footed << " roll-forwards\n";
  RecordProperty("steps", std::to_string(all.steps));
  EXPECT_GT(all.strikes, 0u);
}

}  // namespace
}  // namespace navkeeper::simulation
