// Which pairs are asked for when a venue refuses one, named or not.
#include "services/pricing/adapters/left_out_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace navkeeper::pricing {
namespace {

const auto kNow = time::Instant::literal("2026-03-02T15:00:00Z");
const auto kHalfAnHour = time::Duration::minutes(30);
const std::vector<venues::Instrument> kAll{
    {"BTC/USD", "BTC-USD", "BTC-USD"}, {"ETH/USD", "ETH-USD", "ETH-USD"}, {"XYZ/USD", "XYZ-USD", "XYZ-USD"}};

TEST(LeftOutPairs, ThePairThatTheWordsNameIsLeftOutForAWhile) {
  LeftOutPairs pairs;
  const auto asked = pairs.asked(kAll, kNow);
  EXPECT_EQ(asked.size(), 3U);
  EXPECT_FALSE(pairs.take(asked, kNow, kHalfAnHour).begin_anew);
  pairs.refused("error: xyz-usd is not a valid product");
  const auto decision = pairs.take(asked, kNow, kHalfAnHour);
  EXPECT_TRUE(decision.begin_anew);
  EXPECT_EQ(decision.pair, "XYZ/USD");
  EXPECT_EQ(pairs.asked(kAll, kNow).size(), 2U);
  const auto later = kNow + kHalfAnHour;
  EXPECT_TRUE(pairs.take(pairs.asked(kAll, kNow), later, kHalfAnHour).begin_anew) << "asked for again";
  EXPECT_EQ(pairs.asked(kAll, later).size(), 3U);
}

TEST(LeftOutPairs, APairThatDeliversOrANameInsideAnotherIsNotMeant) {
  LeftOutPairs pairs;
  const auto asked = pairs.asked(kAll, kNow);
  pairs.accepted();
  pairs.delivered("BTC/USD");
  pairs.refused("BTC-USD: too many requests");
  EXPECT_FALSE(pairs.take(asked, kNow, kHalfAnHour).begin_anew);
  pairs.refused("ETH-USDT is not a valid product");
  EXPECT_FALSE(pairs.take(asked, kNow, kHalfAnHour).begin_anew);
}

TEST(LeftOutPairs, WhereNoneIsNamedOneAfterTheOtherIsTried) {
  LeftOutPairs pairs;
  auto asked = pairs.asked(kAll, kNow);
  std::string left_out;
  for (int session = 0; session < 20 && left_out.empty(); ++session) {
    const bool refuses = std::ranges::any_of(asked, [](const auto& each) { return each.pair == "XYZ/USD"; });
    if (refuses) {
      pairs.refused("request refused");
    } else {
      pairs.accepted();
    }
    const auto decision = pairs.take(asked, kNow, kHalfAnHour);
    left_out = decision.pair;
    if (decision.begin_anew) asked = pairs.asked(kAll, kNow);
  }
  EXPECT_EQ(left_out, "XYZ/USD");
  EXPECT_EQ(pairs.asked(kAll, kNow).size(), 2U);
}

TEST(LeftOutPairs, TheOnlyPairIsNeverLeftOut) {
  LeftOutPairs pairs;
  const std::vector<venues::Instrument> one{kAll[2]};
  const auto asked = pairs.asked(one, kNow);
  pairs.refused("XYZ-USD is not a valid product");
  EXPECT_FALSE(pairs.take(asked, kNow, kHalfAnHour).begin_anew);
  EXPECT_EQ(pairs.asked(one, kNow).size(), 1U);
}

}  // namespace
}  // namespace navkeeper::pricing
