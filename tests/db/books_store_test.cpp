// The stored books against a real PostgreSQL.
#include "services/nav/adapters/books_store.h"

#include <atomic>
#include <thread>

#include "tests/db/books_fixture.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kCash = "Assets:Cash";
constexpr const char* kBtc = "Assets:Coins:BTC";

using BooksStore = BooksTest;

TEST_F(BooksStore, AnOrderEntersCoinsCashAndSharesTogetherOnTheNextBusinessDay) {
  post(open_ + creation_);
  const auto friday = load("2026-01-04");
  EXPECT_EQ(friday.shares, Units(0));
  EXPECT_EQ(friday.balance(kBtc, "BTC"), Units(0));
  EXPECT_EQ(friday.balance(kCash, "USD"), Units(0));
  const auto monday = load("2026-01-05");
  EXPECT_EQ(monday.shares, Units(20'000));
  EXPECT_EQ(monday.balance(kBtc, "BTC"), Units(200'000'000));
  EXPECT_EQ(monday.balance(kCash, "USD"), Units(100'000));
  EXPECT_EQ(load("2026-01-02", Basis::kTradeDate).shares, Units(20'000));
  EXPECT_EQ(load("2026-01-04", Basis::kSettled).balance(kCash, "USD"), Units(0));
  EXPECT_EQ(load("2026-01-05", Basis::kSettled).balance(kCash, "USD"), Units(100'000));
}

TEST_F(BooksStore, PostingAFileAgainChangesNothingAndOtherContentUnderAnIdIsRefused) {
  const std::string lines = open_ + creation_ +
                            R"({"date":"2026-01-02","event":"fee_accrued","name":"gas","amount":"1"})"
                            "\n"
                            R"({"date":"2026-01-02","event":"fee_accrued","name":"gas","amount":"1"})"
                            "\n";
  EXPECT_EQ(post(lines).posted, 5U);  // two equal lines without ids are two events
  const auto again = post(lines);
  EXPECT_EQ(again.posted, 0U);
  EXPECT_EQ(again.unchanged, 5U);
  EXPECT_EQ(count("entry"), 5);
  std::string other = creation_;
  other.replace(other.find("160000"), 6, "160001");
  EXPECT_NE(refusal(other).find("events.jsonl:1: id \"order-1\" was posted before with other content"),
            std::string::npos);
  EXPECT_EQ(load("2026-02-01").balance("Liabilities:Fees payable:gas", "USD"), Units(-200));
}

TEST_F(BooksStore, AFileIsPostedWholeOrNotAtAll) {
  post(open_ + creation_);
  const std::string message =
      refusal(R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"1","cash":"90000"})"
              "\n"
              R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"1.5","cash":"90000"})"
              "\n");
  EXPECT_NE(message.find("events.jsonl:2: quantity: more of the asset would leave than is held"),
            std::string::npos)
      << message;
  EXPECT_EQ(count("entry"), 3);
  EXPECT_EQ(load("2026-12-31").balance(kBtc, "BTC"), Units(200'000'000));
}

TEST_F(BooksStore, BooksAreTakenUpWhereTheyStood) {
  post(open_ + creation_ +
       R"({"date":"2026-01-02","event":"opening_lot","asset":"BTC","quantity":"1","cost":"10"})"
       "\n");
  post(R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"2.5","cash":"200000"})"
       "\n"
       R"({"date":"2026-01-05","event":"fee_accrued","name":"management fee","amount":"12.34"})"
       "\n");
  post(R"({"date":"2026-01-06","event":"fee_paid_in_kind","asset":"BTC","quantity":"0.0001","value":"10"})"
       "\n"
       R"({"date":"2026-01-06","event":"fee_paid","name":"management fee","amount":"2.34"})"
       "\n");
  const auto now = load("2026-12-31");
  EXPECT_EQ(now.balance(kBtc, "BTC"), Units(49'990'000));
  EXPECT_EQ(now.balance("Conversion:BTC", "USD"),
            Units(500));  // half of the second lot: 5.00, less 0.001 rounded
  EXPECT_EQ(now.balance("Liabilities:Fees payable:management fee", "USD"), Units(0));
  EXPECT_EQ(now.balance("Income:Realised gain:Sale", "USD"), Units(-(20'000'000 - 16'000'500)));
  EXPECT_NE(refusal(R"({"date":"2026-01-07","event":"fee_paid","name":"management fee","amount":"0.01"})"
                    "\n")
                .find("payable"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"date":"2026-01-07","event":"open","fund":"X","assets":[],"shares":"0"})"
                    "\n")
                .find("open already"),
            std::string::npos);
}

