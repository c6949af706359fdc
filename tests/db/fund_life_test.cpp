// A fund's life of three weeks on the real store and the real books: fees in dollars and in coins, a waiver
// that ends, offering costs, a reward, gas, a distribution, a split, a fork; every NAV is struck again from
// its stored inputs to the same bytes. And what must be refused.
#include <gtest/gtest.h>

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/nav_view.h"
#include "tests/db/fund_life_fixture.h"

namespace navkeeper::nav {
namespace {

const char* const kJanuary =
    R"({"kind":"distribution","id":"2026-01","declared":"2026-01-07","ex":"2026-01-08","record":"2026-01-08",)"
    R"("pay":"2026-01-12","per_share":"0.05","sources":{"income":"0.03","capital":"0.02"}})";
const char* const kSplit =
    R"({"kind":"split","id":"2-for-1","effective":"2026-01-13","new_shares":2,"old_shares":1})";
const char* const kFork =
    R"({"kind":"fork","id":"CROX","coin":"CRO","new_coin":"CROX","new_decimals":8,"date":"2026-01-14","ratio":"1"})";

TEST_F(FundLife, ThreeWeeksWithEverythingAreExplainedAndStruckAgainToTheSameBytes) {
  const StoredNav monday = strike_on("2026-01-05");
  // 2,050,000 at 0.95% less 0.25% waived; offering costs of 2 to 5 January at 100 a day; 20,000,000 CRO at
  // 0.1% a year, 54.79452055 CRO, at 0.1.
  EXPECT_EQ(monday.summary.expenses, dec("39.32") + dec("400") + dec("5.48"));
  EXPECT_EQ(balance("Expenses:Fees:management fee"), dec("53.36"));
  EXPECT_EQ(balance("Expenses:Fees waived:management fee"), dec("-14.04"));
  EXPECT_EQ(balance("Liabilities:Fees payable:staking fee:provider", "CRO") +
                balance("Liabilities:Fees payable:staking fee:adviser", "CRO"),
            dec("-54.79452055"));
  // What is owed in coins rises with the price.
  record(
      R"({"id":"inv-1","date":"2026-01-06","fact":"expense_incurred","type":"audit fees","name":"Audit 2026","amount":"1000.00"})"
      "\n"
      R"({"id":"gas-1","date":"2026-01-06","fact":"expense_incurred","type":"network fees","name":"Gas","asset":"CRO","quantity":"10","price":"0.11"})"
      "\n"
      R"({"id":"rw-1","date":"2026-01-06","fact":"reward","reward":"r1","type":"delegation","asset":"CRO","stage":"RECEIVED","gross":"1000","provider_cut":"50","price":"0.11"})"
      "\n");
  const StoredNav tuesday = strike_on("2026-01-06");
  EXPECT_EQ(tuesday.summary.payables_change, dec("0.55"));
  EXPECT_EQ(balance("Assets:Receivable from adviser"), dec("1.1"));  // gas is the adviser's
  EXPECT_EQ(balance("Income:Rewards:delegation"), dec("-110"));
  EXPECT_EQ(balance("Expenses:Staking provider:delegation"), dec("5.5"));
  propose(kJanuary);
  approve("2026-01");
  strike_from("2026-01-07", "2026-01-09");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-5000"));
  // The waiver ended with Friday the 9th: its weekend pays in full.
  record(
      R"({"id":"pay-1","date":"2026-01-12","fact":"expense_paid","name":"Audit 2026","amount":"1000.00"})"
      "\n"
      R"({"id":"pay-2","date":"2026-01-12","fact":"expense_paid_in_coins","name":"staking fee","payee":"provider","asset":"CRO","quantity":"100","price":"0.11"})"
      "\n"
      R"({"id":"pay-3","date":"2026-01-12","fact":"adviser_paid","amount":"1.10"})"
      "\n");
  EXPECT_TRUE(pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-12"), actor("olga"), kNow));
  EXPECT_FALSE(pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-12"), actor("olga"), kNow));
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  EXPECT_EQ(balance("Capital:Distributions:Return of capital"), dec("2000"));
  propose(kSplit);
  approve("2-for-1");
  propose(kFork);
  approve("CROX");
  const StoredNav before = strike_on("2026-01-12");
  const StoredNav split = strike_on("2026-01-13");
  EXPECT_EQ(split.summary.shares, dec("200000"));
  EXPECT_EQ(split.state(), NavState::kChecked);  // half the value a share is no jump
  EXPECT_LT((before.summary.nav_per_share - split.summary.nav_per_share * Decimal::of(2)).abs(), dec("0.1"));
  FundNavs history{kFund, store_->navs(kFund, std::nullopt, std::nullopt)};
  adjust_for_splits(history, *store_, time::Instant::latest());
  ASSERT_EQ(history.adjusted.size(), history.navs.size());
  EXPECT_EQ(history.adjusted.back(), split.summary.nav_per_share);
  EXPECT_EQ(history.adjusted[history.adjusted.size() - 2],
            money::divide(before.summary.nav_per_share, Decimal::of(2), 4, money::Rounding::kHalfUp));
  const StoredNav forked = strike_on("2026-01-14");
  EXPECT_NE(forked.document.find("held_at_zero"), std::string::npos);
  strike_from("2026-01-15", "2026-01-23");
  for (const StoredNav& nav : store_->navs(kFund, std::nullopt, std::nullopt)) {
    const Explanation explanation = explain_nav(*store_, documents_, kFund, nav.summary.valuation_date);
    EXPECT_TRUE(explanation.is_reproduced) << nav.summary.valuation_date.to_string();
    EXPECT_EQ(strike_fund(ports(), {kFund, nav.summary.valuation_date, actor("tom"), kNow}).outcome,
              StrikeOutcome::kUnchanged);
    Decimal expenses;
    for (const ProofLine& line : explanation.lines) {
      if (line.name.find(", today") != std::string::npos && line.name.find("tax") == std::string::npos)
        expenses += line.amount;
      if (line.name.find(" waived") != std::string::npos) expenses += line.amount;
    }
    EXPECT_EQ(expenses, nav.summary.expenses) << nav.summary.valuation_date.to_string();
    if (!explanation.change) continue;
    // The price change counts on all coins held, also on the 940 that came net at 0.11, the new price; else
    // all is explained.
    const bool moved = nav.summary.valuation_date == day("2026-01-06");
    const Decimal unexplained = explanation.change->remainder + (moved ? dec("9.4") : Decimal{});
    EXPECT_LT(unexplained.abs(), dec("0.05")) << explanation_text(explanation);
  }
}

TEST_F(FundLife, ADistributionIsRefusedWithoutSplitOrCashTwiceOrByOnePersonAlone) {
  strike_on("2026-01-05");
  const std::string no_sources = replaced(kJanuary, R"(,"sources":{"income":"0.03","capital":"0.02"})", "");
  EXPECT_NE(refusal([&] { propose(no_sources); }).find("no split by source"), std::string::npos);
  EXPECT_NE(refusal([&] {
              propose(replaced(kJanuary, R"("income":"0.03")", R"("income":"0.04")"));
            }).find("add up to 0.06"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              propose(replaced(replaced(kJanuary, R"("per_share":"0.05")", R"("per_share":"5")"),
                               R"({"income":"0.03","capital":"0.02"})", R"({"income":"5"})"));
            }).find("there will be 50000"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              propose(replaced(kJanuary, R"("per_share":"0.05")", R"("per_share":"-0.05")"));
            }).find("not positive"),
            std::string::npos);
  EXPECT_EQ(count("fund_act"), 0);
  propose(kJanuary);
  propose(kJanuary);  // the same: nothing new
  EXPECT_EQ(count("fund_act"), 1);
  EXPECT_NE(refusal([&] { propose(replaced(kJanuary, "0.02\"}", "0.020\"}")); }).find("other content"),
            std::string::npos);
  EXPECT_NE(refusal([&] { approve("2026-01", "mia"); }).find("may not approve"), std::string::npos);
  const StoredAct act = *acts_->find_act(kFund, "2026-01");
  EXPECT_THROW(acts_->add_decision(kFund, act, true, {model::ActorId::literal("mia"), kNow}),
               db::ConstraintViolation);
  strike_from("2026-01-06", "2026-01-07");
  EXPECT_NE(refusal([&] { strike_on("2026-01-08"); }).find("neither approved nor withdrawn"),
            std::string::npos);
  EXPECT_TRUE(withdraw_act(act_ports(), kFund, "2026-01", actor("mia"), kNow));
  EXPECT_NE(refusal([&] { approve("2026-01"); }).find("was withdrawn"), std::string::npos);
  strike_on("2026-01-08");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  EXPECT_NE(refusal([&] {
              propose(replaced(kJanuary, "\"id\":\"2026-01\"", "\"id\":\"late\""));
            }).find("has been struck"),
            std::string::npos);
}

TEST_F(FundLife, TheRegisterOfTheRecordDateIsPaidAndNotTheOrdersOfThatDay) {
  strike_from("2026-01-05", "2026-01-06");
  propose(kJanuary);
  approve("2026-01");
  // Traded on the 7th and so booked on the record date, entitled; traded on the record date, not.
  post(
      R"({"date":"2026-01-07","event":"creation","shares":"10000","components":[{"asset":"CRO","quantity":"2000000","value":"200000"}],"cash":"0"})"
      "\n");
  strike_on("2026-01-07");
  post(
      R"({"date":"2026-01-08","event":"creation","shares":"10000","components":[{"asset":"CRO","quantity":"2000000","value":"200000"}],"cash":"0"})"
      "\n");
  strike_from("2026-01-08", "2026-01-09");
  const StoredAct act = *acts_->find_act(kFund, "2026-01");
  EXPECT_EQ(act.state(), "recorded");
  EXPECT_EQ(act.steps.back().shares, dec("110000"));
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-5500"));
  const auto notice =
      notice_of(load_fund_file((folder_.path() / "fund.toml").string()).definition, act, acts_->acts(kFund));
  ASSERT_TRUE(notice.has_value());
  EXPECT_EQ(notice->percent.capital, dec("40"));
  EXPECT_NE(refusal([&] {
              pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-09"), actor("olga"), kNow);
            }).find("is paid on 2026-01-12"),
            std::string::npos);
  const auto said = [](const auto& doing) -> std::string {
    try {
      doing();
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "";
  };
  const auto pay = [&](const char* date) {
    return said([&] {
      pay_distribution(act_ports(), kFund, "2026-01", day(date), actor("olga"),
                       Instant::literal("2026-01-23T12:00:00Z"));
    });
  };
  EXPECT_NE(pay("2026-01-17").find("2026-01-17 is no business day of bank"), std::string::npos)
      << pay("2026-01-17");
  EXPECT_NE(pay("2026-01-26").find("is paid by today, 2026-01-23, and not ahead of 2026-01-26"),
            std::string::npos);
  EXPECT_EQ(pay("2026-01-12"), "");
  EXPECT_NE(pay("2026-01-13").find("was paid on 2026-01-12, not on 2026-01-13"), std::string::npos);
  // One operator's payment is one operator's to take back; it is owed then and can be paid again.
  const auto reverse = [&](const std::string& source, const std::string& id) {
    return said([&] {
      pool().transact([&](db::Transaction& transaction) {
        reverse_entry(transaction, kFund, {source, id}, reversal_source({source, id}),
                      {model::ActorId::literal("olga"), kNow}, "the bank sent it back");
      });
    });
  };
  EXPECT_EQ(reverse("distribution", "2026-01/paid"), "");
  EXPECT_EQ(acts_->find_act(kFund, "2026-01")->state(), "recorded");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-5500"));
  EXPECT_EQ(pay("2026-01-13"), "");
  EXPECT_EQ(pay("2026-01-13"), "");
  EXPECT_EQ(acts_->find_act(kFund, "2026-01")->state(), "paid");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  // What two people decided is not.
  EXPECT_NE(reverse("distribution", "2026-01/ex").find("two people decided on it"), std::string::npos);
  const std::string fee = pool().transact([](db::Transaction& transaction) {
    return db::query(transaction, "SELECT min(source_id) FROM entry WHERE source = 'strike'")[0][0]
        .as<std::string>();
  });
  EXPECT_NE(reverse("strike", fee).find("nav restate"), std::string::npos);
}

TEST_F(FundLife, ADistributionsRegisterIsTakenWithTheNavAndWhoIsBookedLateIsPaidToo) {
  strike_on("2026-01-05");
  propose(kJanuary);
  approve("2026-01");
  strike_from("2026-01-06", "2026-01-07");
  rates_.unpriced = day("2026-01-08");
  EXPECT_FALSE(refusal([&] { strike_on("2026-01-08"); }).empty());
  EXPECT_EQ(acts_->find_act(kFund, "2026-01")->state(), "approved");
  const auto create = [&](const char* id) {
    post(
        std::string(R"({"id":")") + id +
        R"(","date":"2026-01-07","event":"creation","shares":"20000","components":[{"asset":"CRO","quantity":"4000000","value":"440000"}],"cash":"0"})"
        "\n");
  };
  create("c1");
  rates_.unpriced.reset();
  strike_on("2026-01-08");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-6000"));
  create("c2");  // after the strike, of the record date's register
  strike_on("2026-01-09");
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), dec("-7000"));
  EXPECT_EQ(acts_->find_act(kFund, "2026-01")->steps.back().memo,
            "owed 7000: the register of 2026-01-08 has 140000 shares by now, not 120000");
  create("c3");  // and after that one, before it is paid
  EXPECT_TRUE(pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-12"), actor("olga"), kNow));
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  EXPECT_EQ(balance("Assets:Cash"), dec("42000"));
  EXPECT_EQ(balance("Capital:Distributions:Income") + balance("Capital:Distributions:Return of capital"),
            dec("8000"));
  const StoredAct paid = *acts_->find_act(kFund, "2026-01");
  EXPECT_EQ(paid.steps.back().memo,
            "paid 8000: the register of 2026-01-08 has 160000 shares by now, not 140000");
  const auto definition = store_->definition_on(kFund, day("2026-01-12"));
  EXPECT_EQ(
      distribution_after(definition->definition, std::get<policy::Declaration>(paid.act.terms), paid.steps)
          .owed.total(),
      dec("8000"));
  pool().transact([&](db::Transaction& transaction) {
    reverse_entry(transaction, kFund, {"distribution", "2026-01/paid"},
                  reversal_source({"distribution", "2026-01/paid"}), {model::ActorId::literal("olga"), kNow},
                  "the bank sent it back");
  });
  EXPECT_TRUE(pay_distribution(act_ports(), kFund, "2026-01", day("2026-01-13"), actor("olga"), kNow));
  EXPECT_EQ(balance("Assets:Cash"), dec("42000"));
}

