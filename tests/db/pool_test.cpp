// The pool, the transaction and how errors come out, against a real server.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/db/pool.h"
#include "common/db/pqxx_access.h"
#include "common/model/id.h"
#include "common/model/uuid.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper {
namespace {

using namespace std::chrono_literals;
using db::execute;
using db::query;
using db::Transaction;

class PoolTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    run_as_administrator(
        "DROP SCHEMA IF EXISTS sample CASCADE; CREATE SCHEMA sample;"
        "CREATE TABLE sample.account (id integer PRIMARY KEY, amount numeric NOT NULL CHECK (amount >= 0),"
        "  owner integer REFERENCES sample.account, note text);"
        "INSERT INTO sample.account VALUES (1, 100), (2, 100)");
  }
  void TearDown() override { run_as_administrator("DROP SCHEMA sample CASCADE"); }

  static db::PoolSettings settings(std::size_t connections_max = 4) {
    db::PoolSettings settings = administrator_pool().settings();
    settings.schema = "sample";
    settings.connections_max = connections_max;
    return settings;
  }
  static std::int64_t count(db::Pool& pool, const std::string& condition) {
    return pool.transact([&](Transaction& transaction) {
      return query(transaction, "SELECT count(*) FROM account WHERE " + condition)[0][0].as<std::int64_t>();
    });
  }
};

TEST_F(PoolTest, WhatIsCommittedStaysAndWhatIsNotIsRolledBack) {
  db::Pool pool(settings());
  pool.transact([](Transaction& transaction) {
    EXPECT_EQ(execute(transaction, "INSERT INTO account VALUES ($1, $2)", 3, money::Decimal::of(5)), 1U);
  });
  {
    Transaction transaction = pool.begin();
    execute(transaction, "INSERT INTO account VALUES (4, 1)");
  }
  const auto fails = [&] {
    pool.transact([](Transaction& transaction) {
      execute(transaction, "INSERT INTO account VALUES (5, 1)");
      throw std::runtime_error("a reason of our own");
    });
  };
  EXPECT_THROW(fails(), std::runtime_error);
  EXPECT_EQ(count(pool, "id IN (3, 4, 5)"), 1);
  EXPECT_EQ(pool.connections_open(), 1U);
}

TEST_F(PoolTest, ValuesOfEveryTypeComeBackAsTheyWent) {
  db::Pool pool(settings());
  const auto instant = time::Instant::from_ns(1'693'929'600'123'456'789);
  const auto date = time::Date::literal("2024-02-29");
  const auto uuid = *model::Uuid::parse("018f0e6c-7b2a-7c3d-8e4f-0123456789ab");
  const base::Bytes bytes{0, 1, 0xff, '\\'};
  const auto fund = model::FundId::literal("NK_CRYPTO");
  const std::optional<money::Decimal> nothing;
  pool.transact([&](Transaction& transaction) {
    const auto row =
        query(transaction,
              "SELECT $1::bigint, $2::date, $3::uuid, $4::bytea, $5::text, $6::numeric, $7::numeric, "
              "$8::text, $9::boolean, $10::bigint",
              instant, date, uuid, bytes, fund, nothing, std::optional(money::Decimal::literal("-12.50")),
              std::string_view("Grüße"), true, std::optional<std::int64_t>(-7))[0];
    EXPECT_EQ(row[0].as<time::Instant>(), instant);
    EXPECT_EQ(row[1].as<time::Date>(), date);
    EXPECT_EQ(row[2].as<model::Uuid>(), uuid);
    EXPECT_EQ(row[3].as<base::Bytes>(), bytes);
    EXPECT_EQ(db::name_of<model::FundId>(row[4]), fund);
    EXPECT_EQ(db::optional_of<money::Decimal>(row[5]), std::nullopt);
    EXPECT_EQ(row[6].as<money::Decimal>(), money::Decimal::literal("-12.5"));
    EXPECT_EQ(row[7].as<std::string>(), "Grüße");
    EXPECT_TRUE(row[8].as<bool>());
    EXPECT_EQ(db::optional_of<std::int64_t>(row[9]), -7);
  });
}

