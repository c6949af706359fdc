#include "tests/db/framework_fixture.h"

#include <pqxx/pqxx>

#include "common/db/roles.h"
#include "common/db/script.h"

namespace navkeeper::test {
namespace {

void outside_a_transaction(const std::string& connection_string, const std::string& sql) {
  pqxx::connection connection(connection_string);
  pqxx::nontransaction(connection).exec(sql);
}

}  // namespace

void FrameworkTest::SetUp() {
  static int number = 0;
  database_ = "framework_" + std::to_string(++number);
  outside_a_transaction(connection(std::string(db::kAdministratorRole)), "CREATE DATABASE " + database_);
  db::Pool pool = administrator();
  db::create_roles_and_schemas(pool);
}

void FrameworkTest::TearDown() {
  outside_a_transaction(connection(std::string(db::kAdministratorRole)),
                        "DROP DATABASE " + database_ + " WITH (FORCE)");
}

db::Pool FrameworkTest::pool_as(const std::string& role, const std::string& schema,
                                std::size_t connections_max) const {
  db::PoolSettings settings;
  settings.connection = connection(role) + " dbname=" + database_;
  settings.schema = schema;
  settings.connections_max = connections_max;
  return db::Pool(settings);
}

db::Pool FrameworkTest::administrator() const { return pool_as(std::string(db::kAdministratorRole), "", 1); }

void FrameworkTest::tamper(const std::string& sql) const {
  administrator().transact([&](db::Transaction& transaction) { db::run_script(transaction, sql); });
}

std::vector<db::SqlFile> FrameworkTest::common_tables() {
  return {{"nav/0001_common/up.sql", "-- @include common/tables.sql\n"},
          {"nav/0001_common/check.sql", "SELECT scope FROM audit;\n"},
          {"pricing/0001_common/up.sql", "-- @include common/tables.sql\n"},
          {"pricing/0001_common/check.sql", "SELECT scope FROM audit;\n"}};
}

std::vector<db::Migration> FrameworkTest::read(std::vector<db::SqlFile> files) {
  for (const auto& file : db::embedded_sql())
    if (file.path.rfind("common/", 0) == 0) files.push_back(file);
  return db::read_migrations(files);
}

}  // namespace navkeeper::test
