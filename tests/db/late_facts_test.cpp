// What people post too late, on the real store: under a cent a share the next NAV has it, from a cent on the
// NAVs that lack it are errors and are struck again.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "services/nav/adapters/books_periods.h"
#include "services/nav/adapters/fund_fact_json.h"
#include "services/nav/adapters/fund_fact_store.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/trade_store.h"
#include "services/nav/app/next_steps.h"
#include "services/nav/app/restate_nav.h"
#include "tests/db/cash_fixture.h"

namespace navkeeper::nav {
namespace {

/// A hundred thousand shares: a cent a share is a thousand dollars.
class LateFactsTest : public CashTest {
 protected:
  void SetUp() override {
    CashTest::SetUp();
    for (const char* date : {"2026-01-05", "2026-01-06"}) strike_at(date, "2026-01-07T00:00:00Z");
  }
  StrikeReport strike_at(const char* date, const char* now) {
    return strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal(now)});
  }
  FactReport record(const std::string& line, const char* now) {
    PostgresFactStore facts(pool());
    const auto path = folder_.path() / "facts.jsonl";
    std::ofstream(path) << line;
    return record_facts(facts, *store_, kFund, read_facts_file(path.string()), who("olga").actor,
                        Instant::literal(now));
  }
  static std::string bill(const char* id, const char* date, const char* amount) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","fact":"expense_incurred","type":"litigation and extraordinary expenses","name":"lawsuit","amount":")" +
           amount + "\"}\n";
  }
  /// "BOOK SETTLEMENT" of an entry.
  std::string dates(const char* source, const char* id) {
    return in_transaction([&](db::Transaction& t) {
      return db::query(t,
                       "SELECT book_date || ' ' || settlement_date FROM entry WHERE fund_id = 'BTCETH' AND "
                       "source = $1 AND source_id = $2",
                       source, id)[0][0]
          .as<std::string>();
    });
  }
  std::string book_date(const char* id) { return dates("facts", id).substr(0, 10); }
  PostReport post_late(const std::string& lines, const char* now = "2026-01-07T02:00:00Z") {
    const auto path = folder_.path() / "late.jsonl";
    std::ofstream(path) << lines;
    return post_file(pool(), kFund, read_events_to_post(path.string(), "file"),
                     {who("olga").actor.id, Instant::literal(now)});
  }
  PostReport take_back(const char* id, const char* now, const char* source = "file") {
    const books::Source wrong{source, id};
    return in_transaction([&](db::Transaction& t) {
      return reverse_told(t, kFund, wrong, reversal_source(wrong),
                          {who("olga").actor.id, Instant::literal(now)}, "was wrong");
    });
  }
  void publish(const char* date) {
    const Instant now = Instant::literal("2026-01-07T01:00:00Z");
    for (const std::string& check : store_->find_nav(kFund, day(date))->standing_failures())
      for (const char* name : {"tom", "zoe"})
        override_check(ports(), {kFund, day(date), who(name).actor, now, {}}, check, "looked at");
    approve_nav(ports(), {kFund, day(date), who("tom").actor, now, {}});
    for (const std::string& check : store_->find_nav(kFund, day(date))->standing_unavailable())
      for (const char* name : {"tom", "zoe"})
        override_check(ports(), {kFund, day(date), who(name).actor, now, {}}, check, "no service");
    publish_nav(ports(), {kFund, day(date), who("zoe").actor, now, {}});
  }
  /// Of the lawsuit, by the day's latest NAV.
  Decimal owed_on(const char* date) {
    const ResolvedStrike resolved = documents_.resolved(store_->find_nav(kFund, day(date))->inputs,
                                                        store_->definition_on(kFund, day(date))->definition);
    Decimal owed;
    for (const NamedAmount& one : resolved.books.liabilities)
      if (one.name.find("lawsuit") != std::string::npos) owed += one.amount;
    return owed;
  }
  static const Check* late_check(const StoredNav& nav) {
    for (const Check& check : nav.checks) {
      if (check.name == "late_facts") return &check;
    }
    return nullptr;
  }
};

