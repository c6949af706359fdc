// Dealing joined with what stands around it: restated NAVs and the orders that were dealt at the wrong ones,
// the same-day cycle, custom baskets, portfolio composition files as they were published, splits.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "services/nav/adapters/composition_store.h"
#include "services/nav/adapters/dealing_view.h"
#include "services/nav/adapters/error_report.h"
#include "services/nav/app/fund_acts.h"
#include "tests/db/dealing_joined_fixture.h"

namespace navkeeper::nav {
namespace {

using dealing::OrderId;
using dealing::OrderState;
using money::Decimal;

TEST_F(DealingJoinedTest, ARestatedNavRepricesTheOrdersOfItsDayByTwoPeopleAndOnce) {
  deal_at_a_wrong_nav();
  // A restatement that nobody published is not what orders deal at, and stands in no order's way.
  EXPECT_EQ(restate("2026-01-06", "80000").summary.version, 2);
  accept("C-9");
  for (const PriceLine& line : price("2026-01-06")) EXPECT_TRUE(line.is_priced) << line.message;
  EXPECT_EQ(order("C-1").price->nav_version, 1);
  now_ = at("2026-01-07T21:05:00Z");
  strike("2026-01-07");
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("version 2: is not approved"),
            std::string::npos);
  approve("2026-01-06");
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("version 2: is not published"),
            std::string::npos);
  publish("2026-01-06");

  // What each order is off by is what its cash would have been: here the NAV of its shares.
  const ErrorReport wrong = report("2026-01-06", "2026-01-06");
  ASSERT_EQ(wrong.days[0].orders.size(), 4U);
  const auto unit = [&](std::size_t version) {
    return money::mul_div(navs().versions(*fund_, day("2026-01-06"), now_)[version - 1].summary.net_assets,
                          dec("10000"), dec("3360000"), 2, money::Rounding::kHalfUp);
  };
  const Decimal off = unit(1) - unit(2);
  EXPECT_GT(off, dec("7000"));
  const auto effect_of = [&](const ErrorReport& of, const std::string& id) {
    for (const OrderEffect& one : of.days[0].orders) {
      if (one.order.id == id) return one;
    }
    ADD_FAILURE() << id;
    return of.days[0].orders[0];
  };
  EXPECT_EQ(effect_of(wrong, "C-1").effect, off * dec("4"));  // it paid the fund too much
  EXPECT_EQ(effect_of(wrong, "C-1").order.participant, "ALPHA");
  EXPECT_EQ(effect_of(wrong, "R-2").effect, -off);  // it was paid too much
  // In kind the coins are what they are: only what the NAV has beside them differs.
  EXPECT_LT(effect_of(wrong, "R-1").effect.abs(), dec("1"));