TEST_F(FundLife, AStrikeThatWasKilledAfterItsStepsStrikesTheRegisterThatItsDayCameToHave) {
  strike_on("2026-01-05");
  propose(kJanuary);
  approve("2026-01");
  strike_from("2026-01-06", "2026-01-07");
  // What kill -9 between the steps and the NAV of their day leaves.
  take_due_steps(*acts_, store_->definition_on(kFund, day("2026-01-08"))->definition, day("2026-01-08"),
                 {model::ActorId::literal("mia"), kNow});
  EXPECT_EQ(acts_->find_act(kFund, "2026-01")->steps.back().shares, dec("100000"));
  EXPECT_EQ(count("nav"), 3);
  post(
      R"({"id":"c","date":"2026-01-07","event":"creation","shares":"20000","components":[{"asset":"CRO","quantity":"4000000","value":"440000"}],"cash":"0"})"
      "\n");
  EXPECT_NE(
      strike_on("2026-01-08").document.find(R"({"name":"Distributions payable:2026-01","value":"6000"})"),
      std::string::npos);
  const StoredAct act = *acts_->find_act(kFund, "2026-01");
  EXPECT_EQ(act.state(), "recorded");
  EXPECT_EQ(act.steps.size(), 3U);
  EXPECT_EQ(act.steps.back().shares, dec("120000"));
  // Undone, it leaves nothing.
  EXPECT_TRUE(ask_undo(act_ports(), kFund, "2026-01", "wrong amount", actor("mia"), kNow));
  EXPECT_TRUE(approve_undo(act_ports(), kFund, "2026-01", actor("tom"), kNow).has_value());
  EXPECT_EQ(balance("Liabilities:Distributions payable:2026-01"), Decimal{});
  EXPECT_EQ(balance("Capital:Distributions:Income"), Decimal{});
}

