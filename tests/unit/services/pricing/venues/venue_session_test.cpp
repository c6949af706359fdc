// The session against scripted peers and against a simulated venue with every fault that it must survive.
#include "services/pricing/adapters/venues/venue_session.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "tests/unit/services/pricing/venues/rest_model.h"
#include "tests/unit/services/pricing/venues/session_fixture.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

TEST(VenueSession, ConnectsSettlesSubscribesAndIsLive) {
  Fixture f(crypto_com({{"BTC/USDT", "BTC_USDT", "BTC_USDT"}}));
  f.session.start();
  EXPECT_EQ(f.actions().at(0).kind, SessionAction::Kind::kConnect);
  f.session.on_connected();
  EXPECT_TRUE(f.actions().empty()) << "Crypto.com asks for a second of patience";
  EXPECT_EQ(f.session.wake_at(), f.clock.now() + Duration::seconds(1));
  f.wake();
  const auto sent = f.actions();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].text, f.protocol->subscribe(f.clock.now().ns() / 1'000'000)[0]);
  EXPECT_EQ(f.session.state(), VenueSession::State::kSubscribing);
  f.session.on_frame(kCryptoComTrade);
  EXPECT_EQ(f.session.state(), VenueSession::State::kLive);
  EXPECT_EQ(f.sink.trades.size(), 1U);
  f.session.on_frame(R"({"id":7,"method":"public/heartbeat","code":0})");
  EXPECT_EQ(f.actions().at(0).text, R"({"id":7,"method":"public/respond-heartbeat"})");
}

TEST(VenueSession, DuplicatesAreDroppedAndContradictionsReportedAndGivenOnAsLate) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs, "10.5", "last_match"));
  f.session.on_frame(coinbase_match(101, kStartMs));
  f.session.on_frame(coinbase_match(101, kStartMs, "10.50"));
  f.session.on_frame(coinbase_match(101, kStartMs, "10.51"));
  f.session.on_frame(coinbase_match(99, kStartMs));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 101, 101}));
  EXPECT_FALSE(f.sink.trades[1].late);
  EXPECT_TRUE(f.sink.trades[2].late);
  EXPECT_EQ(f.sink.trades[2].trade.price, (Exact{1051, 2}));
  EXPECT_EQ(base::to_hex(f.sink.trades[2].message_hash),
            crypto::sha256_hex(coinbase_match(101, kStartMs, "10.51")));
  EXPECT_EQ(f.session.counters().duplicates, 2U);
  EXPECT_EQ(f.session.counters().contradictions, 1U);
  EXPECT_EQ(f.sink.count(Kind::kContradiction), 1);
}

TEST(VenueSession, ReorderedTradesAreGivenInOrderWithoutAnyRequest) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  for (const std::uint64_t id : {100U, 103U, 102U, 101U, 104U})
    f.session.on_frame(coinbase_match(id, kStartMs));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 101, 102, 103, 104}));
  f.pass(Duration::seconds(2));
  EXPECT_EQ(f.session.counters().requests, 0U);
}

TEST(VenueSession, AHoleIsFetchedAndItsTradesComeBeforeThoseBehindIt) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(coinbase_match(103, kStartMs + 30));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100}));
  f.pass(Duration::seconds(1));
  const auto actions = f.actions();
  ASSERT_EQ(actions.size(), 1U);
  ASSERT_EQ(actions[0].kind, SessionAction::Kind::kRequest);
  EXPECT_EQ(actions[0].request.query, "limit=1000&after=103");
  const std::vector<Made> tape{
      {99, kStartMs - 1}, {100, kStartMs}, {101, kStartMs + 10}, {102, kStartMs + 20}, {103, kStartMs + 30}};
  f.session.on_answer(actions[0].request_id, 200, answer(Venue::kCoinbase, tape, actions[0].request, 1000));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 101, 102, 103}));
  EXPECT_EQ(f.sink.trades[1].source, TradeSource::kHistory);
  EXPECT_EQ(f.sink.count(Kind::kGapFound), 1);
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), 1);
}

TEST(VenueSession, AHeartbeatThatIsAheadOfTheTapeShowsALossAtItsEnd) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(
      R"({"type":"heartbeat","sequence":90,"last_trade_id":101,"product_id":"BTC-USD","time":"2023-11-14T22:13:20Z"})");
  f.pass(Duration::seconds(1));
  const auto actions = f.actions();
  ASSERT_EQ(actions.size(), 1U);
  f.session.on_answer(actions[0].request_id, 200,
                      answer(Venue::kCoinbase, {{100, kStartMs}, {101, kStartMs}}, actions[0].request, 10));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 101}));
}

TEST(VenueSession, AHoleThatTheHistoryNeverFillsIsGivenUpAloudAndLateTradesStillCount) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(coinbase_match(102, kStartMs));
  for (int i = 0; i < 100 && f.sink.count(Kind::kGapAbandoned) == 0; ++i) {
    f.pass(Duration::seconds(5));
    f.session.on_frame(
        R"({"type":"heartbeat","sequence":90,"last_trade_id":102,"product_id":"BTC-USD","time":"2023-11-14T22:13:20Z"})");
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, i % 2 == 0 ? 500 : 200, "[]");
    }
  }
  EXPECT_EQ(f.sink.count(Kind::kGapAbandoned), 1);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 102}));
  f.session.on_frame(coinbase_match(101, kStartMs));
  f.session.on_frame(coinbase_match(101, kStartMs));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 102, 101}));
  EXPECT_TRUE(f.sink.trades.back().late);
}