  EXPECT_NE(refusal([&] {
              propose_repricing(repricing_ports(), {*fund_, day("2026-01-06"), day("2026-01-06"), "", ""},
                                {actor("mia"), now_});
            }).find("reason"),
            std::string::npos);
  const int number_1 = propose("2026-01-06", "2026-01-06", "the adviser");
  EXPECT_EQ(propose("2026-01-06", "2026-01-06", "the adviser"), number_1);
  EXPECT_NE(refusal([&] { approve_it(number_1, "mia"); }).find("proposed by mia"), std::string::npos);
  const Decimal creations = balance("Capital:Creations");
  const Decimal redemptions = balance("Capital:Redemptions");
  const Decimal cash = balance("Assets:Cash");
  // Two approvers at once: it is booked once.
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (const char* who : {"anna", "tom"})
    threads.emplace_back([&, who] {
      PostgresNavStore own_navs(pool(), journal_);
      PostgresDealingStore own_dealing(pool());
      PostgresRepricingStore own(pool());
      PostgresNavLifeStore own_life(pool());
      DealtOrders own_dealt(own_life, {own_dealing, own_navs}, own);
      try {
        done += approve_repricing({own_navs, own_dealt, own}, *fund_, number_1, {actor(who), now_}) ? 1 : 0;
      } catch (const base::Conflict&) {
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  const StoredRepricing stored = repricings_->repricings(*fund_).at(0);
  EXPECT_EQ(stored.state(), "approved");
  EXPECT_EQ(stored.booked_on, day("2026-01-08"));
  const Decimal of_r1 = effect_of(wrong, "R-1").effect;
  EXPECT_EQ(balance("Capital:Creations") - creations, off * dec("5"));
  EXPECT_EQ(balance("Capital:Redemptions") - redemptions, of_r1 - off);
  EXPECT_EQ(cash - balance("Assets:Cash"), off * dec("4") + of_r1);
  EXPECT_EQ(order("C-1").events.back().event, "repriced");
  EXPECT_EQ(order("C-1").state(), OrderState::kPriced);
  EXPECT_TRUE(settle("C-1", "2026-01-07"));
  EXPECT_EQ(count("audit WHERE kind = 'repricing_approved'"), 1);
  EXPECT_EQ(count("entry WHERE source = 'order repricing' AND settlement_date = '2026-01-09'"),
            of_r1.is_zero() ? 3 : 4);

  // Nothing is owed twice: the report says what was done, and a second proposal finds nothing.
  const ErrorReport after = report("2026-01-06", "2026-01-06");
  EXPECT_TRUE(effect_of(after, "C-1").effect.is_zero());
  EXPECT_EQ(effect_of(after, "C-1").order.corrected, off * dec("4"));
  EXPECT_NE(error_report_json(*fund_, after).find("\"corrected\":"), std::string::npos);
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("no order of the period"),
            std::string::npos);
  // The next NAV has the dollars.
  now_ = at("2026-01-08T21:05:00Z");
  const StoredNav thursday = strike("2026-01-08");
  EXPECT_EQ(
      navs().find_nav(*fund_, day("2026-01-07"))->summary.capital_total - thursday.summary.capital_total,
      off * dec("4") + of_r1);
  for (const Check& check : thursday.checks) {
    EXPECT_TRUE(check.name != "change_explained" || check.status == CheckStatus::kPassed) << check.detail;
  }
}

TEST_F(DealingJoinedTest, ARepricingThatIsStaleOrWithdrawnIsNotBooked) {
  deal_at_a_wrong_nav();
  price("2026-01-06");
  restate("2026-01-06", "80000");
  approve("2026-01-06");
  publish("2026-01-06");
  const int first = propose("2026-01-06", "2026-01-06", "the adviser");
  restate("2026-01-06", "79000");
  EXPECT_NE(refusal([&] { approve_it(first); }).find("not approved"), std::string::npos);
  approve("2026-01-06");
  publish("2026-01-06");
  EXPECT_NE(refusal([&] { approve_it(first); }).find("conflict: BTCETH repricing 1: is stale"),
            std::string::npos);
  const auto withdraw = [&](const char* who) {
    return withdraw_repricing(repricing_ports(), *fund_, first, {actor(who), now_});
  };
  EXPECT_TRUE(withdraw("mia"));
  EXPECT_FALSE(withdraw("mia"));
  EXPECT_NE(refusal([&] { approve_it(first); }).find("withdrawn by mia"), std::string::npos);
  // From version 1, at which it was dealt, to version 3: once for both errors.
  const int second = propose("2026-01-06", "2026-01-06", "the adviser");
  EXPECT_EQ(second, 2);
  EXPECT_TRUE(approve_it(second));
  EXPECT_FALSE(approve_it(second));
  // A further restatement owes only what is left.
  restate("2026-01-06", "77000");
  approve("2026-01-06");
  publish("2026-01-06");
  const ErrorReport rest = report("2026-01-06", "2026-01-06");
  for (const OrderEffect& one : rest.days[0].orders) {
    if (one.order.id != "C-1") continue;
    EXPECT_GT(one.order.corrected, one.effect);
    EXPECT_EQ(one.order.gained, one.order.corrected + one.effect);
  }
  EXPECT_TRUE(approve_it(propose("2026-01-06", "2026-01-06", "the adviser")));
  EXPECT_EQ(count("order_repriced WHERE order_name = 'C-1'"), 2);
}

TEST_F(DealingJoinedTest, AnImmaterialErrorIsNettedAndItsLossPaidByWhoIsResponsible) {
  open_btceth();
  post(R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"5","cash":"420000"})"
       "\n");
  place(order_text("R-1", "redemption", "cash", "2"));
  place(order_text("C-1", "creation", "cash", "1"));
  for (const char* id : {"C-1", "R-1"}) accept(id);
  strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
  publish("2026-01-06");
  price("2026-01-06");
  restate("2026-01-06", "83800");  // 600 x 200 of 84 million: 3.6 cents a share, a seventh of a per cent
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("not approved"), std::string::npos);
  approve("2026-01-06");
  EXPECT_NE(refusal([&] { publish("2026-01-06"); }).find("original stays official"), std::string::npos);
  EXPECT_NE(refusal([&] { propose("2026-01-06", "2026-01-06"); }).find("responsible: the net loss of"),
            std::string::npos);
  const Decimal cash = balance("Assets:Cash");
  EXPECT_TRUE(approve_it(propose("2026-01-06", "2026-01-06", "the adviser")));
  const Repricing& made = repricings_->repricings(*fund_).at(0).repricing;
  EXPECT_EQ(made.net, made.orders[0].effect + made.orders[1].effect);
  EXPECT_EQ(made.compensated, -made.net);
  EXPECT_EQ(balance("Assets:Cash") - cash, made.compensated);
  EXPECT_EQ(balance("Capital:NAV error compensation"), -made.compensated);
  EXPECT_EQ(count("entry WHERE source = 'order repricing'"), 1);
  EXPECT_EQ(count("order_event WHERE event = 'repriced'"), 0);
}

