// Orders on the real store, the real books and real NAVs: their whole life, what is refused, what the
// database itself refuses.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/db/dealing_fixture.h"

namespace navkeeper::nav {
namespace {

using dealing::OrderId;
using dealing::OrderState;
using money::Decimal;

TEST_F(DealingTest, ACreationAndARedemptionLiveFromPlacedToSettledAndTheNavsAroundThemAgree) {
  open_btceth();
  EXPECT_EQ(place(order_text("C-1", "creation", "in_kind", "2")).placed, 1U);
  EXPECT_EQ(place(order_text("R-1", "redemption", "in_kind", "1")).placed, 1U);
  EXPECT_TRUE(accept("C-1"));
  EXPECT_TRUE(accept("R-1"));
  EXPECT_FALSE(accept("R-1"));
  // What the redemption takes is promised to it until it is booked.
  EXPECT_EQ(number("SELECT reserved FROM coin_reserve WHERE commodity = 'BTC'"), dec("1.78571428"));

  now_ = at("2026-01-06T21:05:00Z");
  EXPECT_NE(refusal([&] { price("2026-01-06"); }).find("has not been struck"), std::string::npos);
  const StoredNav tuesday = strike("2026-01-06");
  EXPECT_EQ(tuesday.summary.shares, dec("3360000"));  // rule 2a-4: not in the NAV of their own day
  EXPECT_NE(refusal([&] { price("2026-01-06"); }).find("approved NAV"), std::string::npos);
  now_ = at("2026-01-07T21:05:00Z");
  EXPECT_NE(refusal([&] { strike("2026-01-07"); }).find("2 orders would be missing"), std::string::npos);
  approve("2026-01-06");
  const auto lines = price("2026-01-06");
  ASSERT_EQ(lines.size(), 2U);
  for (const PriceLine& line : lines) EXPECT_TRUE(line.is_priced) << line.message;
  for (const PriceLine& line : price("2026-01-06")) EXPECT_FALSE(line.is_priced || !line.message.empty());

  const StoredOrder creation = order("C-1");
  EXPECT_EQ(creation.state(), OrderState::kPriced);
  // 84,022,813.05 / 3,360,000 x 10,000, then coins of 600 and 12,000, cut to 8 decimals.
  EXPECT_EQ(creation.price->nav_per_unit, money::mul_div(tuesday.summary.net_assets, dec("10000"),
                                                         dec("3360000"), 2, money::Rounding::kHalfUp));
  EXPECT_EQ(creation.price->components[0].quantity, dec("3.57142856"));
  EXPECT_EQ(creation.price->components[1].quantity, dec("71.42857142"));
  EXPECT_EQ(creation.dates->book_date, day("2026-01-07"));
  EXPECT_EQ(creation.dates->settlement_date, day("2026-01-07"));
  EXPECT_TRUE(number("SELECT sum(reserved) FROM coin_reserve").is_zero());

  const StoredNav wednesday = strike("2026-01-07");
  EXPECT_EQ(wednesday.summary.shares, dec("3370000"));
  EXPECT_EQ(wednesday.summary.positions[0].quantity, dec("601.78571428"));
  // Nobody was diluted: at the same prices the value a share moved by a day's fee and the cut of a cent.
  const Decimal fee =
      money::divide(wednesday.summary.expenses, wednesday.summary.shares, 12, money::Rounding::kDown);
  const Decimal moved =
      money::divide(tuesday.summary.net_assets, tuesday.summary.shares, 12, money::Rounding::kDown) -
      money::divide(wednesday.summary.net_assets, wednesday.summary.shares, 12, money::Rounding::kDown);
  EXPECT_LT((moved - fee).abs(), dec("0.00000001"));
  // Struck again it finds the same inputs.
  PostgresActStore acts(pool());
  EXPECT_EQ(strike_fund({navs(), rates_, documents_, acts}, {*fund_, day("2026-01-06"), actor("mia"), now_})
                .outcome,
            StrikeOutcome::kUnchanged);

  EXPECT_EQ(open_items(store().orders(*fund_, {}, {}), day("2026-01-06"), {}).size(), 0U);
  EXPECT_EQ(open_items(store().orders(*fund_, {}, {}), day("2026-01-07"), {}).size(), 2U);
  EXPECT_TRUE(settle("C-1", "2026-01-07"));
  EXPECT_TRUE(settle("R-1", "2026-01-07"));
  EXPECT_FALSE(settle("R-1", "2026-01-07"));
  EXPECT_EQ(order("C-1").state(), OrderState::kSettled);
  EXPECT_TRUE(open_items(store().orders(*fund_, {}, {}), day("2026-01-31"), {}).empty());
  EXPECT_EQ(number("SELECT sum(units) FROM order_settlement"), dec("3"));
  EXPECT_EQ(count("audit WHERE kind LIKE 'order_%'"), count("outbox WHERE kind LIKE 'order_%'"));
  EXPECT_EQ(count("audit WHERE kind LIKE 'order_%'"), 8);
}

TEST_F(DealingTest, BadOrdersAreRefusedWithTheRuleNamedAndNothingChanges) {
  open_btceth();
  EXPECT_EQ(place(order_text("C-1", "creation", "cash", "1")).placed, 1U);
  EXPECT_EQ(place(order_text("C-1", "creation", "cash", "1")).unchanged, 1U);
  const auto refused = [&](const std::string& text, const char* field, const char* rule) {
    const std::string said = refusal([&] { place(text); });
    EXPECT_NE(said.find(field), std::string::npos) << said;
    EXPECT_NE(said.find(rule), std::string::npos) << said;
  };
  refused(order_text("C-1", "creation", "cash", "2"), "C-1: id", "with other content");
  refused(order_text("X", "creation", "cash", "0"), "units", "not positive");
  refused(order_text("X", "creation", "cash", "1.5"), "units", "whole number of creation units");
  refused(order_text("X", "creation", "cash", "201"), "units", "units_max");
  refused(order_text("X", "creation", "cash", "1", "2026-01-10"), "trade_date", "not a business day");
  refused(order_text("X", "creation", "cash", "1", "2026-01-05"), "received_at", "cut-off");
  refused(order_text("X", "creation", "cash", "1", "2026-01-06", "BETA"), "participant", "not an authorized");
  EXPECT_NE(refusal([&] { place(order_text("X", "creation", "barter", "1")); }).find("form"),
            std::string::npos);
  now_ = at("2026-01-06T19:00:01Z");  // a second after 14:00
  refused(order_text("X", "creation", "cash", "1"), "received_at", "cut-off");
  EXPECT_EQ(place(order_text("C-1", "creation", "cash", "1")).unchanged,
            1U);  // known before, whatever the hour
  EXPECT_EQ(place(order_text("C-2", "creation", "in_kind", "1")).placed, 1U);
  set_standing(ports(), *fund_, dealing::ParticipantId::literal("ALPHA"),
               {day("2026-01-06"), true, "margin call"}, {actor("mia"), now_});
  refused(order_text("X", "creation", "in_kind", "1"), "participant", "suspended");
  // A batch is placed whole or not at all.
  const auto both = [&] {
    place_orders(
        ports(), *fund_,
        {read_order(json::parse(order_text("Y", "creation", "in_kind", "1", "2026-01-07")).value(), now_),
         read_order(json::parse(order_text("X", "creation", "in_kind", "0", "2026-01-07")).value(), now_)},
        {actor("olga"), now_});
  };
  EXPECT_NE(refusal(both), "");
  EXPECT_EQ(count("dealing_order"), 2);
  EXPECT_EQ(number("SELECT orders FROM dealing_head"), dec("2"));
  EXPECT_NE(
      refusal([&] {
        place_orders(ports(), *fund_, {}, {{model::ActorId::literal("vic"), {model::Role::kViewer}}, now_});
      }).find("role operator"),
      std::string::npos);
}

TEST_F(DealingTest, NobodyAcceptsWhatTheyPlacedInTheDomainAndInTheDatabase) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1"));
  EXPECT_NE(refusal([&] { accept("C-1", "olga"); }).find("placed by olga"), std::string::npos);
  const auto forge = [&](const char* placer, const char* acceptor) {
    pool().transact([&](db::Transaction& transaction) {
      db::execute(transaction,
                  "INSERT INTO order_acceptance (fund_id, order_id, placed_by, accepted_by, known_at_ns) "
                  "VALUES ('BTCETH', 'C-1', $1, $2, 0)",
                  placer, acceptor);
    });
  };
  EXPECT_THROW(forge("olga", "olga"), db::ConstraintViolation);
  EXPECT_THROW(forge("zoe", "olga"), db::ConstraintViolation);  // pretending somebody else placed it
  // Nor is an order priced without an approved NAV.
  accept("C-1");
  const auto price_by = [&](const char* date) {
    pool().transact([&](db::Transaction& transaction) {
      db::execute(
          transaction,
          "INSERT INTO order_price (fund_id, order_id, valuation_date, version, book_date, settlement_date, "
          "nav_amount, fund_cash, price, known_at_ns) VALUES ('BTCETH', 'C-1', $1, 1, '2026-01-07', "
          "'2026-01-07', "
          "1, 1, '{}', 0)",
          date);
    });
  };
  EXPECT_THROW(price_by("2026-01-05"), db::ConstraintViolation);  // struck, never approved
  EXPECT_THROW(price_by("2026-01-06"), db::ConstraintViolation);
}

TEST_F(DealingTest, AnOrderInProperFormIsNotRejectedForWantOfCoins) {
  open_btceth();
  place(order_text("R-1", "redemption", "in_kind", "1"));
  const auto reject = [&](dealing::RejectionGround ground, const char* detail) {
    return refusal([&] {
      reject_order(ports(), *fund_, OrderId::literal("R-1"), ground, detail, {actor("anna"), now_});
    });
  };
  EXPECT_NE(reject(dealing::RejectionGround::kTrustTerms, "no coins").find("form or cut_off only"),
            std::string::npos);
  EXPECT_NE(reject(dealing::RejectionGround::kForm, "").find("detail"), std::string::npos);
  EXPECT_EQ(reject(dealing::RejectionGround::kForm, "not signed"), "");
  EXPECT_EQ(order("R-1").state(), OrderState::kRejected);
  EXPECT_EQ(reject(dealing::RejectionGround::kForm, "not signed"), "");  // it was before
  EXPECT_NE(refusal([&] { accept("R-1"); }).find("is rejected"), std::string::npos);
}

TEST_F(DealingTest, AnOrderIsCancelledUntilItsCutOffAndWhatItWasPromisedIsFree) {
  open_btceth();
  place(order_text("R-1", "redemption", "in_kind", "1"));
  place(order_text("R-2", "redemption", "in_kind", "1"));
  accept("R-1");
  accept("R-2");
  const auto cancel = [&](const char* id) {
    return refusal([&] {
      cancel_order(ports(), *fund_, OrderId::literal(id), "asked by the desk", {actor("olga"), now_});
    });
  };
  EXPECT_EQ(cancel("R-1"), "");
  EXPECT_EQ(number("SELECT reserved FROM coin_reserve WHERE commodity = 'BTC'"), dec("1.78571428"));
  now_ = at("2026-01-06T21:00:01Z");
  EXPECT_NE(cancel("R-2").find("irrevocable"), std::string::npos);
}

TEST_F(DealingTest, TwoConcurrentRedemptionsNeverTakeTheSameCoins) {
  open_btceth();
  // 300 of the 600 bitcoins are elsewhere; 100 units are 178.57 each: both at once want more than are free.
  post(R"({"date":"2026-01-06","event":"transfer","asset":"BTC","quantity":"300","to":"cold"})"
       "\n");
  for (const char* id : {"R-1", "R-2"}) place(order_text(id, "redemption", "in_kind", "100"));
  std::vector<std::thread> threads;
  std::atomic<int> accepted{0};
  for (const char* id : {"R-1", "R-2"})
    threads.emplace_back([&, id] {
      accepted += accept_order(ports(), *fund_, OrderId::literal(id), {actor("anna"), now_}) ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 2);  // both are in proper form
  EXPECT_EQ(count("outbox WHERE kind = 'funding_plan_opened'"), 1);
  EXPECT_EQ(number("SELECT sum(quantity) FROM order_reservation WHERE commodity = 'BTC'"),
            number("SELECT reserved FROM coin_reserve WHERE commodity = 'BTC'"));
  EXPECT_LE(number("SELECT reserved FROM coin_reserve WHERE commodity = 'BTC'"), dec("300"));
  EXPECT_GT(number("SELECT reserved FROM coin_reserve WHERE commodity = 'BTC'"), dec("299"));
  // Nor are shares redeemed that are not there: 336 units are outstanding, 200 of them on their way.
  place(order_text("R-3", "redemption", "in_kind", "137"));
  EXPECT_NE(refusal([&] { accept("R-3"); }).find("more shares than are outstanding"), std::string::npos);
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(transaction, "UPDATE coin_reserve SET reserved = held + 1 WHERE fund_id = 'BTCETH'");
  }),
               db::ConstraintViolation);
}

