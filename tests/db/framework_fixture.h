#pragma once
// For tests of common/db itself: a database of its own per test, with roles and schemas and with migrations
// that the test brings, independent of those of the services.
#include <memory>
#include <string>
#include <vector>

#include "common/db/migrations.h"
#include "common/db/pool.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::test {

class FrameworkTest : public PostgresTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Pool of a role in this test's database.
  db::Pool pool_as(const std::string& role, const std::string& schema, std::size_t connections_max = 8) const;
  db::Pool service(const std::string& name) const { return pool_as("navkeeper_" + name, name); }
  db::Pool migrator() const { return pool_as("navkeeper_migrator", "", 1); }
  db::Pool administrator() const;
  void tamper(const std::string& sql) const;

  /// "nav" and "pricing" with the tables of sql/common/tables.sql.
  static std::vector<db::SqlFile> common_tables();
  /// sql/common/ and these.
  static std::vector<db::Migration> read(std::vector<db::SqlFile> files);

 private:
  std::string database_;
};

}  // namespace navkeeper::test