TEST_F(LateFactsTest, BelowACentAShareTheNextNavHasThemAndSaysSo) {
  const FactReport report = record(bill("b1", "2026-01-05", "999"), "2026-01-07T02:00:00Z");
  EXPECT_EQ(report.lateness.late, 1U);
  EXPECT_FALSE(report.lateness.error_from.has_value());
  EXPECT_EQ(book_date("b1"), "2026-01-07");
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  const Check* const check = late_check(next.nav);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->status, CheckStatus::kPassed);
  EXPECT_NE(check->detail.find("-999 USD of 2026-01-05"), std::string::npos) << check->detail;
  // What is about today is no late fact, nor is a payment of what was owed.
  EXPECT_EQ(record(bill("b2", "2026-01-08", "5000"), "2026-01-08T01:00:00Z").lateness.late, 0U);
  EXPECT_EQ(record(R"({"id":"p","date":"2026-01-06","fact":"expense_paid","name":"lawsuit","amount":"999"})"
                   "\n",
                   "2026-01-08T01:00:00Z")
                .lateness.late,
            0U);
}

TEST_F(LateFactsTest, FromACentOnTheyAreANavErrorThatIsRestated) {
  publish("2026-01-05");
  publish("2026-01-06");
  const Decimal before = store_->find_nav(kFund, day("2026-01-05"))->summary.net_assets;
  const FactReport report = record(bill("b1", "2026-01-05", "50000"), "2026-01-07T02:00:00Z");
  EXPECT_EQ(report.lateness.error_from, day("2026-01-05"));
  EXPECT_EQ(report.lateness.error_through, day("2026-01-06"));
  EXPECT_EQ(report.lateness.error_per_share, dec("-0.5"));
  EXPECT_EQ(book_date("b1"), "2026-01-05");
  EXPECT_EQ(count("outbox WHERE kind = 'nav_error_opened'"), 1);
  // Told again it is the same fact.
  EXPECT_EQ(record(bill("b1", "2026-01-05", "50000"), "2026-01-07T03:00:00Z").unchanged, 1U);
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  const Check* check = late_check(next.nav);
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->status, CheckStatus::kFailed);
  EXPECT_NE(check->detail.find("navkeeper nav restate BTCETH 2026-01-05 --through 2026-01-06"),
            std::string::npos)
      << check->detail;
  const auto restated = restate_nav(ports(), {kFund, day("2026-01-05"), day("2026-01-07"), "a bill came late",
                                              who("mia").actor, Instant::literal("2026-01-08T01:00:00Z")});
  // The strike of a later day is a further version too, without the red check.
  ASSERT_EQ(restated.size(), 3U);
  // Less the fee on it.
  EXPECT_LT((before - restated[0].nav.summary.net_assets - dec("50000")).abs(), dec("2"));
  EXPECT_EQ(late_check(restated[2].nav), nullptr);
}

TEST_F(LateFactsTest, ManySmallOnesAddUpToAnError) {
  EXPECT_FALSE(
      record(bill("b1", "2026-01-05", "600"), "2026-01-07T02:00:00Z").lateness.error_from.has_value());
  const FactReport second = record(bill("b2", "2026-01-06", "400"), "2026-01-07T03:00:00Z");
  EXPECT_EQ(second.lateness.error_from, day("2026-01-05"));  // where the first one moves to
  EXPECT_EQ(second.lateness.error_through, day("2026-01-06"));
  EXPECT_EQ(second.lateness.error_per_share, dec("-0.01"));
}