TEST_F(FundLife, AFileOfEventsHasNoDistributionNoSplitAndNoOtherActsSource) {
  EXPECT_NE(refusal([&] {
              post(R"({"date":"2026-01-05","event":"distribution","cash":"39000"})");
            }).find("events.jsonl:1: event: a distribution has a source split and two people"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              post(R"({"date":"2026-01-05","event":"split","ratio":"1:3"})");
            }).find("events.jsonl:1: event: two people decide on a split"),
            std::string::npos);
  const auto path = folder_.path() / "events.jsonl";
  std::ofstream(path) << R"({"date":"2026-01-05","event":"creation","shares":"10000","cash":"1000"})";
  EXPECT_NE(refusal([&] {
              post_file(pool(), kFund, read_events_to_post(path.string(), "strike"),
                        {model::ActorId::literal("olga"), kNow});
            }).find("'strike' is not a file's"),
            std::string::npos);
}

TEST_F(FundLife, CoinsOwedAreShownAsCoinsAndNotAsDollars) {
  strike_on("2026-01-05");
  const BooksView view{books::Basis::kNav, day("2026-01-06"), std::nullopt};
  const StoredBooks books = show_books(pool(), kFund, view);
  const std::string json = to_json(kFund, view, books);
  // 54.79452055 CRO at 0.1 are 5.48, three quarters of it the provider's.
  EXPECT_NE(
      json.find(
          R"({"name":"staking fee:provider","commodity":"CRO","amount":"41.09589042","dollars":"4.11"})"),
      std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"name":"management fee","commodity":"USD","amount":"39.32","dollars":"39.32"})"),
            std::string::npos)
      << json;
  const std::string table = to_table(kFund, view, books);
  EXPECT_NE(table.find("payable in CRO: staking fee:provider"), std::string::npos) << table;
}