TEST_F(PoolTest, ANumericWiderThanADecimalIsAnErrorAndNeverARoundedNumber) {
  EXPECT_EQ(
      db::decimal_of_numeric("0.0000000000000000000000000000000000000000000000000000000000000000000000000007")
          .to_string(),
      "0.0000000000000000000000000000000000000000000000000000000000000000000000000007");
  for (const char* text :
       {"NaN", "Infinity", "-", "1e5x", "1..2",
        "0.00000000000000000000000000000000000000000000000000000000000000000000000000007",
        "99999999999999999999999999999999999999999999999999999999999999999999999999999999"})
    EXPECT_THROW(db::decimal_of_numeric(text), pqxx::conversion_error) << text;
  db::Pool pool(settings());
  const auto read = [&] {
    return pool.transact([](Transaction& transaction) {
      return query(transaction, "SELECT 'NaN'::numeric")[0][0].as<money::Decimal>();
    });
  };
  EXPECT_ANY_THROW(read());
}

TEST_F(PoolTest, ABusyPoolIsUnavailableAfterItsTime) {
  auto limits = settings(1);
  limits.wait_max = 50ms;
  db::Pool pool(limits);
  {
    Transaction held = pool.begin();
    EXPECT_THROW(pool.begin(), base::Unavailable);
  }
  EXPECT_NO_THROW(pool.begin());
}

TEST_F(PoolTest, ManyThreadsShareFewConnections) {
  db::Pool pool(settings(3));
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round)
        pool.transact([](Transaction& transaction) {
          execute(transaction, "UPDATE account SET amount = amount + 1 WHERE id = 1");
        });
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(pool, "id = 1 AND amount = 300"), 1);
  EXPECT_LE(pool.connections_open(), 3U);
}

TEST_F(PoolTest, ConstraintsComeOutAsConflictsWithTheirNames) {
  db::Pool pool(settings());
  using Kind = db::ConstraintViolation::Kind;
  const auto expect = [&](const std::string& sql, Kind kind, const std::string& name) {
    try {
      pool.transact([&](Transaction& transaction) { execute(transaction, sql); });
      ADD_FAILURE() << sql;
    } catch (const db::ConstraintViolation& violation) {
      EXPECT_EQ(violation.kind, kind) << sql;
      EXPECT_EQ(violation.constraint, name) << violation.what();
    }
  };
  expect("INSERT INTO account VALUES (1, 1)", Kind::kUnique, "account_pkey");
  expect("INSERT INTO account VALUES (7, -1)", Kind::kCheck, "account_amount_check");
  expect("INSERT INTO account VALUES (7, 1, 99)", Kind::kForeignKey, "account_owner_fkey");
  expect("INSERT INTO account VALUES (7, NULL)", Kind::kNotNull, "amount");
}

TEST_F(PoolTest, TimeOutsComeOutAsTheirKind) {
  db::Pool pool(settings());
  db::TransactionOptions quick;
  quick.statement_timeout = 50ms;
  const auto sleeps = [](Transaction& transaction) { query(transaction, "SELECT pg_sleep(5)"); };
  EXPECT_THROW(pool.transact(sleeps, quick), base::Unavailable);
  Transaction holder = pool.begin();
  execute(holder, "UPDATE account SET amount = 1 WHERE id = 1");
  db::TransactionOptions impatient;
  impatient.lock_timeout = 50ms;
  const auto waits = [](Transaction& transaction) {
    execute(transaction, "UPDATE account SET amount = 2 WHERE id = 1");
  };
  EXPECT_THROW(pool.transact(waits, impatient), db::LockTimeout);
}

TEST_F(PoolTest, WrongSqlIsAnErrorOfOurOwnAndCommitAfterASwallowedErrorIsRefused) {
  db::Pool pool(settings());
  EXPECT_THROW(pool.transact([](Transaction& transaction) { query(transaction, "SELEKT 1"); }), db::SqlError);
  Transaction transaction = pool.begin();
  execute(transaction, "INSERT INTO account VALUES (9, 1)");
  EXPECT_THROW(execute(transaction, "INSERT INTO account VALUES (9, 1)"), db::ConstraintViolation);
  EXPECT_THROW(transaction.commit(), db::SqlError);  // PostgreSQL itself would say ROLLBACK and no error.
}

TEST_F(PoolTest, AReadOnlyTransactionCannotWrite) {
  db::Pool pool(settings());
  db::TransactionOptions options;
  options.read_only = true;
  const auto writes = [](Transaction& transaction) { execute(transaction, "DELETE FROM account"); };
  EXPECT_THROW(pool.transact(writes, options), db::SqlError);
}