TEST_F(LateFactsTest, WhatTipsADayOverTakesTheEarlierPartsWithIt) {
  record(bill("b1", "2026-01-05", "600"), "2026-01-07T02:00:00Z");
  const FactReport second = record(bill("b2", "2026-01-06", "400"), "2026-01-07T03:00:00Z");
  EXPECT_EQ(second.lateness.moved, 1U);
  EXPECT_EQ(second.lateness.error_from, day("2026-01-05"));
  EXPECT_EQ(dates("facts", "b1"), "2026-01-07 2026-01-07");  // stays, and comes to nothing there
  EXPECT_EQ(dates("own day", "facts:b1 there"), "2026-01-05 2026-01-05");
  EXPECT_EQ(dates("own day", "facts:b1 back"), "2026-01-07 2026-01-07");
  for (const char* date : {"2026-01-05", "2026-01-06"})
    strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal("2026-01-07T04:00:00Z"),
                          "a bill came late"});
  EXPECT_EQ(owed_on("2026-01-05"), dec("600"));
  EXPECT_EQ(owed_on("2026-01-06"), dec("1000"));
  // Struck again they lack nothing: what comes next counts by itself.
  EXPECT_FALSE(record(bill("b3", "2026-01-05", "450"), "2026-01-07T05:00:00Z").lateness.error_from);
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  EXPECT_EQ(owed_on("2026-01-07"), dec("1450"));
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kPassed);
  EXPECT_EQ(late_check(next.nav)->detail.find("b1"), std::string::npos) << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, APartThatANavHasAlreadyMovesToItsDayToo) {
  record(bill("b1", "2026-01-05", "600"), "2026-01-07T02:00:00Z");
  strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  const FactReport second = record(bill("b2", "2026-01-05", "500"), "2026-01-08T02:00:00Z");
  EXPECT_EQ(second.lateness.error_from, day("2026-01-05"));
  EXPECT_EQ(second.lateness.error_through, day("2026-01-07"));
  for (const char* date : {"2026-01-05", "2026-01-06", "2026-01-07"}) {
    strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal("2026-01-08T04:00:00Z"),
                          "a bill came late"});
    EXPECT_EQ(owed_on(date), dec("1100")) << date;
  }
  EXPECT_EQ(late_check(strike_at("2026-01-08", "2026-01-09T00:00:00Z").nav), nullptr);
  // Taken back, it is taken back from its own day.
  EXPECT_EQ(take_back("b1", "2026-01-09T03:00:00Z", "facts").posted, 3U);
  strike_fund(ports(), {kFund, day("2026-01-05"), who("mia").actor, Instant::literal("2026-01-09T04:00:00Z"),
                        "the bill was wrong"});
  EXPECT_EQ(owed_on("2026-01-05"), dec("500"));
  EXPECT_EQ(count("entry WHERE source = 'reversal'"), 3);
}

TEST_F(LateFactsTest, ATradeAndALossAndAnOrderMoveWithTheirCoinsAndShares) {
  const StoredNav nav = *store_->find_nav(kFund, day("2026-01-05"));
  const Decimal cash = money::multiply(nav.summary.nav_per_share, dec("1000"), 2, money::Rounding::kHalfEven);
  const PostReport small = post_late(replaced(
      R"({"id":"s","date":"2026-01-05","event":"sale","asset":"BTC","quantity":"1","cash":"79900"})"
      "\n"
      R"({"id":"l","date":"2026-01-05","event":"penalty","asset":"ETH","quantity":"0.1","value":"300"})"
      "\n"
      R"({"id":"c","date":"2026-01-05","event":"creation","shares":"1000","cash":"CASH"})"
      "\n",
      "CASH", cash.to_string()));
  EXPECT_EQ(small.lateness.late, 3U);
  EXPECT_FALSE(small.lateness.error_from);
  EXPECT_EQ(record(bill("b", "2026-01-05", "50000"), "2026-01-07T03:00:00Z").lateness.moved, 3U);
  EXPECT_EQ(dates("own day", "file:s there"), "2026-01-06 2026-01-06");
  EXPECT_EQ(dates("own day", "file:l there"), "2026-01-05 2026-01-05");
  for (const char* date : {"2026-01-05", "2026-01-06"})
    strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal("2026-01-07T04:00:00Z"),
                          "facts came late"});
  const auto coins = [&](const char* date, const char* asset) {
    const StoredNav of_day = *store_->find_nav(kFund, day(date));
    for (const NavPosition& one : of_day.summary.positions)
      if (one.asset == asset) return one.quantity;
    return Decimal{};
  };
  EXPECT_EQ(coins("2026-01-05", "ETH"), dec("299.9"));
  EXPECT_EQ(coins("2026-01-05", "BTC"), dec("20"));
  EXPECT_EQ(coins("2026-01-06", "BTC"), dec("19"));
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-05"))->summary.shares, dec("100000"));
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-06"))->summary.shares, dec("101000"));
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  EXPECT_EQ(late_check(next.nav), nullptr);
  EXPECT_EQ(next.nav.summary.shares, dec("101000"));
  EXPECT_EQ(coins("2026-01-07", "ETH"), dec("299.9"));
  // Taken back, each with the two that brought it.
  for (const char* id : {"c", "l", "s"}) EXPECT_EQ(take_back(id, "2026-01-08T03:00:00Z").posted, 3U) << id;
  for (const char* date : {"2026-01-05", "2026-01-06", "2026-01-07"})
    strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal("2026-01-08T04:00:00Z"),
                          "they were wrong"});
  EXPECT_EQ(coins("2026-01-05", "ETH"), dec("300"));
  EXPECT_EQ(coins("2026-01-06", "BTC"), dec("20"));
  EXPECT_EQ(store_->find_nav(kFund, day("2026-01-07"))->summary.shares, dec("100000"));
  EXPECT_EQ(
      count("(SELECT FROM account_balance b JOIN (SELECT account, commodity, sum(amount) AS amount FROM "
            "(SELECT debit AS account, commodity, amount FROM posting UNION ALL SELECT credit, commodity, "
            "-amount FROM posting) p GROUP BY 1, 2) s USING (account, commodity) WHERE b.amount <> "
            "s.amount) d"),
      0);
}