TEST_F(DealingJoinedTest, TheDatabaseItselfRefusesARepricingThatTheRulesRefuse) {
  deal_at_a_wrong_nav();
  price("2026-01-06");
  restate("2026-01-06", "80000");
  approve("2026-01-06");
  const auto insert = [&](const std::string& sql) {
    pool().transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
  };
  insert(
      "INSERT INTO order_repricing (fund_id, number, content, content_hash, proposed_by, known_at_ns) VALUES "
      "('BTCETH', 1, '{}', sha256(''), 'mia', 0)");
  const auto decide = [&](const char* proposer, const char* decider) {
    insert(std::string(
               "INSERT INTO order_repricing_decision (fund_id, number, proposed_by, is_approved, decided_by, "
               "booked_on, known_at_ns) VALUES ('BTCETH', 1, '") +
           proposer + "', true, '" + decider + "', '2026-01-07', 0)");
  };
  EXPECT_THROW(decide("mia", "mia"), db::ConstraintViolation);
  EXPECT_THROW(decide("zoe", "mia"), db::ConstraintViolation) << "pretending somebody else proposed it";
  decide("mia", "anna");
  const auto repriced = [&](const char* version, const char* published, const char* order) {
    insert(
        std::string("INSERT INTO order_repriced (fund_id, order_name, valuation_date, version, number, "
                    "is_approved, order_id, treatment, published_version, effect) VALUES ('BTCETH', 'C-1', "
                    "'2026-01-06', ") +
        version + ", 1, true, " + order + ", 'reprocessed', " + published + ", 5)");
  };
  EXPECT_THROW(repriced("2", "2", "'C-1'"), db::ConstraintViolation) << "version 2: is not published";
  EXPECT_THROW(repriced("2", "NULL", "'C-1'"), db::ConstraintViolation);
  EXPECT_THROW(repriced("3", "3", "'C-1'"), db::ConstraintViolation) << "there is no version 3";
  EXPECT_THROW(repriced("1", "1", "NULL"), db::ConstraintViolation) << "no order of dealing";
  repriced("1", "1", "'C-1'");
  EXPECT_THROW(repriced("1", "1", "'C-1'"), db::ConstraintViolation) << "twice";
  EXPECT_THROW(insert("DELETE FROM order_repriced"), db::SqlError);
}

