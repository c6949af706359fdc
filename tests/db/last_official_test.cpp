// The last official price of an earlier day, however many days have waited since, and the exchange rate that
// a token's next one is judged by.
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

class TokenDaysTest : public PricesTest {
 protected:
  void SetUp() override {
    PricesTest::SetUp();
    apply(kTokenPolicy);
  }
  static PriceKey token(int day) { return {kToken, kDay + day, kFund}; }
  /// The coin trades at 100, and the issuer's rate is as of an hour before the valuation.
  void day_with_rate(int day, const std::string& rate) {
    clock_.set(kClose + Duration::hours(24 * day) + Duration::minutes(2));
    trade_day(kDay + day, "100", "100." + std::to_string(10 + day));
    rate_as_of(kClose + Duration::hours(24 * day) - Duration::hours(1), rate);
    clock_.advance(Duration::minutes(1));
  }
  void rate_as_of(Instant as_of, const std::string& rate) {
    const ExchangeRate said{money::Decimal::literal(rate), as_of, "issuer"};
    add_exchange_rate(ports(), kToken, said, actor("ann"));
    approve_exchange_rate(ports(), kToken, said, actor("bob"));
    clock_.advance(Duration::minutes(1));
  }
  void decide(int day, const std::string& price) {
    const auto value = money::Decimal::literal(price);
    determine_price(ports(), token(day), value, "quotes", {}, false, actor("ann"));
    const int number = prices_.price(token(day), Instant::latest())->determination->number;
    approve_determination(ports(), token(day), number, value, actor("bob"));
  }
  std::string state(int day) {
    const StoredPrice price = price_of(token(day));
    return price.determination ? std::string(describe(price.determination->trigger))
                               : price.value->to_string();
  }
};

TEST_F(TokenDaysTest, ARateThatJumpedWaitsHoweverManyDaysItGoesOn) {
  day_with_rate(0, "1.05");
  EXPECT_EQ(state(0), "104.9999");  // 1.05 x 100.1 x (1 - 0.0365 x 10 / 365)
  for (int day = 1; day <= 7; ++day) {
    day_with_rate(day, "1.5");
    EXPECT_EQ(state(day), "exchange_rate_jump") << day;
  }
  // People who set another price do not bear the rate out; those who set what it gives do.
  decide(7, "105");
  day_with_rate(8, "1.5");
  EXPECT_EQ(state(8), "exchange_rate_jump");
  decide(8, prices_.price(token(8), Instant::latest())->value->to_string());
  day_with_rate(9, "1.501");
  EXPECT_NE(state(9), "exchange_rate_jump");
}

TEST_F(TokenDaysTest, ARateLearnedLateForBeforeTheLastOfficialPriceHidesNoJump) {
  day_with_rate(0, "1.05");
  EXPECT_EQ(price_of(token(0)).rung, "exchange_rate");
  day_with_rate(1, "1.5");
  EXPECT_EQ(state(1), "exchange_rate_jump");
  rate_as_of(kClose - Duration::minutes(1), "1.5");
  EXPECT_EQ(state(1), "exchange_rate_jump");
}

TEST_F(TokenDaysTest, ARateThatJumpedBeforeAnyPriceWasOfficialWaitsToo) {
  // A market that is off its peg: the first price waits.
  trade("2026-03-05T16:20:00Z", "crypto_com", "90", "5", "LSAAA/USD");
  trade("2026-03-05T16:40:00Z", "crypto_com", "90", "5", "LSAAA/USD");
  day_with_rate(0, "1.05");
  EXPECT_EQ(state(0), "peg_deviation");
  for (int day = 1; day <= 6; ++day) {
    day_with_rate(day, "1.5");
    EXPECT_EQ(state(day), "exchange_rate_jump") << day;
  }
}

TEST_F(PricesTest, TheLastOfficialPriceIsYesterdaysHoweverManyDaysHaveWaited) {
  trade_day(kDay, "100", "100.10");
  EXPECT_EQ(price_of(kFundKey).official(), money::Decimal::literal("100.1"));
  for (int day = 1; day <= 6; ++day) {
    clock_.set(kClose + Duration::hours(24 * day) + Duration::minutes(2));
    const StoredPrice price = price_of({kAsset, kDay + day, kFund});
    EXPECT_EQ(price.rung, "previous") << day;
    EXPECT_NE(price.document.find("value of 2026-03-05"), std::string::npos) << price.document;
  }
  clock_.set(kClose + Duration::hours(24 * 7) + Duration::minutes(2));
  trade_day(kDay + 7, "50", "50.05");
  const StoredPrice halved = price_of({kAsset, kDay + 7, kFund});
  EXPECT_NE(halved.document.find("50.05 against 100.1 of 2026-03-05"), std::string::npos) << halved.document;
}

}  // namespace
}  // namespace navkeeper::pricing
