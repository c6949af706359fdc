#include "tests/simulation/ether_year.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <iostream>

namespace navkeeper::simulation {
namespace {

using staking::EventKind;

void expect_none(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) ADD_FAILURE() << fault;
}

TEST(EtherYear, AYearOfTenThousandValidatorsTiesEveryDay) {
  // Each day frees what the next one needs: given back to the kernel, it would be half of the time.
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  const EtherYearSettings settings{.seed = 20260301};
  std::cout << "seed " << settings.seed << ": " << settings.validators << " validators, " << settings.days
            << " days\n";
  const EtherYearResult year = EtherYear(settings).run();
  std::cout << year.states << " states, " << year.validators << " validators at the end, "
            << year.roll_forwards << " roll-forwards, " << year.events << " events, " << year.forks
            << " forks inside a day\n";
  for (const auto& [kind, count] : year.kinds)
    std::cout << describe(kind) << " " << count << " times, " << year.gwei.at(kind) << " Gwei\n";
  expect_none(year.faults);
  EXPECT_EQ(year.states, 365U);
  EXPECT_GE(year.roll_forwards, 3'650'000U);
  // The year must have been worth the walk.
  EXPECT_EQ(year.forks, 3U);
  EXPECT_EQ(year.slashed_before_a_fork, 3U);
  for (const EventKind kind :
       {EventKind::kDepositSubmitted, EventKind::kDepositApplied, EventKind::kWithdrawalSweep,
        EventKind::kWithdrawalPartial, EventKind::kWithdrawalFull, EventKind::kConsolidationIn,
        EventKind::kConsolidationOut, EventKind::kMovedToPending, EventKind::kRewardAttestation,
        EventKind::kRewardProposal, EventKind::kRewardSync, EventKind::kRewardSlashingReport,
        EventKind::kPenalty, EventKind::kSlashing, EventKind::kDepositLost})
    EXPECT_GE(year.kinds.contains(kind) ? year.kinds.at(kind) : 0, 10U) << describe(kind);
}

/// Read every day, three times a day or nine times: the same income of every validator, of every type.
TEST(EtherYear, SplittingAPeriodChangesNothing) {
  EtherYearSettings settings{.seed = 7, .validators = 300, .days = 120};
  const EtherYearResult days = EtherYear(settings).run();
  expect_none(days.faults);
  for (const std::uint64_t read_every : {75U, 25U}) {
    settings.read_every = read_every;
    const EtherYearResult parts = EtherYear(settings).run();
    expect_none(parts.faults);
    EXPECT_EQ(parts.states, days.states * (225 / read_every));
    ASSERT_EQ(parts.whole.size(), days.whole.size());
    for (std::size_t i = 0; i < days.whole.size(); ++i) {
      staking::ether::Interval part = parts.whole[i];
      // What a switch moved and the queue gave back within a day is seen when one looks more often.
      const auto back = part.moved_to_pending - days.whole[i].moved_to_pending;
      part.moved_to_pending -= back;
      part.deposited -= back;
      EXPECT_EQ(part, days.whole[i]) << i;
      EXPECT_EQ(part.income(), days.whole[i].income()) << i;
    }
    EXPECT_EQ(parts.closing_gwei, days.closing_gwei);
  }
}

TEST(EtherYear, AnotherSeedIsAnotherYearAndTheSameSeedTheSame) {
  const EtherYearSettings settings{.seed = 3, .validators = 200, .days = 60};
  const EtherYearResult once = EtherYear(settings).run();
  expect_none(once.faults);
  EXPECT_EQ(once.gwei, EtherYear(settings).run().gwei);
  EXPECT_NE(once.gwei, EtherYear({.seed = 4, .validators = 200, .days = 60}).run().gwei);
}

}  // namespace
}  // namespace navkeeper::simulation
