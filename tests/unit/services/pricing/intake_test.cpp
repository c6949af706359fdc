#include "services/pricing/domain/intake.h"

#include <gtest/gtest.h>

#include "tests/unit/services/pricing/pricing_fixture.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;

class IntakeTest : public ::testing::Test {
 protected:
  void add(const std::string& venue, const std::string& id, const std::string& price,
           std::int64_t offset_ns = 0, const std::string& pair = "BTC/USD", std::uint32_t file = 0) {
    const Decimal price_decimal = Decimal::literal(price);
    TradeRow row;
    row.place = {file, ++line_};
    row.time_ns = window_.start_ns + offset_ns;
    row.venue = venue;
    row.pair = pair;
    row.id = id;
    row.price = Number::from_decimal(price_decimal);
    row.size = {1, 0, nullptr};
    intake_.add(row);
  }

  IndexDefinition index_ = plain_index();
  Window window_ = plain_window(index_);
  TradeIntake intake_{index_, window_};
  std::uint64_t line_ = 1;
};

TEST_F(IntakeTest, CopiesThatAgreeCountOnce) {
  add("a", "1", "1.0");
  add("a", "1", "1.00");
  EXPECT_EQ(intake_.finish().trades.size(), 1U);
}

TEST_F(IntakeTest, CopiesThatContradictAreAllRejectedWhereverTheyStand) {
  add("a", "1", "1");
  add("a", "1", "1");
  add("a", "2", "1");
  add("a", "1", "2", 0, "BTC/USD", 1);
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 1U);
  EXPECT_EQ(intake.rejected.count(), 3U);
  ASSERT_EQ(intake.rejected.first().size(), 3U);
  EXPECT_EQ(intake.rejected.first()[1], (RejectedRow{{0, 3}, std::string(kContradiction)}));
}

TEST_F(IntakeTest, ADifferentTimeIsAContradictionEvenOutsideTheWindow) {
  add("a", "1", "1");
  add("a", "1", "1", -kMinuteNs);
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 0U);
  EXPECT_EQ(intake.rejected.count(), 2U);
}

TEST_F(IntakeTest, ACopyInWholeSecondsAgreesWithAFinerOneInsideThatSecondInAnyOrder) {
  const auto take = [&](std::vector<std::pair<std::int64_t, bool>> times) {
    TradeIntake intake(index_, window_);
    for (const auto& [offset_ns, coarse] : times) {
      TradeRow row;
      row.place = {0, ++line_};
      row.time_ns = window_.start_ns + offset_ns;
      row.venue = "a";
      row.pair = "BTC/USD";
      row.id = "1";
      row.price = row.size = {1, 0, nullptr};
      row.coarse_time = coarse;
      intake.add(row);
    }
    const Intake taken = intake.finish();
    return std::pair(taken.trades.size(), taken.rejected.count());
  };
  using Answer = std::pair<std::size_t, std::uint64_t>;
  constexpr std::int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(take({{kSecond, true}, {kSecond + 999'999'999, false}}), (Answer{1, 0}));
  EXPECT_EQ(take({{kSecond + 5, false}, {kSecond, true}, {kSecond + 5, false}}), (Answer{1, 0}));
  EXPECT_EQ(take({{kSecond, true}, {2 * kSecond, false}}), (Answer{0, 2}));
  EXPECT_EQ(take({{kSecond, true}, {kSecond - 1, false}}), (Answer{0, 2}));
  EXPECT_EQ(take({{kSecond, true}, {kSecond + 5, false}, {kSecond + 6, false}}), (Answer{0, 3}));
  EXPECT_EQ(take({{kSecond, true}, {2 * kSecond, true}}), (Answer{0, 2}));
  // The finer time is the trade's: the second begins inside the window, the trade after it.
  EXPECT_EQ(take({{3600 * kSecond - 1, true}, {3600 * kSecond, false}}), (Answer{0, 0}));
}

TEST_F(IntakeTest, TimesTooFarForNanosecondsCountNowhereAndStillContradict) {
  const auto far = [&](const char* id, std::uint64_t key) {
    TradeRow row;
    row.place = {0, ++line_};
    row.time_ns = INT64_MAX;
    row.far_key = key;
    row.venue = "a";
    row.pair = "BTC/USD";
    row.id = id;
    row.price = row.size = {1, 0, nullptr};
    intake_.add(row);
  };
  far("", 1);
  far("1", 1);
  far("1", 1);
  far("2", 1);
  far("2", 3);
  add("a", "3", "1");
  far("3", 1);
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 0U);
  EXPECT_EQ(intake.ignored, 0U);
  EXPECT_EQ(intake.rejected.count(), 4U) << "both of 2 and both of 3";
}

TEST_F(IntakeTest, AnIdBelongsToItsVenueAndPair) {
  add("a", "1", "1");
  add("b", "1", "2");
  add("a", "1", "3", 0, "ETH/USD");
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 2U);
  EXPECT_EQ(intake.rejected.count(), 0U);
}

TEST_F(IntakeTest, RowsWithoutIdAreEachATrade) {
  add("a", "", "1");
  add("a", "", "1");
  EXPECT_EQ(intake_.finish().trades.size(), 2U);
}

TEST_F(IntakeTest, IgnoredAreTradesOfOtherVenuesInThePairAndTheWindow) {
  add("z", "", "1");
  add("z", "7", "1");
  add("z", "7", "1");
  add("z", "", "1", 0, "ETH/USD");
  add("z", "", "1", 60 * kMinuteNs);
  add("a", "", "1", 60 * kMinuteNs);
  add("a", "", "1", -1);
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.ignored, 2U);
  EXPECT_EQ(intake.trades.size(), 0U);
}

TEST_F(IntakeTest, AVenueMayBeCalledLikeThePair) {
  index_.venues = {"BTC/USD"};
  TradeIntake intake(index_, window_);
  TradeRow row;
  row.time_ns = window_.start_ns;
  row.venue = row.pair = "BTC/USD";
  row.price = row.size = {1, 0, nullptr};
  intake.add(row);
  EXPECT_EQ(intake.finish().trades.size(), 1U);
}

TEST_F(IntakeTest, WideNumbersAgreeByValue) {
  const std::string wide = "12345678901234567890.5";
  add("a", "1", wide);
  add("a", "1", wide + "0");
  add("a", "2", wide);
  add("a", "2", "12345678901234567890.6");
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 1U);
  EXPECT_EQ(intake.rejected.count(), 2U);
}

TEST_F(IntakeTest, ManyIdsKeepTheirCopies) {
  for (int round = 0; round < 2; ++round) {
    for (int id = 0; id < 5000; ++id) add("a", std::to_string(id), "1");
  }
  add("a", "4321", "2");
  const Intake intake = intake_.finish();
  EXPECT_EQ(intake.trades.size(), 4999U);
  EXPECT_EQ(intake.rejected.count(), 3U);
}

TEST(RejectedRows, KeepTheFirstTenByFileAndLine) {
  RejectedRows rows;
  for (std::uint64_t line = 30; line > 0; --line) rows.add({static_cast<std::uint32_t>(line % 2), line}, "x");
  EXPECT_EQ(rows.count(), 30U);
  ASSERT_EQ(rows.first().size(), 10U);
  EXPECT_EQ(rows.first().front().place, (RowPlace{0, 2}));
  EXPECT_EQ(rows.first().back().place, (RowPlace{0, 20}));
}

}  // namespace
}  // namespace navkeeper::pricing
