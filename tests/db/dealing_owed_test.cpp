// Orders that are booked before the fund has their coins or dollars free: they are in the NAV in time, and
// owed until they settle.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/fund_act_json.h"
#include "tests/db/dealing_fixture.h"

namespace navkeeper::nav {
namespace {

using dealing::OrderId;
using dealing::OrderState;
using money::Decimal;

class DealingOwedTest : public DealingTest {
 protected:
  /// 20 million coins of which 19 million are staked.
  void open_staked() {
    open(
        file_of("croyield"), "CROYIELD",
        R"({"date":"2026-01-02","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"100000","asset":"CRO","quantity":"20000000","value":"1900000"})"
        "\n"
        R"({"date":"2026-01-02","event":"transfer","asset":"CRO","quantity":"19000000","to_state":"staked"})"
        "\n");
  }
  void price_tuesday() {
    now_ = at("2026-01-06T21:05:00Z");
    strike("2026-01-06");
    approve("2026-01-06");
    for (const PriceLine& line : price("2026-01-06")) EXPECT_TRUE(line.is_priced) << line.message;
  }
  /// Whole coins or dollars.
  Decimal balance(const std::string& account) {
    return number(
        "SELECT coalesce(sum(amount / 10::numeric ^ c.decimals), 0) FROM account_balance b JOIN commodity c "
        "USING (fund_id, commodity) WHERE account = '" +
        account + "'");
  }
};

TEST_F(DealingOwedTest, ARedemptionShortOfLiquidCoinsIsInTheNextNavAndOwedUntilTheCoinsAreThere) {
  open_staked();
  place(order_text("R-1", "redemption", "in_kind", "1"));
  accept("R-1");
  price_tuesday();
  const dealing::OrderPrice price = *order("R-1").price;
  ASSERT_EQ(price.owed.size(), 1U);
  EXPECT_EQ(price.owed[0].quantity, dec("1000000"));  // of 2,000,000
  EXPECT_NE(order_json(*fund_, order("R-1")).find(R"("owed":[{"asset":"CRO","quantity":"1000000"}])"),
            std::string::npos);
  EXPECT_NE(nav::order_text(order("R-1")).find("owed until it settles: CRO"), std::string::npos);
  EXPECT_EQ(balance("Assets:Owed:CRO:R-1"), dec("-1000000"));
  EXPECT_TRUE(balance("Assets:Coins:CRO").is_zero());
  EXPECT_EQ(balance("Assets:Staked:CRO"), dec("19000000"));

  // Coins, cash and shares enter together, on T+1, whatever is liquid.
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  EXPECT_EQ(wednesday.summary.shares, dec("90000"));
  EXPECT_EQ(wednesday.summary.positions[0].quantity, dec("18000000"));
  const auto says = std::find_if(wednesday.checks.begin(), wednesday.checks.end(),
                                 [](const Check& check) { return check.name == "orders_owed"; });
  ASSERT_NE(says, wednesday.checks.end());
  EXPECT_NE(says->detail.find("CRO:R-1 1000000"), std::string::npos) << says->detail;
  for (const Check& check : wednesday.checks)
    EXPECT_TRUE(check.name != "change_explained" || check.status == CheckStatus::kPassed) << check.detail;

  // What is not there does not settle.
  EXPECT_NE(refusal([&] { settle("R-1", "2026-01-07"); }).find("more of the asset would leave"),
            std::string::npos);
  EXPECT_TRUE(fail_order(ports(), *fund_, OrderId::literal("R-1"), day("2026-01-07"), "coins are unbonding",
                         {actor("olga"), now_}));
  // What comes first is the order's: another redemption is promised none of it.
  post(R"({"date":"2026-01-08","event":"transfer","asset":"CRO","quantity":"1000000","from_state":"staked"})"
       "\n");
  now_ = at("2026-01-08T15:00:00Z");
  place(order_text("R-2", "redemption", "in_kind", "1", "2026-01-08"));
  accept("R-2");
  EXPECT_EQ(count("order_reservation WHERE order_id = 'R-2' AND commodity = 'CRO'"), 0);
  EXPECT_TRUE(settle("R-1", "2026-01-08"));
  EXPECT_EQ(order("R-1").state(), OrderState::kSettled);
  EXPECT_TRUE(balance("Assets:Owed:CRO:R-1").is_zero());
  EXPECT_TRUE(balance("Assets:Coins:CRO").is_zero());
  now_ = at("2026-01-08T21:05:00Z");
  const StoredNav thursday = strike("2026-01-08");
  EXPECT_EQ(thursday.summary.positions[0].quantity, dec("18000000"));
  EXPECT_EQ(count("entry WHERE source = 'order delivery'"), 1);
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(transaction, "UPDATE account_balance SET amount = 1 WHERE account = 'Assets:Owed:CRO:R-1'");
  }),
               db::ConstraintViolation);
}