/// Answers each request by `answer_to` and keeps the connection alive, for so long.
void live_on(Fixture& f, Duration span, std::uint64_t last_id,
             const std::function<std::pair<int, std::string>(const RestRequest&)>& answer_to) {
  for (const Instant end = f.clock.now() + span; f.clock.now() < end;) {
    f.pass(Duration::seconds(5));
    f.session.on_frame(last_id == 0 ? std::string(kBullishSubscribed)
                                    : R"({"type":"heartbeat","sequence":90,"last_trade_id":)" +
                                          std::to_string(last_id) +
                                          R"(,"product_id":"BTC-USD","time":"2023-11-14T22:13:20Z"})");
    for (const SessionAction& action : f.actions()) {
      if (action.kind != SessionAction::Kind::kRequest) continue;
      const auto [status, body] = answer_to(action.request);
      f.session.on_answer(action.request_id, status, body);
    }
  }
}

TEST(VenueSession, AGapThatWasGivenUpIsAskedForAgainLaterAndItsTradesComeAsLate) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(coinbase_match(103, kStartMs + 30));
  const auto fails = [](const RestRequest&) { return std::pair(500, std::string()); };
  live_on(f, Duration::minutes(4), 103, fails);
  ASSERT_EQ(f.sink.count(Kind::kGapAbandoned), 1);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 103}));
  // Half of it at first, then all.
  std::vector<Made> tape{{100, kStartMs}, {101, kStartMs + 10}, {103, kStartMs + 30}};
  const auto history = [&](const RestRequest& request) {
    return std::pair(200, answer(Venue::kCoinbase, tape, request, 1000));
  };
  live_on(f, Duration::minutes(6), 103, history);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 103, 101}));
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), 0);
  tape.insert(tape.begin() + 2, {102, kStartMs + 20});
  live_on(f, Duration::minutes(11), 103, history);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 103, 101, 102}));
  EXPECT_TRUE(f.sink.trades.back().late) << "it says nothing about how far the market is whole";
  ASSERT_EQ(f.sink.count(Kind::kGapClosed), 1);
  const SessionNote& closed = f.sink.notes.back();
  EXPECT_EQ(closed.kind, Kind::kGapClosed);
  EXPECT_EQ(closed.first, 101U);
  EXPECT_EQ(closed.last, 102U);
  EXPECT_EQ(closed.detail, "asked for again: 1 trades came");
  EXPECT_EQ(f.sink.count(Kind::kGapLost), 0);
  const auto requests = f.session.counters().requests;
  live_on(f, Duration::hours(1), 103, history);
  EXPECT_EQ(f.session.counters().requests, requests) << "nothing is missing any more";
}

TEST(VenueSession, AGapThatIsNeverToBeHadIsLostAloudAfterABoundedNumberOfRequests) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(coinbase_match(102, kStartMs));
  const auto empty = [](const RestRequest&) { return std::pair(200, std::string("[]")); };
  live_on(f, Duration::hours(24), 102, empty);
  EXPECT_EQ(f.sink.count(Kind::kGapAbandoned), 1);
  ASSERT_EQ(f.sink.count(Kind::kGapLost), 1);
  const auto lost = std::find_if(f.sink.notes.begin(), f.sink.notes.end(),
                                 [](const SessionNote& note) { return note.kind == Kind::kGapLost; });
  EXPECT_EQ(lost->first, 101U);
  EXPECT_EQ(lost->last, 101U);
  EXPECT_EQ(lost->detail, "asked for again 8 times: the history does not have all of it yet");
  EXPECT_EQ(f.session.counters().requests, 16U) << "eight at once, eight later";
}

TEST(VenueSession, WhereOnlyTimesAreKnownAGapIsAskedForAgainTooAndLiveTradesDoNotWait) {
  SessionLimits limits;
  limits.sweep_every = Duration();
  Fixture f(bullish_btc(), limits);
  f.bring_up(kBullishSubscribed);
  f.session.on_frame(bullish_update(1, kStartMs));
  f.clock.advance(Duration::seconds(2));
  f.session.on_disconnected("reset");
  f.wake();
  static_cast<void>(f.actions());
  f.session.on_connected();
  if (f.session.state() == VenueSession::State::kSettling) f.wake();
  f.session.on_frame(kBullishSubscribed);
  const auto fails = [](const RestRequest&) { return std::pair(503, std::string()); };
  live_on(f, Duration::minutes(4), 0, fails);
  ASSERT_EQ(f.sink.count(Kind::kGapAbandoned), 1);
  f.session.on_frame(bullish_update(3, f.clock.now().ns() / 1'000'000));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 3}));
  const std::vector<Made> tape{{1, kStartMs}, {2, kStartMs + 1'000}};
  live_on(f, Duration::minutes(6), 0, [&](const RestRequest& request) {
    return std::pair(200, answer(Venue::kBullish, tape, request, 100));
  });
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 3, 2}));
  EXPECT_TRUE(f.sink.trades.back().late);
  EXPECT_EQ(f.sink.notes.back().kind, Kind::kGapClosed);
  EXPECT_EQ(f.sink.notes.back().detail, "asked for again: 1 trades came");
}

