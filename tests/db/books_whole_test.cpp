// Lots with their day and place, the tax book, identification, splits on every basis, drafts, and closed
// periods, on a real PostgreSQL.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "common/db/pool.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/books_periods.h"
#include "tests/db/books_fixture.h"

namespace navkeeper::nav {
namespace {

money::Decimal dec(const char* text) { return money::Decimal::literal(text); }

DraftToPost dated(const char* id, const char* date);
void expect_sound(db::Transaction& transaction, const std::string& fund);

class WholeBooks : public BooksTest {
 protected:
  static model::FundId fund() { return model::FundId::literal("X"); }
  static Stamp by(const char* who, const char* when) {
    return {model::ActorId::literal(who), Instant::literal(when)};
  }

  /// What it throws as a refusal, or "".
  template <class Do>
  std::string refused(Do&& act) {
    try {
      pool().transact([&](db::Transaction& transaction) { act(transaction); });
    } catch (const base::Refused& refusal) {
      return refusal.what();
    }
    return "";
  }
  /// The constraint that refuses it, or "".
  std::string constraint_of(const std::string& sql) {
    try {
      test::PostgresTest::service_pool("nav").transact(
          [&](db::Transaction& transaction) { db::execute(transaction, sql); });
    } catch (const db::ConstraintViolation& violation) {
      return violation.constraint;
    }
    return "";
  }

  std::vector<StoredLot> lots(books::Book book, const char* as_of = "2026-12-31") {
    return pool().transact([&](db::Transaction& transaction) {
      return load_lots(transaction, fund(), book, {Basis::kTradeDate, Date::literal(as_of), std::nullopt});
    });
  }
  StoredRollForward roll(books::Book book, const char* from, const char* to,
                         std::optional<Instant> known_at = std::nullopt) {
    return pool().transact([&](db::Transaction& transaction) {
      return load_rollforward(transaction, fund(),
                              {book, Basis::kTradeDate, Date::literal(from), Date::literal(to), known_at});
    });
  }
  std::string reverse(const char* wrong, const char* id) {
    return refused([&](db::Transaction& transaction) {
      reverse_entry(transaction, fund(), {"file", wrong}, {"correction", id}, stamp("2026-02-01T00:00:00Z"),
                    "wrong");
    });
  }
  Posted draft(const DraftToPost& one, const std::vector<books::AssetDefinition>& assets = {}) {
    PostRequest request(fund(), model::ActorId::literal("olivia"), Instant::literal("2026-02-01T00:00:00Z"));
    request.source = "policy";
    request.drafts = {one};
    request.new_assets = assets;
    return pool().transact(
        [&](db::Transaction& transaction) { return post_drafts(transaction, rules_, request); });
  }
  std::string draft_refusal(const DraftToPost& one) {
    try {
      draft(one);
    } catch (const base::Refused& refusal) {
      return refusal.what();
    }
    return "";
  }

  static std::string purchase(const char* id, const char* date, const char* quantity, const char* cash) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","event":"purchase","asset":"BTC","quantity":")" + quantity + R"(","cash":")" + cash + "\"}\n";
  }
  static std::string sale(const char* id, const char* date, const char* quantity, const char* cash,
                          const std::string& more = "") {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","event":"sale","asset":"BTC","quantity":")" + quantity + R"(","cash":")" + cash + "\"" +
           more + "}\n";
  }
  static std::string split(const char* id, const char* date, const char* ratio) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date + R"(","event":"split","ratio":")" +
           ratio + "\"}\n";
  }
  static std::string transfer(const char* id, const char* date, const char* quantity,
                              const std::string& where) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date +
           R"(","event":"transfer","asset":"BTC","quantity":")" + quantity + "\"," + where + "}\n";
  }
  const std::string cash_ =
      R"({"id":"cash","date":"2026-01-02","event":"creation","shares":"10000","cash":"1000000"})"
      "\n";
};

TEST_F(WholeBooks, CoinsAreNotDisposedOfBeforeTheyWereAcquired) {
  post(open_ + cash_ + purchase("p", "2026-01-12", "1", "80000"));
  EXPECT_NE(refusal(sale("s", "2026-01-09", "1", "90000")).find("were not held yet on that day"),
            std::string::npos);
  EXPECT_EQ(count("entry"), 3);
  EXPECT_EQ(refusal(sale("s", "2026-01-12", "1", "90000")), "");
}

TEST_F(WholeBooks, ALateDisposalTakesWhatIsLeftOfTheLotsOfItsDayAndSaysWhenLaterOnesTookThem) {
  post(open_ + cash_ + purchase("old", "2026-01-05", "1", "70000"));
  post(purchase("new", "2026-01-12", "1", "90000"));
  post(sale("s1", "2026-01-14", "0.4", "40000"));
  post(sale("late", "2026-01-07", "0.6", "50000"));  // of the old lot: the rest of it
  ASSERT_EQ(lots(books::Book::kGaap).size(), 1U);
  EXPECT_EQ(lots(books::Book::kGaap)[0].number, 2U);
  post(purchase("third", "2026-01-15", "1", "90000"));
  EXPECT_NE(refusal(sale("s2", "2026-01-06", "1.1", "9000")).find("not held yet"), std::string::npos);
  // Held on the 13th, but a disposal of the 16th takes the lot first.
  post(sale("s3", "2026-01-16", "1", "90000"));
  EXPECT_NE(refusal(sale("s4", "2026-01-13", "0.1", "9000")).find("taken by disposals dated later"),
            std::string::npos);
}