TEST_F(DealingTest, SettlementInPartsAFailWithCollateralAndNothingSettlesTwice) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "3"));
  accept("C-1");
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  EXPECT_NE(refusal([&] { settle("C-1", "2026-01-07"); }).find("is accepted"), std::string::npos);
  approve("2026-01-06");
  price("2026-01-06");
  EXPECT_NE(refusal([&] { settle("C-1", "2026-01-06"); }).find("before the order's settlement date"),
            std::string::npos);
  EXPECT_NE(refusal([&] { settle("C-1", "2026-01-07", "4"); }).find("settles once"), std::string::npos);
  EXPECT_TRUE(settle("C-1", "2026-01-07", "1"));
  EXPECT_FALSE(settle("C-1", "2026-01-07", "1"));  // the same reference
  EXPECT_NE(refusal([&] { settle("C-1", "2026-01-08", "1"); }).find("another size or date"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              settle_order(ports(), *fund_, OrderId::literal("C-1"), {dec("1"), day("2026-01-07"), ""},
                           {actor("olga"), now_});
            }).find("reference"),
            std::string::npos);
  EXPECT_EQ(order("C-1").state(), OrderState::kSettling);
  EXPECT_NE(refusal([&] {
              fail_order(ports(), *fund_, OrderId::literal("C-1"), day("2026-01-07"), "ether did not come",
                         {actor("olga"), now_});
            }).find("date: lies in the future: today is 2026-01-06"),
            std::string::npos);
  now_ = at("2026-01-07T16:00:00Z");
  const auto fail = [&] {
    return fail_order(ports(), *fund_, OrderId::literal("C-1"), day("2026-01-07"), "ether did not come",
                      {actor("olga"), now_});
  };
  EXPECT_TRUE(fail());
  EXPECT_FALSE(fail());
  const StoredOrder failed = order("C-1");
  EXPECT_EQ(failed.state(), OrderState::kFailed);
  EXPECT_EQ(failed.events.back().amount,
            dealing::collateral_of(dealing::OrderSide::kCreation, *failed.price, dec("1"), dec("1.05")));
  const auto items = open_items({failed}, day("2026-01-07"), {});
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].legs[0].amount, dec("3.57142856"));

  now_ = at("2026-01-07T18:00:00Z");
  const auto collateral = [&](const char* amount) {
    return refusal([&] {
      move_collateral(ports(), *fund_, OrderId::literal("C-1"), {dec(amount), day("2026-01-07"), amount},
                      {actor("olga"), now_});
    });
  };
  EXPECT_EQ(collateral("525000"), "");
  EXPECT_EQ(collateral("525000"), "");  // the same reference: once
  EXPECT_EQ(order("C-1").collateral(), dec("525000"));
  EXPECT_NE(collateral("-525000.01").find("more than"), std::string::npos);
  // Three units of 250,000 at 1.05 are all that there is to secure; a number that no money has is no
  // exception.
  EXPECT_NE(collateral("263000").find("1.05 times the order's value"), std::string::npos);
  EXPECT_NE(collateral("1000000000000000000000000000").find("1.05 times"), std::string::npos);
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  // Cash and a liability: the collateral is in no NAV. The order's shares are, since its book date, whatever
  // settled.
  EXPECT_EQ(wednesday.summary.shares, dec("3390000"));
  EXPECT_LT((wednesday.summary.nav_per_share - dec("25.006")).abs(), dec("0.002"));

  now_ = at("2026-01-08T16:00:00Z");
  EXPECT_NE(refusal([&] {
              settle_order(ports(), *fund_, OrderId::literal("C-1"), {dec("2"), day("2031-01-06"), "x"},
                           {actor("olga"), now_});
            }).find("date: lies in the future"),
            std::string::npos);
  // Two operators settle the rest at once: it settles once.
  std::vector<std::thread> threads;
  std::atomic<int> settled{0};
  for (const char* reference : {"by one", "by another"})
    threads.emplace_back([&, reference] {
      try {
        settled += settle_order(ports(), *fund_, OrderId::literal("C-1"),
                                {dec("2"), day("2026-01-08"), reference}, {actor("olga"), now_})
                       ? 1
                       : 0;
      } catch (const std::exception&) {
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(settled, 1);
  EXPECT_EQ(order("C-1").state(), OrderState::kSettled);
  EXPECT_EQ(number("SELECT sum(units) FROM order_settlement"), dec("3"));
  EXPECT_NE(collateral("1").find("is settled: there is nothing to secure"), std::string::npos);
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(transaction, "UPDATE order_standing SET settled = settled + 1 WHERE fund_id = 'BTCETH'");
  }),
               db::ConstraintViolation);
}