TEST_F(FundLife, AFactCountsOnceAndABadOneChangesNothing) {
  strike_on("2026-01-05");
  const std::string invoice =
      R"({"id":"inv-1","date":"2026-01-06","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"10.00"})";
  EXPECT_EQ(record(invoice + "\n" + invoice + "\n").unchanged, 1U);
  const auto entries = count("entry");
  EXPECT_NE(refusal([&] { record(replaced(invoice, "10.00", "11.00")); }).find("other content"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              record(replaced(invoice, "inv-1", "inv-2") + "\n" +
                     R"({"id":"p","date":"2026-01-06","fact":"expense_paid","name":"Audit","amount":"99"})");
            }).find("facts.jsonl:2"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              record(replaced(replaced(invoice, "inv-1", "n"), "10.00", "-1.00"));
            }).find("not positive"),
            std::string::npos);
  EXPECT_NE(
      refusal([&] {
        record(replaced(replaced(invoice, "inv-1", "n"), "10.00", "999999999999999999999999999999999999"));
      }).find("amount: is worth 999999999999999999999999999999999999 dollars, more than the whole fund"),
      std::string::npos);
  EXPECT_NE(refusal([&] {
              record(replaced(replaced(invoice, "inv-1", "n"), "Audit", "Au\\u0000dit"));
            }).find("facts.jsonl:1: name: has a NUL character"),
            std::string::npos);
  EXPECT_NE(refusal([&] {
              record(R"({"id":"a","date":"2026-01-06","fact":"adviser_paid","amount":"0.01"})");
            }).find("more than the adviser owes"),
            std::string::npos);
  EXPECT_NE(
      refusal([&] {
        record(R"({"id":"r","date":"2026-01-06","fact":"reward","reward":"r","type":"mystery","asset":"CRO",)"
               R"("stage":"RECEIVED","gross":"1","provider_cut":"0","price":"0.1"})");
      }).find("no policy for rewards"),
      std::string::npos);
  EXPECT_EQ(count("entry"), entries);
  EXPECT_EQ(count("fund_fact"), 1);
  // What the struck NAV of Monday did not know is in Tuesday's, and Monday is what it was.
  record(replaced(replaced(invoice, "inv-1", "late"), "2026-01-06", "2026-01-05"));
  EXPECT_EQ(strike_fund(ports(), {kFund, day("2026-01-05"), actor("tom"), kNow}).outcome,
            StrikeOutcome::kUnchanged);
  EXPECT_EQ(strike_on("2026-01-06").summary.carried.incurred.at(policy::ExpenseType::kAudit), dec("20"));
}

