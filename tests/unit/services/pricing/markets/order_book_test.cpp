#include "services/pricing/domain/markets/order_book.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace navkeeper::pricing {
namespace {

using money::Decimal;

TEST(LevelOf, TextBecomesWholeTicksAndLots) {
  const auto level = level_of(Decimal::literal("236.47"), Decimal::literal("1.78855669"), {2, 8});
  ASSERT_TRUE(level.has_value());
  EXPECT_EQ(*level, (Level{23647, 178855669}));
}

TEST(LevelOf, NothingIsRoundedOrClamped) {
  const BookScale scale{2, 8};
  EXPECT_EQ(level_of(Decimal::literal("236.475"), Decimal::literal("1"), scale).error(), BookError::kTooFine);
  EXPECT_EQ(level_of(Decimal::literal("236"), Decimal::literal("0.000000001"), scale).error(),
            BookError::kTooFine);
  EXPECT_EQ(level_of(Decimal::literal("0"), Decimal::literal("1"), scale).error(),
            BookError::kPriceNotPositive);
  EXPECT_EQ(level_of(Decimal::literal("-1"), Decimal::literal("1"), scale).error(),
            BookError::kPriceNotPositive);
  EXPECT_EQ(level_of(Decimal::literal("1"), Decimal::literal("-1"), scale).error(), BookError::kSizeNegative);
  EXPECT_EQ(level_of(Decimal::literal("1e30"), Decimal::literal("1"), scale).error(), BookError::kTooLarge);
  EXPECT_EQ(level_of(Decimal::literal("1"), Decimal::literal("1e12"), scale).error(), BookError::kTooLarge);
}

TEST(OrderBook, KnowsItsShape) {
  OrderBook book({2, 8});
  EXPECT_EQ(book.shape(), BookShape::kEmpty);
  EXPECT_EQ(book.update(Side::kBid, {100, 5}), std::nullopt);
  EXPECT_EQ(book.shape(), BookShape::kOneSided);
  EXPECT_EQ(book.update(Side::kAsk, {101, 5}), std::nullopt);
  EXPECT_EQ(book.shape(), BookShape::kTwoSided);
  EXPECT_EQ(book.update(Side::kBid, {101, 5}), std::nullopt);
  EXPECT_EQ(book.shape(), BookShape::kCrossed) << "a locked book counts as crossed";
  EXPECT_EQ(book.update(Side::kBid, {101, 0}), std::nullopt);
  EXPECT_EQ(book.shape(), BookShape::kTwoSided);
  book.clear();
  EXPECT_EQ(book.shape(), BookShape::kEmpty);
}

TEST(OrderBook, RefusedSnapshotChangesNothing) {
  OrderBook book({2, 8});
  const std::vector<Level> bids{{99, 1}, {98, 2}};
  const std::vector<Level> asks{{101, 1}};
  ASSERT_EQ(book.snapshot(bids, asks), std::nullopt);
  const OrderBook before = book;
  EXPECT_EQ(book.snapshot(bids, std::vector<Level>{{101, 0}}), BookError::kSizeNotPositive);
  EXPECT_EQ(book.snapshot(std::vector<Level>{{0, 1}}, asks), BookError::kPriceNotPositive);
  EXPECT_EQ(book.snapshot(bids, std::vector<Level>{{101, 1}, {101, 2}}), BookError::kRepeatedPrice);
  EXPECT_EQ(book.snapshot(bids, std::vector<Level>{{kTicksEnd, 1}}), BookError::kTooLarge);
  EXPECT_EQ(book.update(Side::kAsk, {101, -1}), BookError::kSizeNegative);
  EXPECT_EQ(book.update(Side::kAsk, {101, kLotsEnd}), BookError::kTooLarge);
  EXPECT_EQ(book, before);
}

TEST(OrderBook, SideDoesNotGrowWithoutBound) {
  OrderBook book({2, 8});
  std::vector<Level> asks;
  for (std::size_t i = 0; i < kLevelsMax; ++i) asks.push_back({static_cast<std::int64_t>(i) + 10, 1});
  ASSERT_EQ(book.snapshot({}, asks), std::nullopt);
  EXPECT_EQ(book.update(Side::kAsk, {5, 1}), BookError::kTooManyLevels);
  EXPECT_EQ(book.update(Side::kAsk, {10, 7}), std::nullopt) << "a level that is there may change";
  EXPECT_EQ(book.update(Side::kAsk, {5, 0}), std::nullopt) << "deleting what is not there is no growth";
  asks.push_back({5, 1});
  EXPECT_EQ(book.snapshot({}, asks), BookError::kTooManyLevels);
}

RC_GTEST_PROP(OrderBookProperty, EqualsAMapAfterAnyUpdates, ()) {
  OrderBook book({0, 0});
  std::map<std::int64_t, std::int64_t> bids, asks;
  const auto updates = *rc::gen::container<std::vector<std::tuple<bool, int, int>>>(
      rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(1, 40), rc::gen::inRange(0, 3)));
  for (const auto& [bid, price, size] : updates) {
    RC_ASSERT(!book.update(bid ? Side::kBid : Side::kAsk, {price, size}));
    auto& side = bid ? bids : asks;
    if (size == 0)
      side.erase(price);
    else
      side[price] = size;
  }
  RC_ASSERT(book.bids().size() == bids.size());
  RC_ASSERT(book.asks().size() == asks.size());
  std::size_t i = bids.size();
  for (const auto& [price, size] : bids) RC_ASSERT(book.bids().best(--i) == (Level{price, size}));
  i = 0;
  for (const auto& [price, size] : asks) RC_ASSERT(book.asks().best(i++) == (Level{price, size}));

  std::vector<Level> bid_levels, ask_levels;
  for (const auto& [price, size] : bids) bid_levels.push_back({price, size});
  for (const auto& [price, size] : asks) ask_levels.push_back({price, size});
  OrderBook from_snapshot({0, 0});
  RC_ASSERT(!from_snapshot.snapshot(bid_levels, ask_levels));
  RC_ASSERT(from_snapshot == book);
}

}  // namespace
}  // namespace navkeeper::pricing