TEST_F(DealingTest, AFailedOrderIsTakenBackByASecondPerson) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1"));
  accept("C-1");
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  approve("2026-01-06");
  price("2026-01-06");
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav with = strike("2026-01-07");
  fail_order(ports(), *fund_, OrderId::literal("C-1"), day("2026-01-07"), "nothing came",
             {actor("olga"), now_});
  const auto close_out = [&](const char* who, const char* date) {
    return refusal([&] {
      close_out_order(ports(), *fund_, OrderId::literal("C-1"), day(date), "the participant is insolvent",
                      {actor(who), now_});
    });
  };
  EXPECT_NE(close_out("olga", "2026-01-08").find("placed by olga"), std::string::npos);
  EXPECT_NE(close_out("anna", "2026-01-07").find("has been struck"), std::string::npos);
  EXPECT_NE(close_out("anna", "2026-01-10").find("not a business day"), std::string::npos);
  EXPECT_NE(close_out("anna", "2026-01-09").find("lies in the future"), std::string::npos);
  EXPECT_EQ(close_out("anna", "2026-01-08"), "");
  EXPECT_EQ(order("C-1").state(), OrderState::kClosedOut);
  now_ = at("2026-01-08T21:05:00Z");
  const StoredNav without = strike("2026-01-08");
  EXPECT_EQ(with.summary.shares - without.summary.shares, dec("10000"));
  EXPECT_EQ(without.summary.positions[0].quantity, dec("600"));
  EXPECT_EQ(without.summary.positions[1].quantity, dec("12000"));
  EXPECT_LT((with.summary.nav_per_share - without.summary.nav_per_share).abs(), dec("0.001"));
}