TEST(VenueSession, AGapOfAnEarlierRunIsAskedForUnlessTheResumptionCoversIt) {
  for (const bool covered : {false, true}) {
    SessionLimits limits;
    limits.sweep_every = Duration();
    Fixture f(kraken_btc(), limits);
    RawTrade last;
    last.exchange_ns = (kStartMs - 1'000) * 1'000'000;
    last.price = last.size = {1, 0};
    last.number = 50;
    last.id = *TradeId::of("50");
    f.session.resume(last);
    Gap gap;
    gap.number_first = covered ? 60 : 40;
    gap.number_last = covered ? 61 : 41;
    gap.from_ns = (kStartMs - 5'000) * 1'000'000;
    gap.until_ns = (kStartMs - 2'000) * 1'000'000;
    f.session.ask_again(gap);
    f.session.start();
    static_cast<void>(f.actions());
    f.session.on_connected();
    if (f.session.state() == VenueSession::State::kSettling) f.wake();
    f.session.on_frame(
        R"({"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD","snapshot":false},"success":true})");
    ASSERT_EQ(f.session.state(), VenueSession::State::kLive);
    f.clock.advance(Duration::minutes(5));
    f.session.on_frame(R"({"channel":"heartbeat"})");
    f.session.on_time();
    std::vector<RestRequest> requests;
    for (const SessionAction& action : f.actions()) {
      if (action.kind != SessionAction::Kind::kRequest) continue;
      requests.push_back(action.request);
      f.session.on_answer(
          action.request_id, 200,
          answer(Venue::kKraken, {{40, kStartMs - 4'000}, {41, kStartMs - 3'000}, {50, kStartMs - 1'000}},
                 action.request, 1000));
    }
    EXPECT_EQ(requests.size(), covered ? 0U : 1U);
    EXPECT_EQ(f.sink.numbers(),
              covered ? std::vector<std::uint64_t>{} : (std::vector<std::uint64_t>{40, 41}));
    EXPECT_EQ(f.sink.count(Kind::kGapClosed), covered ? 0 : 1);
  }
}

TEST(VenueSession, SilenceEndsTheConnection) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.pass(Duration::seconds(9));
  EXPECT_TRUE(f.actions().empty());
  f.clock.advance(Duration::seconds(1));
  f.session.on_time();
  EXPECT_EQ(f.actions().at(0).kind, SessionAction::Kind::kClose);
  EXPECT_EQ(f.sink.count(Kind::kSilent), 1);
  EXPECT_EQ(f.session.state(), VenueSession::State::kBackingOff);
}

TEST(VenueSession, BackOffGrowsWithFailuresIsBoundedAndSpread) {
  for (const std::uint64_t random : {std::uint64_t{0}, UINT64_MAX - 1}) {
    Fixture f(coinbase_btc());
    f.random = random;
    f.session.start();
    std::vector<Duration> waits;
    for (int i = 0; i < 12; ++i) {
      f.actions();
      f.session.on_disconnected("refused");
      waits.push_back(f.session.wake_at() - f.clock.now());
      f.wake();
    }
    EXPECT_TRUE(std::is_sorted(waits.begin(), waits.end()) || random != 0);
    for (const Duration wait : waits) {
      EXPECT_GE(wait, Duration::milliseconds(250));
      EXPECT_LE(wait, Duration::seconds(30));
    }
    EXPECT_GE(waits.back(), Duration::seconds(15));
  }
}

TEST(VenueSession, ARequestToReconnectIsFollowed) {
  Fixture f(bitstamp_btc());
  f.bring_up(R"({"event":"bts:subscription_succeeded","channel":"live_trades_btcusd","data":{}})");
  f.session.on_frame(R"({"event":"bts:request_reconnect","channel":"","data":""})");
  EXPECT_EQ(f.actions().at(0).kind, SessionAction::Kind::kClose);
  f.session.on_disconnected("closed");
  EXPECT_EQ(f.session.state(), VenueSession::State::kBackingOff);
  EXPECT_EQ(f.session.counters().reconnects, 1U);
}

TEST(VenueSession, GarbageEndsTheConnectionAndABadTradeDoesNot) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs, "0"));
  EXPECT_EQ(f.session.state(), VenueSession::State::kLive);
  f.session.on_frame("\xff\xfe garbage");
  EXPECT_EQ(f.session.state(), VenueSession::State::kBackingOff);
  EXPECT_EQ(f.sink.count(Kind::kRefused), 2);
}

TEST(VenueSession, AfterAnInterruptionTheTimeSinceTheLastTradeIsFetchedAndNothingOvertakesIt) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  f.session.on_frame(bullish_update(1, kStartMs));
  f.session.on_disconnected("reset");
  f.wake();
  f.session.on_connected();
  f.session.on_frame(kBullishSubscribed);
  const std::int64_t now_ms = f.clock.now().ns() / 1'000'000;
  f.session.on_frame(bullish_update(4, now_ms));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1}));
  f.actions();
  const std::vector<Made> tape{{1, kStartMs}, {2, kStartMs + 1}, {3, kStartMs + 2}, {4, now_ms}};
  for (int i = 0; i < 10; ++i) {
    f.pass(Duration::seconds(1));
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kBullish, tape, action.request, 2));
    }
  }
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), 1);
}

