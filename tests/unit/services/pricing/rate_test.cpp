#include "services/pricing/domain/rate.h"

#include <gtest/gtest.h>

#include "tests/unit/services/pricing/pricing_fixture.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using money::Rounding;

std::string median_of(const std::vector<TestTrade>& trades, Tie tie) {
  IndexDefinition index = plain_index(1);
  index.tie = tie;
  return rate_of(index, trades).partitions.at(0).value->to_string();
}

TEST(Median, IsTheFirstPriceAtWhichHalfOfTheVolumeIsReached) {
  EXPECT_EQ(median_of({{0, 0, "10", "1"}, {0, 0, "20", "1"}, {0, 0, "30", "1"}}, Tie::kLower), "20");
  EXPECT_EQ(median_of({{0, 0, "10", "1"}, {0, 0, "20", "1"}, {0, 0, "30", "5"}}, Tie::kLower), "30");
  EXPECT_EQ(median_of({{0, 0, "30", "1"}, {0, 0, "10", "2.5"}, {0, 0, "20", "1"}}, Tie::kAverage), "10");
}

TEST(Median, OfAnExactHalfIsTheLowerPriceOrTheMeanOfTheTwo) {
  const std::vector<TestTrade> half{{0, 0, "10", "1"}, {0, 1, "10", "1"}, {0, 0, "20.01", "2"}};
  EXPECT_EQ(median_of(half, Tie::kLower), "10");
  EXPECT_EQ(median_of(half, Tie::kAverage), "15.005");
}

TEST(Median, HasNoTieWithinOnePrice) {
  const std::vector<TestTrade> same{{0, 0, "10", "1"}, {0, 0, "10", "1"}};
  EXPECT_EQ(median_of(same, Tie::kAverage), "10");
}

TEST(Median, ThatWasTradedIsWrittenWholeAndABetweenOneIsCut) {
  const std::string long_price = "1.00000000000000000000000000000000000001";
  EXPECT_EQ(median_of({{0, 0, long_price, "1"}}, Tie::kAverage), long_price);
  EXPECT_EQ(median_of({{0, 0, long_price, "1"}, {0, 0, "2", "1"}}, Tie::kAverage), "1.5");
}

TEST(Vwap, IsTheExactQuotient) {
  IndexDefinition index = plain_index(1);
  index.statistic = Statistic::kVwap;
  const Rate rate = rate_of(index, {{0, 0, "10", "1"}, {0, 0, "20", "2"}});
  EXPECT_EQ(rate.partitions.at(0).value->to_string(), "16.666666666666666666666");
  EXPECT_EQ(rate.unrounded->to_unrounded_string(), "16.666666666666666666666");
  EXPECT_EQ(rate.value, "16.67");
  EXPECT_EQ(rate.venues.at(0).median->to_string(), "20") << "a venue's median stays volume-weighted";
}

TEST(Partitions, HoldTheirStartAndNotTheirEnd) {
  const IndexDefinition index = plain_index(12);
  const Rate rate = rate_of(index, {{0, 0, "1", "1"},
                                    {5 * kMinuteNs - 1, 0, "2", "1"},
                                    {5 * kMinuteNs, 0, "3", "1"},
                                    {60 * kMinuteNs - 1, 0, "4", "1"}});
  EXPECT_EQ(rate.partitions.at(0).trades, 2U);
  EXPECT_EQ(rate.partitions.at(1).trades, 1U);
  EXPECT_EQ(rate.partitions.at(11).trades, 1U);
}

TEST(EmptyPartitions, AreDropped) {
  const IndexDefinition index = plain_index(4);
  const Rate rate = rate_of(index, {{16 * kMinuteNs, 0, "10", "1"}, {46 * kMinuteNs, 0, "20", "1"}});
  EXPECT_EQ(rate.value, "15.00");
  EXPECT_FALSE(rate.partitions.at(0).value);
  EXPECT_FALSE(rate.partitions.at(2).value);
}

