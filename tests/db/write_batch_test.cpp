// Statements sent together: in order, nothing after one that failed, errors as query() has them, and a
// connection that is as good afterwards as before.
#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/db/pool.h"
#include "common/db/write_batch.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper {
namespace {

using db::ArrayText;
using db::query;
using db::Transaction;
using db::WriteBatch;

class WriteBatchTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    run_as_administrator(
        "DROP SCHEMA IF EXISTS batched CASCADE; CREATE SCHEMA batched;"
        "CREATE TABLE batched.place (id integer PRIMARY KEY, amount numeric CHECK (amount >= 0), note text,"
        "  bytes bytea, day date)");
    db::PoolSettings settings = administrator_pool().settings();
    settings.schema = "batched";
    settings.connections_max = 1;
    pool_ = std::make_unique<db::Pool>(settings);
  }
  void TearDown() override {
    pool_.reset();
    run_as_administrator("DROP SCHEMA batched CASCADE");
  }
  std::string ask(const std::string& sql) {
    return pool_->transact([&](Transaction& transaction) {
      return db::optional_of<std::string>(query(transaction, sql)[0][0]).value_or("null");
    });
  }

  std::unique_ptr<db::Pool> pool_;
};

constexpr const char* kInsert = "INSERT INTO place (id, amount, note) VALUES ($1, $2, $3)";

TEST_F(WriteBatchTest, RunsInOrderWithWhateverStandsInAValue) {
  const std::string hard = "it's \"$1\" \\ {a,b}; --\n\xc3\xa9";
  for (int round = 0; round < 3; ++round) {
    pool_->transact([&](Transaction& transaction) {
      WriteBatch batch(transaction);
      batch.add("DELETE FROM place");
      batch.add(kInsert, 1, money::Decimal::literal("12.50"), hard);
      batch.add(kInsert, 2, money::Decimal::literal("1"), std::optional<std::string>());
      batch.add("UPDATE place SET amount = amount * $2 WHERE id = $1", 1, 2);
      batch.run();
      batch.run();  // empty by now
    });
    EXPECT_EQ(ask("SELECT amount FROM place WHERE id = 1"), "25.0");
    EXPECT_EQ(ask("SELECT note FROM place WHERE id = 1"), hard);
    EXPECT_EQ(ask("SELECT note FROM place WHERE id = 2"), "null");
  }
  EXPECT_EQ(ask("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'batch_%'"), "3")
      << "planned once a session";
}

TEST_F(WriteBatchTest, AfterTheStatementThatFailedNothingRunsAndTheNextTransactionDoes) {
  const auto fails = [&](int again) {
    pool_->transact([&](Transaction& transaction) {
      WriteBatch batch(transaction);
      batch.add(kInsert, 1, 1, "first");
      batch.add(kInsert, again, -1, "second");
      batch.add("DELETE FROM place WHERE id = $1", 7);
      batch.run();
    });
  };
  for (int round = 0; round < 2; ++round) {
    try {
      fails(2);
      FAIL();
    } catch (const db::ConstraintViolation& violation) {
      EXPECT_EQ(violation.constraint, "place_amount_check");
    }
    EXPECT_EQ(ask("SELECT count(*) FROM place"), "0");
  }
  pool_->transact([&](Transaction& transaction) {
    WriteBatch batch(transaction);
    batch.add(kInsert, 1, 1, "first").add("DELETE FROM place WHERE id = $1", 7);
    batch.run();
  });
  EXPECT_EQ(ask("SELECT count(*) FROM place"), "1");
  EXPECT_THROW(pool_->transact([&](Transaction& transaction) {
    WriteBatch batch(transaction);
    batch.add("INSERT INTO no_such_table VALUES (1)");
    batch.run();
  }),
               db::SqlError);
  // An error that is caught leaves a transaction that cannot be committed.
  EXPECT_THROW(pool_->transact([&](Transaction& transaction) {
    WriteBatch batch(transaction);
    batch.add(kInsert, 1, 1, "again");
    try {
      batch.run();
    } catch (const db::ConstraintViolation&) {
    }
  }),
               db::SqlError);
  EXPECT_EQ(ask("SELECT note FROM place"), "first");
}

TEST_F(WriteBatchTest, AConnectionLostBeforeItRunsIsUnavailableAndTheNextTransactionIsWhole) {
  EXPECT_THROW(pool_->transact([&](Transaction& transaction) {
    const int backend = query(transaction, "SELECT pg_backend_pid()")[0][0].as<int>();
    run_as_administrator("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
    WriteBatch batch(transaction);
    batch.add(kInsert, 1, 1, "lost").add(kInsert, 2, 1, "too");
    batch.run();
  }),
               base::Unavailable);
  EXPECT_EQ(ask("SELECT count(*) FROM place"), "0");
}

TEST_F(WriteBatchTest, MoreStatementsThanAreSentAtOnceAndMoreTextsThanAreKept) {
  pool_->transact([&](Transaction& transaction) {
    WriteBatch batch(transaction);
    for (int i = 0; i < 1'000; ++i) batch.add(kInsert, i, i, std::string(2'000, 'x'));
    for (int i = 0; i < 300; ++i)
      batch.add("UPDATE place SET amount = " + std::to_string(i) + " WHERE id = 1");
    batch.run();
  });
  EXPECT_EQ(ask("SELECT count(*) FROM place"), "1000");
  EXPECT_EQ(ask("SELECT amount FROM place WHERE id = 1"), "299");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'batch_%'"), "200");
}

TEST_F(WriteBatchTest, ManyRowsAreArraysWhoseElementsStayWhatTheyWere) {
  const std::string hard = "a \"b\\c\", {d} NULL 'e'";
  ArrayText ids, notes, bytes, days;
  for (int i = 1; i <= 2; ++i) {
    ids.add(i);
    notes.add(i == 1 ? hard : "");
    bytes.add("\\x00ff");
    days.add("2026-03-05");
  }
  EXPECT_TRUE(ArrayText().empty());
  EXPECT_EQ(ArrayText().text(), "{}");
  pool_->transact([&](Transaction& transaction) {
    WriteBatch batch(transaction);
    batch.add(
        "INSERT INTO place (id, note, bytes, day) SELECT p.* FROM unnest($1::integer[], $2::text[], "
        "$3::bytea[], $4::date[]) AS p",
        ids.text(), notes.text(), bytes.text(), days.text());
    batch.run();
  });
  EXPECT_EQ(ask("SELECT note FROM place WHERE id = 1"), hard);
  EXPECT_EQ(ask("SELECT note FROM place WHERE id = 2"), "");
  EXPECT_EQ(ask("SELECT encode(bytes, 'hex') || day FROM place WHERE id = 2"), "00ff2026-03-05");
}

TEST_F(WriteBatchTest, APlannedQueryIsPlannedOnce) {
  for (int i = 0; i < 3; ++i) {
    pool_->transact([&](Transaction& transaction) {
      EXPECT_EQ(db::query_planned(transaction, "SELECT $1::integer + 1", i)[0][0].as<int>(), i + 1);
    });
  }
  EXPECT_EQ(ask("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'query_%'"), "1");
}

}  // namespace
}  // namespace navkeeper
