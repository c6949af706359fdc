// The indicative value against a naive one, what stops it, what adjusts the unit, and the moments of a
// session.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/nav/domain/indicative/indicative.h"

namespace navkeeper::nav::indicative {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;
using time::Duration;
using time::Instant;

Decimal dec(std::string_view text) { return Decimal::literal(text); }
const Instant kAt = Instant::literal("2026-03-11T15:00:00Z");

CreationUnit unit() {
  return {Date::literal("2026-03-10"),
          dec("10000"),
          {{"BTC", dec("1.7"), 8}, {"ETH", dec("35"), 18}},
          dec("-12.34"),
          {}};
}
std::vector<LivePrice> prices() {
  return {{"BTC", dec("90000"), kAt, ""}, {"ETH", dec("3600.5"), kAt - Duration::seconds(3), ""}};
}
IndicativeValue value_of(const CreationUnit& one, const std::vector<LivePrice>& some) {
  return indicative_value(one, some, kAt, Duration::seconds(15), 4);
}

TEST(Indicative, IsComponentsAtPricesAndCashOverShares) {
  // 1.7 x 90000 + 35 x 3600.5 - 12.34 = 279005.16, over 10,000
  EXPECT_EQ(value_of(unit(), prices()).per_share, dec("27.9005"));
}

TEST(Indicative, StopsAndSaysWhy) {
  const auto reason = [&](auto change) {
    auto some = prices();
    change(some);
    const auto value = value_of(unit(), some);
    EXPECT_FALSE(value.per_share.has_value());
    return value.reason;
  };
  EXPECT_NE(reason([](auto& some) { some.pop_back(); }).find("ETH: has no real-time index"),
            std::string::npos);
  EXPECT_NE(reason([](auto& some) {
              some[0].at = kAt - Duration::seconds(16);
            }).find("BTC: the last real-time price is 16 s old"),
            std::string::npos);
  EXPECT_NE(reason([](auto& some) { some[0].at = kAt + Duration::milliseconds(1); }).find("from after"),
            std::string::npos);
  EXPECT_NE(reason([](auto& some) { some[0].value = dec("0"); }).find("not positive"), std::string::npos);
  EXPECT_NE(reason([](auto& some) {
              some[0].value.reset();
              some[0].reason = "fewer venues";
            }).find("fewer venues"),
            std::string::npos);
  auto stale = prices();
  stale[0].at = kAt - Duration::seconds(15);
  EXPECT_TRUE(value_of(unit(), stale).per_share.has_value());
}

RC_GTEST_PROP(Indicative, AgreesWithWholeNumbers, ()) {
  // Quantities in 1e-8 coins, prices and cash in cents: one sum of integers over shares, half up at 4 places.
  const auto btc = *rc::gen::inRange<std::int64_t>(0, 100'000'000'000);
  const auto eth = *rc::gen::inRange<std::int64_t>(0, 100'000'000'000);
  const auto p = *rc::gen::inRange<std::int64_t>(1, 100'000'000);
  const auto q = *rc::gen::inRange<std::int64_t>(1, 100'000'000);
  const auto cash = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
  const auto shares = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  CreationUnit one{Date{},
                   Decimal::of(shares),
                   {{"BTC", Decimal::of(btc, 8), 8}, {"ETH", Decimal::of(eth, 8), 8}},
                   Decimal::of(cash, 2),
                   {}};
  const auto made =
      indicative_value(one, {{"BTC", Decimal::of(p, 2), kAt, ""}, {"ETH", Decimal::of(q, 2), kAt, ""}}, kAt,
                       Duration::seconds(15), 4);
  const __int128 sum = static_cast<__int128>(btc) * p + static_cast<__int128>(eth) * q +
                       static_cast<__int128>(cash) * 100'000'000;  // 1e-10 dollars
  const __int128 scaled = 2 * sum;                                 // over 2 x shares x 1e6, rounded half up
  const __int128 divisor = static_cast<__int128>(2) * shares * 1'000'000;
  const __int128 rounded = (scaled + divisor / 2) / divisor;
  RC_ASSERT(made.per_share.has_value());
  RC_ASSERT(*made.per_share == Decimal::of(rounded, 4));
}

TEST(CreationUnits, AtTheNavsOwnPricesTheUnitIsTheNavButForTheCentsOfItsRoundings) {
  // 350 BTC and 7,000 ETH of 57,247,998.80 dollars and 2,010,000 shares, as dealing publishes the unit.
  const CreationUnit published{Date::literal("2026-03-10"),
                               dec("10000"),
                               {{"BTC", dec("1.74129353"), 8}, {"ETH", dec("34.82587064"), 8}},
                               dec("1612.16"),
                               {}};
  const auto back =
      indicative_value(published, {{"BTC", dec("89938.87"), kAt, ""}, {"ETH", dec("3635.05"), kAt, ""}}, kAt,
                       Duration::seconds(1), 4);
  EXPECT_EQ(*back.per_share, dec("28.4816"));
}

TEST(CreationUnits, ExDateSplitAndSlashingAdjust) {
  const auto after = adjust(unit(), {ExDividend{"D-1", Date::literal("2026-03-11"), dec("0.083178")}});
  EXPECT_EQ(after->net_cash, dec("-844.12"));
  const auto split = adjust(unit(), {UnitSplit{"S-1", Date::literal("2026-03-11"), 4, 1}});
  EXPECT_EQ(split->shares, dec("40000"));
  EXPECT_EQ(*value_of(*split, prices()).exact * Rational::of(4), *value_of(unit(), prices()).exact);
  const auto slashed = adjust(unit(), {CoinLoss{"P-1", "ETH", dec("7"), dec("2000000")}});
  EXPECT_EQ(slashed->components[1].quantity, dec("34.965"));
  ASSERT_EQ(slashed->adjustments.size(), 1U);
  EXPECT_TRUE(adjust(unit(), {CoinLoss{"P", "ETH", dec("8000"), dec("2000000")}}).has_error());
  EXPECT_TRUE(adjust(unit(), {UnitSplit{"S", Date{}, 0, 1}}).has_error());
  EXPECT_EQ(adjust(unit(), {UnitSplit{"S", Date{}, 1, 4}})->shares, dec("2500"));
  EXPECT_EQ(adjust(unit(), {UnitSplit{"S", Date{}, 1, 3}}).error().message(),
            "S: leaves a fraction of a share in the creation unit");
  // A loss counts the fund's shares of the NAV, whatever was split since: the order decides nothing.
  const CoinLoss loss{"P-1", "ETH", dec("7"), dec("2000000")};
  const UnitSplit two{"S-1", Date::literal("2026-03-11"), 2, 1};
  EXPECT_EQ(adjust(unit(), {loss, two})->components, adjust(unit(), {two, loss})->components);
}

Slot slot(const char* instant) {
  return slot_at(Session{}, time::Calendar::exchange(), time::Zone::literal("America/New_York"),
                 Instant::literal(instant));
}

TEST(Sessions, EveryFifteenSecondsFromTheOpeningToTheClose) {
  EXPECT_NE(slot("2026-03-11T13:29:59Z").reason.find("before the opening"),
            std::string::npos);  // daylight saving: 9:29:59
  EXPECT_EQ(slot("2026-03-11T13:29:59Z").next, Instant::literal("2026-03-11T13:30:00Z"));
  EXPECT_EQ(slot("2026-03-11T13:30:14.9Z").at, Instant::literal("2026-03-11T13:30:00Z"));
  EXPECT_EQ(slot("2026-03-11T13:30:15Z").at, Instant::literal("2026-03-11T13:30:15Z"));
  EXPECT_EQ(slot("2026-03-11T20:00:00Z").at, Instant::literal("2026-03-11T20:00:00Z"));
  EXPECT_NE(slot("2026-03-11T20:00:15Z").reason.find("after the close at 16:00"), std::string::npos);
  EXPECT_EQ(slot("2026-01-12T14:30:00Z").at, Instant::literal("2026-01-12T14:30:00Z"));  // standard time
  int moments = 0;
  for (auto now = Instant::literal("2026-03-11T13:30:00Z"); slot(now.to_string().c_str()).at;
       now = now + Duration::seconds(15))
    ++moments;
  EXPECT_EQ(moments, 1561);
}

TEST(Sessions, HalfDaysCloseEarlyAndHolidaysNeverOpen) {
  EXPECT_EQ(slot("2026-11-27T18:00:00Z").at, Instant::literal("2026-11-27T18:00:00Z"));  // 13:00 in New York
  EXPECT_NE(slot("2026-11-27T18:00:15Z").reason.find("after the close at 13:00"), std::string::npos);
  EXPECT_NE(slot("2026-11-26T15:00:00Z").reason.find("Thanksgiving"), std::string::npos);
  EXPECT_NE(slot("2026-03-14T15:00:00Z").reason.find("the exchange is closed"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::nav::indicative
