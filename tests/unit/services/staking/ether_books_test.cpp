// Books of ether where a state does not say everything: what happened between two of them.
#include "services/staking/domain/ether/ether_books.h"

#include <gtest/gtest.h>

#include "services/staking/domain/ether/slashing.h"

namespace navkeeper::staking::ether {
namespace {

class SlashedInAnInterval : public ::testing::Test {
 protected:
  static constexpr Epoch kFrom = 400'000;
  static constexpr Epoch kSlashedAt = kFrom + 100;

  SlashedInAnInterval() {
    from.mark = {kFrom * kSlotsPerEpoch, "a", time::Instant::literal("2026-03-05T20:00:23Z")};
    to.mark = {(kFrom + 225) * kSlotsPerEpoch, "b", from.mark.at + time::Duration::hours(24)};
    OwnValidator one;
    one.validator.index = 7;
    one.validator.credentials = Credentials::kCompounding;
    one.validator.balance = one.validator.effective = 64 * kIncrement;
    one.validator.activation_epoch = 1;
    from.validators = {one};
    one.validator.slashed = true;
    one.validator.exit_epoch = kSlashedAt + 5;
    one.validator.withdrawable_epoch = kSlashedAt + kSlashingsVector;
    to.validators = {one};
  }
  Validator& now() { return to.validators[0].validator; }
  /// The one roll-forward, which must tie, and what it was slashed by.
  money::Decimal slashed() const {
    const EtherBooks books = keep_books("ether", model::AssetId::literal("ETH"), from, to, flows);
    EXPECT_EQ(books.roll_forwards.size(), 1U);
    EXPECT_TRUE(books.roll_forwards[0].is_tied()) << books.roll_forwards[0].difference().to_string();
    money::Decimal sum;
    for (const StakingEvent& event : books.events)
      sum += event.kind == EventKind::kSlashing ? event.amount : money::Decimal{};
    return sum;
  }

  EtherReading from, to;
  EtherFlows flows;
};

TEST_F(SlashedInAnInterval, TheInitialPenaltyIsUnderTheRulesOfItsEpoch) {
  from.fork = Fork::kDeneb;
  to.fork = Fork::kElectra;
  flows.fork_slot = (kSlashedAt + 1) * kSlotsPerEpoch;
  now().balance -= 2 * kIncrement;  // of 64, one in 32
  EXPECT_EQ(slashed(), money::Decimal::of(2));
  flows.fork_slot = kSlashedAt * kSlotsPerEpoch;
  now().balance = 64 * kIncrement - 64 * kIncrement / 4'096;
  EXPECT_EQ(slashed(), money::Decimal::literal("0.015625"));
}

/// It was topped up to 80 before it was slashed: the penalty is of what was effective then.
TEST_F(SlashedInAnInterval, TheInitialPenaltyIsOfTheEffectiveBalanceThatItHadThen) {
  now().balance += 16 * kIncrement - 80 * kIncrement / 4'096;
  now().effective = 80 * kIncrement;
  now().index = 7;
  from.deposits = {{"", 16 * kIncrement, 5, true, {}}};
  to.deposits = {};
  const EtherBooks books = keep_books("ether", model::AssetId::literal("ETH"), from, to, flows);
  for (const RollForward& one : books.roll_forwards)
    EXPECT_TRUE(one.is_tied()) << one.difference().to_string();
  EXPECT_EQ(books.intervals[0].second.slashed, 80 * kIncrement / 4'096);
}

TEST_F(SlashedInAnInterval, APenaltyThatNoEffectiveBalanceGivesStaysADifference) {
  now().balance -= 64 * kIncrement / 4'096 + 1;
  const EtherBooks books = keep_books("ether", model::AssetId::literal("ETH"), from, to, flows);
  EXPECT_EQ(books.roll_forwards[0].difference(), money::Decimal::literal("-0.000000001"));
}

/// 1 into 2 and 2 into 3 on one day: 2 takes with it what it got, and a sync reward that came after its exit.
TEST(ConsolidatedInAnInterval, WhatWasMovedIsWhatTheSourceMissesAndTheTargetGot) {
  EtherReading from, to;
  from.mark = {400'000 * kSlotsPerEpoch, "a", time::Instant::literal("2026-03-05T20:00:23Z")};
  to.mark = {from.mark.height + 225 * kSlotsPerEpoch, "b", from.mark.at + time::Duration::hours(24)};
  for (const std::uint64_t index : {1U, 2U, 3U}) {
    OwnValidator one;
    one.validator.index = index;
    one.validator.credentials = Credentials::kCompounding;
    one.validator.balance = 32 * kIncrement - (index == 2 ? 1'000 : 0);
    one.validator.effective = 32 * kIncrement;
    one.validator.activation_epoch = 1;
    from.validators.push_back(one);
  }
  from.consolidations = {{1, 2}, {2, 3}};
  to.validators = from.validators;
  to.validators[0].validator.balance = 0;
  to.validators[1].validator.balance = 4;  // above its effective balance of 64
  to.validators[2].validator.balance = 96 * kIncrement;
  EtherFlows flows;
  flows.syncs = {{from.mark.height + 1, 2, 1'004}};
  EtherBooks books = keep_books("ether", model::AssetId::literal("ETH"), from, to, flows);
  for (const RollForward& one : books.roll_forwards)
    EXPECT_TRUE(one.is_tied()) << one.difference().to_string();
  EXPECT_EQ(books.intervals[1].second.consolidated_out, 64 * kIncrement);
  // What the target did not get is not made to fit.
  to.validators[2].validator.balance -= 1;
  books = keep_books("ether", model::AssetId::literal("ETH"), from, to, flows);
  EXPECT_EQ(books.roll_forwards[2].difference(), money::Decimal::literal("-0.000000001"));
}

TEST(RollForwards, BeginWithWhatTheOneBeforeLeft) {
  const auto mark = [](std::uint64_t height) {
    return StateMark{height, "root", time::Instant::from_ns(static_cast<std::int64_t>(height) * 1'000)};
  };
  const auto roll = [&](const char* place, std::uint64_t from, const char* opening, std::uint64_t to,
                        const char* closing) {
    RollForward one;
    one.key = {Chain::kEthereum, "ether", place, model::AssetId::literal("ETH")};
    one.from = mark(from);
    one.to = mark(to);
    one.opening = money::Decimal::literal(opening);
    one.closing = money::Decimal::literal(closing);
    return one;
  };
  EXPECT_TRUE(not_continuous({roll("1", 10, "32", 20, "33"), roll("1", 20, "33", 30, "0"),
                              roll("1", 40, "0", 50, "32"), roll("2", 20, "0", 30, "32")})
                  .empty());
  const std::vector<RollForward> broken{roll("1", 10, "32", 20, "33"), roll("1", 20, "32", 30, "33"),
                                        roll("1", 40, "33", 50, "33"), roll("2", 20, "777", 30, "777")};
  std::vector<std::string> found;
  for (const RollForward* one : not_continuous(broken))
    found.push_back(one->key.place + " " + one->opening.to_string());
  EXPECT_EQ(found, (std::vector<std::string>{"1 32", "1 33", "2 777"}));
}

}  // namespace
}  // namespace navkeeper::staking::ether