TEST_F(DealingJoinedTest, ASameDayOrderHasItsOwnCutOffSettlesOnItsDayAndIsInTheNextNav) {
  open_btceth();
  const auto same_day = [&](const char* id, const char* side, const char* form) {
    std::string text = order_text(id, side, form, "2");
    text.insert(text.size() - 1, R"(,"cycle":"T+0")");
    return text;
  };
  now_ = at("2026-01-06T18:30:00Z");  // 13:30, the last second of the cycle
  EXPECT_EQ(place(same_day("C-0", "creation", "in_kind")).placed, 1U);
  EXPECT_EQ(place(same_day("R-0", "redemption", "cash")).placed, 1U);
  now_ = at("2026-01-06T18:30:01Z");
  EXPECT_NE(refusal([&] { place(same_day("X", "creation", "in_kind")); }).find("cut-off"), std::string::npos);
  EXPECT_EQ(place(order_text("C-1", "creation", "in_kind", "1")).placed, 1U);  // the ordinary cycle goes on
  for (const char* id : {"C-0", "R-0", "C-1"}) accept(id);
  post(R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"10","cash":"840000"})"
       "\n");
  strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
  for (const PriceLine& line : price("2026-01-06")) EXPECT_TRUE(line.is_priced) << line.message;
  EXPECT_EQ(order("C-0").dates->settlement_date, day("2026-01-06"));
  EXPECT_EQ(order("C-0").dates->book_date, day("2026-01-07"));
  EXPECT_EQ(order("C-1").dates->settlement_date, day("2026-01-07"));
  // On T its custodian and bank show what the NAV of T does not have yet.
  const auto shares = [&](books::Basis basis, const char* date) {
    return pool().transact([&](db::Transaction& transaction) {
      return load_books(transaction, *fund_, {basis, day(date), std::nullopt})->shares.to_decimal(0);
    });
  };
  EXPECT_EQ(shares(books::Basis::kSettled, "2026-01-06"), dec("3360000"));  // + 20,000 - 20,000
  EXPECT_EQ(shares(books::Basis::kNav, "2026-01-06"), dec("3360000"));
  EXPECT_EQ(shares(books::Basis::kSettled, "2026-01-07"), dec("3370000"));
  const auto open = open_items(store().orders(*fund_, {}, {}), day("2026-01-06"), {});
  ASSERT_EQ(open.size(), 2U);  // due on T; the ordinary one is not
  EXPECT_TRUE(settle("C-0", "2026-01-06"));
  EXPECT_TRUE(fail_order(ports(), *fund_, OrderId::literal("R-0"), day("2026-01-06"), "shares did not come",
                         {actor("olga"), now_}));
  EXPECT_NE(refusal([&] { settle("C-1", "2026-01-06"); }).find("before the order's settlement date"),
            std::string::npos);
  EXPECT_TRUE(settle("R-0", "2026-01-07"));
  now_ = at("2026-01-07T21:05:00Z");
  EXPECT_EQ(strike("2026-01-07").summary.shares, dec("3370000"));
}

TEST_F(DealingJoinedTest, AFundWithoutTheCycleTakesNoSameDayOrder) {
  std::string text = file_of("btceth");
  const std::string line = R"(cut_off_same_day = "13:30")";
  text.replace(text.find(line), line.size(), "");
  open(
      text, "BTCETH",
      R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
      "\n"
      R"({"date":"2026-01-02","event":"creation","shares":"3360000","components":[{"asset":"BTC","quantity":"600","value":"50400000"},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"25000"})"
      "\n");
  std::string order = order_text("C-0", "creation", "in_kind", "1");
  order.insert(order.size() - 1, R"(,"cycle":"T+0")");
  EXPECT_NE(refusal([&] { place(order); }).find("cycle"), std::string::npos);
}

