// Orders that were priced at a version of their day's NAV which was struck anew before anybody published it.
#include <gtest/gtest.h>

#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/error_report.h"
#include "tests/db/dealing_joined_fixture.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

class DealingVersionsTest : public DealingJoinedTest {
 protected:
  void strike_again(const char* date, const char* bitcoin) {
    rates_.prices["NK_BTCUSD_NY"] = dec(bitcoin);
    strike_fund(nav_ports(), {*fund_, day(date), actor("mia"), now_, "a price was wrong"});
  }
  /// Priced at version 1, at 84,000; version 2, at 80,000, is approved.
  void price_at_what_is_struck_anew() {
    open_btceth();
    place(order_text("C-1", "creation", "cash", "4"));
    place(order_text("R-1", "redemption", "in_kind", "1"));
    for (const char* id : {"C-1", "R-1"}) accept(id);
    strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
    approve_before("2026-01-06");
    for (const PriceLine& line : price("2026-01-06")) EXPECT_TRUE(line.is_priced) << line.message;
    strike_again("2026-01-06", "80000");
  }
  Decimal unit(std::size_t version) {
    return navs()
        .versions(*fund_, day("2026-01-06"), time::Instant::latest())
        .at(version - 1)
        .summary.net_assets;
  }
};

TEST_F(DealingVersionsTest, AnOrderIsOwedThePublishedNavOfItsDayThoughItsOwnWasNeverPublished) {
  price_at_what_is_struck_anew();
  // Until somebody approves it nothing is owed by it.
  EXPECT_FALSE(order("C-1").owed_version().has_value());
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("no order stands at a version"),
            std::string::npos);
  approve("2026-01-06");
  EXPECT_EQ(order("C-1").owed_version(), 2);
  const auto lines = price("2026-01-06");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].message.find("it is owed version 2: navkeeper orders reprice BTCETH"),
            std::string::npos);
  EXPECT_NE(order_json(*fund_, order("C-1")).find("\"owed_version\":2"), std::string::npos);
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("version 2: is not published"),
            std::string::npos);
  publish("2026-01-06");

  const ErrorReport owed = report("2026-01-06", "2026-01-06");
  EXPECT_EQ(owed.severity, ErrorSeverity::kNone) << "nothing that was published was wrong";
  ASSERT_EQ(owed.days.size(), 1U);
  EXPECT_FALSE(owed.days[0].day.was_published);
  ASSERT_EQ(owed.days[0].orders.size(), 2U);
  const Decimal off = money::mul_div(unit(1), dec("10000"), dec("3360000"), 2, money::Rounding::kHalfUp) -
                      money::mul_div(unit(2), dec("10000"), dec("3360000"), 2, money::Rounding::kHalfUp);
  EXPECT_EQ(owed.days[0].orders[0].effect, off * dec("4"));
  EXPECT_EQ(owed.days[0].orders[0].treatment, OrderTreatment::kReprocessed);
  EXPECT_NE(error_report_json(*fund_, owed).find("\"owed_version\":2"), std::string::npos);

  const Decimal creations = balance("Capital:Creations");
  EXPECT_TRUE(approve_it(propose("2026-01-06", "2026-01-06")));
  EXPECT_EQ(balance("Capital:Creations") - creations, off * dec("4"));
  EXPECT_FALSE(order("C-1").owed_version().has_value());
  EXPECT_EQ(order("C-1").stands_at->version, 2);
  for (const PriceLine& line : price("2026-01-06")) {
    // In kind the dollars beside the coins are the same: nothing to correct, and still it is said.
    EXPECT_TRUE(line.message.empty() || line.order.value() == "R-1") << line.message;
  }
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("no order"), std::string::npos);
  // A material restatement of what was published owes the rest, from version 2 on.
  restate("2026-01-06", "76000");
  approve("2026-01-06");
  publish("2026-01-06");
  EXPECT_TRUE(approve_it(propose("2026-01-06", "2026-01-06", "the adviser")));
  EXPECT_EQ(order("C-1").stands_at->version, 3);
  EXPECT_EQ(count("order_repriced WHERE order_name = 'C-1'"), 2);
}

TEST_F(DealingVersionsTest, WhatIsOwedByAVersionThatNobodyPublishedIsDealtAnewHoweverSmall) {
  price_at_what_is_struck_anew();
  strike_again("2026-01-06", "83999");  // 600 dollars of 84 million: below a cent a share
  approve("2026-01-06");
  publish("2026-01-06");
  EXPECT_TRUE(approve_it(propose("2026-01-06", "2026-01-06")));
  EXPECT_EQ(order("C-1").stands_at->version, 3);
  EXPECT_EQ(order("C-1").events.back().event, "repriced");
}

TEST_F(DealingVersionsTest, AnOrderPricedAtTheVersionThatIsPublishedOwesNothing) {
  open_btceth();
  place(order_text("C-1", "creation", "cash", "4"));
  accept("C-1");
  strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
  approve_before("2026-01-06");
  strike_again("2026-01-06", "80000");
  approve("2026-01-06");
  price("2026-01-06");
  publish("2026-01-06");
  EXPECT_EQ(order("C-1").stands_at->version, 2);
  EXPECT_FALSE(order("C-1").owed_version().has_value());
  EXPECT_EQ(price("2026-01-06").at(0).message, "");
}

}  // namespace
}  // namespace navkeeper::nav
