#include "common/db/database.h"

#include <libpq-fe.h>

#include <memory>

#include "common/base/refuse.h"
#include "common/db/cluster.h"
#include "common/db/connection.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::db {
namespace {

/// Keeps two makers of the database apart; any number that nothing else uses.
constexpr std::int64_t kCreateLock = 0x6e61766b33;

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// The URL's server and database, as another user where `role` is given.
std::string connection_of_url(const std::string& url, const std::string& role, const std::string& password) {
  char* message = nullptr;
  const Options options(PQconninfoParse(url.c_str(), &message), PQconninfoFree);
  if (!options) {
    std::string said = message != nullptr ? message : "cannot be read";
    PQfreemem(message);
    while (!said.empty() && said.back() == '\n') said.pop_back();
    base::refuse("database.url", said);
  }
  std::string text;
  bool has_time_out = false;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    if (option->val == nullptr || keyword == "client_encoding") continue;
    if (!role.empty() && (keyword == "user" || keyword == "password")) continue;
    has_time_out = has_time_out || keyword == "connect_timeout";
    text += keyword + "=" + quoted(option->val) + " ";
  }
  if (!role.empty()) text += "user=" + quoted(role) + " ";
  if (!role.empty() && !password.empty()) text += "password=" + quoted(password) + " ";
  if (!has_time_out) text += "connect_timeout=10 ";
  return text + "client_encoding=UTF8";
}

Pool pool_of(std::string connection, std::string schema, std::size_t connections_max) {
  PoolSettings settings;
  settings.connection = std::move(connection);
  settings.schema = std::move(schema);
  settings.connections_max = connections_max;
  return Pool(std::move(settings));
}

/// CREATE DATABASE runs in no transaction, so the lock is the session's; the session ends here.
void create_database(const EmbeddedCluster& cluster) {
  Connection connection(cluster.connection(std::string(kAdministratorRole), "postgres"));
  mapped([&] {
    pqxx::nontransaction work(connection);
    work.exec_params("SELECT pg_advisory_lock($1)", kCreateLock);
    if (!work.exec("SELECT FROM pg_database WHERE datname = 'navkeeper'").empty()) return;
    work.exec("CREATE DATABASE navkeeper");
  });
}

struct ServerFacts {
  std::string version;
  bool data_checksums = false;
};

ServerFacts ask_server(Pool& pool) {
  Transaction transaction = pool.begin();
  const auto rows =
      query(transaction, "SELECT current_setting('server_version'), current_setting('data_checksums')");
  return {rows[0][0].as<std::string>(), rows[0][1].as<std::string>() == "on"};
}

}  // namespace

Database::Database(DatabaseSettings settings) : settings_(std::move(settings)) {}

std::string Database::connection(const std::string& role) const {
  if (is_embedded()) return EmbeddedCluster(settings_.home).connection(role);
  const auto password = settings_.passwords.find(role);
  return connection_of_url(settings_.url, role,
                           password == settings_.passwords.end() ? std::string() : password->second);
}

std::filesystem::path Database::heads_file() const { return settings_.home / "audit-heads"; }

Pool Database::migrator() const { return pool_of(connection(std::string(kMigratorRole)), "", 1); }

Pool Database::pool(const std::string& service, std::size_t connections_max) {
  const bool is_auditor = service == "auditor";
  return pool_of(connection(service_role(service)), is_auditor ? "" : service, connections_max);
}

void Database::ensure_running() {
  if (!is_embedded()) return;
  EmbeddedCluster cluster(settings_.home);
  if (!cluster.exists())
    base::refuse(
        std::filesystem::absolute(settings_.home).lexically_normal().string(),
        "there is no database yet: navkeeper db init makes one here; NAVKEEPER_HOME names another home");
  cluster.ensure_running();
}

InitReport Database::init() {
  InitReport report;
  report.embedded = is_embedded();
  std::string administrator_connection;
  if (is_embedded()) {
    EmbeddedCluster cluster(settings_.home);
    const auto started = cluster.ensure_running();
    report.was_created = started.was_created;
    report.was_started = started.was_started;
    report.data_directory = cluster.data_directory().string();
    report.socket_directory = cluster.socket_directory().string();
    create_database(cluster);
    administrator_connection = cluster.connection(std::string(kAdministratorRole));
  } else {
    administrator_connection = connection_of_url(settings_.url, "", "");
  }
  Pool administrator = pool_of(administrator_connection, "", 1);
  report.server_version = ask_server(administrator).version;
  create_roles_and_schemas(administrator);
  for (const auto& [role, password] : settings_.passwords) set_password(administrator, role, password);
  Pool as_migrator = migrator();
  report.migrations = db::migrate(as_migrator, read_migrations(embedded_sql()));
  return report;
}

MigrationReport Database::migrate() {
  ensure_running();
  Pool as_migrator = migrator();
  return db::migrate(as_migrator, read_migrations(embedded_sql()));
}

StatusReport Database::status() {
  StatusReport report;
  report.embedded = is_embedded();
  if (is_embedded()) {
    const EmbeddedCluster cluster(settings_.home);
    report.exists = cluster.exists();
    report.running = report.exists && cluster.running();
    report.data_directory = cluster.data_directory().string();
    report.socket_directory = cluster.socket_directory().string();
    if (!report.running) return report;
  }
  Pool as_migrator = migrator();
  const ServerFacts facts = ask_server(as_migrator);
  report.exists = true;
  report.running = true;
  report.server_version = facts.version;
  report.data_checksums = facts.data_checksums;
  report.migrations = migration_status(as_migrator, read_migrations(embedded_sql()));
  return report;
}

bool Database::stop() {
  if (!is_embedded()) base::refuse("database.url", "an existing server is not ours to stop");
  return EmbeddedCluster(settings_.home).stop();
}

}  // namespace navkeeper::db