TEST_F(LateFactsTest, OfADayThatIsStruckAgainAnywayWhatComesIsBookedThere) {
  record(bill("b1", "2026-01-05", "1500"), "2026-01-07T02:00:00Z");
  const FactReport gain =
      record(R"({"id":"g","date":"2026-01-05","fact":"reward","reward":"r","type":"consensus","asset":"ETH",)"
             R"("stage":"RECEIVED","gross":"0.25","provider_cut":"0","price":"3000"})"
             "\n",
             "2026-01-07T03:00:00Z");
  EXPECT_FALSE(gain.lateness.error_from);
  EXPECT_EQ(gain.lateness.again_from, day("2026-01-05"));
  EXPECT_EQ(gain.lateness.again_through, day("2026-01-06"));
  EXPECT_EQ(book_date("g"), "2026-01-05");
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kPassed) << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, TheOrderOfWritingDecidesAndNoClock) {
  // Begun before the strike and written after it: the NAV lacks it.
  record(bill("b1", "2026-01-05", "50000"), "2026-01-06T00:00:00Z");
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kFailed);
  // Written before the strike by a command whose clock is ahead: the NAV has it.
  record(bill("b2", "2026-01-05", "50000"), "2026-01-20T00:00:00Z");
  for (const char* date : {"2026-01-05", "2026-01-06", "2026-01-07"})
    strike_fund(ports(), {kFund, day(date), who("mia").actor, Instant::literal("2026-01-08T00:00:00Z"),
                          "bills came late"});
  EXPECT_EQ(owed_on("2026-01-05"), dec("100000"));
  EXPECT_EQ(late_check(strike_at("2026-01-08", "2026-01-09T00:00:00Z").nav), nullptr);
}

