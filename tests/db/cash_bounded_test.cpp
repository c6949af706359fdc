// What is read does not grow with a fund's life: the books against the bank read what came since they agreed,
// and where a late fact breaks what was agreed, what came since the day before it; statements read the NAVs
// of their period.
#include <gtest/gtest.h>

#include "services/nav/adapters/statements_store.h"
#include "tests/db/cash_fixture.h"

namespace navkeeper::nav {
namespace {

constexpr const char* kBooksAndBank = "{entry,posting,share_change,bank_line,bank_statement,bank_agreement}";

class BoundedCash : public CashTest {
 protected:
  void SetUp() override {
    CashTest::SetUp();
    account_and_payee();
    bank_cents_ = 5'000'000;
    import(bai2("260105", 0, {{ bank_cents_, "seed" }}));
    next_ = day("2026-01-06");
  }

  /// Business days on each of which a fee is accrued and paid, and the bank's statement says so.
  void live(int days) {
    std::string lines;
    const time::Calendar& bank = time::Calendar::bank();
    for (int i = 0; i < days; ++i, next_ = bank.next_business_day(next_)) {
      const std::string date = next_.to_string();
      const std::string id = "fee-" + date;
      lines += R"({"id":"a-)" + date + R"(","date":")" + date +
               R"(","event":"fee_accrued","name":"custody","amount":"1.25"})"
               "\n"
               R"({"id":")" +
               id + R"(","date":")" + date + R"(","event":"fee_paid","name":"custody","amount":"1.25"})" +
               "\n";
      days_.push_back(next_);
    }
    post(lines);
    for (std::size_t i = days_.size() - static_cast<std::size_t>(days); i < days_.size(); ++i) say(days_[i]);
    analyse();
  }
  void say(Date date) {
    std::string digits = date.to_string().substr(2);
    std::erase(digits, '-');
    EXPECT_EQ(import(bai2(digits, bank_cents_, {{-125, "fee-" + date.to_string()}})).imported.size(), 1U);
    bank_cents_ -= 125;
  }
  void analyse() { run_as_administrator("ANALYZE"); }
  /// Rows that the server fetched of these tables while `work` ran. A small table it may as well read whole;
  /// what counts is that an index bounds what must be read, so sequential scans are off here.
  template <class Work>
  std::int64_t rows_read(const char* tables, const Work& work) {
    return in_transaction([&](db::Transaction& transaction) {
      const auto read = [&] {
        return db::query(transaction,
                         "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), "
                         "0)::bigint FROM pg_stat_xact_user_tables WHERE relname = ANY($1::text[])",
                         tables)[0][0]
            .as<std::int64_t>();
      };
      db::execute(transaction, "SET LOCAL enable_seqscan = off");
      const std::int64_t before = read();
      work(transaction);
      return read() - before;
    });
  }
  std::int64_t rows_of_check() {
    return rows_read(kBooksAndBank, [&](db::Transaction& transaction) {
      const Check check =
          check_bank(transaction, store_->latest_definition(kFund)->definition, days_.back() + 1);
      EXPECT_EQ(check.status, CheckStatus::kPassed) << check.detail;
    });
  }

  std::int64_t bank_cents_ = 0;
  Date next_;
  std::vector<Date> days_;
};

TEST_F(BoundedCash, TheCheckReadsWhatCameSinceBankAndBooksAgreed) {
  live(250);
  const std::int64_t after_a_year = rows_of_check();
  live(500);
  const std::int64_t after_three = rows_of_check();
  EXPECT_LE(after_three, after_a_year + 10) << "rows read of the journal and the bank's lines";
  EXPECT_LT(after_three, 60);
  // The settled view of a day lately, whatever came before it.
  const std::int64_t view = rows_read(kBooksAndBank, [&](db::Transaction& transaction) {
    load_books(transaction, kFund, {books::Basis::kSettled, days_.back() - 1, std::nullopt});
  });
  EXPECT_LT(view, 60);
  EXPECT_EQ(reconciliation("2029-12-31")->agreed_through, days_.back());
  EXPECT_TRUE(reconciliation("2029-12-31")->input.book.empty());
}