TEST(EmptyPartitions, CarryTheValueBeforeThemWithTheirOwnWeight) {
  IndexDefinition index = plain_index(4);
  index.empty_partition = EmptyPartition::kCarry;
  for (const char* weight : {"100", "1", "5", "2"}) index.weights.push_back(Decimal::literal(weight));
  const Rate rate = rate_of(index, {{16 * kMinuteNs, 0, "10", "1"}, {46 * kMinuteNs, 0, "20", "1"}});
  EXPECT_EQ(rate.value, "12.50") << "(1*10 + 5*10 + 2*20) / 8; the leading one is dropped";
  EXPECT_FALSE(rate.partitions.at(2).value) << "a carried value is not shown as the partition's";
}

TEST(Weights, MayBeFractionsAndZero) {
  IndexDefinition index = plain_index(2);
  index.weights = {Decimal::literal("0.25"), Decimal::literal("0.75")};
  const std::vector<TestTrade> trades{{0, 0, "10", "1"}, {31 * kMinuteNs, 0, "20", "1"}};
  EXPECT_EQ(rate_of(index, trades).value, "17.50");
  index.weights = {Decimal::literal("0"), Decimal::literal("3")};
  EXPECT_EQ(rate_of(index, trades).value, "20.00");
}

TEST(Weights, ThatAddUpToZeroWhereThereAreTradesGiveNoRate) {
  IndexDefinition index = plain_index(2);
  index.weights = {Decimal::literal("0"), Decimal::literal("3")};
  const std::vector<TestTrade> trades{{0, 0, "10", "1"}};
  EXPECT_EQ(rate_of(index, trades).status, RateStatus::kFailed);
  EXPECT_EQ(rate_of(index, trades, Decimal::literal("9.5")).status, RateStatus::kPrevious);
}

TEST(Screen, ExcludesAVenueFarFromTheOthersAndKeepsItsOwnFigures) {
  IndexDefinition index = plain_index(1);
  index.venues.push_back("d");
  index.venue_deviation_max = Decimal::literal("0.05");
  const Rate rate =
      rate_of(index, {{0, 0, "100", "1"}, {0, 1, "101", "1"}, {0, 2, "200", "50"}, {0, 3, "102", "1"}});
  EXPECT_FALSE(rate.venues.at(0).excluded);
  EXPECT_EQ(rate.venues.at(0).deviation->to_quotient_string(), "0.01960784313725490196");
  EXPECT_TRUE(rate.venues.at(2).excluded);
  EXPECT_EQ(rate.venues.at(2).trades, 1U);
  EXPECT_EQ(exact_string(rate.venues.at(2).volume), "50");
  EXPECT_EQ(rate.partitions.at(0).trades, 3U);
  EXPECT_EQ(rate.value, "101.00");
}

TEST(Screen, IsOnePassSoThatABadVenueAmongTwoOthersCondemnsThemAll) {
  IndexDefinition index = plain_index(1);
  index.venue_deviation_max = Decimal::literal("0.05");
  const Rate rate = rate_of(index, {{0, 0, "100", "1"}, {0, 1, "101", "1"}, {0, 2, "200", "50"}});
  EXPECT_TRUE(rate.venues.at(0).deviation > money::Rational(Decimal::literal("0.05")));
  // a: |100-150.5|/150.5, b: |101-150|/150, c: |200-100.5|/100.5: each beyond 5%.
  EXPECT_TRUE(rate.venues.at(0).excluded);
  EXPECT_TRUE(rate.venues.at(1).excluded);
  EXPECT_EQ(rate.status, RateStatus::kFailed);
  EXPECT_EQ(rate.partitions.at(0).trades, 0U);
}

TEST(Screen, AgainstAllUsesTheVenuesOwnMedianToo) {
  IndexDefinition index = plain_index(1);
  index.venue_deviation_max = Decimal::literal("0.05");
  index.venue_deviation_reference = DeviationReference::kAll;
  const Rate rate = rate_of(index, {{0, 0, "100", "1"}, {0, 1, "101", "1"}, {0, 2, "200", "50"}});
  EXPECT_FALSE(rate.venues.at(0).excluded);
  EXPECT_FALSE(rate.venues.at(1).excluded);
  EXPECT_TRUE(rate.venues.at(2).excluded);
  EXPECT_EQ(rate.venues.at(1).deviation->to_quotient_string(), "0");
  EXPECT_EQ(rate.value, "100.00");
}

