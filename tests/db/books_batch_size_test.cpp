// A batch of any size is the same as its parts one after the other, and costs as much for each of its events:
// whatever a foreign key or a trigger looks up of the journal, it looks up by a key.
#include <gtest/gtest.h>

#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/fund_act_store.h"
#include "tests/db/books_fixture.h"

namespace navkeeper::nav {
namespace {

constexpr int kEvents = 10'000;
constexpr int kPart = 700;

class BooksBatchSize : public BooksTest {
 protected:
  static std::string lines(int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) {
      text += R"({"id":"e-)" + std::to_string(i) + R"(","date":"2026-01-05","event":)";
      switch (i % 4) {
        case 0:
          text += R"("reward","asset":"ETH","quantity":"0.01","value":"28.00","source":"consensus"})";
          break;
        case 1:
          text += R"("purchase","asset":"BTC","quantity":"0.001","cash":"84.)" + std::to_string(10 + i % 90) +
                  "\"}";
          break;
        case 2:
          text += R"("sale","asset":"BTC","quantity":"0.0009","cash":"80.00"})";
          break;
        default:
          text += R"("fee_accrued","name":"audit","amount":"0.07"})";
      }
      text += "\n";
    }
    return text;
  }
  std::string begin(const char* fund) {
    return open_line(fund) +
           R"({"id":"seed","date":"2026-01-02","event":"creation","shares":"10000","cash":"9000000"})" + "\n";
  }
  /// Everything that the fund's books are, without its name.
  std::string all_of(const char* fund) {
    return pool().transact([&](db::Transaction& transaction) {
      std::string text;
      for (const char* sql :
           {"SELECT account || commodity || amount FROM account_balance WHERE fund_id = $1 ORDER BY 1",
            "SELECT month || account || amount FROM result_by_month WHERE fund_id = $1 ORDER BY 1",
            "SELECT asset || lot || ' ' || quantity || ' ' || cost FROM lot WHERE fund_id = $1 ORDER BY "
            "asset, lot",
            "SELECT asset || lot || place || quantity || ' ' || cost FROM tax_lot WHERE fund_id = $1 "
            "ORDER BY asset, lot, place",
            "SELECT seq || source_id || content FROM entry WHERE fund_id = $1 AND seq > 2 ORDER BY seq",
            "SELECT seq || ' ' || line || debit || credit || commodity || amount FROM posting WHERE fund_id "
            "= $1 "
            "ORDER BY seq, line",
            "SELECT seq || ' ' || line || asset || lot || ' ' || quantity || ' ' || cost FROM lot_movement "
            "WHERE fund_id = $1 ORDER BY seq, line",
            "SELECT seq || book || line || asset || cause || quantity || ' ' || cost || ' ' || value FROM "
            "coin_flow "
            "WHERE fund_id = $1 ORDER BY seq, book, line"})
        for (const auto& row : db::query(transaction, sql, fund)) text += row[0].as<std::string>() + "\n";
      return text;
    });
  }
};

TEST_F(BooksBatchSize, TenThousandEventsAreTheSameAsTheirPartsAndReadNoJournal) {
  post(begin("Y"), "2026-01-02T12:00:00Z", "Y");
  for (int from = 0; from < kEvents; from += kPart)
    post(lines(from, std::min(from + kPart, kEvents)), "2026-01-05T12:00:00Z", "Y");
  post(begin("X"));
  const auto events = read(lines(0, kEvents));
  const auto rows_read = pool().transact([&](db::Transaction& transaction) {
    const auto read = [&] {
      return db::query(transaction,
                       "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM "
                       "pg_stat_xact_user_tables WHERE relid = 'entry'::regclass")[0][0]
          .as<std::int64_t>();
    };
    const std::int64_t before = read();
    const PostReport report =
        post_events(transaction, model::FundId::literal("X"), rules_, events, stamp("2026-01-05T12:00:00Z"));
    EXPECT_EQ(report.posted, static_cast<std::size_t>(kEvents));
    return read() - before;
  });
  EXPECT_LE(rows_read, 20 * kEvents);
  // And the planner knows of them, so that what was known before is found as fast as ever.
  const auto believed = pool().transact([](db::Transaction& transaction) {
    return db::query(transaction,
                     "SELECT reltuples::bigint FROM pg_class WHERE oid = 'entry'::regclass")[0][0]
        .as<std::int64_t>();
  });
  EXPECT_GE(believed, kEvents + kEvents / 2);
  EXPECT_EQ(all_of("X") == all_of("Y"), true);
  const PostReport again = post(lines(0, kEvents));
  EXPECT_EQ(again.unchanged, static_cast<std::size_t>(kEvents));
}

// What the planner knows of the tables is another fund's; of these files, too small for statistics of their
// own, it believes that there is next to nothing.
TEST_F(BooksBatchSize, SixteenThousandLotsAreReadByTheirKeysThoughNobodyCountedThem) {
  constexpr int kLots = 16'000;
  constexpr int kLotsOfAFile = 4'000;
  const auto rewards = [](int from, int to) {
    std::string lines;
    for (int i = from; i < to; ++i)
      lines += R"({"id":"r-)" + std::to_string(i) +
               R"(","date":"2026-01-05","event":"reward","asset":"ETH","quantity":"0.01","value":"28.00",)"
               R"("source":"consensus"})"
               "\n";
    return lines;
  };
  post(begin("X"));
  post(begin("Y"), "2026-01-02T12:00:00Z", "Y");
  post(rewards(0, kLots), "2026-01-05T12:00:00Z", "Y");
  const auto fund = model::FundId::literal("X");
  pool().transact([&](db::Transaction& transaction) {
    for (int from = 0; from < kLots; from += kLotsOfAFile)
      post_events(transaction, fund, rules_, read(rewards(from, from + kLotsOfAFile)),
                  stamp("2026-01-05T12:00:00Z"));
    db::execute(transaction, "SET LOCAL enable_seqscan = on");  // as who only reads has it
    for (const auto* tables : {"'lot', 'lot_movement'", "'tax_lot', 'tax_lot_movement'"}) {
      const auto touched = [&] {
        return db::query(transaction,
                         "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM "
                         "pg_stat_xact_user_tables WHERE relname IN (" +
                             std::string(tables) + ", 'entry')")[0][0]
            .as<std::int64_t>();
      };
      const std::int64_t before = touched();
      const auto book = std::string(tables).starts_with("'tax") ? books::Book::kTax : books::Book::kGaap;
      EXPECT_EQ(
          load_lots(transaction, fund, book, {Basis::kNav, Date::literal("2026-12-31"), std::nullopt}).size(),
          static_cast<std::size_t>(kLots));
      EXPECT_LE(touched() - before, 5 * kLots);
    }
    const auto open =
        load_open_lots(transaction, fund, books::Book::kTax, "ETH", Date::literal("2026-01-04"));
    EXPECT_TRUE(open.empty());
    EXPECT_EQ(load_open_lots(transaction, fund, books::Book::kTax, "ETH", Date::literal("2026-01-05")).size(),
              static_cast<std::size_t>(kLots));
  });
}

}  // namespace
}  // namespace navkeeper::nav
