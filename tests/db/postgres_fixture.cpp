#include "tests/db/postgres_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <memory>

#include "common/db/cluster.h"
#include "common/db/database.h"
#include "common/db/pqxx_access.h"
#include "common/db/script.h"

namespace navkeeper::test {
namespace {

struct Shared {
  Shared() : database(db::DatabaseSettings{cluster.home(), "", {}}) {
    database.init();
    db::PoolSettings settings;
    settings.connection = database.connection(std::string(db::kAdministratorRole));
    administrator = std::make_unique<db::Pool>(settings);
  }

  ThrowAwayCluster cluster;
  db::Database database;
  std::unique_ptr<db::Pool> administrator;
  std::map<std::string, std::unique_ptr<db::Pool>> pools;
};

/// Ends, server and all, when the executable does.
Shared& shared() {
  static Shared only;
  return only;
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name_ending) {
  std::string name = (std::filesystem::temp_directory_path() / "navkeeper-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  whole_ = name;
  path_ = name;
  chmod(path_.c_str(), 0755);
  if (!name_ending.empty()) {
    path_ /= name_ending;
    std::filesystem::create_directories(path_);
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(whole_, ignored);
}

namespace {

/// Stops and removes what test executables that were killed have left.
void sweep() {
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::temp_directory_path(), ignored)) {
    if (entry.path().filename().string().rfind("navkeeper-test-", 0) != 0) continue;
    std::ifstream file(entry.path() / "owner.pid");
    int owner = 0;
    if (!(file >> owner) || kill(owner, 0) == 0) continue;
    try {
      db::EmbeddedCluster cluster(entry.path());
      cluster.stop();
      std::filesystem::remove_all(cluster.socket_directory());
      std::filesystem::remove_all(entry.path());
    } catch (const std::exception&) {
      continue;  // Another executable sweeps it too.
    }
  }
}

}  // namespace

ThrowAwayCluster::ThrowAwayCluster() {
  sweep();
  std::ofstream(home() / "owner.pid") << getpid() << std::endl;
  db::ClusterOptions options;
  options.throw_away = true;
  db::EmbeddedCluster(home(), options).ensure_running();
}

ThrowAwayCluster::~ThrowAwayCluster() {
  db::EmbeddedCluster cluster(home());
  const auto sockets = cluster.socket_directory();
  try {
    cluster.stop();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(sockets, ignored);
}

void PostgresTest::SetUp() {
  static const std::string kEmptyAll =
      "DO $$ DECLARE names text; BEGIN "
      "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO names FROM pg_tables "
      "WHERE schemaname NOT IN ('navkeeper', 'pg_catalog', 'information_schema'); "
      "IF names IS NOT NULL THEN EXECUTE 'TRUNCATE ' || names; END IF; END $$";
  run_as_administrator(kEmptyAll);
}

db::Pool& PostgresTest::service_pool(const std::string& service) {
  auto& pool = shared().pools[service];
  if (!pool) {
    db::PoolSettings settings = shared().database.pool(service, 16).settings();
    settings.has_given_time = true;
    pool = std::make_unique<db::Pool>(settings);
  }
  return *pool;
}

db::Pool& PostgresTest::administrator_pool() { return *shared().administrator; }

std::string PostgresTest::connection(const std::string& role) { return shared().database.connection(role); }

void PostgresTest::run_as_administrator(const std::string& sql) {
  administrator_pool().transact([&](db::Transaction& transaction) { db::run_script(transaction, sql); });
}

}  // namespace navkeeper::test