TEST_F(WholeBooks, WhatANavWaitsForTakesTaxLotsOfOtherAccountsAndTheCheckSaysSo) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000") + purchase("b", "2026-01-09", "1", "90000") +
       transfer("t", "2026-01-10", "1", R"("to":"cold wallet")"));
  const auto check = [&] {
    return pool().transact([&](db::Transaction& transaction) { return check_tax_lots(transaction, fund()); });
  };
  EXPECT_FALSE(check().has_value());
  // The transfer took the oldest lot, a: who posts a file puts it in order.
  const std::string late = sale("s", "2026-01-08", "0.5", "50000");
  EXPECT_NE(refusal(late).find("taken by disposals dated later"), std::string::npos);
  rules_.tax_rules.stays_in_account = false;
  post(late);
  const auto tax = lots(books::Book::kTax);
  ASSERT_EQ(tax.size(), 2U);
  EXPECT_EQ(tax[0].place, "");
  EXPECT_EQ(tax[0].lot, (books::Lot{Units(100'000'000), Units(9'000'000), Date::literal("2026-01-09")}));
  EXPECT_EQ(tax[1].place, "cold wallet");
  EXPECT_EQ(tax[1].lot, (books::Lot{Units(50'000'000), Units(3'500'000), Date::literal("2026-01-05")}));
  ASSERT_TRUE(check().has_value());
  EXPECT_EQ(
      check()->detail,
      "BTC at the main account: 0.5 coins, tax lots of 1; BTC at cold wallet: 1 coins, tax lots of 0.5");
  EXPECT_EQ(check()->status, CheckStatus::kPassed);
  // All coins come together again, and their lots with them.
  post(transfer("back", "2026-01-12", "1", R"("from":"cold wallet","to":"")"));
  EXPECT_FALSE(check().has_value());
  pool().transact([](db::Transaction& transaction) { expect_sound(transaction, "X"); });
}

TEST_F(WholeBooks, TransfersMoveCoinsAndTheirTaxLotsAndGainNothing) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000") + purchase("b", "2026-01-06", "1", "90000"));
  post(transfer("t1", "2026-01-07", "1.5", R"("to":"cold wallet")"));
  post(transfer("t2", "2026-01-08", "0.5", R"("from":"cold wallet","to":"cold wallet","to_state":"staked")"));
  const auto now = load("2026-12-31");
  EXPECT_EQ(now.balance("Assets:Coins:BTC", "BTC"), Units(50'000'000));
  EXPECT_EQ(now.balance("Assets:Coins:BTC:cold wallet", "BTC"), Units(100'000'000));
  EXPECT_EQ(now.balance("Assets:Staked:BTC:cold wallet", "BTC"), Units(50'000'000));
  EXPECT_EQ(now.balance("Conversion:BTC", "USD"), Units(16'000'000));
  EXPECT_EQ(lots(books::Book::kGaap).size(), 2U);
  const auto tax = lots(books::Book::kTax);
  ASSERT_EQ(tax.size(), 3U);  // b's half at the main account; a, and b's other half, in the wallet
  EXPECT_EQ(tax[0].number, 2U);
  EXPECT_EQ(tax[0].place, "");
  EXPECT_EQ(tax[1].number, 1U);
  EXPECT_EQ(tax[1].place, "cold wallet");
  EXPECT_EQ(tax[1].lot, (books::Lot{Units(100'000'000), Units(7'000'000), Date::literal("2026-01-05")}));
  EXPECT_EQ(tax[2].lot, (books::Lot{Units(50'000'000), Units(4'500'000), Date::literal("2026-01-06")}));
  EXPECT_NE(refusal(sale("s", "2026-01-09", "0.6", "60000")).find("at that place"), std::string::npos);
  // Sold where it is: the wallet's oldest lot in the tax book.
  post(sale("s", "2026-01-09", "0.6", "60000", R"(,"place":"cold wallet")"));
  EXPECT_NE(refusal(transfer("t3", "2026-01-06", "0.1", R"("from":"cold wallet","to":"")"))
                .find("came to that place, later"),
            std::string::npos);
  EXPECT_NE(refusal(transfer("t4", "2026-01-10", "0.1", R"("from":"cold wallet","to":"cold wallet")"))
                .find("another place"),
            std::string::npos);
  EXPECT_NE(refusal(transfer("t5", "2026-01-10", "0.1", R"("to_state":"lost")")).find("none of available"),
            std::string::npos);
}

TEST_F(WholeBooks, LotsAreIdentifiedBeforeTheDisposalOrNotAtAll) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000") + purchase("b", "2026-01-06", "1", "90000"));
  const auto identify = [&](const char* id, books::LotNumber lot, const char* quantity, const char* when) {
    return refused([&](db::Transaction& transaction) {
      identify_lots(transaction, fund(), {"file", id}, books::Book::kTax, "BTC", {{lot, dec(quantity)}},
                    by("olivia", when));
    });
  };
  EXPECT_EQ(identify("s1", 2, "0.5", "2026-01-07T15:00:00Z"), "");
  EXPECT_NE(identify("s1", 1, "0.5", "2026-01-07T15:00:00Z").find("identified before"), std::string::npos);
  EXPECT_NE(identify("s9", 7, "0.5", "2026-01-07T15:00:00Z").find("not open"), std::string::npos);
  EXPECT_NE(identify("s9", 1, "1.5", "2026-01-07T15:00:00Z").find("not open, or holds less"),
            std::string::npos);
  EXPECT_NE(identify("s9", 1, "0.000000001", "2026-01-07T15:00:00Z").find("fit BTC"), std::string::npos);
  // The sale of that day says no time: it may have been earlier.
  EXPECT_NE(refusal(sale("s1", "2026-01-07", "0.5", "50000")).find("not before the disposal"),
            std::string::npos);
  EXPECT_NE(refusal(sale("s1", "2026-01-07", "0.5", "50000", R"(,"at":"2026-01-07T15:00:00Z")"))
                .find("not before the disposal"),
            std::string::npos);
  EXPECT_NE(refusal(sale("s1", "2026-01-07", "0.4", "40000", R"(,"at":"2026-01-07T15:00:01Z")"))
                .find("do not add up"),
            std::string::npos);
  post(sale("s1", "2026-01-07", "0.5", "50000", R"(,"at":"2026-01-07T15:00:01Z")"));
  const auto tax = lots(books::Book::kTax);
  ASSERT_EQ(tax.size(), 2U);
  EXPECT_EQ(tax[0].lot.quantity, Units(100'000'000));
  EXPECT_EQ(tax[1].lot.quantity, Units(50'000'000));
  EXPECT_EQ(lots(books::Book::kGaap)[0].lot.quantity, Units(50'000'000));  // first in first out there
  EXPECT_NE(identify("s1", 1, "0.5", "2026-01-08T15:00:00Z").find("in the books already"), std::string::npos);
  EXPECT_EQ(
      constraint_of("INSERT INTO lot_identification_use SELECT fund_id, 1, source, source_id, book, asset, "
                    "recorded_at_ns, recorded_at_ns FROM lot_identification"),
      "identified_before_the_disposal");
}

