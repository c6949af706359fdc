// What a session believes of a venue's history, and what it does not.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "services/pricing/adapters/venues/venue_session.h"
#include "tests/unit/services/pricing/venues/rest_model.h"
#include "tests/unit/services/pricing/venues/session_fixture.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

TEST(History, OfAnotherInstrumentFillsNoHoleAndIsAskedForAgain) {
  Fixture f(kraken_btc());
  f.bring_up(
      R"({"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD","snapshot":true},"success":true})");
  f.session.on_frame(kraken_print(505, kStartMs));
  f.session.on_frame(kraken_print(507, kStartMs + 20));
  const std::vector<Made> tape{{505, kStartMs}, {506, kStartMs + 10}, {507, kStartMs + 20}};
  int answered = 0;
  for (int second = 0; second < 10; ++second) {
    f.pass(Duration::seconds(1));
    for (const SessionAction& action : f.actions()) {
      if (action.kind != SessionAction::Kind::kRequest) continue;
      std::string body = answer(Venue::kKraken, tape, action.request, 1000);
      if (++answered == 1) body.replace(body.find("XXBTZUSD"), 8, "XBTUSDT");
      f.session.on_answer(action.request_id, 200, body);
      if (answered > 1) continue;
      EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{505}));
      EXPECT_EQ(f.sink.count(Kind::kRestFailed), 1);
      EXPECT_EQ(f.sink.count(Kind::kRefused), 1);
      EXPECT_EQ(f.sink.count(Kind::kGapClosed), 0);
    }
  }
  EXPECT_EQ(answered, 2);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{505, 506, 507}));
}

TEST(History, GapsThatAreAskedForAgainAreClosedWithTheirTradesHoweverManyWereGivenUp) {
  Fixture f(coinbase_btc());
  RawTrade last;
  last.exchange_ns = kStartMs * 1'000'000;
  last.price = last.size = {1, 0};
  last.number = 100'000;
  last.id = *TradeId::of("100000");
  f.session.resume(last);
  std::vector<Made> tape;
  for (std::uint64_t number = 10; number <= 1'000; number += 10) {
    f.session.ask_again({.number_first = number, .number_last = number, .from_ns = 1, .until_ns = 2});
    tape.push_back({number, kStartMs - 7'200'000 + static_cast<std::int64_t>(number)});
  }
  f.bring_up(kCoinbaseSubscribed);
  for (int turn = 0; turn < 8 * 12; ++turn) {
    f.pass(Duration::seconds(5));
    f.session.on_frame(kCoinbaseBeat);
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kCoinbase, tape, action.request, 1000));
    }
  }
  const auto asked = static_cast<std::size_t>(SessionLimits().again_gaps_max);
  ASSERT_EQ(f.sink.trades.size(), asked);
  for (const ReceivedTrade& received : f.sink.trades) EXPECT_TRUE(received.late);
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), static_cast<int>(asked));
  EXPECT_EQ(f.sink.count(Kind::kGapLost), static_cast<int>(tape.size() - asked));
  for (const SessionNote& note : f.sink.notes) {
    if (note.kind != Kind::kGapClosed) continue;
    EXPECT_EQ(note.detail, "asked for again: 1 trades came");
    EXPECT_EQ(std::ranges::count(f.sink.numbers(), note.first), 1) << note.first;
  }
}

/// A minute of a stream with a trade each second, of which it leaves out what `left_out` holds, and a history
/// that shows a trade only after `lag`.
void stream_with_lagging_history(Fixture& f, const std::set<std::uint64_t>& left_out, Duration lag,
                                 int seconds) {
  std::vector<Made> made;
  for (int second = 1; second <= seconds; ++second) {
    const auto number = static_cast<std::uint64_t>(second);
    f.pass(Duration::seconds(1));
    made.push_back({number, f.clock.now().ns() / 1'000'000});
    if (left_out.contains(number)) {
      f.session.on_frame(kBullishSubscribed);
    } else {
      f.session.on_frame(bullish_update(number, made.back().ms));
    }
    std::vector<Made> shown;
    for (const Made& trade : made) {
      if (trade.ms * 1'000'000 + lag.ns() <= f.clock.now().ns()) shown.push_back(trade);
    }
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kBullish, shown, action.request, 50));
    }
  }
}

TEST(History, ThatLagsIsComparedOnlyAsFarAsItTells) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  stream_with_lagging_history(f, {41, 42, 43}, Duration::seconds(12), 48);
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_LT(f.session.whole(0)->until_ns, (kStartMs + 41'000) * 1'000'000);
  Fixture g(bullish_btc());
  g.bring_up(kBullishSubscribed);
  stream_with_lagging_history(g, {41, 42, 43}, Duration::seconds(12), 120);
  std::vector<std::uint64_t> numbers = g.sink.numbers();
  std::ranges::sort(numbers);
  ASSERT_EQ(numbers.size(), 120U) << "what the stream left out was found, and nothing counts twice";
  EXPECT_EQ(numbers.back(), 120U);
  ASSERT_TRUE(g.session.whole(0));
  EXPECT_GE(g.session.whole(0)->until_ns, (g.clock.now() - Duration::seconds(35)).ns());
  EXPECT_EQ(g.sink.count(Kind::kRestFailed), 0) << "a lag is no failure while the history goes on";
}

TEST(History, ThatStaysEmptyThoughTheStreamHasTradesProvesNothingAndIsNoted) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  const std::int64_t begun = f.clock.now().ns();
  stream_with_lagging_history(f, {}, Duration::hours(1), 60);
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->until_ns, begun);
  EXPECT_GE(f.sink.count(Kind::kRestFailed), 1);
}

TEST(History, ThatIsEmptyWhereTheStreamIsSilentTooIsCompared) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  std::set<std::uint64_t> all;
  for (std::uint64_t number = 1; number <= 60; ++number) all.insert(number);
  stream_with_lagging_history(f, all, Duration::hours(1), 60);
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_GE(f.session.whole(0)->until_ns, (f.clock.now() - Duration::seconds(25)).ns());
  EXPECT_EQ(f.sink.count(Kind::kRestFailed), 0);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