TEST_F(DealingJoinedTest, ACustomBasketIsOnRecordBoundByItsPolicyPricedAndBooked) {
  open_btceth();
  const auto custom = [&](const char* id, const char* btc, const char* more = "",
                          const char* finding = "the fund is short of ether", const char* form = "in_kind") {
    std::string text = order_text(id, "creation", form, "2");
    text.insert(text.size() - 1, std::string(R"(,"custom":{"components":[{"asset":"BTC","quantity":")") +
                                     btc + "\"}" + more + R"(],"reason":"asked for","finding":")" + finding +
                                     "\"}");
    return text;
  };
  EXPECT_NE(refusal([&] { place(custom("X", "2", "", "")); }).find("custom"), std::string::npos);
  EXPECT_NE(refusal([&] { place(custom("X", "2", "", "good", "cash")); }).find("custom"), std::string::npos);
  EXPECT_NE(refusal([&] { place(custom("X", "2", R"(,{"asset":"BTC","quantity":"1"})")); }).find("custom"),
            std::string::npos);
  EXPECT_NE(refusal([&] { place(custom("X", "1.123456789")); }).find("custom"), std::string::npos);
  // Standard: 1.78571428 BTC and 35.71428571 ETH a unit, of 250,000 dollars.
  place(custom("C-1", "2"));
  EXPECT_NE(refusal([&] { accept("C-1"); }).find("the policy allows 0.1"), std::string::npos);
  place(custom("C-2", "1.9", R"(,{"asset":"ETH","quantity":"34"})"));
  EXPECT_NE(refusal([&] { accept("C-2", "olga"); }).find("placed by olga"), std::string::npos);
  EXPECT_TRUE(accept("C-2"));
  reject_order(ports(), *fund_, OrderId::literal("C-1"), dealing::RejectionGround::kForm, "beyond the policy",
               {actor("anna"), now_});
  rates_.prices["NK_BTCUSD_NY"] = dec("90000");
  strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
  price("2026-01-06");
  const StoredOrder priced = order("C-2");
  ASSERT_EQ(priced.state(), OrderState::kPriced);
  EXPECT_EQ(priced.price->components[0].quantity, dec("3.8"));
  EXPECT_EQ(priced.price->components[1].quantity, dec("68"));
  // The rest of the unit's NAV is paid in dollars, and how far it differed is kept.
  EXPECT_EQ(priced.price->balancing,
            priced.price->nav_amount - dec("3.8") * dec("90000") - dec("68") * dec("2800"));
  ASSERT_TRUE(priced.price->custom_difference.has_value());
  EXPECT_GT(*priced.price->custom_difference, dec("0.05"));
  EXPECT_LT(*priced.price->custom_difference, dec("0.1"));
  EXPECT_NE(order_json(*fund_, priced).find("the fund is short of ether"), std::string::npos);
  now_ = at("2026-01-07T21:05:00Z");
  const StoredNav next = strike("2026-01-07");
  EXPECT_EQ(next.summary.positions[0].quantity, dec("603.8"));
  EXPECT_EQ(next.summary.positions[1].quantity, dec("12068"));
}