TEST_F(DealingTest, AnOrderInCashPaysFeesAndExecutionDifferenceIntoCapital) {
  std::string text = file_of("btceth");
  const std::string from = R"(cash = { fixed = "250", variable = "0" })";
  text.replace(text.find(from), from.size(), R"(cash = { fixed = "250", variable = "0.0005" })");
  open(
      text, "BTCETH",
      R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","shares":"3360000","components":[{"asset":"BTC","quantity":"600","value":"50400000"},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"25000"})"
      "\n");
  place(order_text("C-1", "creation", "cash", "4"));
  accept("C-1");
  const auto execution = [&](const char* who, const char* reason, const char* difference = "310.25") {
    return record_execution(ports(), *fund_, OrderId::literal("C-1"), dec(difference), reason,
                            {actor(who), now_});
  };
  // Two voices, neither the placer's second: one alone moves no dollar.
  EXPECT_TRUE(execution("olga", "trade 77"));
  EXPECT_FALSE(execution("olga", "trade 77"));
  EXPECT_TRUE(order("C-1").execution_difference().is_zero());
  EXPECT_TRUE(execution("tom", "trade 77"));
  EXPECT_FALSE(execution("tom", "trade 77"));
  EXPECT_EQ(order("C-1").execution_difference(), dec("310.25"));
  EXPECT_TRUE(execution("tom", "trade 78", "-5"));
  EXPECT_NE(refusal([&] { execution("olga", "trade 78", "-5"); }).find("placed by olga"), std::string::npos);
  // Four units of 250,000: a twentieth is what the policy allows in all.
  for (const char* much : {"50001", "-400000", "100000000000000000000000", "49999"})
    EXPECT_NE(refusal([&] { execution("olga", "much", much); }).find("execution_difference_max"),
              std::string::npos)
        << much;
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  approve("2026-01-06");
  price("2026-01-06");
  const dealing::OrderPrice price = *order("C-1").price;
  EXPECT_TRUE(price.components.empty());
  EXPECT_EQ(price.fund_cash, price.nav_amount + price.variable_fee + dec("310.25"));
  EXPECT_TRUE(price.variable_fee.is_positive());
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  EXPECT_EQ(wednesday.summary.capital_total, dec("84025000") + price.fund_cash);
}