TEST_F(PoolTest, SerializationFailuresAreRunAgainUntilAllHaveTakenEffect) {
  db::Pool pool(settings(8));
  db::TransactionOptions options;
  options.isolation = db::Isolation::kSerializable;
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread)
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round)
        pool.transact(
            [&](Transaction& transaction) {
              ++runs;
              const auto amount =
                  query(transaction, "SELECT amount FROM account WHERE id = 2")[0][0].as<money::Decimal>();
              execute(transaction, "UPDATE account SET amount = $1 WHERE id = 2",
                      amount + money::Decimal::of(1));
            },
            options);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(pool, "id = 2 AND amount = 130"), 1);
  EXPECT_GE(runs.load(), 30);
}

TEST_F(PoolTest, ATransactionThatNeverGetsThroughEndsAsAConflictAfterABoundedNumberOfRuns) {
  db::Pool pool(settings());
  int runs = 0;
  const auto use = [&](Transaction&) {
    ++runs;
    throw db::Retryable("always");
  };
  EXPECT_THROW(pool.transact(use), base::Conflict);
  EXPECT_EQ(runs, db::kAttemptsMax);
}

TEST_F(PoolTest, ADeadConnectionInThePoolIsReplaced) {
  db::Pool pool(settings(1));
  const auto backend = [&] {
    return pool.transact([](Transaction& transaction) {
      return query(transaction, "SELECT pg_backend_pid()")[0][0].as<int>();
    });
  };
  const int before = backend();
  run_as_administrator("SELECT pg_terminate_backend(" + std::to_string(before) + ", 5000)");
  const int after = backend();
  EXPECT_NE(after, before);
}

TEST_F(PoolTest, AConnectionLostInTheMiddleIsUnavailableAndNothingMoreRunsOutsideTheTransaction) {
  db::Pool pool(settings(1));
  {
    Transaction transaction = pool.begin();
    execute(transaction, "INSERT INTO account VALUES (20, 1)");
    const int backend = query(transaction, "SELECT pg_backend_pid()")[0][0].as<int>();
    run_as_administrator("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
    EXPECT_THROW(execute(transaction, "INSERT INTO account VALUES (21, 1)"), base::Unavailable);
    EXPECT_THROW(execute(transaction, "INSERT INTO account VALUES (22, 1)"), base::Unavailable);
    EXPECT_THROW(transaction.commit(), base::Unavailable);
  }
  EXPECT_EQ(count(pool, "id >= 20"), 0);
}

TEST_F(PoolTest, AConnectionLostDuringCommitIsInDoubt) {
  run_as_administrator(
      "CREATE FUNCTION sample.slow() RETURNS trigger LANGUAGE plpgsql AS "
      "$$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON sample.account DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION sample.slow()");
  db::Pool pool(settings(1));
  int runs = 0;
  std::atomic<int> backend{0};
  std::thread cutter([&] {
    while (backend == 0) std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(100ms);  // COMMIT has been sent and waits in the trigger.
    run_as_administrator("SELECT pg_terminate_backend(" + std::to_string(backend) + ", 5000)");
  });
  const auto use = [&](Transaction& transaction) {
    ++runs;
    execute(transaction, "INSERT INTO account VALUES (30, 1)");
    backend = query(transaction, "SELECT pg_backend_pid()")[0][0].as<int>();
  };
  EXPECT_THROW(pool.transact(use), base::InDoubt);
  cutter.join();
  EXPECT_EQ(runs, 1) << "what is in doubt is never blindly tried again";
  EXPECT_EQ(count(pool, "id = 30"), 0);
}

TEST_F(PoolTest, SettingsOfATransactionDoNotLeakIntoTheNext) {
  db::Pool pool(settings(1));
  db::TransactionOptions options;
  options.settings = {{"app.funds", "{A,B}"}};
  const auto seen = [](Transaction& transaction) {
    return query(transaction, "SELECT coalesce(current_setting('app.funds', true), '')")[0][0]
        .as<std::string>();
  };
  EXPECT_EQ(pool.transact(seen, options), "{A,B}");
  EXPECT_EQ(pool.transact(seen), "");
}

TEST(PoolWithoutServer, IsUnavailable) {
  db::PoolSettings settings;
  settings.connection = "host=/nonexistent user=nobody dbname=none";
  db::Pool pool(settings);
  EXPECT_THROW(pool.begin(), base::Unavailable);
  EXPECT_EQ(pool.connections_open(), 0U);
}

}  // namespace
}  // namespace navkeeper