/// Lets the time pass and answers every request from `tape`.
void pass_with_history(Fixture& f, Duration span, const std::vector<Made>& tape) {
  for (Duration passed; passed < span; passed = passed + Duration::seconds(1)) {
    f.pass(Duration::seconds(1));
    f.session.on_frame(
        R"({"id":"1","jsonrpc":"2.0","result":{"responseCode":"200","message":"Keep alive pong"}})");
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kBullish, tape, action.request, 50));
    }
  }
}

TEST(VenueSession, ATradeThatTheStreamLeftOutIsFoundInTheHistorySoon) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  const std::vector<Made> tape{{1, kStartMs + 1'000}, {2, kStartMs + 2'000}, {3, kStartMs + 3'000}};
  f.pass(Duration::seconds(4));
  f.session.on_frame(bullish_update(1, tape[0].ms));
  f.session.on_frame(bullish_update(3, tape[2].ms));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 3})) << "nothing waits for what nobody misses";
  pass_with_history(f, Duration::seconds(70), tape);
  ASSERT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 3, 2}));
  EXPECT_TRUE(f.sink.trades[2].late);
  EXPECT_EQ(f.sink.count(Kind::kGapFound), 1);
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), 1);
  pass_with_history(f, Duration::seconds(130), tape);
  EXPECT_EQ(f.sink.trades.size(), 3U) << "what was compared once gives nothing again";
  EXPECT_EQ(f.sink.count(Kind::kGapFound), 1);
}

TEST(VenueSession, WhereNothingShowsAHoleOnlyWhatWasComparedIsWhole) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  const std::int64_t begun = f.clock.now().ns();
  const std::vector<Made> tape{{1, kStartMs + 1'000}};
  f.pass(Duration::seconds(10));
  f.session.on_frame(bullish_update(1, tape[0].ms));
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->until_ns, begun) << "the stream alone shows nothing";
  pass_with_history(f, Duration::seconds(20), tape);
  const auto compared = f.session.whole(0);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->from_ns, begun);
  EXPECT_GE(compared->until_ns, begun + Duration::seconds(10).ns());
  for (int second = 0; second < 60; ++second) {  // The stream goes on, the history fails.
    f.pass(Duration::seconds(1));
    f.session.on_frame(bullish_update(1, tape[0].ms));
    for (const SessionAction& action : f.actions())
      if (action.kind == SessionAction::Kind::kRequest) f.session.on_answer(action.request_id, 503, "");
  }
  EXPECT_EQ(f.session.whole(0), compared);
  pass_with_history(f, Duration::seconds(20), tape);
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_GE(f.session.whole(0)->until_ns, (f.clock.now() - Duration::seconds(25)).ns());
}

TEST(VenueSession, NothingIsWholeBeyondWhatTheVenuesTimesProveWhateverOurClockSays) {
  Evidence evidence;
  Fixture f(coinbase_btc(), {}, &evidence);
  f.bring_up(kCoinbaseSubscribed);
  const std::int64_t begun = f.clock.now().ns();
  f.live_for(Duration::seconds(10));
  EXPECT_FALSE(f.session.whole(0)) << "no venue has named a time yet";
  f.session.on_frame(coinbase_match(1, kStartMs + 9'500));
  f.live_for(Duration::seconds(5));
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->from_ns, begun);
  EXPECT_EQ(f.session.whole(0)->until_ns, begun + Duration::milliseconds(14'500 - 3'000).ns());

  f.clock.advance(Duration::hours(1));
  f.live_for(Duration::seconds(5));
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->until_ns, begun + Duration::milliseconds(19'500 - 3'000).ns());
  f.clock.advance(Duration::hours(-1));
  f.live_for(Duration::seconds(1));
  EXPECT_EQ(f.session.whole(0)->until_ns, begun + Duration::milliseconds(20'500 - 3'000).ns());
}

TEST(VenueSession, AHeartbeatsTimeAndThatOfAnotherVenueAreEvidenceToo) {
  Evidence evidence;
  Fixture f(coinbase_btc(), {}, &evidence);
  f.bring_up(kCoinbaseSubscribed);
  f.live_for(Duration::seconds(10));
  const std::int64_t start = kStartMs * 1'000'000;
  evidence.clocks.said("kraken", start + Duration::seconds(8).ns());
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->until_ns, start + Duration::seconds(5).ns());
  f.session.on_frame(R"({"type":"heartbeat","last_trade_id":0,"product_id":"BTC-USD","time":")" +
                     to_utc_ms(start + Duration::seconds(9).ns()) + R"("})");
  EXPECT_EQ(f.session.whole(0)->until_ns, start + Duration::seconds(6).ns());
  f.session.on_frame(coinbase_match(1, kStartMs + 3'600'000));
  EXPECT_EQ(f.session.whole(0)->until_ns, start + Duration::seconds(6).ns()) << "a venue's mistake";
}