TEST_F(DealingTest, AShortfallOpensAFundingPlanAndCashInLieuByASecondPersonCloses) {
  open(
      file_of("croyield"), "CROYIELD",
      R"({"date":"2026-01-02","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","shares":"100000","asset":"CRO","quantity":"20000000","value":"1900000"})"
      "\n"
      R"({"date":"2026-01-02","event":"transfer","asset":"CRO","quantity":"19000000","to_state":"staked"})"
      "\n");
  place(order_text("R-1", "redemption", "in_kind", "1"));
  EXPECT_TRUE(accept("R-1"));  // 2,000,000 of the coins, of which one million is free
  const StoredOrder accepted = order("R-1");
  EXPECT_NE(accepted.events.back().content.find(R"("shortfall":"1000000")"), std::string::npos)
      << accepted.events.back().content;
  EXPECT_NE(accepted.events.back().content.find("cash_in_lieu"), std::string::npos);
  EXPECT_EQ(count("outbox WHERE kind = 'funding_plan_opened'"), 1);
  const auto in_lieu = [&](const char* who, const char* quantity) {
    return refusal([&] {
      agree_cash_in_lieu(ports(), *fund_, OrderId::literal("R-1"),
                         {model::AssetId::literal("CRO"), dec(quantity)}, "28 days of unbonding",
                         {actor(who), now_});
    });
  };
  EXPECT_NE(in_lieu("olga", "1000000").find("placed by olga"), std::string::npos);
  EXPECT_NE(in_lieu("anna", "2000001").find("more than the 2000000"), std::string::npos);
  EXPECT_EQ(in_lieu("anna", "1000000"), "");
  const auto withdraw = [&](const char* who, const char* quantity) {
    return refusal([&] {
      withdraw_cash_in_lieu(ports(), *fund_, OrderId::literal("R-1"),
                            {model::AssetId::literal("CRO"), dec(quantity)}, "no dollars for so many",
                            {actor(who), now_});
    });
  };
  EXPECT_NE(withdraw("olga", "1").find("placed by olga"), std::string::npos);
  EXPECT_NE(withdraw("anna", "1000001").find("more than the 1000000 CRO"), std::string::npos);
  EXPECT_EQ(withdraw("anna", "1000000"), "");
  EXPECT_TRUE(order("R-1").in_lieu().empty());
  EXPECT_EQ(in_lieu("tom", "1000000"), "");
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  approve("2026-01-06");
  // The dollars for it must be there: coins are sold for them.
  post(R"({"date":"2026-01-06","event":"creation","shares":"10000","cash":"300000"})"
       "\n");
  const auto priced = price("2026-01-06");
  ASSERT_EQ(priced.size(), 1U);
  EXPECT_TRUE(priced[0].is_priced) << priced[0].message;
  const dealing::OrderPrice price = *order("R-1").price;
  EXPECT_EQ(price.components[0].quantity, dec("1000000"));
  EXPECT_TRUE(price.fund_cash < dec("-90000"));
}