class UnderALimit : public FundLife {
 protected:
  std::string definition() const override {
    return replaced(definition_text(), "[distributions]\n", R"([[expense_limits]]
from = 2026-01-02
to = 2026-12-31
annual_rate = "0.02"
day_count = "act/365"
excluded = ["taxes", "interest"]

[distributions]
)");
  }
};

TEST_F(UnderALimit, WhatTheAdviserHasPaidGoesBackAsAPayableAndIsSetOffLater) {
  strike_on("2026-01-05");
  record(
      R"({"id":"audit","date":"2026-01-06","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"30000.00"})");
  strike_on("2026-01-06");
  const Decimal borne = balance("Assets:Receivable from adviser");
  EXPECT_GT(borne, dec("10000"));
  record(R"({"id":"paid","date":"2026-01-07","fact":"adviser_paid","amount":")" + borne.to_string() +
         R"("})");
  record(
      R"({"id":"audit2","date":"2026-01-08","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"100.00"})");
  // The wrong invoice goes: what the adviser paid for it goes back.
  pool().transact([&](db::Transaction& transaction) {
    reverse_entry(transaction, kFund, {"facts", "audit"}, reversal_source({"facts", "audit"}),
                  {model::ActorId::literal("olga"), kNow}, "wrong invoice");
  });
  strike_on("2026-01-07");
  EXPECT_EQ(balance("Assets:Receivable from adviser"), Decimal{});
  const Decimal returned = -balance("Liabilities:Fees payable:Returned to adviser");
  EXPECT_GT(returned, dec("10000"));
  record(
      R"({"id":"back","date":"2026-01-08","fact":"expense_paid","name":"Returned to adviser","amount":"10000.00"})");
  record(
      R"({"id":"audit3","date":"2026-01-08","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"40000.00"})");
  strike_on("2026-01-08");
  EXPECT_EQ(balance("Liabilities:Fees payable:Returned to adviser"), Decimal{});
  EXPECT_GT(balance("Assets:Receivable from adviser"), dec("15000"));
}