TEST_F(WholeBooks, TheTwoBooksDifferInLotsGainAndWhatIsRecognisedAndBothFoot) {
  rules_.lots = {books::LotRule::kAverage, books::LotRule::kAverage};
  rules_.tax_rules = {{books::LotRule::kFifo, books::LotRule::kHighestCost}, false};  // a RIC
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000") + purchase("b", "2026-01-06", "1", "90000"));
  post(
      sale("s", "2026-02-03", "0.5", "50000") +
      R"({"id":"r","date":"2026-02-04","event":"redemption","shares":"5000","asset":"BTC","quantity":"0.5","value":"51000"})"
      "\n"
      R"({"id":"w","date":"2026-02-05","event":"reward","asset":"ETH","quantity":"1","value":"3000","source":"consensus"})"
      "\n");
  const auto gaap = roll(books::Book::kGaap, "2026-02-01", "2026-02-28").assets;
  const auto tax = roll(books::Book::kTax, "2026-02-01", "2026-02-28").assets;
  for (const auto& rolls : {gaap, tax})
    for (const auto& one : rolls) EXPECT_TRUE(foots(one)) << one.asset.asset;
  EXPECT_EQ(gaap[0].opening.quantity, Units(200'000'000));
  EXPECT_EQ(gaap[0].opening.cost, Units(16'000'000));
  EXPECT_EQ(gaap[0].realised, Units(10'100'000 - 8'000'000));
  EXPECT_EQ(tax[0].realised, Units(5'000'000 - 3'500'000 + 5'100'000 - 4'500'000));
  EXPECT_EQ(tax[0].recognised, Units(5'000'000 - 3'500'000));
  EXPECT_EQ(gaap[1].additions.at(books::FlowCause::kReward).cost, Units(300'000));
  EXPECT_EQ(gaap[0].closing.quantity, Units(100'000'000));
  EXPECT_FALSE(gaap[0].closing.value);  // no NAV was struck: unpriced
  EXPECT_TRUE(roll(books::Book::kGaap, "2026-02-01", "2026-02-28", Instant::literal("2025-01-01T00:00:00Z"))
                  .assets.empty());
  EXPECT_THROW(roll(books::Book::kGaap, "2026-02-02", "2026-02-01"), base::Refused);
  EXPECT_EQ(reverse("r", "c1"), "");
  EXPECT_EQ(roll(books::Book::kTax, "2026-02-01", "2026-02-28").assets[0].realised, Units(1'500'000));
}

TEST_F(WholeBooks, SharesOnTheirWayAreCountedInTheSharesOfTheSplitThatOvertookThem) {
  // Columbus Day: traded on Friday, booked on Monday (an exchange day), settled on Tuesday.
  post(open_ +
       R"({"id":"c1","date":"2026-10-08","event":"creation","shares":"10000","cash":"1000"})"
       "\n"
       R"({"id":"c2","date":"2026-10-09","event":"creation","shares":"10000","cash":"1000"})"
       "\n" +
       split("split", "2026-10-12", "4"));
  EXPECT_EQ(load("2026-10-12", Basis::kSettled).shares, Units(40'000));
  EXPECT_EQ(load("2026-10-13", Basis::kSettled).shares, Units(80'000));
  EXPECT_EQ(load("2026-10-12").shares, Units(80'000));
  EXPECT_EQ(load("2026-10-11", Basis::kTradeDate).shares, Units(20'000));
  EXPECT_EQ(reverse("split", "u1"), "");
  EXPECT_EQ(load("2026-10-13", Basis::kSettled).shares, Units(20'000));
  EXPECT_EQ(load("2026-10-13", Basis::kSettled, Instant::literal("2026-01-03T00:00:00Z")).shares,
            Units(80'000));
}

TEST_F(WholeBooks, AnOrderOfTheSplitsDayIsInNewSharesThoughItWasPostedFirst) {
  post(open_ + cash_ +
       R"({"id":"c","date":"2026-01-12","event":"creation","shares":"10000","cash":"1000"})"
       "\n" +
       split("split", "2026-01-12", "4"));
  EXPECT_EQ(load("2026-01-12").shares, Units(40'000));
  EXPECT_EQ(load("2026-01-13").shares, Units(50'000));
  EXPECT_EQ(load("2026-01-12", Basis::kTradeDate).shares, Units(50'000));
  EXPECT_EQ(load("2026-01-11", Basis::kTradeDate).shares, Units(10'000));
  post(R"({"id":"r","date":"2026-01-13","event":"redemption","shares":"50000","cash":"1"})"
       "\n");
  EXPECT_EQ(load("2026-01-14").shares, Units(0));
}

TEST_F(WholeBooks, ALateSplitIsRefusedForOrdersSinceThoughTheyCancelAndNotForThoseThatWereReversed) {
  post(open_ + cash_ +
       R"({"id":"c","date":"2026-01-14","event":"creation","shares":"10000","cash":"1000"})"
       "\n"
       R"({"id":"r","date":"2026-01-14","event":"redemption","shares":"10000","cash":"1000"})"
       "\n");
  const std::string late = split("split", "2026-01-12", "4");
  EXPECT_NE(refusal(late).find("before a change of shares"), std::string::npos) << refusal(late);
  EXPECT_EQ(reverse("r", "u1"), "");
  EXPECT_NE(refusal(late).find("before a change of shares"), std::string::npos);
  EXPECT_EQ(reverse("c", "u2"), "");
  EXPECT_EQ(refusal(late), "");
  EXPECT_EQ(load("2026-01-15").shares, Units(40'000));
}

TEST_F(WholeBooks, NothingIsBelowZeroOnADayThatHasPassed) {
  const auto on = [](const char* id, const char* date, const std::string& what) {
    return std::string(R"({"id":")") + id + R"(","date":")" + date + R"(","event":)" + what + "}\n";
  };
  post(open_ + on("c", "2026-01-12", R"("creation","shares":"10000","cash":"1000")") +
       on("f", "2026-01-13", R"("fee_accrued","name":"audit","amount":"100")"));
  const auto entries = count("entry");
  EXPECT_NE(refusal(on("r", "2026-01-08", R"("redemption","shares":"10000","cash":"0")"))
                .find("the register would be below zero on 2026-01-08"),
            std::string::npos);
  EXPECT_NE(refusal(purchase("p", "2026-01-08", "1", "1000"))
                .find("an account of assets would be below zero on 2026-01-08"),
            std::string::npos);
  EXPECT_NE(refusal(on("f2", "2026-01-12", R"("fee_paid","name":"audit","amount":"100")"))
                .find("more of the fee would be paid than was payable then on 2026-01-12"),
            std::string::npos);
  // The line and the key are named.
  const auto said = [&](const std::string& text) {
    return refusal(text).substr(folder_.path().string().size());
  };
  EXPECT_EQ(said(purchase("p", "2026-01-13", "0", "1")),
            "/events.jsonl:1: quantity: a quantity, a number of shares, a price or a ratio must be positive");
  EXPECT_EQ(said(purchase("p", "2026-01-13", "1", "1.001")),
            "/events.jsonl:1: cash: an amount has more decimals than its asset (dollars have 2)");
  EXPECT_EQ(said(purchase("p", "2199-01-13", "1", "1")).substr(0, 22), "/events.jsonl:1: date:");
  EXPECT_EQ(said(on("b", "2026-01-13",
                    R"("creation","shares":"1","components":[{"asset":"BTC","quantity":"1","value":"1"},)"
                    R"({"asset":"BTC","quantity":"-1","value":"1"}],"cash":"0")"))
                .substr(0, 40),
            "/events.jsonl:1: components[1].quantity:");
  EXPECT_EQ(count("entry"), entries);
  EXPECT_EQ(refusal(on("f2", "2026-01-13", R"("fee_paid","name":"audit","amount":"100")") +
                    on("r", "2026-01-14", R"("redemption","shares":"10000","cash":"0")")),
            "");
  // What was used since is not taken back, though as much came later.
  post(on("c2", "2026-01-15", R"("creation","shares":"10000","cash":"1000")") +
       on("f3", "2026-01-16", R"("fee_accrued","name":"audit","amount":"100")"));
  EXPECT_NE(reverse("c", "u1").find("would be less than nothing on 2026-01-13"), std::string::npos)
      << reverse("c", "u1");
  EXPECT_NE(reverse("f", "u2").find("Fees payable:audit would be less than nothing on 2026-01-13"),
            std::string::npos)
      << reverse("f", "u2");
}

TEST_F(WholeBooks, TheRegisterKeepsTheOrderOfDatesAroundASplit) {
  post(open_ + cash_ + split("split", "2026-01-12", "4"));
  const std::string early =
      R"({"id":"c","date":"2026-01-08","event":"creation","shares":"10000","cash":"1000"})"
      "\n";
  EXPECT_NE(refusal(early).find("shares would change before a split"), std::string::npos);
  EXPECT_NE(refusal(split("s2", "2026-01-02", "2")).find("shares would change before a split"),
            std::string::npos);
  EXPECT_NE(reverse("cash", "u1").find("a later split multiplied these shares"), std::string::npos);
  EXPECT_EQ(reverse("split", "u2"), "");
  EXPECT_NE(reverse("split", "u3").find("reversed before"), std::string::npos);
  EXPECT_EQ(refusal(early), "");
  EXPECT_NE(refused([&](db::Transaction& transaction) {
              reverse_entry(transaction, fund(), {"correction", "u2"}, {"correction", "u4"},
                            stamp("2026-02-01T00:00:00Z"));
            }).find("a reversal is not reversed"),
            std::string::npos);
  EXPECT_EQ(
      constraint_of("INSERT INTO entry SELECT fund_id, 99, 'x', 'y', trade_date, book_date, settlement_date, "
                    "known_at_ns, posted_by, kind, content, content_hash, seq FROM entry WHERE fund_id = 'X' "
                    "AND reverses IS NOT NULL"),
      "no_reversal_of_a_reversal");
}

TEST_F(WholeBooks, NothingIsBookedIntoAClosedPeriodUntilTwoPeopleOpenIt) {
  post(open_ + cash_);
  const auto close = [&](const char* through, const char* when = "2026-02-03T00:00:00Z") {
    return refused([&](db::Transaction& transaction) {
      close_books(transaction, fund(), Date::literal(through), by("mark", when));
    });
  };
  EXPECT_NE(close("2026-02-03").find("after its last day"), std::string::npos);
  EXPECT_EQ(close("2026-01-31"), "");
  EXPECT_NE(close("2026-01-31").find("closed through that day already"), std::string::npos);
  EXPECT_NE(refusal(purchase("p", "2026-01-12", "1", "80000")).find("closed period"), std::string::npos);
  EXPECT_NE(reverse("cash", "u1").find("closed period"), std::string::npos);
  EXPECT_EQ(refusal(purchase("q", "2026-01-30", "1", "80000")), "");  // a Friday: booked on 2 February
  EXPECT_EQ(
      constraint_of("INSERT INTO entry SELECT fund_id, 99, 'x', 'y', trade_date, book_date, settlement_date, "
                    "known_at_ns, posted_by, kind, content, content_hash FROM entry WHERE fund_id = 'X' AND "
                    "seq = 1"),
      "entry_in_closed_period");
  EXPECT_EQ(constraint_of("UPDATE books_head SET closed_through = NULL WHERE fund_id = 'X'"),
            "reopened_by_two_people");
  EXPECT_EQ(constraint_of("UPDATE books_head SET closed_through = '2026-01-10', reopenings = 1 "
                          "WHERE fund_id = 'X'"),
            "reopened_by_two_people");

  const auto ask = [&](const char* from, const char* reason) {
    return refused([&](db::Transaction& transaction) {
      ask_reopening(transaction, fund(), Date::literal(from), reason, by("mark", "2026-02-04T00:00:00Z"));
    });
  };
  const auto approve = [&](int number, const char* who) {
    return refused([&](db::Transaction& transaction) {
      approve_reopening(transaction, fund(), number, by(who, "2026-02-04T01:00:00Z"));
    });
  };
  EXPECT_NE(ask("2026-02-01", "late invoice").find("is open"), std::string::npos);
  EXPECT_NE(ask("2026-01-12", "").find("reason"), std::string::npos);
  EXPECT_EQ(ask("2026-01-20", "wrong day"), "");
  EXPECT_EQ(ask("2026-01-12", "late invoice"), "");
  EXPECT_NE(refusal(purchase("p", "2026-01-12", "1", "80000")).find("closed period"), std::string::npos);
  EXPECT_NE(approve(2, "mark").find("somebody other"), std::string::npos);
  EXPECT_EQ(constraint_of("INSERT INTO period_reopening_approval VALUES ('X', 2, 'mark', 'mark', 1)"),
            "nobody_reopens_alone");
  EXPECT_NE(approve(1, "anna").find("a later one was asked for"), std::string::npos);
  EXPECT_NE(approve(3, "anna").find("no such reopening"), std::string::npos);
  EXPECT_EQ(approve(2, "anna"), "");
  EXPECT_NE(approve(2, "anna").find("carried out"), std::string::npos);
  EXPECT_EQ(refusal(purchase("p", "2026-01-12", "1", "80000")), "");
  EXPECT_NE(refusal(purchase("o", "2026-01-08", "1", "80000")).find("closed period"), std::string::npos);
  const Periods periods =
      pool().transact([&](db::Transaction& transaction) { return load_periods(transaction, fund()); });
  EXPECT_EQ(periods.closed_through, Date::literal("2026-01-11"));
  ASSERT_EQ(periods.reopenings.size(), 2U);
  EXPECT_EQ(periods.reopenings[1].approved_by, "anna");
  EXPECT_EQ(pool().transact([](db::Transaction& transaction) {
    return db::query(transaction,
                     "SELECT count(*) FROM audit WHERE scope = 'X' AND kind IN ('books.closed', "
                     "'books.reopening_asked', 'books.reopened')")[0][0]
        .as<int>();
  }),
            4);
}

TEST_F(WholeBooks, ALateFactChangesLotsJournalAndRollForwardNowAndNotThen) {
  post(open_ + cash_, "2026-01-02T21:00:00Z");
  const auto then = Instant::literal("2026-01-10T00:00:00Z");
  post(purchase("late", "2026-01-05", "1", "80000"), "2026-01-20T09:00:00Z");
  const auto seen = [&](std::optional<Instant> known_at) {
    return pool().transact([&](db::Transaction& transaction) {
      const BooksView view{Basis::kTradeDate, Date::literal("2026-01-09"), known_at};
      return std::tuple(load_lots(transaction, fund(), books::Book::kTax, view).size(),
                        load_journal(transaction, fund(), view, 0, 100)->entries.size());
    });
  };
  EXPECT_EQ(seen(then), std::tuple(0U, 2U));
  EXPECT_EQ(seen(std::nullopt), std::tuple(1U, 3U));
  const auto page = pool().transact([&](db::Transaction& transaction) {
    return *load_journal(transaction, fund(), {Basis::kTradeDate, Date::literal("2026-12-31"), std::nullopt},
                         1, 1);
  });
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].seq, 2);
  EXPECT_TRUE(page.has_more);
}

TEST_F(WholeBooks, WhatIsTradedAndNotSettledIsOwedOrStillToCome) {
  post(open_ + cash_ + purchase("a", "2026-01-09", "1", "70000"));  // a Friday
  const auto unsettled = [&](Basis basis, const char* as_of) {
    return pool().transact([&](db::Transaction& transaction) {
      return load_unsettled(transaction, fund(), {basis, Date::literal(as_of), std::nullopt});
    });
  };
  const auto friday = unsettled(Basis::kTradeDate, "2026-01-09");
  ASSERT_EQ(friday.size(), 2U);
  EXPECT_EQ(friday[0].amount, Units(-7'000'000));
  EXPECT_EQ(friday[1].amount, Units(100'000'000));
  EXPECT_TRUE(unsettled(Basis::kTradeDate, "2026-01-12").empty());
  EXPECT_TRUE(unsettled(Basis::kSettled, "2026-01-09").empty());
}

std::string printed_by(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot run";
  std::string text;
  char buffer[4096];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  return pclose(pipe) == 0 ? text : "failed: " + text;
}

using Balances = std::map<std::string, money::Decimal>;  ///< by "account|commodity", without zeros

/// What lies on each account itself, without those below it: "account|12.34 USD", further commodities a line
/// each.
Balances of_ledger(const std::string& text) {
  Balances balances;
  std::istringstream lines(text);
  std::string account;
  for (std::string line; std::getline(lines, line);) {
    if (const auto bar = line.find('|'); bar != std::string::npos) {
      account = line.substr(0, bar);
      line.erase(0, bar + 1);
    }
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    const auto amount = dec(line.substr(0, space).c_str());
    if (!amount.is_zero()) balances[account + "|" + line.substr(space + 1)] = amount;
  }
  return balances;
}

/// CSV "account","commodity","balance", a head line first.
Balances of_hledger(const std::string& text) {
  Balances balances;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const auto first = line.find("\",\"");
    const auto second = line.find("\",\"", first + 3);
    const auto amount = dec(line.substr(second + 3, line.size() - second - 4).c_str());
    if (!amount.is_zero())
      balances[line.substr(1, first - 1) + "|" + line.substr(first + 3, second - first - 3)] = amount;
  }
  return balances;
}

TEST_F(WholeBooks, LedgerAndHledgerReadTheJournalOfAllItsAccounts) {
  if (system("command -v ledger >/dev/null && command -v hledger >/dev/null") != 0)
    GTEST_SKIP() << "SKIPPED: ledger and hledger are not installed";
  post(open_ + cash_ + purchase("a", "2026-01-05", "2", "160000") +
       transfer("t1", "2026-01-06", "1.5", R"("to":"Anchorage: wallet 2")") +
       transfer("t2", "2026-01-07", "0.5", R"("from":"Anchorage: wallet 2","to_state":"staked")") +
       transfer("t3", "2026-01-08", "0.25", R"("from_state":"staked","to_state":"unbonding")") +
       sale("s", "2026-01-09", "0.3", "27000.01"));
  DraftToPost owed = dated("owed", "2026-01-12");
  owed.entry.debit("Assets:Receivable from adviser", "USD", dec("12.34"));
  owed.entry.credit("Liabilities:Fees payable:custody:Anchorage", "USD", dec("12.34"));
  draft(owed);
  EXPECT_EQ(reverse("s", "c1"), "");
  const auto path = (folder_.path() / "journal.ledger").string();
  export_books(pool(), fund(), path);
  Balances ours;
  for (const StoredBalance& row : load("2026-12-31").balances)
    if (!row.balance.is_zero())
      ours[row.account + "|" + row.commodity] = row.balance.to_decimal(row.decimals);
  EXPECT_TRUE(ours.contains("Assets:Unbonding:BTC|BTC"));
  EXPECT_TRUE(ours.contains("Assets:Coins:BTC:Anchorage%3A%20wallet 2|BTC"));
  // Both programs add what is below an account to it; ours is a leaf of its own in the file.
  auto own = ours.extract("Assets:Coins:BTC|BTC");
  ASSERT_FALSE(own.empty());
  own.key() = "Assets:Coins:BTC:(itself)|BTC";
  ours.insert(std::move(own));
  const std::string file = "'" + path + "'";
  EXPECT_EQ(of_ledger(printed_by("ledger --args-only --file " + file +
                                 " balance --flat --no-total --balance-format "
                                 "'%(account)|%(scrub(display_total))\n'")),
            ours);
  EXPECT_EQ(of_hledger(printed_by("hledger --file " + file +
                                  " balance --flat --no-total --layout=bare --output-format=csv")),
            ours);
}

DraftToPost dated(const char* id, const char* date) {
  DraftToPost one;
  one.entry = policy::entry_on(Date::literal(date), id, "a draft");
  one.kind = "test";
  return one;
}

TEST_F(WholeBooks, ADraftPostsOnceWithItsLotsInBothBooks) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000"));
  // A fee is owed; coins pay it; a token comes in for coins.
  DraftToPost fee = dated("fee", "2026-01-06");
  fee.entry.debit("Expenses:Fees:custody", "USD", dec("9000"));
  fee.entry.credit("Liabilities:Fees payable:custody:Anchorage", "USD", dec("9000"));
  EXPECT_EQ(draft(fee).posted, 1U);
  EXPECT_EQ(draft(fee).unchanged, 1U);
  DraftToPost paid = dated("paid", "2026-01-07");
  paid.deliveries.push_back({{"BTC", dec("0.1"), dec("9000"), policy::DeliveryCause::kExpense},
                             "Liabilities:Fees payable:custody:Anchorage",
                             {}});
  EXPECT_EQ(draft(paid).posted, 1U);
  DraftToPost swap = dated("swap", "2026-01-08");
  swap.entry.debit("Assets:Coins:wBTC", "wBTC", dec("0.5")).credit("Conversion:wBTC", "wBTC", dec("0.5"));
  swap.receipts.push_back({{"wBTC", dec("0.5"), dec("46000"), Date::literal("2026-01-08")}, {}});
  swap.deliveries.push_back(
      {{"BTC", dec("0.5"), dec("46000"), policy::DeliveryCause::kSwap}, "Conversion:wBTC", {}});
  EXPECT_EQ(draft(swap, {{"wBTC", 8}}).posted, 1U);
  const auto now = load("2026-12-31");
  EXPECT_EQ(now.balance("Income:Realised gain:Expense", "USD"), Units(-200'000));
  EXPECT_EQ(now.balance("Income:Realised gain:Swap", "USD"), Units(-1'100'000));
  EXPECT_EQ(now.balance("Liabilities:Fees payable:custody:Anchorage", "USD"), Units(0));
  EXPECT_EQ(now.balance("Conversion:wBTC", "USD"), Units(4'600'000));
  EXPECT_EQ(lots(books::Book::kTax).size(), 2U);
  EXPECT_EQ(lots(books::Book::kGaap).size(), 2U);
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax})
    for (const auto& one : roll(book, "2026-01-01", "2026-12-31").assets) EXPECT_TRUE(foots(one));

  DraftToPost grown = dated("accretion", "2026-01-09");
  grown.entry.debit("Conversion:wBTC", "USD", dec("10")).credit("Income:Rewards:wBTC", "USD", dec("10"));
  for (const books::Book book : {books::Book::kGaap, books::Book::kTax})
    grown.adjustments.push_back({book, "wBTC", 1, {}, {}, dec("10"), std::nullopt});
  EXPECT_EQ(draft(grown).posted, 1U);
  EXPECT_EQ(lots(books::Book::kTax)[1].lot.cost, Units(4'601'000));
}

TEST_F(WholeBooks, ADraftThatCannotBeIsRefusedByName) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000"));
  DraftToPost uneven = dated("d", "2026-01-06");
  uneven.entry.debit("Expenses:Fees:x", "USD", dec("1"));
  EXPECT_NE(draft_refusal(uneven).find("does not balance"), std::string::npos);
  DraftToPost without_lots = dated("d", "2026-01-06");
  without_lots.entry.debit("Assets:Coins:BTC", "BTC", dec("1")).credit("Conversion:BTC", "BTC", dec("1"));
  EXPECT_NE(draft_refusal(without_lots).find("its lots do not agree"), std::string::npos);
  DraftToPost strange = dated("d", "2026-01-06");
  strange.entry.debit("Nowhere:x", "USD", dec("1")).credit("Income:x", "USD", dec("1"));
  EXPECT_NE(draft_refusal(strange).find("not one of the chart's"), std::string::npos);
  DraftToPost broke = dated("d", "2026-01-06");
  broke.entry.credit("Assets:Cash", "USD", dec("2000000")).debit("Expenses:x", "USD", dec("2000000"));
  EXPECT_NE(draft_refusal(broke).find("cash would fall below zero"), std::string::npos);
  DraftToPost receivable = dated("d", "2026-01-06");
  receivable.entry.credit("Assets:Receivable from adviser", "USD", dec("1"))
      .debit("Assets:Cash", "USD", dec("1"));
  EXPECT_NE(draft_refusal(receivable).find("assets would fall below zero"), std::string::npos);
  DraftToPost overpaid = dated("d", "2026-01-06");
  overpaid.entry.debit("Liabilities:Fees payable:x", "USD", dec("1")).credit("Assets:Cash", "USD", dec("1"));
  EXPECT_NE(draft_refusal(overpaid).find("than is payable"), std::string::npos);
  DraftToPost too_much = dated("d", "2026-01-06");
  too_much.deliveries.push_back(
      {{"BTC", dec("1.1"), dec("1"), policy::DeliveryCause::kSwap}, "Income:x", {}});
  EXPECT_NE(draft_refusal(too_much).find("than is held"), std::string::npos);
  DraftToPost fewer = dated("d", "2026-01-06");
  fewer.shares_change = dec("-10001");
  EXPECT_NE(draft_refusal(fewer).find("than exist"), std::string::npos);
  DraftToPost no_lot = dated("d", "2026-01-06");
  no_lot.adjustments.push_back({books::Book::kTax, "BTC", 9, {}, {}, dec("1"), std::nullopt});
  EXPECT_NE(draft_refusal(no_lot).find("not open"), std::string::npos);
  DraftToPost changed = dated("same", "2026-01-06");
  changed.shares_change = dec("1");
  EXPECT_EQ(draft(changed).posted, 1U);
  changed.shares_change = dec("2");
  EXPECT_NE(draft_refusal(changed).find("other content"), std::string::npos);
  EXPECT_EQ(count("entry"), 4);
}

/// Everything that must hold of the stored books, whatever happened.
void expect_sound(db::Transaction& transaction, const std::string& fund) {
  const auto none = [&](const std::string& what, const std::string& sql) {
    EXPECT_TRUE(db::query(transaction, sql, fund).empty()) << what;
  };
  none("entries are numbered without gaps",
       "SELECT FROM books_head h WHERE fund_id = $1 AND entries <> (SELECT count(*) FROM entry e WHERE "
       "e.fund_id = "
       "h.fund_id)");
  none(
      "balances are the postings",
      "SELECT FROM (SELECT s.account, p.commodity, sum(s.amount) AS amount FROM posting p CROSS JOIN LATERAL "
      "(VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS s (account, amount) WHERE p.fund_id = $1 GROUP "
      "BY 1, "
      "2) j FULL JOIN (SELECT * FROM account_balance WHERE fund_id = $1) b USING (account, commodity) "
      "WHERE coalesce(j.amount, 0) <> coalesce(b.amount, 0)");
  none("results by month are the postings",
       "SELECT FROM (SELECT date_trunc('month', e.book_date)::date AS month, s.account, sum(s.amount) AS "
       "amount "
       "FROM entry e JOIN posting p USING (fund_id, seq) CROSS JOIN LATERAL (VALUES (p.debit, p.amount), "
       "(p.credit, -p.amount)) AS s (account, amount) WHERE e.fund_id = $1 AND p.commodity = 'USD' AND "
       "(s.account LIKE 'Income:%' OR s.account LIKE 'Expenses:%') AND s.account NOT LIKE "
       "'Income:Unrealised gain:%' GROUP BY 1, 2) j FULL JOIN (SELECT month, account, amount FROM "
       "result_by_month WHERE fund_id = $1) r USING (month, account) WHERE coalesce(j.amount, 0) <> "
       "coalesce(r.amount, 0)");
  none("lots are their movements",
       "SELECT FROM lot l WHERE fund_id = $1 AND (quantity, cost) <> (SELECT sum(quantity), sum(cost) FROM "
       "lot_movement m WHERE (m.fund_id, m.asset, m.lot) = (l.fund_id, l.asset, l.lot))");
  none("tax lots are their movements",
       "SELECT FROM tax_lot l WHERE fund_id = $1 AND (quantity, cost) <> (SELECT sum(quantity), sum(cost) "
       "FROM "
       "tax_lot_movement m WHERE (m.fund_id, m.asset, m.lot, m.place) = (l.fund_id, l.asset, l.lot, "
       "l.place))");
  none("lots foot to coins and cost in both books",
       "SELECT FROM commodity c WHERE fund_id = $1 AND position > 0 AND ("
       "coalesce((SELECT sum(amount) FROM account_balance b WHERE b.fund_id = $1 AND b.commodity = "
       "c.commodity AND "
       "account LIKE 'Assets:%'), 0) <> ALL (ARRAY["
       "coalesce((SELECT sum(quantity) FROM lot l WHERE l.fund_id = $1 AND l.asset = c.commodity), 0)]) OR "
       "coalesce((SELECT sum(quantity) FROM lot l WHERE l.fund_id = $1 AND l.asset = c.commodity), 0) <> "
       "coalesce((SELECT sum(quantity) FROM tax_lot l WHERE l.fund_id = $1 AND l.asset = c.commodity), 0) OR "
       "coalesce((SELECT sum(cost) FROM lot l WHERE l.fund_id = $1 AND l.asset = c.commodity), 0) <> "
       "coalesce((SELECT amount FROM account_balance b WHERE b.fund_id = $1 AND b.commodity = 'USD' AND "
       "account = "
       "'Conversion:' || c.commodity), 0))");
  none("flows foot to lots",
       "SELECT FROM (SELECT asset, sum(quantity) AS q, sum(cost) AS c FROM coin_flow WHERE fund_id = $1 AND "
       "book = "
       "'tax' GROUP BY 1) f JOIN (SELECT asset, sum(quantity) AS q, sum(cost) AS c FROM tax_lot WHERE "
       "fund_id = $1 "
       "GROUP BY 1) l USING (asset) WHERE f.q <> l.q OR f.c <> l.c");
}

TEST_F(WholeBooks, TwoPostersOfDraftsAndEventsNeverTakeTheSameLot) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000"));
  std::vector<std::thread> threads;
  std::atomic<int> posted{0};
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      try {
        if (i % 2 == 0) {
          DraftToPost one = dated(("d" + std::to_string(i)).c_str(), "2026-01-06");
          one.deliveries.push_back(
              {{"BTC", dec("0.3"), dec("30000"), policy::DeliveryCause::kSwap}, "Assets:Cash", {}});
          draft(one);
        } else {
          EventToPost event{{Date::literal("2026-01-06"), books::Sale{"BTC", dec("0.3"), dec("30000")}},
                            {"file", "s" + std::to_string(i)},
                            {},
                            {},
                            "{}",
                            ""};
          pool().transact([&](db::Transaction& transaction) {
            post_events(transaction, fund(), rules_, {&event, 1}, stamp("2026-01-06T12:00:00Z"));
          });
        }
        ++posted;
      } catch (const base::Refused&) {
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(posted, 3);
  pool().transact([](db::Transaction& transaction) { expect_sound(transaction, "X"); });
}

/// Posts batches for ever, saying after each commit how many are done.
[[noreturn]] void post_until_killed(const std::string& connection, const PostingRules& rules, int pipe) {
  db::Pool own(db::PoolSettings{.connection = connection, .schema = "nav"});
  for (std::uint32_t batch = 0;; ++batch) {
    std::vector<EventToPost> events;
    for (int i = 0; i < 3; ++i) {
      const std::string id = std::to_string(batch) + "-" + std::to_string(i);
      books::Happening happening = books::Purchase{"BTC", dec("0.01"), dec("100")};
      if (i == 2) happening = books::Sale{"BTC", dec("0.015"), dec("160")};
      events.push_back({{Date::literal("2026-01-06"), happening}, {"killed", id}, {}, {}, id, ""});
    }
    own.transact([&](db::Transaction& transaction) {
      post_events(transaction, model::FundId::literal("X"), rules, events,
                  {model::ActorId::literal("olivia"), Instant::literal("2026-01-06T12:00:00Z")});
    });
    if (write(pipe, &batch, sizeof batch) != sizeof batch) _exit(1);
  }
}

TEST_F(WholeBooks, APosterKilledAtAnyMomentLeavesWholeBatchesAndLosesNoneThatItAcknowledged) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000"));
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 6; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) post_until_killed(connection("navkeeper_nav"), rules_, ends[1]);
    close(ends[1]);
    std::uint32_t batch = 0;
    // Killed somewhere after a batch that differs from round to round; what is read later counts too.
    for (int i = 0; i < 2 + round && ::read(ends[0], &batch, sizeof batch) == sizeof batch; ++i)
      acknowledged = std::max<std::int64_t>(acknowledged, batch + 1);
    usleep(static_cast<useconds_t>(700 * round));
    kill(child, SIGKILL);
    while (::read(ends[0], &batch, sizeof batch) == sizeof batch)
      acknowledged = std::max<std::int64_t>(acknowledged, batch + 1);
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    // Its backend may still hold the lock for a moment: this waits for it.
    pool().transact([&](db::Transaction& transaction) {
      db::query(transaction, "SELECT FROM books_head WHERE fund_id = 'X' FOR UPDATE");
      expect_sound(transaction, "X");
      const auto row = db::query(transaction,
                                 "SELECT count(*), count(DISTINCT split_part(source_id, '-', 1)) FROM entry "
                                 "WHERE fund_id = 'X' AND source = 'killed'")[0];
      EXPECT_EQ(row[0].as<std::int64_t>(), 3 * row[1].as<std::int64_t>());
      EXPECT_GE(row[1].as<std::int64_t>(), acknowledged);
    });
  }
  EXPECT_GT(acknowledged, 0);
}

/// As a program has it: the time is the database's.
db::Pool database_timed(const std::string& connection) {
  return db::Pool(db::PoolSettings{.connection = connection, .schema = "nav"});
}

TEST_F(WholeBooks, WhatWasKnownByATimeDoesNotDependOnTheClockOfWhoPosts) {
  db::Pool own = database_timed(connection("navkeeper_nav"));
  const auto now = [&] {
    return own.transact([](db::Transaction& transaction) {
      return Instant::from_ns(db::query(transaction,
                                        "SELECT floor(extract(epoch FROM clock_timestamp()) * "
                                        "1000000000)::bigint")[0][0]
                                  .as<std::int64_t>());
    });
  };
  const Instant began = now();
  const auto post_at = [&](const std::string& lines, const char* clock) {
    const auto events = read(lines);
    return own.transact([&](db::Transaction& transaction) {
      return post_events(transaction, fund(), rules_, events, stamp(clock));
    });
  };
  post_at(open_ + cash_, "2020-01-01T00:00:00Z");
  post_at(purchase("slow", "2026-01-05", "1", "70000"), "2020-01-01T00:00:00Z");
  post_at(purchase("fast", "2026-01-05", "1", "70000"), "2090-01-01T00:00:00Z");
  const Instant ended = now();
  std::vector<Instant> known;
  own.transact([&](db::Transaction& transaction) {
    for (const auto& row : db::query(transaction, "SELECT known_at_ns FROM entry ORDER BY seq"))
      known.push_back(Instant::from_ns(row[0].as<std::int64_t>()));
  });
  ASSERT_EQ(known.size(), 4U);
  EXPECT_GE(known.front(), began);
  EXPECT_LE(known.back(), ended);
  EXPECT_EQ(known[0], known[1]) << "one file is known at one time";
  EXPECT_LT(known[1], known[2]);
  EXPECT_LT(known[2], known[3]);
  EXPECT_EQ(constraint_of("UPDATE books_head SET known_at_ns = 1 WHERE fund_id = 'X'"), "known_in_order");
}

TEST_F(WholeBooks, WhoAsksForATimeWaitsForWhatIsBeingPosted) {
  db::Pool own = database_timed(connection("navkeeper_nav"));
  post(open_ + cash_);
  const auto events = read(purchase("a", "2026-01-05", "1", "70000"));
  auto posting = own.begin();
  post_events(posting, fund(), rules_, events, stamp("2026-01-02T12:00:00Z"));
  const BooksView view{Basis::kNav, Date::literal("2026-12-31"), time::SystemClock().now()};
  std::optional<StoredBooks> first;
  const auto waiting = [&] {
    return pool().transact([](db::Transaction& transaction) {
      return db::query(transaction,
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE "
                       "'%books_head%'")[0][0]
          .as<int>();
    });
  };
  std::thread reader([&] { first = show_books(own, fund(), view); });
  for (int i = 0; i < 500 && waiting() == 0; ++i) usleep(10'000);
  EXPECT_EQ(waiting(), 1);
  posting.commit();
  reader.join();
  EXPECT_EQ(first->balance("Assets:Cash", "USD"),
            show_books(own, fund(), view).balance("Assets:Cash", "USD"));
}

TEST_F(WholeBooks, AnIdentificationIsRecordedAtTheDatabasesTimeHoweverTheClockOfTheRecorderStands) {
  post(open_ + cash_ + purchase("a", "2026-01-05", "1", "70000") + purchase("b", "2026-01-06", "1", "90000"));
  db::Pool own = database_timed(connection("navkeeper_nav"));
  const Instant recorded = own.transact([&](db::Transaction& transaction) {
    return identify_lots(transaction, fund(), {"file", "s"}, books::Book::kTax, "BTC", {{2, dec("1")}},
                         stamp("2026-01-06T00:00:00Z"));
  });
  EXPECT_GT(recorded, Instant::literal("2026-01-07T00:00:00Z"));
  EXPECT_NE(refusal(sale("s", "2026-01-07", "1", "80000")).find("not before the disposal"),
            std::string::npos);
}

}  // namespace
}  // namespace navkeeper::nav