TEST_F(DealingTest, ATrustsStrikeCountsTheDaysAcceptedOrdersCoinsAndSharesTogether) {
  std::string text = file_of("btceth");
  const auto change = [&](const std::string& from, const std::string& to) {
    const auto found = text.find(from);
    ASSERT_NE(found, std::string::npos) << from;
    text.replace(found, from.size(), to);
  };
  change(R"(act = "ICA_1940")", R"(act = "ETP_1933")");
  change(R"(tax_status = "RIC")", R"(tax_status = "GRANTOR_TRUST")");
  change(R"(official_basis = "fair_value")", R"(official_basis = "index")");
  open(
      text, "BTCETH",
      R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","book_date":"2026-01-02","shares":"3360000","components":[{"asset":"BTC","quantity":"600","value":"50400000"},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"100"})"
      "\n");
  place(order_text("C-1", "creation", "in_kind", "3"));
  place(order_text("R-1", "redemption", "cash", "1"));
  now_ = at("2026-01-06T21:05:00Z");
  EXPECT_NE(refusal([&] { strike("2026-01-06"); }).find("would be missing"), std::string::npos);
  accept("C-1");
  accept("R-1");
  const StoredNav tuesday = strike("2026-01-06");
  EXPECT_EQ(tuesday.summary.shares, dec("3380000"));
  EXPECT_EQ(tuesday.summary.positions[0].quantity, dec("600"));
  // Coins and shares of the orders stand for each other: 84,000,100 / 3,360,000 less a day's fee. The hundred
  // dollars are for the balancing amount, which the fund owes because its coins are worth more than its NAV.
  EXPECT_LT((tuesday.summary.nav_per_share - dec("24.9987")).abs(), dec("0.0002"));
  place(order_text("C-2", "creation", "in_kind", "1", "2026-01-07"));
  // The change since the day before has the coins of the day's orders among its flows: nothing is left over.
  const auto check_of = [](const StoredNav& nav, std::string_view name) {
    for (const Check& check : nav.checks) {
      if (check.name == name) return check;
    }
    return Check{};
  };
  for (const char* name : {"change_explained", "nav_against_rate", "expected_nav", "share_register"})
    EXPECT_NE(check_of(tuesday, name).status, CheckStatus::kFailed) << check_of(tuesday, name).detail;
  EXPECT_EQ(check_of(tuesday, "change_explained").status, CheckStatus::kPassed);
  approve("2026-01-06");
  for (const PriceLine& line : price("2026-01-06")) EXPECT_TRUE(line.is_priced) << line.message;
  EXPECT_EQ(order("R-1").price->components.size(), 2U);  // the trust's counterparty trades the coins
  PostgresActStore acts(pool());
  const auto again =
      strike_fund({navs(), rates_, documents_, acts}, {*fund_, day("2026-01-06"), actor("mia"), now_});
  EXPECT_EQ(again.outcome, StrikeOutcome::kUnchanged);
  // On the day after, at other prices, its orders are in the books and its own are pending.
  accept("C-2");
  rates_.prices["NK_BTCUSD_NY"] = dec("85000");
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav wednesday = strike("2026-01-07");
  for (const char* name : {"change_explained", "expected_nav"})
    EXPECT_EQ(check_of(wednesday, name).status, CheckStatus::kPassed) << check_of(wednesday, name).detail;
  EXPECT_EQ(check_of(wednesday, "share_register").status, CheckStatus::kPassed);
}

