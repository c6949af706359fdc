// Migrations, roles and grants, against a real server.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/db/roles.h"
#include "tests/db/framework_fixture.h"

namespace navkeeper {
namespace {

using db::execute;
using db::query;
using db::SqlFile;
using db::Transaction;

std::vector<SqlFile> one_table() {
  return {
      {"nav/0001_fund/up.sql",
       "CREATE TABLE fund (fund_id text PRIMARY KEY); CREATE TABLE entry (fund_id text REFERENCES fund);\n"
       "CREATE TABLE batch (fund_id text);\n"
       "SELECT grant_append_only('entry'); SELECT grant_changeable('fund', 'batch');\n"},
      {"nav/0001_fund/check.sql", "SELECT * FROM fund; SELECT * FROM entry;\n"}};
}

std::vector<SqlFile> two_migrations() {
  auto files = one_table();
  files.push_back({"nav/0002_name/up.sql", "ALTER TABLE fund ADD name text;\n"});
  files.push_back({"nav/0002_name/check.sql", "SELECT fund_id FROM fund WHERE name IS NULL;\n"});
  return files;
}

class MigrationsTest : public test::FrameworkTest {
 protected:
  std::string refusal_of(const std::vector<SqlFile>& files) const {
    try {
      db::Pool pool = migrator();
      db::migrate(pool, read(files));
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "not refused";
  }
  int count(const std::string& sql) const {
    return administrator().transact(
        [&](Transaction& transaction) { return query(transaction, sql)[0][0].as<int>(); });
  }
};

TEST_F(MigrationsTest, RunOnceInOrderAndASecondTimeChangeNothing) {
  db::Pool pool = migrator();
  const auto migrations = read(two_migrations());
  const auto before = db::migration_status(pool, migrations);
  ASSERT_EQ(before.entries.size(), 2U);
  EXPECT_TRUE(before.entries[0].is_new && before.entries[1].is_new);
  const auto first = db::migrate(pool, migrations);
  ASSERT_EQ(first.entries.size(), 2U);
  EXPECT_EQ(first.entries[0].name, "0001_fund");
  EXPECT_EQ(first.entries[1].name, "0002_name");
  EXPECT_TRUE(first.entries[0].is_new && first.entries[1].is_new);
  const auto second = db::migrate(pool, migrations);
  EXPECT_FALSE(second.entries[0].is_new || second.entries[1].is_new);
  EXPECT_EQ(count("SELECT count(*) FROM navkeeper.migration"), 2);
}

TEST_F(MigrationsTest, ALaterOneIsAddedToWhatHasRun) {
  db::Pool pool = migrator();
  db::migrate(pool, read(one_table()));
  const auto report = db::migrate(pool, read(two_migrations()));
  EXPECT_FALSE(report.entries[0].is_new);
  EXPECT_TRUE(report.entries[1].is_new);
}

TEST_F(MigrationsTest, ACheckThatFindsARowRollsItsMigrationBack) {
  auto files = two_migrations();
  files[0].text += "INSERT INTO fund VALUES ('X');\n";
  files[1].text = "SELECT 1 WHERE false;\n";
  db::Pool pool = migrator();
  try {
    db::migrate(pool, read(files));
    FAIL() << "the check must fail";
  } catch (const db::SqlError& error) {
    EXPECT_STREQ(error.what(), "sql/nav/0002_name/check.sql found: fund_id=X");
  }
  EXPECT_EQ(count("SELECT count(*) FROM navkeeper.migration"), 1) << "the first one stays";
  EXPECT_EQ(count("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'nav' AND "
                  "column_name = 'name'"),
            0);
}

TEST_F(MigrationsTest, ASecondStatementOfACheckCountsToo) {
  auto files = one_table();
  files[0].text += "INSERT INTO fund VALUES ('X');\n";
  files[1].text = "SELECT * FROM entry;\nSELECT 'bad' AS what FROM fund;\nSELECT * FROM entry;\n";
  db::Pool pool = migrator();
  EXPECT_THROW(db::migrate(pool, read(files)), db::SqlError);
  EXPECT_EQ(count("SELECT count(*) FROM pg_tables WHERE schemaname = 'nav'"), 0);
}

TEST_F(MigrationsTest, AnErrorNamesTheFileAndLeavesNothingBehind) {
  auto files = one_table();
  files[0].text += "CREATE TABLE broken (;\n";
  db::Pool pool = migrator();
  try {
    db::migrate(pool, read(files));
    FAIL();
  } catch (const db::SqlError& error) {
    EXPECT_NE(std::string(error.what()).find("sql/nav/0001_fund/up.sql: syntax error"), std::string::npos)
        << error.what();
  }
  EXPECT_EQ(count("SELECT count(*) FROM pg_tables WHERE schemaname = 'nav'"), 0);
}

TEST_F(MigrationsTest, AFileThatChangedAfterItRanIsRefused) {
  db::Pool pool = migrator();
  db::migrate(pool, read(two_migrations()));
  auto files = two_migrations();
  files[0].text += " ";
  EXPECT_EQ(refusal_of(files), "nav/0001_fund: was changed after it had run: add a new migration instead");
  files = two_migrations();
  files[3].text += "-- more\n";
  EXPECT_EQ(refusal_of(files), "nav/0002_name: was changed after it had run: add a new migration instead");
}

TEST_F(MigrationsTest, ADatabaseAheadOfTheProgramIsRefused) {
  db::Pool pool = migrator();
  db::migrate(pool, read(two_migrations()));
  EXPECT_EQ(refusal_of(one_table()),
            "nav/0002_name: has run in this database and is unknown to this program: the program is too old");
  EXPECT_THROW(db::migration_status(pool, read(one_table())), base::Refused);
}

TEST_F(MigrationsTest, AGapInWhatHasRunIsRefused) {
  db::Pool pool = migrator();
  db::migrate(pool, read(two_migrations()));
  tamper("DELETE FROM navkeeper.migration WHERE number = 1");
  EXPECT_EQ(refusal_of(two_migrations()), "nav/0002_name: has run without the one before it");
}

TEST_F(MigrationsTest, FoldersThatAreWrongAreRefusedByName) {
  const auto refusal = [](std::vector<SqlFile> files) -> std::string {
    try {
      read(std::move(files));
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "not refused";
  };
  auto files = two_migrations();
  files[2].path = "nav/0003_name/up.sql";
  files[3].path = "nav/0003_name/check.sql";
  EXPECT_EQ(refusal(files), "sql/nav/0003_name: comes after a gap in the numbers");
  files = two_migrations();
  files.pop_back();
  EXPECT_EQ(refusal(files), "sql/nav/0002_name: needs both up.sql and check.sql");
  files = two_migrations();
  files[3].path = "nav/0002_other/check.sql";
  EXPECT_EQ(refusal(files), "sql/nav/0002_other/check.sql: has the number of 0002_name");
  EXPECT_EQ(refusal({{"bakery/0001_bread/up.sql", ""}, {"bakery/0001_bread/check.sql", ""}}),
            "sql/bakery/0001_bread: is of no service");
  EXPECT_EQ(refusal({{"nav/1_short/up.sql", ""}}),
            "sql/nav/1_short/up.sql: is not <service>/0001_name/up.sql or check.sql");
  files = one_table();
  files[0].text = "-- @include common/nothing.sql\n";
  EXPECT_EQ(refusal(files), "sql/nav/0001_fund/up.sql: includes common/nothing.sql, which is not there");
  files = one_table();
  files[0].text += "COMMIT;\n";
  EXPECT_EQ(refusal(files),
            "sql/nav/0001_fund/up.sql: has a transaction command (COMMIT); a migration is one transaction");
}

TEST_F(MigrationsTest, TwoMigratorsAtOnceRunEachMigrationOnce) {
  auto files = two_migrations();
  files[0].text += "SELECT pg_sleep(0.2);\n";  // The others arrive while the first is at work.
  const auto migrations = read(files);
  std::atomic<int> ran{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      db::Pool pool = migrator();
      for (const auto& entry : db::migrate(pool, migrations).entries) ran += entry.is_new ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ran.load(), 2);
  EXPECT_EQ(count("SELECT count(*) FROM navkeeper.migration"), 2);
}

class GrantsTest : public MigrationsTest {
 protected:
  void SetUp() override {
    MigrationsTest::SetUp();
    auto files = one_table();
    files.push_back({"pricing/0001_rate/up.sql",
                     "CREATE TABLE rate (pair text PRIMARY KEY); SELECT grant_removable('rate');\n"});
    files.push_back({"pricing/0001_rate/check.sql", "SELECT * FROM rate;\n"});
    db::Pool pool = migrator();
    db::migrate(pool, read(files));
  }
  /// The SQL state with which the role is refused; "done" when it is not.
  std::string attempt(const std::string& role, const std::string& sql) const {
    try {
      pool_as(role, "").transact([&](Transaction& transaction) { query(transaction, sql); });
    } catch (const db::SqlError& error) {
      return error.sqlstate;
    } catch (const base::Unavailable& error) {
      return error.what();
    }
    return "done";
  }
  static constexpr const char* kDenied = "42501";
};

TEST_F(GrantsTest, AServiceTouchesItsOwnSchemaOnly) {
  EXPECT_EQ(attempt("navkeeper_nav", "INSERT INTO nav.fund VALUES ('X')"), "done");
  EXPECT_EQ(attempt("navkeeper_nav", "SELECT * FROM pricing.rate"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "INSERT INTO pricing.rate VALUES ('BTC/USD')"), kDenied);
  EXPECT_EQ(attempt("navkeeper_pricing", "SELECT * FROM nav.fund"), kDenied);
  EXPECT_EQ(attempt("navkeeper_pricing", "DELETE FROM pricing.rate"), "done");
  EXPECT_EQ(attempt("navkeeper_gateway", "SELECT * FROM nav.fund"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "SELECT * FROM navkeeper.migration"), kDenied);
}

TEST_F(GrantsTest, AnAppendOnlyTableIsNeverChangedByItsService) {
  EXPECT_EQ(attempt("navkeeper_nav", "INSERT INTO nav.fund VALUES ('X')"), "done");
  EXPECT_EQ(attempt("navkeeper_nav", "INSERT INTO nav.entry VALUES ('X')"), "done");
  EXPECT_EQ(attempt("navkeeper_nav", "UPDATE nav.entry SET fund_id = fund_id"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "DELETE FROM nav.entry"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "TRUNCATE nav.entry"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "UPDATE nav.batch SET fund_id = 'Y'"), "done");
  EXPECT_EQ(attempt("navkeeper_nav", "DELETE FROM nav.batch"), kDenied);
}

TEST_F(GrantsTest, ServicesOwnNothingAndMakeNothing) {
  for (const auto& service : db::service_names()) {
    const std::string role = db::service_role(service);
    EXPECT_EQ(attempt(role, "CREATE TABLE " + service + ".own (a int)"), kDenied) << role;
    EXPECT_EQ(attempt(role, "CREATE TABLE public.own (a int)"), kDenied) << role;
    EXPECT_EQ(attempt(role, "CREATE TEMPORARY TABLE own (a int)"), kDenied) << role;
    EXPECT_EQ(attempt(role, "CREATE SCHEMA own"), kDenied) << role;
    EXPECT_EQ(attempt(role, "SET ROLE navkeeper_owner"), kDenied) << role;
  }
  EXPECT_EQ(attempt("navkeeper_nav", "ALTER TABLE nav.fund ADD a int"), kDenied);
  EXPECT_EQ(attempt("navkeeper_nav", "DROP TABLE nav.entry"), kDenied);
  EXPECT_EQ(
      count("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname LIKE "
            "'navkeeper\\_%' AND r.rolname NOT IN ('navkeeper_owner', 'navkeeper_administrator')"),
      0);
}

TEST_F(GrantsTest, TheAuditorReadsEverythingAndChangesNothing) {
  for (const char* table : {"nav.fund", "nav.entry", "pricing.rate", "navkeeper.migration"})
    EXPECT_EQ(attempt("navkeeper_auditor", std::string("SELECT * FROM ") + table), "done") << table;
  EXPECT_EQ(attempt("navkeeper_auditor", "INSERT INTO nav.fund VALUES ('X')"), kDenied);
  EXPECT_EQ(attempt("navkeeper_auditor", "DELETE FROM pricing.rate"), kDenied);
}

TEST_F(GrantsTest, TheOwnerCannotLogIn) {
  EXPECT_EQ(count("SELECT count(*) FROM pg_roles WHERE rolname = 'navkeeper_owner' AND NOT rolcanlogin"), 1);
  EXPECT_EQ(
      count("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'navkeeper\\_%' AND (rolsuper OR rolcreaterole "
            "OR rolcreatedb OR rolbypassrls) AND rolname <> 'navkeeper_administrator'"),
      0);
  EXPECT_THROW(pool_as("navkeeper_owner", "").begin(), base::Unavailable);
}

}  // namespace
}  // namespace navkeeper
