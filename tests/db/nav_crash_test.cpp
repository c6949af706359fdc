// The batch killed with kill -9 at every step, and two operators at once: the result is what an undisturbed
// run gives, and no invariant breaks.
#include <gtest/gtest.h>

#include <thread>

#include "tests/db/nav_crash_fixture.h"

namespace navkeeper::nav {
namespace {

TEST_F(NavCrashTest, KilledAtEveryStepAndRunAgainItGivesTheSameResult) {
  const Date from = day("2026-01-05");
  const Date to = day("2026-01-07");
  for (const RunLine& line : run_navs(ports(), range(from, to), nullptr))
    ASSERT_EQ(line.outcome, RunOutcome::kStruck) << line.message;
  const std::string expected = everything();
  int step = 1;
  for (bool is_finished = false; !is_finished; ++step) {
    SetUp();  // the fund anew, nothing struck
    is_finished = run_until(step, from, to);
    for (const RunLine& line : run_navs(ports(), range(from, to), nullptr))
      ASSERT_TRUE(line.outcome == RunOutcome::kStruck || line.outcome == RunOutcome::kUnchanged)
          << line.message;
    ASSERT_EQ(everything(), expected) << "killed at step " << step;
    ASSERT_TRUE(broken().empty()) << broken().front() << " after step " << step;
  }
  EXPECT_GT(step, 15);
}

TEST_F(NavCrashTest, TwoOperatorsAtOnceGiveWhatOneGives) {
  const Date from = day("2026-01-05");
  const Date to = day("2026-01-16");
  run_navs(ports(), range(from, to), nullptr);
  const std::string expected = everything();
  SetUp();
  std::vector<std::thread> operators;
  for (const char* who : {"mia", "max"})
    operators.emplace_back([&, who] {
      PostgresNavStore own(pool(), journal_);
      PostgresActStore own_acts(pool());
      for (const RunLine& line : run_navs({own, rates_, documents_, own_acts}, range(from, to, who), nullptr))
        EXPECT_TRUE(line.outcome == RunOutcome::kStruck || line.outcome == RunOutcome::kUnchanged)
            << line.message;
    });
  for (std::thread& one : operators) one.join();
  EXPECT_EQ(everything(), expected);
  EXPECT_TRUE(broken().empty()) << broken().front();
}

}  // namespace
}  // namespace navkeeper::nav