TEST_F(DealingTest, TheBasketIsAnEstimateUntilTheDaysNavFixesIt) {
  open_btceth();
  DayBasket day_before = basket_on(ports(), *fund_, day("2026-01-06"), now_);
  EXPECT_TRUE(day_before.is_estimate);
  EXPECT_EQ(day_before.nav_date, day("2026-01-05"));
  rates_.prices["NK_BTCUSD_NY"] = dec("90000");
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  const DayBasket fixed = basket_on(ports(), *fund_, day("2026-01-06"), now_);
  EXPECT_FALSE(fixed.is_estimate);
  EXPECT_EQ(fixed.basket.components[0].quantity, day_before.basket.components[0].quantity);
  EXPECT_EQ(fixed.basket.components[0].price, dec("90000"));
  EXPECT_EQ(fixed.basket.components_value() + fixed.basket.balancing, fixed.basket.nav_per_unit);
  EXPECT_NE(refusal([&] { basket_on(ports(), *fund_, day("2026-01-10"), now_); }).find("business day"),
            std::string::npos);
  // 600 x 90000 of 87,600,000 is 61.6%, within the band of 5%; at 120,000 it is not.
  EXPECT_TRUE(rebalancing_on(ports(), *fund_, day("2026-01-06"), now_).plan.trades.empty());
  rates_.prices["NK_BTCUSD_NY"] = dec("120000");
  now_ = at("2026-01-07T21:05:00Z");
  strike("2026-01-07");
  const DayRebalancing away = rebalancing_on(ports(), *fund_, day("2026-01-07"), now_);
  ASSERT_EQ(away.plan.trades.size(), 2U);
  // The trades are booked as rebalancing, on lines of their own in both books.
  post(R"({"date":"2026-01-08","event":"sale","purpose":"rebalancing","asset":"BTC","quantity":")" +
       away.plan.trades[0].quantity.to_string() + R"(","cash":")" + away.plan.trades[0].value.to_string() +
       "\"}\n" +
       R"({"date":"2026-01-08","event":"purchase","purpose":"rebalancing","asset":"ETH","quantity":")" +
       away.plan.trades[1].quantity.to_string() + R"(","cash":")" + away.plan.trades[1].value.to_string() +
       "\"}\n");
  EXPECT_EQ(count("coin_flow WHERE cause = 'rebalancing_sale' AND quantity < 0"), 2);
  EXPECT_EQ(count("coin_flow WHERE cause = 'rebalancing_purchase' AND quantity > 0"), 2);
}

TEST_F(DealingTest, NothingOfAnOrderMayBeChanged) {
  open_btceth();
  place(order_text("C-1", "creation", "in_kind", "1"));
  for (const char* sql :
       {"UPDATE dealing_order SET units = 2", "DELETE FROM order_event", "TRUNCATE order_settlement",
        "UPDATE participant SET name = 'x'", "DELETE FROM order_standing"})
    EXPECT_THROW(pool().transact([&](db::Transaction& transaction) { db::execute(transaction, sql); }),
                 db::SqlError)
        << sql;
}

}  // namespace
}  // namespace navkeeper::nav