TEST(Screen, LetsTheMaximumItselfPass) {
  IndexDefinition index = plain_index(1);
  index.venue_deviation_max = Decimal::literal("0.05");
  index.venues = {"a", "b"};
  const Rate at_maximum = rate_of(index, {{0, 0, "100", "1"}, {0, 1, "105", "1"}});
  EXPECT_EQ(at_maximum.venues.at(1).deviation->to_quotient_string(), "0.05");
  EXPECT_FALSE(at_maximum.venues.at(1).excluded);
  const Rate beyond = rate_of(index, {{0, 0, "100", "1"}, {0, 1, "105.000000001", "1"}});
  EXPECT_TRUE(beyond.venues.at(1).excluded);
}

TEST(Screen, DoesNotTouchAVenueWithNoOther) {
  IndexDefinition index = plain_index(1);
  index.venue_deviation_max = Decimal();
  const Rate rate = rate_of(index, {{0, 1, "100", "1"}});
  EXPECT_EQ(rate.venues.at(1).deviation->to_quotient_string(), "0");
  EXPECT_FALSE(rate.venues.at(1).excluded);
  EXPECT_EQ(rate.venues.at(0).trades, 0U);
  EXPECT_FALSE(rate.venues.at(0).median);
  EXPECT_FALSE(rate.venues.at(0).deviation);
  EXPECT_EQ(rate.status, RateStatus::kOk);
}

TEST(Status, WithTooFewVenuesIsFailedOrThePreviousValue) {
  IndexDefinition index = plain_index(1);
  index.minimum_venues = 2;
  const std::vector<TestTrade> trades{{0, 0, "100", "1"}};
  const Rate failed = rate_of(index, trades);
  EXPECT_EQ(failed.status, RateStatus::kFailed);
  EXPECT_FALSE(failed.value);
  EXPECT_FALSE(failed.unrounded);
  const Rate previous = rate_of(index, trades, Decimal::literal("99.5"));
  EXPECT_EQ(previous.status, RateStatus::kPrevious);
  EXPECT_EQ(previous.value, "99.50");
  EXPECT_FALSE(previous.unrounded);
}

TEST(Status, WithoutTradesIsFailedOrThePreviousValue) {
  EXPECT_EQ(rate_of(plain_index(), {}).status, RateStatus::kFailed);
  EXPECT_EQ(rate_of(plain_index(), {}, Decimal::literal("7")).value, "7.00");
  EXPECT_EQ(rate_of(plain_index(), {}).partitions.size(), 12U);
}

TEST(Value, IsRoundedOnceFromTheExactMean) {
  IndexDefinition index = plain_index(2);
  // The mean is 10.005 exactly.
  const std::vector<TestTrade> trades{{0, 0, "10.00", "1"}, {31 * kMinuteNs, 0, "10.01", "1"}};
  index.rounding = Rounding::kHalfEven;
  EXPECT_EQ(rate_of(index, trades).value, "10.00");
  index.rounding = Rounding::kHalfUp;
  EXPECT_EQ(rate_of(index, trades).value, "10.01");
  index.rounding = Rounding::kDown;
  EXPECT_EQ(rate_of(index, trades).value, "10.00");
  EXPECT_EQ(rate_of(index, trades).unrounded->to_unrounded_string(), "10.005000000000000000000");
}

TEST(Value, TakesDecimalsOfThirtyEightDigitsOnBothSides) {
  const std::string nines(38, '9');
  const std::string huge = nines + "." + nines;
  const std::string tiny = "0." + std::string(37, '0') + "1";
  IndexDefinition index = plain_index(1);
  index.decimals = 38;
  const Rate rate = rate_of(index, {{0, 0, huge, huge}, {0, 0, huge, huge}, {0, 0, tiny, tiny}});
  EXPECT_EQ(rate.value, huge);
  EXPECT_EQ(rate.partitions.at(0).value->to_string(), huge);
  EXPECT_EQ(exact_string(rate.partitions.at(0).volume), "1" + nines + "." + std::string(37, '9') + "9");
}

TEST(Value, OfEmptyPartitionsDoesNotDependOnALateCarry) {
  IndexDefinition index = plain_index(3);
  index.empty_partition = EmptyPartition::kCarry;
  const Rate rate = rate_of(index, {{0, 0, "10", "1"}});
  EXPECT_EQ(rate.value, "10.00");
  EXPECT_EQ(rate.unrounded->to_quotient_string(), "10");
}

}  // namespace
}  // namespace navkeeper::pricing