TEST_F(BooksStore, ALateFactChangesWhatWeKnowNowAndNotWhatWeKnewThen) {
  post(open_ + creation_, "2026-01-02T21:00:00Z");
  post(
      R"({"date":"2026-01-02","event":"reward","asset":"ETH","quantity":"0.5","value":"1500","source":"consensus"})"
      "\n",
      "2026-01-09T09:00:00Z");
  EXPECT_EQ(load("2026-01-05").balance("Income:Rewards:consensus", "USD"), Units(-150'000));
  EXPECT_EQ(load("2026-01-05", Basis::kNav, Instant::literal("2026-01-08T00:00:00Z"))
                .balance("Income:Rewards:consensus", "USD"),
            Units(0));
}

TEST_F(BooksStore, EveryCommodityBalancesOnEveryBasisAndDay) {
  post(open_ + creation_ +
       R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"0.3","cash":"27000.01"})"
       "\n"
       R"({"date":"2026-01-06","event":"penalty","asset":"BTC","quantity":"0.1","value":"1"})"
       "\n");
  for (const Basis basis : {Basis::kNav, Basis::kTradeDate, Basis::kSettled}) {
    for (const char* day : {"2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07"}) {
      std::map<std::string, Units> sums;
      for (const StoredBalance& row : load(day, basis).balances) sums[row.commodity] += row.balance;
      for (const auto& [commodity, sum] : sums) EXPECT_TRUE(sum.is_zero()) << commodity << " on " << day;
    }
  }
}