/// 20 million coins of which 19 million lie in another wallet, with their tax lots.
TEST_F(DealingOwedTest, CoinsInAnotherWalletStopNoNavForTheirTaxLots) {
  open(
      file_of("croyield"), "CROYIELD",
      R"({"date":"2026-01-02","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","shares":"100000","asset":"CRO","quantity":"20000000","value":"1900000"})"
      "\n"
      R"({"date":"2026-01-02","event":"transfer","asset":"CRO","quantity":"19000000","to":"vault"})"
      "\n");
  const auto lots_at = [&](const char* account) {
    return number(std::string("SELECT coalesce(sum(quantity), 0) / 100000000 FROM tax_lot WHERE place = '") +
                  account + "'");
  };
  const auto tax_check = [](const StoredNav& nav) -> const Check* {
    for (const Check& check : nav.checks) {
      if (check.name == "tax_lots") return &check;
    }
    return nullptr;
  };
  place(order_text("R-1", "redemption", "in_kind", "1"));
  accept("R-1");
  price_tuesday();
  EXPECT_EQ(order("R-1").price->owed[0].quantity, dec("1000000"));
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  EXPECT_EQ(wednesday.summary.positions[0].quantity, dec("18000000"));
  ASSERT_NE(tax_check(wednesday), nullptr);
  EXPECT_EQ(tax_check(wednesday)->status, CheckStatus::kPassed);
  EXPECT_EQ(tax_check(wednesday)->detail, "CRO at vault: 19000000 coins, tax lots of 18000000");
  // The coins that are owed move without lots: those have left with the order.
  post(R"({"date":"2026-01-08","event":"transfer","asset":"CRO","quantity":"1000000","from":"vault"})"
       "\n");
  EXPECT_EQ(lots_at("vault"), dec("18000000"));
  EXPECT_EQ(lots_at(""), dec("0"));
  EXPECT_TRUE(settle("R-1", "2026-01-08"));
  post(R"({"date":"2026-01-08","event":"transfer","asset":"CRO","quantity":"500000","from":"vault"})"
       "\n");
  EXPECT_EQ(lots_at("vault"), dec("17500000"));
  EXPECT_EQ(lots_at(""), dec("500000"));
  now_ = at("2026-01-08T21:05:00Z");
  EXPECT_EQ(tax_check(strike("2026-01-08")), nullptr);
}

TEST_F(DealingOwedTest, ASplitIsNotUndoneWhileOrdersSinceWaitToBePriced) {
  open_btceth();
  PostgresActStore acts(pool());
  const ActPorts act_ports{acts, navs()};
  propose_act(
      act_ports, *fund_,
      read_act_text(R"({"kind":"split","id":"S","effective":"2026-01-06","new_shares":2,"old_shares":1})"),
      actor("mia"), now_);
  approve_act(act_ports, *fund_, "S", actor("tom"), now_);
  place(order_text("R-1", "redemption", "in_kind", "1"));
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  ask_undo(act_ports, *fund_, "S", "not the holders' vote", actor("mia"), now_);
  const auto undo = [&] {
    return refusal([&] { approve_undo(act_ports, *fund_, "S", actor("tom"), now_); });
  };
  EXPECT_NE(undo().find("the order R-1 in new shares is placed"), std::string::npos) << undo();
}

TEST_F(DealingOwedTest, PartsOfAnOwedOrderDeliverFirstWhatWasThere) {
  open_staked();
  place(order_text("R-1", "redemption", "in_kind", "2"));  // 4,000,000, of which a million is free
  accept("R-1");
  price_tuesday();
  post(R"({"date":"2026-01-07","event":"transfer","asset":"CRO","quantity":"1000000","from_state":"staked"})"
       "\n");
  // A unit is two millions: the one that was there and one that was owed.
  EXPECT_TRUE(settle("R-1", "2026-01-07", "1"));
  EXPECT_EQ(balance("Assets:Owed:CRO:R-1"), dec("-2000000"));
  EXPECT_NE(refusal([&] { settle("R-1", "2026-01-08"); }).find("more of the asset would leave"),
            std::string::npos);
  post(R"({"date":"2026-01-08","event":"transfer","asset":"CRO","quantity":"2000000","from_state":"staked"})"
       "\n");
  EXPECT_TRUE(settle("R-1", "2026-01-08"));
  EXPECT_TRUE(balance("Assets:Owed:CRO:R-1").is_zero());
}

