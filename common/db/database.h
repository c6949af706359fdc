#pragma once
// The database as the executable sees it: the embedded default or an existing server, with roles, schemas and
// migrations. `navkeeper db init|migrate|status|stop` print these reports.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "common/db/audit.h"
#include "common/db/migrations.h"
#include "common/db/pool.h"
#include "common/db/roles.h"

namespace navkeeper::db {

struct DatabaseSettings {
  std::filesystem::path home;  ///< where the embedded default and the audit heads lie: var/
  /// postgresql:// URL of an existing server and database; empty: the embedded default. Its user must be
  /// allowed to create roles and schemas for init (or roles must exist).
  std::string url;
  /// Existing server only: password of each role ("navkeeper_nav"); a role without one keeps what it has.
  std::map<std::string, std::string> passwords;
};

struct InitReport {
  bool embedded = true;
  bool was_created = false;      ///< a new cluster was made
  bool was_started = false;      ///< it was not running
  std::string data_directory;    ///< embedded only
  std::string socket_directory;  ///< embedded only
  std::string server_version;
  MigrationReport migrations;
};

struct StatusReport {
  bool embedded = true;
  bool exists = false;   ///< embedded: there is a cluster
  bool running = false;  ///< the server answers
  std::string data_directory;
  std::string socket_directory;
  std::string server_version;
  bool data_checksums = false;
  MigrationReport migrations;
};

class Database {
 public:
  explicit Database(DatabaseSettings settings);

  /// Makes and starts the embedded cluster where there is none, creates what is missing of database, roles
  /// and schemas, and migrates. Run again it changes nothing.
  InitReport init();
  /// The migrations alone; the server must be there (the embedded one is started).
  MigrationReport migrate();
  StatusReport status();
  /// Embedded: orderly; no error when it is not running. An existing server is not ours to stop:
  /// base::Refused.
  bool stop();
  /// Starts the embedded server when it is not running; throws base::Refused when there is no cluster yet.
  void ensure_running();

  /// A pool that logs in as the service's own role, its schema in the search path. "auditor" reads all
  /// schemas.
  Pool pool(const std::string& service, std::size_t connections_max = 8);
  /// Connection string of a role ("navkeeper_auditor").
  std::string connection(const std::string& role) const;
  /// Where the audit heads are kept outside the database.
  std::filesystem::path heads_file() const;

 private:
  bool is_embedded() const { return settings_.url.empty(); }
  Pool migrator() const;

  DatabaseSettings settings_;
};

}  // namespace navkeeper::db