TEST(VenueSession, WhereNumbersDoNotShowALossAtTheEndTheHistoryIsComparedOnceTheStreamIsQuiet) {
  Fixture f(kraken({{"BTC/USD", "BTC/USD", "XBTUSD"}}));
  const auto live = [&](int seconds) {
    for (int i = 0; i < seconds; ++i) {
      f.pass(Duration::seconds(1));
      f.session.on_frame(R"({"channel":"heartbeat"})");
    }
  };
  const std::string subscribed = R"({"method":"subscribe","result":{"channel":"trade"},"success":true})";
  f.bring_up(subscribed.c_str());
  std::vector<Made> tape;
  for (std::uint64_t id = 501; id <= 530; ++id) {
    live(1);
    tape.push_back({id, f.clock.now().ns() / 1'000'000});
    f.session.on_frame(kraken_print(id, tape.back().ms));
  }
  EXPECT_EQ(f.session.counters().requests, 0U) << "while trades come their numbers prove what is whole";
  tape.push_back({531, tape.back().ms + 100});
  tape.push_back({532, tape.back().ms + 10});
  static_cast<void>(f.actions());
  live(10);
  const std::int64_t last_ns = f.sink.trades.back().trade.exchange_ns;
  EXPECT_EQ(f.session.whole(0)->until_ns, last_ns) << "what may have followed is not known";
  live(10);
  std::uint64_t requests = 0;
  for (int i = 0; i < 4; ++i) {
    for (const SessionAction& action : f.actions()) {
      if (action.kind != SessionAction::Kind::kRequest) continue;
      ++requests;
      f.session.on_answer(action.request_id, 200, answer(Venue::kKraken, tape, action.request, 1000));
    }
    live(1);
  }
  EXPECT_EQ(requests, 2U) << "one, and one that says that no more comes";
  ASSERT_EQ(f.sink.trades.size(), 32U);
  EXPECT_EQ(f.sink.numbers().back(), 532U);
  EXPECT_FALSE(f.sink.trades.back().late) << "a feed may go on from here";
  EXPECT_EQ(f.sink.count(Kind::kGapFound), 1);
  EXPECT_EQ(f.sink.count(Kind::kGapClosed), 1);
  EXPECT_GT(f.session.whole(0)->until_ns, tape.back().ms * 1'000'000);
  f.session.on_frame(kraken_print(533, f.clock.now().ns() / 1'000'000));
  EXPECT_EQ(f.sink.numbers().back(), 533U);
}

TEST(VenueSession, AFeedThatWasBegunByAClockThatWasAheadIsWholeFromWhenTheClockIsRight) {
  Evidence evidence;
  Fixture f(coinbase_btc(), {}, &evidence);
  f.clock.advance(Duration::hours(1));
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(1, kStartMs));
  f.live_for(Duration::seconds(10));
  EXPECT_FALSE(f.session.whole(0)) << "begun in the future";
  f.clock.advance(Duration::hours(-1));
  const std::int64_t healed = f.clock.now().ns();
  f.session.on_time();
  f.live_for(Duration::seconds(10));
  f.session.on_frame(coinbase_match(2, kStartMs + 20'000));
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->from_ns, healed);
  EXPECT_EQ(f.session.whole(0)->until_ns, kStartMs * 1'000'000 + Duration::seconds(17).ns());
}

TEST(VenueSession, AHistoryIsComparedNoFartherThanTheVenuesTimesProve) {
  Evidence evidence;
  Fixture f(bullish_btc(), {}, &evidence);
  f.bring_up(kBullishSubscribed);
  std::vector<Made> tape{{1, kStartMs + 1'000}};
  const auto answer_all = [&] {
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kBullish, tape, action.request, 50));
    }
  };
  const auto run = [&](int seconds) {
    for (int second = 0; second < seconds; ++second) {
      f.advance(Duration::seconds(1));
      f.session.on_frame(kBullishSubscribed);
      f.session.on_time();
      answer_all();
    }
  };
  run(2);
  f.session.on_frame(bullish_update(1, tape[0].ms));
  f.clock.advance(Duration::hours(1));
  run(40);
  f.clock.advance(Duration::hours(-1));
  tape.push_back({2, kStartMs + 60'000});  // The stream leaves it out.
  run(40);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{1, 2})) << "the hour ahead was not called compared";
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_LE(f.session.whole(0)->until_ns, (f.clock.now() - Duration::seconds(3)).ns());
  EXPECT_GE(f.session.whole(0)->until_ns, (f.clock.now() - Duration::seconds(25)).ns());
}

TEST(VenueSession, AResumedMarketWithoutNumbersIsWholeFromWhereItComparesAgain) {
  Fixture f(bullish_btc());
  RawTrade last;
  last.id = *TradeId::of("1");
  last.exchange_ns = kStartMs * 1'000'000;
  last.price = {105, 1};
  last.size = {1, 0};
  f.session.resume(last);
  f.bring_up(kBullishSubscribed);
  pass_with_history(f, Duration::seconds(20), {{1, kStartMs}});
  ASSERT_TRUE(f.session.whole(0));
  EXPECT_EQ(f.session.whole(0)->from_ns, last.exchange_ns - Duration::seconds(63).ns());
}