TEST_F(LateFactsTest, WhatWasTakenBackCountsNowhere) {
  // A gain under a cent a share that was taken back covers no loss of a cent and a half.
  const std::string gain = R"({"id":"g","date":"2026-01-05","event":"reward","asset":"ETH","quantity":"0.3",)"
                           R"("value":"900","source":"consensus"})"
                           "\n";
  EXPECT_FALSE(post_late(gain).lateness.error_from);
  take_back("g", "2026-01-07T03:00:00Z");
  const FactReport loss = record(bill("b", "2026-01-05", "1500"), "2026-01-07T04:00:00Z");
  EXPECT_EQ(loss.lateness.error_from, day("2026-01-05"));
  EXPECT_EQ(loss.lateness.error_per_share, dec("-0.015"));
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->detail.find("0.3 ETH"), std::string::npos) << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, ASmallCorrectionIsALineOfTheNextNav) {
  post_late(R"({"id":"s","date":"2026-01-07","event":"fee_accrued","name":"audit","amount":"300"})"
            "\n");
  strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  EXPECT_FALSE(take_back("s", "2026-01-08T03:00:00Z").lateness.error_from);
  const auto next = strike_at("2026-01-08", "2026-01-09T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kPassed);
  EXPECT_NE(late_check(next.nav)->detail.find("300 USD of 2026-01-07 (reversal file:s"), std::string::npos)
      << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, AnErrorOfAClosedPeriodIsRefusedUntilTwoPeopleOpenIt) {
  strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  const Stamp stamp{who("mia").actor.id, Instant::literal("2026-01-08T01:00:00Z")};
  in_transaction([&](db::Transaction& t) { close_books(t, kFund, day("2026-01-06"), stamp); });
  expect_refused(refusal([&] { record(bill("b1", "2026-01-05", "50000"), "2026-01-08T02:00:00Z"); }),
                 "in a period that is closed");
  EXPECT_EQ(count("fund_fact"), 0);
  EXPECT_EQ(record(bill("b2", "2026-01-05", "10"), "2026-01-08T02:00:00Z").lateness.late, 1U);
  EXPECT_EQ(book_date("b2"), "2026-01-08");
}

constexpr const char* kLateFee =
    R"({"id":"f","date":"2026-01-05","event":"fee_accrued","name":"audit","amount":"AMOUNT"})";

TEST_F(LateFactsTest, AFileOfEventsKeepsTheSameRule) {
  // Under a cent a share: the next NAV's; cash and coins moved when they moved.
  const PostReport small = post_late(
      replaced(kLateFee, "AMOUNT", "400") +
      "\n"
      R"({"id":"t","date":"2026-01-05","event":"transfer","asset":"BTC","quantity":"1","to":"wallet"})"
      "\n"
      R"({"id":"s","date":"2026-01-05","event":"sale","asset":"BTC","quantity":"1","cash":"79900"})"
      "\n");
  EXPECT_EQ(small.lateness.late, 2U);  // the fee and the sale at another price than the NAV's
  EXPECT_FALSE(small.lateness.error_from);
  EXPECT_EQ(dates("file", "f"), "2026-01-07 2026-01-05");
  EXPECT_EQ(dates("file", "t"), "2026-01-07 2026-01-05");
  EXPECT_EQ(dates("file", "s"), "2026-01-07 2026-01-06");
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kPassed);
  EXPECT_NE(late_check(next.nav)->detail.find("-400 USD of 2026-01-05 (file f"), std::string::npos)
      << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, AFileOfAClosedWeekendIsTheNextNavs) {
  for (const char* date : {"2026-01-07", "2026-01-08", "2026-01-09"}) strike_at(date, "2026-01-10T00:00:00Z");
  in_transaction([&](db::Transaction& t) {
    close_books(t, kFund, day("2026-01-11"), {who("mia").actor.id, Instant::literal("2026-01-12T01:00:00Z")});
    return 0;
  });
  post_late(replaced(kLateFee, "AMOUNT", "400") + "\n", "2026-01-12T02:00:00Z");
  EXPECT_EQ(dates("file", "f"), "2026-01-12 2026-01-05");
}

TEST_F(LateFactsTest, AnErrorOfAFileIsBookedOnTheDayThatLacksIt) {
  const PostReport report = post_late(replaced(kLateFee, "AMOUNT", "50000") + "\n");
  EXPECT_EQ(report.posted, 1U);
  EXPECT_EQ(report.lateness.error_from, day("2026-01-05"));
  EXPECT_EQ(report.lateness.error_through, day("2026-01-06"));
  EXPECT_EQ(dates("file", "f"), "2026-01-05 2026-01-05");
  EXPECT_EQ(count("outbox WHERE kind = 'nav_error_opened'"), 1);
  const auto next = strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kFailed);
}

TEST_F(LateFactsTest, ABookDateCannotPutItElsewhere) {
  const std::string elsewhere = replaced(kLateFee, "\"event\"", R"("book_date":"2026-01-07","event")");
  expect_refused(refusal([&] { post_late(replaced(elsewhere, "AMOUNT", "50000") + "\n"); }),
                 "late.jsonl:1: book_date: the NAV of 2026-01-05 lacks it, an error of -0.5 dollars a share");
  EXPECT_EQ(count("entry WHERE source = 'file' AND source_id = 'f'"), 0);
  const std::string struck = replaced(kLateFee, "\"event\"", R"("book_date":"2026-01-06","event")");
  expect_refused(refusal([&] { post_late(replaced(struck, "AMOUNT", "5") + "\n"); }),
                 "late.jsonl:1: book_date: the NAV of 2026-01-05 is struck and lacks less than a cent");
  EXPECT_EQ(post_late(replaced(elsewhere, "AMOUNT", "5") + "\n").lateness.late, 1U);
}

