#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/simulation/fund_year.h"

namespace navkeeper::simulation {
namespace {

/// NAVKEEPER_SIMULATION_SEED=N runs the one year that a failure named, =N-M those years.
TEST(FundYearsLong, TheBooksOfAThousandYearsHoldAfterEveryStep) {
  const char* seed = std::getenv("NAVKEEPER_SIMULATION_SEED");
  const std::string asked = seed != nullptr ? seed : "1001-2000";
  const std::size_t dash = asked.find('-');
  const std::uint64_t first = std::stoull(asked);
  const std::uint64_t last = dash == std::string::npos ? first : std::stoull(asked.substr(dash + 1));
  YearCounts all;
  std::cout << "seeds " << first << " to " << last << std::endl;
  constexpr std::uint64_t kYearsPerLine = 50;
  for (std::uint64_t at = first; at <= last; ++at) {
    all.add(FundYear(at).run());
    if ((at - first + 1) % kYearsPerLine == 0) std::cout << at - first + 1 << " years hold" << std::endl;
  }
  std::cout << all.steps << " steps, " << all.posted << " posted, " << all.recomputed
            << " past NAVs recomputed, " << all.footed << " roll-forwards\n";
  RecordProperty("steps", std::to_string(all.steps));
  EXPECT_GT(all.strikes, 0u);
}

}  // namespace
}  // namespace navkeeper::simulation