TEST(VenueSession, AComparisonThatFailsIsMadeAgainOverTheSameTime) {
  Fixture f(bullish_btc());
  f.bring_up(kBullishSubscribed);
  const std::vector<Made> tape{{1, kStartMs + 1'000}, {2, kStartMs + 2'000}};
  f.pass(Duration::seconds(3));
  f.session.on_frame(bullish_update(2, tape[1].ms));
  bool failed = false;
  for (int second = 0; second < 70; ++second) {
    f.pass(Duration::seconds(1));
    f.session.on_frame(bullish_update(2, tape[1].ms));
    for (const SessionAction& action : f.actions()) {
      if (action.kind != SessionAction::Kind::kRequest) continue;
      f.session.on_answer(action.request_id, 503, "");
      failed = true;
    }
  }
  EXPECT_TRUE(failed);
  EXPECT_EQ(f.sink.trades.size(), 1U);
  EXPECT_EQ(f.sink.count(Kind::kGapAbandoned), 0);
  pass_with_history(f, Duration::seconds(70), tape);
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{2, 1}));
}

TEST(VenueSession, ASessionOfBooksAloneAsksForNoTrades) {
  Fixture f(bitstamp({{"BTC/USD", "btcusd", "btcusd"}}, {.trades = false, .books = true}));
  f.bring_up(R"({"event":"bts:subscription_succeeded","channel":"order_book_btcusd","data":{}})");
  for (int i = 0; i < 40; ++i) {
    f.pass(Duration::seconds(5));
    f.session.on_frame(R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})");
  }
  for (const SessionAction& action : f.actions()) EXPECT_NE(action.kind, SessionAction::Kind::kRequest);
}

TEST(VenueSession, TheMarketsClockDatesTradesAndTheConnectionsMeasuresSilence) {
  time::ManualClock market(Instant::literal("2026-03-05T20:00:00Z"));
  time::ManualClock connection(Instant::from_ns(kStartMs * 1'000'000));
  Recorder sink;
  const auto protocol = coinbase_btc();
  VenueSession session(
      *protocol, sink, market, [] { return 0U; }, {}, &connection);
  session.start();
  session.on_connected();
  session.on_frame(kCoinbaseSubscribed);
  market.advance(Duration::hours(5));  // Five hours of the market are nothing to the connection.
  session.on_time();
  EXPECT_EQ(session.state(), VenueSession::State::kLive);
  session.on_frame(coinbase_match(1, market.now().ns() / 1'000'000));
  EXPECT_EQ(sink.trades.at(0).received_ns, market.now().ns());
  connection.advance(protocol->facts().silence);
  session.on_time();
  EXPECT_EQ(session.state(), VenueSession::State::kBackingOff);
}

TEST(VenueSession, ResumingFromAnEarlierRunFetchesWhatWasMissedMeanwhile) {
  Fixture f(coinbase_btc());
  RawTrade last;
  last.venue = Venue::kCoinbase;
  last.number = 100;
  last.id = *TradeId::of("100");
  last.exchange_ns = kStartMs * 1'000'000;
  last.price = {105, 1};
  last.size = {1, 0};
  f.session.resume(last);
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(102, kStartMs + 5, "10.5", "last_match"));
  f.pass(Duration::seconds(1));
  const auto actions = f.actions();
  ASSERT_EQ(actions.size(), 1U);
  f.session.on_answer(actions[0].request_id, 200,
                      answer(Venue::kCoinbase, {{100, kStartMs}, {101, kStartMs + 1}, {102, kStartMs + 5}},
                             actions[0].request, 10));
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{101, 102}));
}

TEST(VenueSession, TradesBehindAGapThatIsOpenAtTheEndAreGivenOnAsLate) {
  Fixture f(coinbase_btc());
  f.bring_up(kCoinbaseSubscribed);
  f.session.on_frame(coinbase_match(100, kStartMs));
  f.session.on_frame(coinbase_match(103, kStartMs));
  f.session.stop();
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{100, 103}));
  EXPECT_FALSE(f.sink.trades[0].late);
  EXPECT_TRUE(f.sink.trades[1].late);
}

TEST(VenueSession, WhatARecentTradeOfAnEarlierRunSaidIsRemembered) {
  Fixture f(bullish_btc());
  std::vector<RawTrade> recent;
  for (const int id : {1, 2}) {
    RawTrade trade;
    trade.id = *TradeId::of(std::to_string(id));
    trade.exchange_ns = (kStartMs + id) * 1'000'000;
    trade.price = {105, 1};
    trade.size = {1, 0};
    recent.push_back(trade);
  }
  f.session.resume(recent);
  f.bring_up(kBullishSubscribed);
  const std::vector<Made> tape{{1, kStartMs + 1}, {2, kStartMs + 2}, {3, kStartMs + 3}};
  for (int i = 0; i < 10; ++i) {
    f.pass(Duration::seconds(1));
    for (const SessionAction& action : f.actions()) {
      if (action.kind == SessionAction::Kind::kRequest)
        f.session.on_answer(action.request_id, 200, answer(Venue::kBullish, tape, action.request, 100));
    }
  }
  EXPECT_EQ(f.sink.numbers(), (std::vector<std::uint64_t>{3}));
  EXPECT_EQ(f.session.counters().contradictions + f.session.counters().too_old, 0U);
}