TEST_F(LateFactsTest, ALateCreationAtTheNavMovesNobody) {
  const StoredNav nav = *store_->find_nav(kFund, day("2026-01-05"));
  const Decimal cash = money::multiply(nav.summary.nav_per_share, dec("1000"), 2, money::Rounding::kHalfEven);
  const std::string line =
      R"({"id":"c","date":"2026-01-05","event":"creation","shares":"1000","cash":"CASH"})"
      "\n";
  const PostReport report = post_late(replaced(line, "CASH", cash.to_string()));
  EXPECT_FALSE(report.lateness.error_from);
  EXPECT_EQ(dates("file", "c"), "2026-01-07 2026-01-06");
  // Far below the NAV of its day it takes from everybody else: of the 6th, whose books lack its shares.
  const PostReport cheap = post_late(replaced(replaced(line, "CASH", "10000"), "\"c\"", "\"d\""));
  EXPECT_EQ(cheap.lateness.error_from, day("2026-01-06"));
  EXPECT_EQ(dates("file", "d"), "2026-01-06 2026-01-06");
}

TEST_F(LateFactsTest, ACorrectionOfWhatNavsHadIsAnErrorUntilTheyAreStruckAgain) {
  post_late(replaced(kLateFee, "AMOUNT", "50000") + "\n");
  // No NAV was struck with it, so none lacks anything, and there is no second error.
  const LateReport first = take_back("f", "2026-01-07T03:00:00Z").lateness;
  EXPECT_EQ(first.late, 0U);
  EXPECT_FALSE(first.error_from);
  EXPECT_EQ(count("outbox WHERE kind = 'nav_error_opened'"), 1);
  EXPECT_EQ(late_check(strike_at("2026-01-07", "2026-01-08T00:00:00Z").nav), nullptr);
  // This one is in the NAV of the 7th when it is found wrong.
  post_late(R"({"id":"g","date":"2026-01-07","event":"fee_accrued","name":"audit","amount":"50000"})"
            "\n",
            "2026-01-08T01:00:00Z");
  strike_fund(ports(), {kFund, day("2026-01-07"), who("mia").actor, Instant::literal("2026-01-08T02:00:00Z"),
                        "a fee came late"});
  EXPECT_EQ(take_back("g", "2026-01-08T03:00:00Z").lateness.error_per_share, dec("0.5"));
  const auto next = strike_at("2026-01-08", "2026-01-09T00:00:00Z");
  ASSERT_NE(late_check(next.nav), nullptr);
  EXPECT_EQ(late_check(next.nav)->status, CheckStatus::kFailed);
  EXPECT_NE(late_check(next.nav)->detail.find("50000 USD of 2026-01-07 (reversal file:g"), std::string::npos)
      << late_check(next.nav)->detail;
}

TEST_F(LateFactsTest, TheBatchSaysThatPublishedDaysAreStruckAgainBeforeLaterOnes) {
  publish("2026-01-05");
  publish("2026-01-06");
  strike_at("2026-01-07", "2026-01-08T00:00:00Z");
  record(bill("b1", "2026-01-06", "50000"), "2026-01-08T02:00:00Z");
  const auto run = [&] {
    return run_navs(ports(),
                    {{kFund},
                     day("2026-01-07"),
                     day("2026-01-07"),
                     who("mia").actor,
                     Instant::literal("2026-01-08T03:00:00Z")},
                    nullptr);
  };
  const auto lines = run();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].outcome, RunOutcome::kRefused);
  EXPECT_EQ(lines[1].outcome, RunOutcome::kOpen);
  const auto steps = next_steps(lines);
  ASSERT_GE(steps.size(), 2U);
  EXPECT_EQ(steps[0].who, "a maker");
  EXPECT_EQ(steps[0].date, day("2026-01-06"));
  EXPECT_EQ(steps[0].command,
            "navkeeper nav restate BTCETH 2026-01-06 --through 2026-01-07 --reason WHY --as MAKER");
  restate_nav(ports(), {kFund, day("2026-01-06"), day("2026-01-07"), "a bill came late", who("mia").actor,
                        Instant::literal("2026-01-08T04:00:00Z")});
  for (const RunLine& line : run()) EXPECT_TRUE(line.who.empty()) << line.message;
}

/// However a set of late facts is told, the days come out the same.
class ToldInPartsTest : public LateFactsTest {
 protected:
  static constexpr const char* kDays[] = {"2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08"};

