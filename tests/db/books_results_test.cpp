// Results by month stand beside the journal: what stood when a month began is read from them and equals what
// the whole journal says, whatever was posted late, reversed or dated ahead.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/db/books_fixture.h"

namespace navkeeper::nav {
namespace {

class BooksResults : public BooksTest {
 protected:
  /// The dollars of income and expenses, without unrealised gains and zeros.
  static std::map<std::string, Units> results_of(const StoredBooks& stored) {
    std::map<std::string, Units> found;
    for (const StoredBalance& balance : stored.balances) {
      const bool is_result =
          balance.account.starts_with("Income:") || balance.account.starts_with("Expenses:");
      if (is_result && balance.commodity == "USD" && !balance.balance.is_zero())
        found.emplace(balance.account, balance.balance);
    }
    return found;
  }
  std::map<std::string, Units> before(Date month) {
    return pool().transact([&](db::Transaction& transaction) {
      const std::array<std::string, 2> both{"X", "Y"};
      return results_of(load_results_before(transaction, both, month)["X"]);
    });
  }
  std::map<std::string, Units> whole(Date month) { return results_of(load((month - 1).to_string().c_str())); }

  void expect_equal_everywhere() {
    for (Date month = Date::literal("2025-12-01"); month <= Date::literal("2027-02-01");
         month = month.end_of_month() + 1)
      EXPECT_EQ(before(month), whole(month)) << month.to_string();
  }
};

TEST_F(BooksResults, WhatStoodBeforeAMonthIsWhatTheWholeJournalSays) {
  post(open_ + creation_);
  std::mt19937_64 random(20260105);
  const auto amount = [&] {
    return std::to_string(1 + random() % 900) + "." + std::to_string(10 + random() % 90);
  };
  // Batches in no order of dates: each may be late against those before.
  for (int batch = 0; batch < 12; ++batch) {
    Date date = Date::literal("2026-01-05") + static_cast<int>(random() % 330);
    std::string lines;
    for (int i = 0; i < 8; ++i, date = date + static_cast<int>(random() % 9)) {
      const std::string head = R"({"id":")" + std::to_string(batch) + "-" + std::to_string(i) +
                               R"(","date":")" + date.to_string() + R"(","event":)";
      if (i % 2 == 0)
        lines += head + R"("reward","asset":"ETH","quantity":"0.01","value":")" + amount() +
                 R"(","source":"consensus"})" + "\n";
      else
        lines += head + R"("fee_accrued","name":"audit","amount":")" + amount() + "\"}\n";
    }
    post(lines, "2027-03-01T00:00:00Z");
  }
  expect_equal_everywhere();
  pool().transact([&](db::Transaction& transaction) {
    for (const char* wrong : {"3-1", "7-5", "11-7"})
      reverse_entry(transaction, model::FundId::literal("X"), {"file", wrong}, {"correction", wrong},
                    stamp("2027-03-02T00:00:00Z"), "wrong");
  });
  expect_equal_everywhere();
  EXPECT_FALSE(before(Date::literal("2027-02-01")).empty());
  EXPECT_TRUE(before(Date::literal("2026-01-01")).empty());
}

}  // namespace
}  // namespace navkeeper::nav