TEST(VenueSession, RequestsKeepToTheRateLimit) {
  TokenBucket bucket({3, Duration::milliseconds(500)});
  Instant now = Instant::from_ns(1'000'000'000);
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += bucket.take(now) ? 1 : 0;
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(bucket.next(now), now + Duration::milliseconds(500));
  now = now + Duration::seconds(10);
  taken = 0;
  for (int i = 0; i < 10; ++i) taken += bucket.take(now) ? 1 : 0;
  EXPECT_EQ(taken, 3) << "a long pause saves up no more than the burst";
}

TEST(VenueSession, ALostBookIsAskedForAgainAndShownOnlyWhenWhole) {
  Fixture f(kraken_btc());
  f.bring_up(R"({"method":"subscribe","result":{"channel":"book"},"success":true})");
  f.session.on_frame(kKrakenBook);
  EXPECT_EQ(f.sink.books, 1);
  f.actions();
  f.session.on_frame(
      R"({"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45284.0,"qty":1.00000000}],"asks":[],"checksum":1,"timestamp":"2023-10-06T17:35:56Z"}]})");
  EXPECT_EQ(f.sink.books_lost, 1);
  EXPECT_FALSE(f.session.book(0).valid());
  const auto actions = f.actions();
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_NE(actions[0].text.find("unsubscribe"), std::string::npos);
  f.session.on_frame(kKrakenBook);
  EXPECT_TRUE(f.session.book(0).valid());
}

TEST(VenueSession, ALostMessageOfANumberedConnectionEndsIt) {
  Fixture f(coinbase_level2_btc());
  f.bring_up(
      R"({"channel":"subscriptions","timestamp":"2026-04-07T14:30:00.000000Z","sequence_num":4,"events":[]})");
  f.session.on_frame(
      R"({"channel":"heartbeats","timestamp":"2026-04-07T14:30:00.000000Z","sequence_num":5,"events":[]})");
  EXPECT_EQ(f.session.state(), VenueSession::State::kLive);
  f.session.on_frame(
      R"({"channel":"heartbeats","timestamp":"2026-04-07T14:30:00.000000Z","sequence_num":7,"events":[]})");
  EXPECT_EQ(f.session.state(), VenueSession::State::kBackingOff);
}

// A venue that trades, forgets, repeats, delays, falls silent, hangs up and answers wrongly, as the draws
// say. Once it behaves again, every trade since the first that was seen has been given on, once; numbered
// ones in their order.
class FaultyVenue {
 public:
  FaultyVenue(Fixture& fixture, bool numbered) : f_(fixture), numbered_(numbered) {}

  void run(int steps, bool faults) {
    for (int i = 0; i < steps; ++i) step(faults);
  }
  const std::vector<Made>& tape() const { return tape_; }

 private:
  struct Flying {
    std::string text;
    Instant at;
  };
  static bool draw(bool faults, int percent) { return faults && *rc::gen::inRange(0, 100) < percent; }

  void step(bool faults) {
    f_.clock.advance(Duration::milliseconds(100));
    const std::int64_t ms = f_.clock.now().ns() / 1'000'000;
    if (connected_ && draw(faults, 1)) silent_ = true;
    if (connected_ && draw(faults, 2)) {
      connected_ = false;
      flying_.clear();  // What was under way is lost.
      f_.session.on_disconnected("reset");
    }
    const int count = faults ? *rc::gen::inRange(0, 3) : 1;
    for (int i = 0; i < count; ++i) {
      tape_.push_back({next_id_++, ms});
      if (!connected_ || silent_) continue;
      // A loss inside a living connection shows only where trades are numbered.
      if (numbered_ && draw(faults, 5)) continue;
      const int copies = draw(faults, 5) ? 2 : 1;
      for (int copy = 0; copy < copies; ++copy) {
        const auto delay = draw(faults, 10) ? Duration::milliseconds(*rc::gen::inRange(0, 600)) : Duration();
        const Made& made = tape_.back();
        flying_.push_back({numbered_ ? coinbase_match(made.id, made.ms) : bullish_update(made.id, made.ms),
                           f_.clock.now() + delay});
      }
    }
    if (connected_ && !silent_ && ++since_heartbeat_ >= 10) {
      since_heartbeat_ = 0;
      if (numbered_) {
        flying_.push_back({R"({"type":"heartbeat","sequence":1,"last_trade_id":)" +
                               std::to_string(next_id_ - 1) +
                               R"(,"product_id":"BTC-USD","time":"2023-11-14T22:13:20Z"})",
                           f_.clock.now()});
      }
    }
    if (connected_ && draw(faults, 1)) flying_.push_back({"{garbage", f_.clock.now()});
    std::vector<Flying> arriving;
    std::erase_if(flying_, [&](const Flying& flying) {
      if (flying.at > f_.clock.now()) return false;
      arriving.push_back(flying);
      return true;
    });
    for (const Flying& flying : arriving) f_.session.on_frame(flying.text);
    f_.session.on_time();
    carry_out(faults);
  }