  struct Outcome {
    std::vector<std::string> documents;  ///< of the latest versions, and of the next NAV
    std::vector<ErrorSeverity> severities;
    Decimal next;
    bool has_error = false;
  };

  void begin() {
    LateFactsTest::SetUp();
    for (const char* date : {"2026-01-07", "2026-01-08"}) strike_at(date, "2026-01-09T00:00:00Z");
    for (const char* date : kDays) publish(date);
  }

  Outcome tell(const std::vector<std::string>& files) {
    begin();
    for (const std::string& file : files) record(file, "2026-01-09T02:00:00Z");
    try {
      restate_nav(ports(), {kFund, day(kDays[0]), day(kDays[3]), "facts came late", who("mia").actor,
                            Instant::literal("2026-01-09T03:00:00Z")});
    } catch (const base::Refused&) {
      // Nothing to restate.
    }
    Outcome outcome;
    for (const char* date : kDays) {
      const auto versions = store_->versions(kFund, day(date), Instant::latest());
      const auto per_share = [](const StoredNav& nav) {
        return money::Rational(nav.summary.net_assets) / money::Rational(nav.summary.shares);
      };
      outcome.severities.push_back(severity_of({dec("0.01"), dec("0.005"), dec("0")},
                                               per_share(versions.front()), per_share(versions.back())));
      outcome.has_error |= outcome.severities.back() != ErrorSeverity::kNone;
      outcome.documents.push_back(versions.back().document);
    }
    const StoredNav next = strike_at("2026-01-09", "2026-01-10T00:00:00Z").nav;
    outcome.documents.push_back(next.document);
    outcome.next = next.summary.net_assets;
    return outcome;
  }
};

TEST_F(ToldInPartsTest, EverySplitIntoFilesGivesTheSameNavsAndTheSameSeverity) {
  std::mt19937 random(20260105);
  const auto up_to = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  int errors = 0;
  for (int scenario = 0; scenario < 6; ++scenario) {
    std::vector<std::string> facts;
    const int size = 2 + up_to(4);
    for (int i = 0; i < size; ++i) {
      const std::string id = "f" + std::to_string(i);
      const char* date = kDays[up_to(4)];
      if (up_to(3) == 0)
        facts.push_back(R"({"id":")" + id + R"(","date":")" + date + R"(","fact":"reward","reward":")" + id +
                        R"(","type":"consensus","asset":"ETH","stage":"RECEIVED","gross":"0.)" +
                        std::to_string(1 + up_to(4)) + R"(","provider_cut":"0","price":"3000"})" + "\n");
      else
        facts.push_back(bill(id.c_str(), date, std::to_string(100 + up_to(900)).c_str()));
    }
    std::string all;
    for (const std::string& fact : facts) all += fact;
    const Outcome whole = tell({all});
    if (whole.has_error) ++errors;
    for (int split = 0; split < 2; ++split) {
      std::shuffle(facts.begin(), facts.end(), random);
      std::vector<std::string> files;
      for (const std::string& fact : facts) {
        if (files.empty() || up_to(2) == 0) files.emplace_back();
        files.back() += fact;
      }
      std::string told;
      for (const std::string& file : files) told += file + "--\n";
      const Outcome parts = tell(files);
      EXPECT_EQ(parts.severities, whole.severities) << told;
      if (whole.has_error) {
        EXPECT_EQ(parts.documents, whole.documents) << told;
      }
      // Where all of it is no error but a part was, days may have been struck again; what that leaves is the
      // fee on less than a cent a share.
      EXPECT_LT((parts.next - whole.next).abs(), dec("1")) << told;
    }
  }
  EXPECT_GT(errors, 1);
  EXPECT_LT(errors, 6);
}

TEST_F(LateFactsTest, ALateLossOfCoinsIsMeasuredAtTheDaysPrices) {
  // A fifth of a bitcoin lost is sixteen cents a share.
  const FactReport report =
      record(R"({"id":"p","date":"2026-01-06","fact":"penalty","asset":"BTC","quantity":"0.2"})"
             "\n",
             "2026-01-07T02:00:00Z");
  EXPECT_EQ(report.lateness.error_from, day("2026-01-06"));
  EXPECT_EQ(report.lateness.error_per_share, dec("-0.16007"));
  EXPECT_EQ(book_date("p"), "2026-01-06");
}

}  // namespace
}  // namespace navkeeper::nav