TEST_F(FundLife, AMonthThatEndsOnAWeekendAndIsClosedKeepsNoLateFactOutOfMondaysNav) {
  strike_from("2026-01-05", "2026-01-30");
  pool().transact([&](db::Transaction& transaction) {
    close_books(transaction, kFund, day("2026-01-31"), {model::ActorId::literal("olga"), kNow});
  });
  record(
      R"({"id":"late","date":"2026-01-29","fact":"expense_incurred","type":"audit fees","name":"Audit","amount":"10.00"})"
      "\n"
      R"({"id":"weekend","date":"2026-01-31","fact":"penalty","asset":"CRO","quantity":"1"})"
      "\n");
  const auto booked = pool().transact([&](db::Transaction& transaction) {
    return db::query(
               transaction,
               "SELECT string_agg(DISTINCT book_date::text, ' ') FROM entry WHERE source = 'facts'")[0][0]
        .as<std::string>();
  });
  EXPECT_EQ(booked, "2026-02-01");
  EXPECT_EQ(strike_on("2026-02-02").summary.carried.incurred.at(policy::ExpenseType::kAudit), dec("10"));
}

TEST_F(FundLife, AFeeThatWasPaidAndIsTakenBackIsDueFromItsPayeeAndSetOffOrReturned) {
  strike_from("2026-01-05", "2026-01-07");
  const Decimal owed = -balance("Liabilities:Fees payable:management fee");
  ASSERT_TRUE(owed.is_positive());
  record(R"({"id":"paid","date":"2026-01-08","fact":"expense_paid","name":"management fee","amount":")" +
         owed.to_string() + "\"}\n");
  // The price of the 7th was a tenth of what it was struck at: nine tenths of its fee were not owed.
  const Decimal charged = store_->find_nav(kFund, day("2026-01-07"))->summary.expenses;
  rates_.factor["CRO"] = dec("0.1");
  const StoredNav again = strike_fund(ports(), {kFund, day("2026-01-07"), actor("mia"),
                                                kNow + time::Duration::minutes(1), "a price was wrong"})
                              .nav;
  rates_.factor["CRO"] = dec("1");
  EXPECT_EQ(again.summary.version, 2);
  EXPECT_LT(again.summary.expenses, charged);
  const Decimal due = balance("Assets:Fees receivable:management fee");
  EXPECT_TRUE(due.is_positive());
  EXPECT_EQ(balance("Liabilities:Fees payable:management fee"), Decimal{});
  EXPECT_NE(
      refusal([&] {
        record(R"({"id":"r","date":"2026-01-08","fact":"fee_returned","name":"management fee","amount":")" +
               (due + dec("0.01")).to_string() + "\"}");
      }).find("is more than was paid too much of management fee"),
      std::string::npos);
  const Decimal cash = balance("Assets:Cash");
  record(R"({"id":"r","date":"2026-01-08","fact":"fee_returned","name":"management fee","amount":"10.00"})");
  EXPECT_EQ(balance("Assets:Cash"), cash + dec("10"));
  const StoredNav next = strike_on("2026-01-08");
  EXPECT_NE(next.document.find("Fees receivable:management fee"), std::string::npos);
  // What the day accrues is set off.
  const Decimal fee = -(balance("Liabilities:Fees payable:management fee") +
                        balance("Assets:Fees receivable:management fee") - (due - dec("10")));
  EXPECT_TRUE(fee.is_positive());
  strike_from("2026-01-09", "2026-01-12");
  EXPECT_EQ(balance("Assets:Fees receivable:management fee"), Decimal{});
  EXPECT_TRUE(balance("Liabilities:Fees payable:management fee").is_negative());
}