TEST_F(BoundedCash, ALateFactOfAnAgreedDayIsABreakUntilTheBankHasItToo) {
  live(20);
  const std::string then = days_[9].to_string();
  EXPECT_TRUE(reconciliation("2029-12-31")->result.agrees());
  // An earlier day is looked at from an earlier agreement.
  EXPECT_EQ(reconciliation(then.c_str())->as_of, days_[9]);
  EXPECT_TRUE(reconciliation(then.c_str())->result.agrees());

  post(R"({"id":"late-a","date":")" + then +
       R"(","event":"fee_accrued","name":"audit","amount":"7"})"
       "\n"
       R"({"id":"late","date":")" +
       then +
       R"(","event":"fee_paid","name":"audit","amount":"7"})"
       "\n");
  const auto broken = reconciliation("2029-12-31");
  ASSERT_EQ(broken->result.breaks.size(), 1U);
  EXPECT_EQ(broken->result.breaks[0].type, cash::BreakType::kMissingAtBank);
  EXPECT_EQ(broken->result.breaks[0].since, days_[9]);
  EXPECT_EQ(broken->agreed_through, days_[8]) << "what was agreed before the late day still holds";
  // Next day's statement keeps no agreement past the break.
  live(1);
  EXPECT_EQ(reconciliation("2029-12-31")->result.breaks.size(), 1U);
  EXPECT_EQ(reconciliation("2029-12-31")->agreed_through, days_[9] - 1);

  // It is taken back: on its own dates, so that again all of it agrees.
  in_transaction([&](db::Transaction& transaction) {
    reverse_entry(transaction, kFund, {"file", "late"}, reversal_source({"file", "late"}),
                  {model::ActorId::literal("olga"), kNow}, "was of another fund");
  });
  EXPECT_TRUE(reconciliation("2029-12-31")->result.agrees());
  live(1);
  EXPECT_EQ(reconciliation("2029-12-31")->agreed_through, days_.back());
}

TEST_F(BoundedCash, NothingIsMatchedByHandWhereAllAgreesAndAnAgreementStays) {
  live(3);
  const auto match = [&](const char* entry) {
    in_transaction([&](db::Transaction& transaction) {
      match_by_hand(transaction, kFund, {{"main", "BAI2 42 " + days_[0].to_string(), 1}}, "file", entry,
                    "looked at", who("olga"));
    });
  };
  expect_refused(refusal([&] { match(("fee-" + days_[0].to_string()).c_str()); }), "bank and books agree");
  EXPECT_THROW(in_transaction([](db::Transaction& transaction) {
                 db::execute(transaction, "UPDATE bank_agreement SET balance = 0");
               }),
               db::SqlError);
}

TEST_F(BoundedCash, StatementsOfAPeriodReadItsNavsAndTheOneBefore) {
  const auto rows_of_last_three = [&](Date from, int days) {
    Date date = from;
    for (int i = 0; i < days; ++i, date = time::Calendar::exchange().next_business_day(date))
      strike_on(date.to_string().c_str());
    analyse();
    const Date last = date - 1;
    return std::pair(date, rows_read("{nav,nav_check}", [&](db::Transaction& transaction) {
                       const auto made = make_statements(transaction, kFund, {last - 2, last, std::nullopt});
                       EXPECT_TRUE(made.faults.empty()) << made.faults.front();
                     }));
  };
  const auto [next, after_ten] = rows_of_last_three(day("2026-01-05"), 9);  // to Thursday the 15th
  const auto [end, after_thirty] = rows_of_last_three(next, 19);  // to Thursday, the 12th of February
  EXPECT_GT(end, next);
  EXPECT_GT(after_ten, 3);
  EXPECT_LE(after_thirty, after_ten + 10);
}

}  // namespace
}  // namespace navkeeper::nav
