// Trades whose numbers contradict the order of a market's numbers: kept apart, or, where two of them follow
// each other, the beginning of new numbers.
#include <gtest/gtest.h>

#include "tests/unit/services/pricing/venues/session_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

void match(Fixture& f, std::uint64_t id) {
  f.clock.advance(Duration::seconds(1));
  f.session.on_frame(coinbase_match(id, f.clock.now().ns() / 1'000'000));
}

std::vector<bool> lates(const Fixture& f) {
  std::vector<bool> list;
  for (const ReceivedTrade& received : f.sink.trades) list.push_back(received.late);
  return list;
}

SessionNote note_of(const Fixture& f, Kind kind) {
  for (const SessionNote& note : f.sink.notes) {
    if (note.kind == kind) return note;
  }
  return {};
}

TEST(Astray, ALoneNumberFarAheadIsKeptApartAndTheOrderGoesOn) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  for (std::uint64_t id = 1001; id <= 1005; ++id) match(f, id);
  EXPECT_TRUE(f.session.whole(0));
  match(f, 5'000'000'000);
  EXPECT_FALSE(f.session.whole(0)) << "not known yet whether its numbers begin anew";
  EXPECT_EQ(note_of(f, Kind::kAstray).detail, "5000000000 where 1006 was to come");
  match(f, 1006);
  EXPECT_TRUE(f.session.whole(0));
  match(f, 1009);
  f.pass(Duration::seconds(1));
  EXPECT_FALSE(f.session.whole(0)) << "holes are still seen";
  EXPECT_EQ(note_of(f, Kind::kGapFound).first, 1007U);
  EXPECT_EQ(note_of(f, Kind::kGapFound).last, 1008U);
  EXPECT_EQ(f.sink.numbers(),
            (std::vector<std::uint64_t>{1001, 1002, 1003, 1004, 1005, 5'000'000'000, 1006}));
  EXPECT_EQ(lates(f), (std::vector<bool>{false, false, false, false, false, true, false}));
  EXPECT_EQ(f.session.counters().astray, 1U);
  EXPECT_EQ(f.sink.count(Kind::kGapAbandoned), 0);
}

TEST(Astray, TwoFarAheadThatFollowEachOtherBeginTheMarketAnewAloud) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  for (std::uint64_t id = 1001; id <= 1005; ++id) match(f, id);
  const std::int64_t last_ns = f.clock.now().ns();
  match(f, 5'000'000'000);
  match(f, 5'000'000'002);
  EXPECT_EQ(note_of(f, Kind::kBeganAnew).detail, "5000000002 came where 1006 was to come");
  EXPECT_EQ(note_of(f, Kind::kGapLost).first, static_cast<std::uint64_t>(last_ns));
  EXPECT_EQ(note_of(f, Kind::kGapLost).last, static_cast<std::uint64_t>(f.clock.now().ns()));
  match(f, 5'000'000'001);
  match(f, 5'000'000'003);
  ASSERT_EQ(f.sink.trades.size(), 9U);
  EXPECT_EQ(f.sink.numbers().back(), 5'000'000'003U);
  EXPECT_TRUE(f.sink.trades[7].anew);
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_GT(f.session.whole(0)->from_ns, last_ns);
}

TEST(Astray, NumbersThatGoBackAreNoDuplicatesAndBeginTheMarketAnew) {
  for (const bool resumed : {false, true}) {
    Fixture f(coinbase_btc());
    if (resumed) {
      RawTrade last;
      last.id = *TradeId::of("70005");
      last.number = 70'005;
      last.exchange_ns = kStartMs * 1'000'000;
      last.price = last.size = {1, 0};
      f.session.resume(last);
    }
    f.bring_up(kCoinbaseSubscribed);
    if (!resumed) {
      for (std::uint64_t id = 70'001; id <= 70'005; ++id) match(f, id);
    }
    const std::size_t before = f.sink.trades.size();
    const std::int64_t last_ns = f.clock.now().ns();
    for (std::uint64_t id = 1; id <= 5; ++id) match(f, id);
    ASSERT_EQ(f.sink.trades.size(), before + 5);
    EXPECT_EQ(f.session.counters().duplicates, 0U);
    EXPECT_TRUE(f.sink.trades[before].late);
    EXPECT_FALSE(f.sink.trades[before + 1].late);
    EXPECT_TRUE(f.sink.trades[before + 1].anew);
    EXPECT_FALSE(f.sink.trades[before + 2].anew);
    EXPECT_EQ(f.sink.count(Kind::kBeganAnew), 1);
    EXPECT_EQ(f.sink.count(Kind::kGapLost), 1);
    ASSERT_TRUE(f.session.whole(0));
    EXPECT_GT(f.session.whole(0)->from_ns, last_ns);
    match(f, 8);
    f.pass(Duration::seconds(1));
    EXPECT_EQ(note_of(f, Kind::kGapFound).first, 6U) << "holes of the new numbers are seen";
  }
}

TEST(Astray, WhatWasMissedBeforeTheFirstTradeIsStillADuplicateOfNoConsequence) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  match(f, 1001);
  f.session.on_frame(coinbase_match(999, kStartMs - 5'000));
  EXPECT_EQ(f.session.counters().duplicates, 1U);
  EXPECT_EQ(f.session.counters().astray, 0U);
}

TEST(Astray, AWaitingTradeThatALaterOneWithALowerNumberContradictsOpensNoHole) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  match(f, 100);
  match(f, 5'000);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100}));
  match(f, 101);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 101, 5'000}));
  EXPECT_EQ(lates(f), (std::vector<bool>{false, false, true}));
  f.pass(Duration::seconds(4));
  EXPECT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.counters().astray, 1U);
  match(f, 102);
  EXPECT_EQ(f.sink.numbers().back(), 102U);
}

TEST(Astray, ANumberThatWentAstrayIsPassedOverWhenTheOrderReachesIt) {
  TradeOrder order(GapRule::kDenseNumber, {.hole_max = 3});
  std::vector<ReceivedTrade> ready;
  const auto offer = [&](std::uint64_t number, const char* price) {
    ReceivedTrade received;
    received.trade.number = number;
    received.trade.exchange_ns = static_cast<std::int64_t>(ready.size()) + 1;
    received.trade.price = {price[0] - '0', 0};
    received.trade.size = {1, 0};
    received.trade.id = *TradeId::of(std::to_string(number));
    return order.offer(received, ready);
  };
  EXPECT_EQ(offer(1, "1"), TradeOrder::Verdict::kTaken);
  EXPECT_EQ(offer(5, "1"), TradeOrder::Verdict::kAstray);
  for (const std::uint64_t number : {2U, 3U, 4U}) EXPECT_EQ(offer(number, "1"), TradeOrder::Verdict::kTaken);
  EXPECT_EQ(order.next_number(), 6U);
  EXPECT_EQ(offer(5, "2"), TradeOrder::Verdict::kContradiction);
  EXPECT_EQ(offer(6, "1"), TradeOrder::Verdict::kTaken);
  EXPECT_FALSE(order.hole());
}

}  // namespace
}  // namespace navkeeper::pricing::venues