  void carry_out(bool faults) {
    for (auto actions = f_.actions(); !actions.empty(); actions = f_.actions()) {
      for (const SessionAction& action : actions) {
        switch (action.kind) {
          case SessionAction::Kind::kConnect:
            if (draw(faults, 20)) {
              f_.session.on_disconnected("refused");
            } else {
              connected_ = true;
              silent_ = false;
              f_.session.on_connected();
            }
            break;
          case SessionAction::Kind::kClose:
            connected_ = false;
            flying_.clear();
            f_.session.on_disconnected("closed");
            break;
          case SessionAction::Kind::kSend:
            if (!connected_ || silent_) break;
            if (action.text.find("keepalivePing") != std::string::npos) {
              f_.session.on_frame(
                  R"({"id":"1","jsonrpc":"2.0","result":{"responseCode":"200","message":"Keep alive pong"}})");
            } else if (numbered_) {
              f_.session.on_frame(kCoinbaseSubscribed);
              if (!tape_.empty())
                f_.session.on_frame(coinbase_match(tape_.back().id, tape_.back().ms, "10.5", "last_match"));
            } else {
              f_.session.on_frame(kBullishSubscribed);
            }
            break;
          case SessionAction::Kind::kRequest:
            if (draw(faults, 10)) break;  // Never answered.
            if (draw(faults, 20)) {
              f_.session.on_answer(action.request_id, *rc::gen::element(0, 429, 500, 200), "<html>");
            } else {
              f_.session.on_answer(
                  action.request_id, 200,
                  answer(numbered_ ? Venue::kCoinbase : Venue::kBullish, tape_, action.request,
                         static_cast<std::size_t>(*rc::gen::inRange(10, 40))));
            }
            break;
        }
      }
    }
  }

  Fixture& f_;
  bool numbered_;
  bool connected_ = false;
  bool silent_ = false;
  int since_heartbeat_ = 0;
  std::uint64_t next_id_ = 1000;
  std::vector<Made> tape_;
  std::vector<Flying> flying_;
};

/// `given_up`: a gap is given up at its second failure and asked for again soon; else never.
void expect_nothing_lost_and_nothing_twice(bool numbered, bool given_up = false) {
  SessionLimits limits;
  limits.attempts_max = given_up ? 2 : 1'000;
  limits.again_first = Duration::seconds(3);
  limits.again_max = Duration::seconds(20);
  limits.again_attempts_max = 1'000;
  limits.again_gaps_max = 1'000;
  Fixture f(numbered ? coinbase_btc() : bullish_btc(), limits);
  f.random = *rc::gen::arbitrary<std::uint64_t>();
  FaultyVenue venue(f, numbered);
  f.session.start();
  venue.run(*rc::gen::inRange(50, 600), true);
  venue.run(2'500, false);  // Long enough for silence, the longest back-off and the longest retry.
  const auto given = f.sink.numbers();
  RC_ASSERT(!given.empty());
  RC_ASSERT(given_up || f.session.counters().gaps_abandoned == 0U);
  RC_ASSERT(f.session.counters().gaps_lost == 0U);
  RC_ASSERT(f.session.counters().too_old == 0U);
  RC_ASSERT(f.session.counters().contradictions == 0U);
  const std::set<std::uint64_t> once(given.begin(), given.end());
  RC_ASSERT(once.size() == given.size());
  if (numbered && !given_up) {
    RC_ASSERT(std::is_sorted(given.begin(), given.end()));
  }
  const std::uint64_t first = *once.begin();
  // The last trades may still be under way.
  const std::int64_t settled_ms = f.clock.now().ns() / 1'000'000 - 5'000;
  for (const Made& made : venue.tape()) {
    if (made.id >= first && made.ms < settled_ms) RC_ASSERT(once.contains(made.id));
  }
}

RC_GTEST_PROP(VenueSession, NothingIsLostAndNothingCountsTwiceWhereTradesAreNumbered, ()) {
  expect_nothing_lost_and_nothing_twice(true);
}

RC_GTEST_PROP(VenueSession, NothingIsLostAndNothingCountsTwiceWhereOnlyTimesAreKnown, ()) {
  expect_nothing_lost_and_nothing_twice(false);
}

RC_GTEST_PROP(VenueSession, WhatWasGivenUpComesInTheEndWhereTradesAreNumbered, ()) {
  expect_nothing_lost_and_nothing_twice(true, true);
}

RC_GTEST_PROP(VenueSession, WhatWasGivenUpComesInTheEndWhereOnlyTimesAreKnown, ()) {
  expect_nothing_lost_and_nothing_twice(false, true);
}

TEST(TradeOrder, MemoryIsBoundedAndWhatIsForgottenIsGivenOnAsLate) {
  TradeOrder order(GapRule::kTime, {.seen_max = 10, .waiting_max = 5, .hole_max = 100});
  std::vector<ReceivedTrade> ready;
  const auto trade = [](int i) {
    ReceivedTrade received;
    received.trade.exchange_ns = 1'000 + i;
    received.trade.price = {1, 0};
    received.trade.size = {1, 0};
    received.trade.id = *TradeId::of(std::to_string(i));
    return received;
  };
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order.offer(trade(i), ready), TradeOrder::Verdict::kTaken);
  EXPECT_EQ(order.offer(trade(45), ready), TradeOrder::Verdict::kDuplicate);
  EXPECT_EQ(ready.size(), 50U);
  EXPECT_EQ(order.offer(trade(3), ready), TradeOrder::Verdict::kTooOld);
  EXPECT_EQ(ready.size(), 51U);
  EXPECT_TRUE(ready.back().late) << "whoever keeps the trades knows whether it came before";
  order.open_gap();
  for (int i = 50; i < 60; ++i) order.offer(trade(i), ready);
  EXPECT_EQ(order.overflows(), 1U);
  EXPECT_EQ(ready.size(), 61U);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