TEST_F(BooksStore, AReversalTakesBackLotsCoinsAndShares) {
  post(open_ + creation_);
  const auto fund = model::FundId::literal("X");
  const auto reverse = [&](const char* wrong, const char* id) {
    return pool().transact([&](db::Transaction& transaction) {
      return reverse_entry(transaction, fund, {"file", wrong}, {"correction", id},
                           stamp("2026-01-03T00:00:00Z"));
    });
  };
  EXPECT_EQ(reverse("order-1", "c1").posted, 1U);
  EXPECT_EQ(reverse("order-1", "c1").unchanged, 1U);
  EXPECT_THROW(reverse("order-1", "c2"), base::Refused);
  EXPECT_THROW(reverse("order-9", "c3"), base::Refused);
  const auto now = load("2026-12-31");
  EXPECT_EQ(now.shares, Units(10'000));
  EXPECT_EQ(now.balance(kBtc, "BTC"), Units(0));
  EXPECT_EQ(now.balance("Conversion:BTC", "USD"), Units(0));
  // What was paid for with the order's cash can no longer be taken back.
  post(R"({"date":"2026-01-05","event":"purchase","asset":"BTC","quantity":"0.01","cash":"900"})"
       "\n");
  EXPECT_THROW(reverse("order-2", "c4"), base::Refused);
}

TEST_F(BooksStore, TheDatabaseRefusesWhatTheJournalMayNotSay) {
  post(open_ + creation_);
  const auto fails = [&](const std::string& sql) {
    try {
      pool().transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
    } catch (const db::SqlError& error) {
      return error.sqlstate;
    } catch (const db::ConstraintViolation& violation) {
      return violation.constraint;
    }
    return std::string("nothing");
  };
  EXPECT_EQ(fails("UPDATE entry SET kind = 'x' WHERE fund_id = 'X'"), "42501");
  EXPECT_EQ(fails("DELETE FROM posting WHERE fund_id = 'X'"), "42501");
  EXPECT_EQ(fails("UPDATE posting SET amount = 1 WHERE fund_id = 'X'"), "42501");
  EXPECT_EQ(fails("DELETE FROM lot WHERE fund_id = 'X'"), "42501");
  EXPECT_EQ(fails("UPDATE lot SET quantity = -1 WHERE fund_id = 'X'"), "lot_quantity_check");
  EXPECT_EQ(fails("UPDATE account_balance SET amount = -1 WHERE fund_id = 'X' AND account = 'Assets:Cash'"),
            "nothing_held_below_zero");
  EXPECT_EQ(fails("UPDATE books_head SET shares = -1 WHERE fund_id = 'X'"), "books_head_shares_check");
  EXPECT_EQ(
      fails("INSERT INTO posting SELECT fund_id, seq, 99, debit, debit, commodity, 1 FROM posting LIMIT 1"),
      "posting_check");
  EXPECT_EQ(
      fails("INSERT INTO posting SELECT fund_id, seq, 99, debit, credit, commodity, -1 FROM posting LIMIT 1"),
      "posting_amount_check");
}

TEST_F(BooksStore, TwoWhoPostAtOnceNeverTakeTheSameCoins) {
  post(open_ + creation_);
  const auto events =
      read(R"({"date":"2026-01-05","event":"sale","asset":"BTC","quantity":"1.5","cash":"90000"})"
           "\n");
  std::atomic<int> posted{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto own = events;
      own[0].source.id = "sale-" + std::to_string(i);
      try {
        pool().transact([&](db::Transaction& transaction) {
          post_events(transaction, model::FundId::literal("X"), rules_, own, stamp("2026-01-05T12:00:00Z"));
        });
        ++posted;
      } catch (const base::Refused&) {
        ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(posted, 1);
  EXPECT_EQ(refused, 5);
  EXPECT_EQ(load("2026-12-31").balance(kBtc, "BTC"), Units(50'000'000));
}

TEST_F(BooksStore, AFreeEntryPostsOnce) {
  post(open_ + creation_);
  const FreeEntry entry{
      Date::literal("2026-01-05"),
      Date::literal("2026-01-05"),
      Date::literal("2026-01-05"),
      {"nav", "tax:2026-01-05"},
      "tax_provision",
      "{}",
      {{"Expenses:Tax:Current", "USD", Units(500)}, {"Liabilities:Tax:Current", "USD", Units(-500)}}};
  const auto post_it = [&] {
    return pool().transact([&](db::Transaction& transaction) {
      return post_entries(transaction, model::FundId::literal("X"), std::vector{entry},
                          stamp("2026-01-05T22:00:00Z"));
    });
  };
  EXPECT_EQ(post_it().posted, 1U);
  EXPECT_EQ(post_it().unchanged, 1U);
  EXPECT_EQ(load("2026-01-05").balance("Liabilities:Tax:Current", "USD"), Units(-500));
}

TEST_F(BooksStore, FundsAreApartAndUnknownOnesRefused) {
  post(open_ + creation_);
  EXPECT_NE(refusal(open_line("Y")).find("opens the books of"), std::string::npos);
  EXPECT_EQ(post(open_line("Y"), "2026-01-02T12:00:00Z", "Y").posted, 1U);
  EXPECT_THROW(post(open_line("Z"), "2026-01-02T12:00:00Z", "Z"), base::Refused);
  EXPECT_THROW(post(open_line("X"), "2026-01-02T12:00:00Z", "Y"), base::Refused);
  EXPECT_EQ(load("2026-12-31").shares, Units(20'000));
}

TEST_F(BooksStore, TheExportIsTheWholeJournal) {
  post(open_ + creation_);
  const auto path = (folder_.path() / "journal.ledger").string();
  EXPECT_EQ(export_books(pool(), model::FundId::literal("X"), path), 3U);
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(text.find("2026-01-05 (2) creation\n"), std::string::npos);
  EXPECT_NE(text.find("    Assets:Coins:BTC  2 BTC\n"), std::string::npos);
  EXPECT_THROW(export_books(pool(), model::FundId::literal("Y"), path), base::Refused);
}

TEST_F(BooksStore, WhatWasPostedIsInTheAuditLog) {
  post(open_ + creation_);
  const auto kind = pool().transact([](db::Transaction& transaction) {
    return db::query(transaction, "SELECT kind, payload FROM audit WHERE scope = 'X'")[0][1]
        .as<std::string>();
  });
  EXPECT_NE(kind.find("\"first_seq\":1,\"last_seq\":3"), std::string::npos);
}

}  // namespace
}  // namespace navkeeper::nav