TEST_F(DealingJoinedTest, APortfolioCompositionIsServedAsItWasPublished) {
  open_btceth();
  PostgresCompositionStore files(pool());
  const auto publish_file = [&](const char* date, const char* who = "olga") {
    return publish_basket(ports(), files, *fund_, day(date), {actor(who), now_});
  };
  EXPECT_NE(refusal([&] { publish_file("2026-01-06"); }).find("NAV of 2026-01-05, which is not published"),
            std::string::npos);
  approve("2026-01-05");
  publish("2026-01-05");
  EXPECT_TRUE(publish_file("2026-01-06"));
  EXPECT_FALSE(publish_file("2026-01-06"));
  const Composition estimate = *last_composition(files, *fund_, day("2026-01-06"));
  EXPECT_TRUE(estimate.is_estimate);
  EXPECT_EQ(estimate.content, basket_json(basket_on(ports(), *fund_, day("2026-01-06"), now_)));
  EXPECT_EQ(estimate.content_hash, documents_.hash(estimate.content));
  EXPECT_EQ(estimate.csv_hash, documents_.hash(estimate.csv));
  // What is computed moves on; what was published does not.
  post(
      R"({"date":"2026-01-05","book_date":"2026-01-06","event":"sale","asset":"BTC","quantity":"6","cash":"504000"})"
      "\n");
  EXPECT_NE(basket_json(basket_on(ports(), *fund_, day("2026-01-06"), now_)), estimate.content);
  EXPECT_EQ(last_composition(files, *fund_, day("2026-01-06"))->content, estimate.content);

  strike_approved("2026-01-06", "2026-01-06T21:05:00Z");
  EXPECT_NE(refusal([&] { publish_file("2026-01-06"); }).find("which is not published"), std::string::npos);
  publish("2026-01-06");
  EXPECT_EQ(publish_final_basket(ports(), files, *fund_, day("2026-01-06"), {actor("zoe"), now_}), "");
  const auto all = files.compositions(*fund_, day("2026-01-06"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].content, estimate.content);
  EXPECT_FALSE(all[1].is_estimate);
  EXPECT_NE(all[1].csv.find("01,navkeeper.portfolio_composition.v1,BTCETH,2026-01-06,final"),
            std::string::npos);
  // Restated and published: a further file beside it.
  restate("2026-01-06", "80000");
  approve("2026-01-06");
  publish("2026-01-06");
  EXPECT_TRUE(publish_file("2026-01-06"));
  EXPECT_EQ(last_composition(files, *fund_, day("2026-01-06"))->nav_version, 2);
  EXPECT_EQ(count("outbox WHERE kind = 'portfolio_composition_published'"), 3);
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(transaction, "UPDATE portfolio_composition SET content = 'x'");
  }),
               db::SqlError);
  EXPECT_THROW(pool().transact([&](db::Transaction& transaction) {
    db::execute(
        transaction,
        "INSERT INTO portfolio_composition (fund_id, trade_date, number, status, valuation_date, version, "
        "content, content_hash, csv, csv_hash, published_by, known_at_ns) VALUES ('BTCETH', '2026-01-07', "
        "1, 'estimate', '2026-01-06', 3, '{}', sha256(''), 'x', sha256(''), 'olga', 0)");
  }),
               db::ConstraintViolation)
      << "by a NAV that is not published";
}

TEST_F(DealingJoinedTest, OnTheDayOfASplitTheEstimateCountsInNewShares) {
  open_btceth();
  const DayBasket before = basket_on(ports(), *fund_, day("2026-01-06"), now_);
  const NewAct act{{"four", policy::ShareSplit{day("2026-01-06"), 4, 1}},
                   R"({"effective":"2026-01-06","id":"four","kind":"split","new_shares":4,"old_shares":1})"};
  PostgresActStore acts(pool());
  propose_act({acts, navs()}, *fund_, act, actor("mia"), now_);
  EXPECT_EQ(basket_on(ports(), *fund_, day("2026-01-06"), now_).basket, before.basket)
      << "nobody approved it";
  approve_act({acts, navs()}, *fund_, "four", actor("anna"), now_);
  const DayBasket estimate = basket_on(ports(), *fund_, day("2026-01-06"), now_);
  // 600 BTC, 12,000 ETH and 84,025,000 less a day's fee, of 13,440,000 shares; the unit is of 10,000 still.
  EXPECT_EQ(estimate.shares_outstanding, dec("13440000"));
  EXPECT_EQ(estimate.basket.components[0].quantity, dec("0.44642857"));
  EXPECT_EQ(estimate.basket.components[1].quantity, dec("8.92857142"));
  EXPECT_EQ(estimate.basket.nav_per_unit,
            money::mul_div(navs().find_nav(*fund_, day("2026-01-05"))->summary.net_assets, dec("10000"),
                           dec("13440000"), 2, money::Rounding::kHalfUp));
  EXPECT_LT((estimate.nav_per_share * dec("4") - before.nav_per_share).abs(), dec("0.0002"));
  // Once the strike has booked it, nothing is counted twice; the final basket is in the same shares.
  now_ = at("2026-01-06T21:05:00Z");
  strike("2026-01-06");
  const DayBasket fixed = basket_on(ports(), *fund_, day("2026-01-06"), now_);
  EXPECT_FALSE(fixed.is_estimate);
  EXPECT_EQ(fixed.shares_outstanding, dec("13440000"));
  EXPECT_EQ(fixed.basket.components, estimate.basket.components);
  const DayBasket next = basket_on(ports(), *fund_, day("2026-01-07"), now_);
  EXPECT_EQ(next.shares_outstanding, dec("13440000"));
  EXPECT_EQ(next.basket.components, estimate.basket.components);
}

}  // namespace
}  // namespace navkeeper::nav
