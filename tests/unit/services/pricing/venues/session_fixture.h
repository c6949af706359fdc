#pragma once
// One session under test: what it was told, what it gave, and a clock that the test moves.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "services/pricing/adapters/venues/venue_session.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {

using time::Duration;
using time::Instant;
using Kind = SessionNote::Kind;
constexpr std::int64_t kStartMs = 1'700'000'000'000;

class Recorder final : public SessionSink {
 public:
  void trade(const ReceivedTrade& received) override { trades.push_back(received); }
  void quote(const Quote& quote, std::int64_t) override { quotes.push_back(quote); }
  void book(std::uint16_t, const LiveBook& book) override {
    EXPECT_TRUE(book.valid());
    ++books;
  }
  void book_lost(std::uint16_t) override { ++books_lost; }
  void note(const SessionNote& note) override { notes.push_back(note); }

  int count(Kind kind) const {
    return static_cast<int>(
        std::count_if(notes.begin(), notes.end(), [kind](const auto& n) { return n.kind == kind; }));
  }
  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> list;
    for (const ReceivedTrade& received : trades) list.push_back(*read_unsigned(received.trade.id.text()));
    return list;
  }

  std::vector<ReceivedTrade> trades;
  std::vector<Quote> quotes;
  std::vector<SessionNote> notes;
  int books = 0;
  int books_lost = 0;
};

inline std::string coinbase_match(std::uint64_t id, std::int64_t ms, const char* price = "10.5",
                                  const char* type = "match") {
  return std::string(R"({"type":")") + type + R"(","trade_id":)" + std::to_string(id) +
         R"(,"side":"sell","size":"1","price":")" + price +
         R"(","product_id":"BTC-USD","sequence":1,"time":")" + to_utc_ms(ms * 1'000'000) + R"("})";
}

inline std::string kraken_print(std::uint64_t id, std::int64_t ms) {
  return R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":10.5,"qty":1,)"
         R"("ord_type":"market","trade_id":)" +
         std::to_string(id) + R"(,"timestamp":")" + to_utc_ms(ms * 1'000'000) + R"("}]})";
}

inline std::string bullish_update(std::uint64_t id, std::int64_t ms) {
  return R"({"type":"update","dataType":"V1TAAnonymousTradeUpdate","data":{"trades":[{"tradeId":")" +
         std::to_string(id) + R"(","price":"10.5","createdAtTimestamp":")" + std::to_string(ms) +
         R"(","quantity":"1","side":"BUY","symbol":"BTCUSDC"}],"symbol":"BTCUSDC"}})";
}
constexpr const char* kBullishSubscribed =
    R"({"id":"1","jsonrpc":"2.0","result":{"responseCode":"200","message":"Successfully subscribed"}})";
/// A heartbeat without a time.
constexpr const char* kCoinbaseBeat = R"({"type":"heartbeat","last_trade_id":0,"product_id":"BTC-USD"})";
constexpr const char* kCoinbaseSubscribed = R"({"type":"subscriptions","channels":[]})";

/// In the steady clock's own time, which is no calendar's.
struct Evidence {
  time::ManualClock steady{Instant::from_ns(5'000'000'000)};
  VenueClocks clocks{steady};
};

struct Fixture {
  explicit Fixture(std::unique_ptr<VenueProtocol> venue, SessionLimits limits = {},
                   Evidence* given_evidence = nullptr)
      : evidence(given_evidence),
        protocol(std::move(venue)),
        session(
            *protocol, sink, clock, [this] { return random; }, limits,
            evidence == nullptr ? nullptr : &evidence->steady,
            evidence == nullptr ? nullptr : &evidence->clocks) {}

  std::vector<SessionAction> actions() { return session.take_actions(); }
  /// Connects and subscribes.
  void bring_up(const char* subscribed) {
    session.start();
    ASSERT_EQ(actions().at(0).kind, SessionAction::Kind::kConnect);
    session.on_connected();
    if (session.state() == VenueSession::State::kSettling) wake();
    ASSERT_EQ(actions().at(0).kind, SessionAction::Kind::kSend);
    session.on_frame(subscribed);
    ASSERT_EQ(session.state(), VenueSession::State::kLive);
  }
  void wake() {
    ASSERT_LT(session.wake_at(), Instant::latest());
    if (evidence != nullptr) {
      advance(std::max(session.wake_at() - evidence->steady.now(), Duration()));
    } else {
      clock.set(std::max(clock.now(), session.wake_at()));
    }
    session.on_time();
  }
  /// Where there is evidence: time passes by both clocks.
  void advance(Duration span) {
    clock.advance(span);
    evidence->steady.advance(span);
  }
  void live_for(Duration span) {
    for (; span > Duration(); span = span - Duration::seconds(1)) {
      advance(Duration::seconds(1));
      session.on_time();
      session.on_frame(kCoinbaseBeat);
    }
  }
  void pass(Duration span) {
    const Instant end = clock.now() + span;
    while (session.wake_at() <= end) wake();
    clock.set(end);
    session.on_time();
  }

  time::ManualClock clock{Instant::from_ns(kStartMs * 1'000'000)};
  std::uint64_t random = 0;
  Evidence* evidence = nullptr;
  Recorder sink;
  std::unique_ptr<VenueProtocol> protocol;
  VenueSession session;
};

}  // namespace navkeeper::pricing::venues