TEST_F(DealingOwedTest, AnOwedOrderThatIsClosedOutIsOwedNoLonger) {
  open_staked();
  place(order_text("R-1", "redemption", "in_kind", "1"));
  accept("R-1");
  price_tuesday();
  now_ = at("2026-01-07T21:05:00Z");
  strike("2026-01-07");
  fail_order(ports(), *fund_, OrderId::literal("R-1"), day("2026-01-07"), "shares did not come",
             {actor("olga"), now_});
  EXPECT_TRUE(close_out_order(ports(), *fund_, OrderId::literal("R-1"), day("2026-01-08"), "given up",
                              {actor("anna"), now_}));
  EXPECT_TRUE(balance("Assets:Owed:CRO:R-1").is_zero());
  EXPECT_EQ(balance("Assets:Coins:CRO"), dec("1000000"));
  now_ = at("2026-01-08T21:05:00Z");
  const StoredNav thursday = strike("2026-01-08");
  EXPECT_EQ(thursday.summary.positions[0].quantity, dec("20000000"));
  EXPECT_EQ(thursday.summary.shares, dec("100000"));
}

TEST_F(DealingOwedTest, DollarsThatAreNotThereAreALiabilityUntilTheOrderSettles) {
  open_btceth();  // 25,000 dollars
  place(order_text("R-1", "redemption", "cash", "1"));
  accept("R-1");
  price_tuesday();
  const dealing::OrderPrice price = *order("R-1").price;
  EXPECT_EQ(price.owed_cash, -price.fund_cash - dec("25000"));
  EXPECT_EQ(balance("Liabilities:Orders payable:R-1"), -price.owed_cash);
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  EXPECT_EQ(wednesday.summary.shares, dec("3350000"));
  EXPECT_LT((wednesday.summary.nav_per_share - dec("25.006")).abs(), dec("0.002"));
  EXPECT_NE(refusal([&] { settle("R-1", "2026-01-07"); }).find("the rest is promised or collateral"),
            std::string::npos);
  post(
      R"({"date":"2026-01-07","book_date":"2026-01-08","event":"sale","asset":"BTC","quantity":"3","cash":"252000"})"
      "\n");
  EXPECT_TRUE(settle("R-1", "2026-01-08"));
  EXPECT_TRUE(balance("Liabilities:Orders payable:R-1").is_zero());
}

TEST_F(DealingOwedTest, AStrikeNamesTheDayWhoseOrdersHaveNoPrice) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1"));
  accept("C-1");
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  now_ = at("2026-01-07T21:05:00Z");
  EXPECT_NE(refusal([&] { strike("2026-01-07"); }).find("orders price FUND --date 2026-01-06"),
            std::string::npos);
}

TEST_F(DealingOwedTest, AnOrderReceivedInASuspensionIsNotAcceptedOneFromBeforeIs) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1", "2026-01-07"));  // received on the 6th
  place(order_text("C-2", "creation", "in_kind", "1", "2026-01-07"));
  const auto suspend = [&](const char* from) {
    set_standing(ports(), *fund_, dealing::ParticipantId::literal("ALPHA"), {day(from), true, "margin call"},
                 {actor("mia"), now_});
  };
  suspend("2026-01-07");
  suspend("2026-01-07");  // again: nothing is added
  EXPECT_EQ(count("participant_standing"), 1);
  EXPECT_TRUE(accept("C-1"));
  suspend("2026-01-06");
  EXPECT_NE(refusal([&] { accept("C-2"); }).find("was suspended when the order was received"),
            std::string::npos);
}

TEST_F(DealingOwedTest, OnlyALateOrderIsRejectedForItsCutOffAndNeverByItsPlacer) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1"));
  const auto reject = [&](const char* id, const char* who) {
    return refusal([&] {
      reject_order(ports(), *fund_, OrderId::literal(id), dealing::RejectionGround::kCutOff, "too late",
                   {actor(who), now_});
    });
  };
  EXPECT_NE(reject("C-1", "anna").find("ground: the order was received at"), std::string::npos);
  EXPECT_NE(reject("C-1", "olga").find("placed by olga"), std::string::npos);
  // Told to us after the cut-off, with a time before it that an approver does not believe.
  now_ = at("2026-01-06T21:30:00Z");
  std::string text = order_text("C-2", "creation", "in_kind", "1");
  text.insert(text.size() - 1, R"(,"received_at":"2026-01-06T20:00:00Z")");
  place(text);
  EXPECT_EQ(reject("C-2", "anna"), "");
}

TEST_F(DealingOwedTest, UnitsAreWrittenAsAWholeNumberIs) {
  open_btceth();
  for (const char* units : {"1e2", "+1", "01", "200.0", "1.0"})
    EXPECT_NE(refusal([&] { place(order_text("X", "creation", "in_kind", units)); }).find("units"),
              std::string::npos)
        << units;
  EXPECT_EQ(count("dealing_order"), 0);
}

}  // namespace
}  // namespace navkeeper::nav
