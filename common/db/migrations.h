#pragma once
// Migrations: the schema of each service grows by folders sql/<service>/0001_name, 0002_name, ..., never
// backwards.
//
//   up.sql     what changes. Runs as navkeeper_owner, in one transaction with its check and its record, with
//              search_path = the service's schema; so tables are named bare and no transaction command is
//              allowed.
//   check.sql  proves it. Each statement must return no row: a row returned is what is wrong, and the
//              migration is rolled back with that row in the message. Raising an exception does too.
//
// In both files these words stand for the service: @SERVICE@ the service and schema name, @ROLE@ its login
// role. A line
//   -- @include common/tables.sql
// is replaced by that file of sql/. Each service's 0001 includes common/tables.sql: idempotency, outbox,
// audit, lease.
//
// Grants: a service's role owns nothing and may do nothing until its migration says so. Say it with these
// (they act on the schema of the migration):
//   SELECT grant_append_only('entry', 'lot_event');       -- SELECT, INSERT: never changed, never removed
//   SELECT grant_changeable('fund_batch');                -- SELECT, INSERT, UPDATE
//   SELECT grant_removable('scratch');                    -- and DELETE
//   SELECT grant_readable('calendar');                    -- SELECT
// The auditor reads every table of every service without being told.
//
// What ran is recorded in navkeeper.migration with SHA-256 of both files, their includes and words filled in:
// a file that changed after it ran is refused (an included one too), and so is a gap in the numbers or a
// database that is ahead of this program. The files are embedded in the executable when it is built; an
// advisory lock keeps two migrators apart.
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/db/pool.h"

namespace navkeeper::db {

struct Migration {
  std::string service;
  int number = 0;    ///< from 1
  std::string name;  ///< "0001_books"
  std::string up;    ///< with its includes
  std::string check;
  base::Bytes hash;  ///< SHA-256 of up, a zero byte, check
};

/// One file of sql/: path below sql/ ("nav/0001_books/up.sql"), and what it holds.
struct SqlFile {
  std::string path;
  std::string text;
};

/// What was embedded at build time.
const std::vector<SqlFile>& embedded_sql();

/// The migrations among the files, by service and number. Throws base::Refused that names the file: a gap or
/// a repeated number, a folder without both files, an include that is not there.
std::vector<Migration> read_migrations(const std::vector<SqlFile>& files);

struct MigrationReport {
  struct Entry {
    std::string service;
    std::string name;
    bool is_new = false;  ///< migrate: it ran now, it had not before; status: it has yet to run
  };
  std::vector<Entry> entries;
};

/// Runs what has not run yet. `migrator` connects as navkeeper_migrator. Throws base::Refused when the
/// database does not fit (a changed file, a gap, ahead), SqlError when a migration or its check fails: those
/// before it stay.
MigrationReport migrate(Pool& migrator, const std::vector<Migration>& migrations);

/// Compares without changing anything; same refusals as migrate.
MigrationReport migration_status(Pool& migrator, const std::vector<Migration>& migrations);

}  // namespace navkeeper::db
