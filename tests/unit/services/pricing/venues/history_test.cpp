// What a session believes of a venue's history, and what it does not.
#include <gtest/gtest.h>

#include "services/pricing/adapters/venues/venue_session.h"
#include "tests/unit/services/pricing/venues/rest_model.h"
#include "tests/unit/services/pricing/venues/session_fixture.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace navkeeper::pricing::venues {
namespace {

std::string kraken_update(std::uint64_t id, std::int64_t ms) {
  return R"({"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":10.5,)"
         R"("qty":1,"ord_type":"limit","trade_id":)" +
         std::to_string(id) + R"(,"timestamp":")" + to_utc_ms(ms * 1'000'000) + R"("}]})";
}

TEST(History, OfAnotherInstrumentFillsNoHoleAndIsAskedForAgain) {
  Fixture f(kraken_btc());
  f.bring_up(
      R"({"method":"subscribe","result":{"channel":"trade","symbol":"BTC/USD","snapshot":true},"success":true})");
  f.session.on_frame(kraken_update(505, kStartMs));
  f.session.on_frame(kraken_update(507, kStartMs + 20));
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

}  // namespace
}  // namespace navkeeper::pricing::venues