class AverageFund : public FundLife {
 protected:
  std::string definition() const override {
    return replaced(definition_text(), "[distributions]\n", R"([[fees]]
name = "custody"
type = "custody fees"
from = 2026-01-02
base = "average_daily_net_assets"
rate = "0.02"
day_count = "act/365"
accrual_days = "forward_month_end"
paid_in = "USD"
rounding = "half_up"
rounding_scope = "cumulative"
payees = [{ name = "bank", share = "1" }]

[distributions]
)");
  }
};

TEST_F(AverageFund, ADayThatWasStruckAgainIsChargedOnceThoughTheDaysBetweenStand) {
  strike_from("2026-01-05", "2026-01-08");
  rates_.factor["CRO"] = dec("1.5");
  EXPECT_EQ(strike_fund(ports(), {kFund, day("2026-01-06"), actor("mia"), kNow + time::Duration::minutes(1),
                                  "a price came late"})
                .nav.summary.version,
            2);
  rates_.factor["CRO"] = dec("1");
  strike_on("2026-01-09");
  const std::map<const char*, int> days{
      {"2026-01-05", 1}, {"2026-01-06", 1}, {"2026-01-07", 1}, {"2026-01-08", 1}, {"2026-01-09", 3}};
  money::Rational sum;
  for (const auto& [date, count] : days)
    sum += money::Rational(store_->find_nav(kFund, day(date))->summary.fee_base) * money::Rational::of(count);
  EXPECT_EQ(
      balance("Expenses:Fees:custody"),
      (sum * money::Rational(dec("0.02")) / money::Rational::of(365)).rounded(2, money::Rounding::kHalfUp));
}

}  // namespace
}  // namespace navkeeper::nav
