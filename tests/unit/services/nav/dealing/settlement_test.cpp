#include "services/nav/domain/dealing/settlement.h"

#include <gtest/gtest.h>
// after gtest, which it needs
#include <rapidcheck/gtest.h>

#include <map>

#include "tests/unit/services/nav/dealing/dealing_fixture.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;

OrderPrice some_price() {
  OrderPrice price;
  price.units = dec("3");
  price.shares = dec("30000");
  price.nav_amount = dec("1000");
  price.components = {{coin("BTC"), dec("0.00000010"), dec("88000"), dec("990")}};
  price.balancing = price.fund_cash = dec("10");
  return price;
}

TEST(Settlement, LegsSayWhatComesToTheFund) {
  const auto legs = legs_of(OrderSide::kCreation, some_price());
  const std::vector<Leg> expected{{"BTC", dec("0.0000001")}, {"USD", dec("10")}, {"SHARES", dec("-30000")}};
  EXPECT_EQ(legs, expected);
  OrderPrice redeemed = some_price();
  redeemed.fund_cash = dec("-10");
  for (const Leg& leg : legs_of(OrderSide::kRedemption, redeemed))
    EXPECT_EQ(leg.amount.is_positive(), leg.commodity == "SHARES");
}

RC_GTEST_PROP(Settlement, PartsAddUpToTheWhole, ()) {
  const auto number = [](std::int64_t low, std::int64_t high) { return *rc::gen::inRange(low, high); };
  const std::int64_t all = number(1, 40);
  const std::vector<Leg> legs{{"BTC", Decimal::of(number(-1'000'000, 1'000'000), 8)},
                              {"USD", Decimal::of(number(-100'000, 100'000), 2)},
                              {"SHARES", Decimal::of(number(-50, 50) * all)}};
  std::map<std::string, Decimal> sums;
  for (std::int64_t settled = 0; settled < all;) {
    const std::int64_t units = number(1, all - settled + 1);
    for (const Leg& leg : part_of(legs, Decimal::of(settled), Decimal::of(units), Decimal::of(all))) {
      RC_ASSERT(leg.amount.scale() <= 8);
      sums[leg.commodity] += leg.amount;
    }
    settled += units;
  }
  for (const Leg& leg : legs) RC_ASSERT(sums[leg.commodity] == leg.amount);
}

TEST(Settlement, SettlesOnceOnASettlementDayNotBeforeItIsDue) {
  const time::Calendar& days = time::Calendar::settlement();
  const auto check = [&](const char* units, const char* settled, const char* date) {
    return check_settlement(dec(units), dec(settled), dec("5"), day(date), day("2026-03-10"), days);
  };
  EXPECT_FALSE(check("5", "0", "2026-03-10").has_error());
  EXPECT_FALSE(check("2", "3", "2026-03-11").has_error());
  EXPECT_EQ(check("3", "3", "2026-03-11").error(), SettlementRefusal::kMoreThanOpen);
  EXPECT_EQ(check("0.5", "0", "2026-03-11").error(), SettlementRefusal::kUnitsNotWhole);
  EXPECT_EQ(check("0", "0", "2026-03-11").error(), SettlementRefusal::kUnitsNotPositive);
  EXPECT_EQ(check("1", "0", "2026-03-09").error(), SettlementRefusal::kBeforeContract);
  EXPECT_EQ(check("1", "0", "2026-03-14").error(), SettlementRefusal::kNotASettlementDay);
  EXPECT_EQ(check("1", "0", "2026-10-12").error(), SettlementRefusal::kNotASettlementDay);  // Columbus Day
  EXPECT_EQ(field_of(SettlementRefusal::kMoreThanOpen), "units");
  EXPECT_EQ(field_of(SettlementRefusal::kBeforeContract), "date");
}

TEST(Settlement, DatesFollowTheCycleAndTheCalendars) {
  Order order = some_order();
  const auto dates = [&](const char* traded) {
    order.trade_date = day(traded);
    return dates_of(order, time::Calendar::exchange(), time::Calendar::settlement());
  };
  EXPECT_EQ(dates("2026-03-09").settlement_date, day("2026-03-10"));
  EXPECT_EQ(dates("2026-03-13").book_date, day("2026-03-16"));
  // Columbus Day: the exchange is open, settlement is not.
  EXPECT_EQ(dates("2026-10-09").book_date, day("2026-10-12"));
  EXPECT_EQ(dates("2026-10-09").settlement_date, day("2026-10-13"));
  order.cycle = SettlementCycle::kSameDay;
  EXPECT_EQ(dates("2026-03-09").settlement_date, day("2026-03-09"));
  EXPECT_EQ(dates("2026-03-09").book_date,
            day("2026-03-10"));  // rule 2a-4 asks no earlier, whatever settles when
  EXPECT_EQ(dates("2026-10-12").settlement_date, day("2026-10-13"));
}

TEST(Settlement, CollateralCoversWhatTheParticipantStillOwes) {
  // Of a creation the coins and the cash: 1000 for 3 units, one has settled, 5% above: 666.67 x 1.05 up to
  // the cent.
  EXPECT_EQ(collateral_of(OrderSide::kCreation, some_price(), dec("1"), dec("1.05")), dec("700"));
  EXPECT_EQ(collateral_of(OrderSide::kCreation, some_price(), dec("2"), dec("1.001")), dec("333.67"));
  EXPECT_EQ(collateral_of(OrderSide::kRedemption, some_price(), {}, dec("1")), dec("1000"));
  EXPECT_TRUE(collateral_of(OrderSide::kCreation, some_price(), dec("3"), dec("1.05")).is_zero());
}

}  // namespace
}  // namespace navkeeper::nav::dealing
