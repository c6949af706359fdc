#include "common/db/migrations.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <regex>
#include <sstream>
#include <utility>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/db/roles.h"
#include "common/db/script.h"

namespace navkeeper::db {
namespace {

/// Keeps two migrators apart; any number that nothing else in the database uses.
constexpr std::int64_t kMigrationLock = 0x6e61766b32;
/// A migration may rewrite a large table, and may have to wait for another migrator that does.
constexpr std::chrono::minutes kMigrationMax{30};

std::string with_includes(const std::string& text, const std::string& path,
                          const std::map<std::string, std::string>& files) {
  static const std::string kInclude = "-- @include ";
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(kInclude, 0) != 0) {
      result += line + "\n";
      continue;
    }
    const std::string name = line.substr(kInclude.size());
    const auto included = files.find(name);
    if (included == files.end()) base::refuse(path, "includes " + name + ", which is not there");
    result += included->second;
  }
  return result;
}

void refuse_transaction_commands(const std::string& text, const std::string& path) {
  static const std::regex kCommand(
      R"((^|\n|;)\s*(begin|commit|rollback|abort|start\s+transaction)\b[^;\n]*;)", std::regex::icase);
  std::smatch match;
  if (std::regex_search(text, match, kCommand))
    base::refuse(path, "has a transaction command (" + match[2].str() + "); a migration is one transaction");
}

struct Place {
  std::string service;
  int number = 0;
  std::string name;
  bool is_check = false;
};

/// "nav/0001_books/up.sql" in its parts; refused when it is something else.
Place place_of(const std::string& path) {
  static const std::regex kPath(R"(([a-z]+)/(([0-9]{4})_[a-z0-9_]+)/(up|check)\.sql)");
  std::smatch match;
  if (!std::regex_match(path, match, kPath))
    base::refuse("sql/" + path, "is not <service>/0001_name/up.sql or check.sql");
  Place place{match[1], 0, match[2], match[4] == "check"};
  const std::string digits = match[3];
  std::from_chars(digits.data(), digits.data() + digits.size(), place.number);
  return place;
}

struct Record {
  std::string name;
  base::Bytes hash;
};
using Records = std::map<std::pair<std::string, int>, Record>;

Records load_records(Transaction& transaction) {
  Records records;
  if (query(transaction, "SELECT to_regclass('navkeeper.migration')")[0][0].is_null()) return records;
  for (const auto& row : query(transaction, "SELECT service, number, name, hash FROM navkeeper.migration"))
    records[{row[0].as<std::string>(), row[1].as<int>()}] = {row[2].as<std::string>(),
                                                             row[3].as<base::Bytes>()};
  return records;
}

void refuse_misfits(const Records& records, const std::vector<Migration>& migrations) {
  std::map<std::pair<std::string, int>, const Migration*> known;
  for (const auto& migration : migrations) known[{migration.service, migration.number}] = &migration;
  for (const auto& [key, record] : records) {
    const auto& [service, number] = key;
    const std::string where = service + "/" + record.name;
    const auto found = known.find(key);
    if (found == known.end())
      base::refuse(where, "has run in this database and is unknown to this program: the program is too old");
    if (found->second->name != record.name || found->second->hash != record.hash)
      base::refuse(where, "was changed after it had run: add a new migration instead");
    if (number > 1 && !records.contains({service, number - 1}))
      base::refuse(where, "has run without the one before it");
  }
}

/// What is wrong is said with the file's name before it; the kind of the error stays where it can.
std::string run_file(Transaction& transaction, const std::string& sql, const std::string& path) {
  try {
    return run_script(transaction, sql);
  } catch (const SqlError& error) {
    throw SqlError(path + ": " + error.what(), error.sqlstate);
  } catch (const ConstraintViolation& error) {
    throw SqlError(path + ": " + error.what(), "23000");
  }
}

/// False when another migrator has run it meanwhile.
bool run_one(Pool& migrator, const Migration& migration, const std::vector<Migration>& migrations,
             const TransactionOptions& options) {
  Transaction transaction = migrator.begin(options);
  query(transaction, "SELECT pg_advisory_xact_lock($1)", kMigrationLock);
  const Records records = load_records(transaction);
  refuse_misfits(records, migrations);
  if (records.contains({migration.service, migration.number})) return false;
  const std::string path = "sql/" + migration.service + "/" + migration.name;
  run_script(transaction,
             "SET LOCAL ROLE navkeeper_owner; SET LOCAL search_path = " + migration.service + ", navkeeper");
  run_file(transaction, migration.up, path + "/up.sql");
  const std::string wrong = run_file(transaction, migration.check, path + "/check.sql");
  if (!wrong.empty()) throw SqlError(path + "/check.sql found: " + wrong, "P0004");
  execute(transaction,
          "INSERT INTO navkeeper.migration (service, number, name, hash) VALUES ($1, $2, $3, $4)",
          migration.service, migration.number, migration.name, migration.hash);
  transaction.commit();
  return true;
}

}  // namespace

std::vector<Migration> read_migrations(const std::vector<SqlFile>& files) {
  std::map<std::string, std::string> texts;
  for (const auto& file : files) texts[file.path] = file.text;
  std::map<std::pair<std::string, int>, Migration> found;
  std::map<std::pair<std::string, int>, int> parts;
  for (const auto& [path, text] : texts) {
    if (path.rfind("common/", 0) == 0) continue;
    const Place place = place_of(path);
    Migration& migration = found[{place.service, place.number}];
    if (!migration.name.empty() && migration.name != place.name)
      base::refuse("sql/" + path, "has the number of " + migration.name);
    migration.service = place.service;
    migration.number = place.number;
    migration.name = place.name;
    const std::string whole = fill_in(with_includes(text, "sql/" + path, texts), place.service);
    refuse_transaction_commands(whole, "sql/" + path);
    (place.is_check ? migration.check : migration.up) = whole;
    ++parts[{place.service, place.number}];
  }
  std::vector<Migration> migrations;
  for (const auto& service : service_names()) {
    for (int number = 1;; ++number) {
      const auto at = found.find({service, number});
      if (at == found.end()) break;
      Migration migration = std::move(at->second);
      if (parts[{service, number}] != 2)
        base::refuse("sql/" + service + "/" + migration.name, "needs both up.sql and check.sql");
      crypto::Sha256 hash;
      hash.update(migration.up).update(std::string_view("\0", 1)).update(migration.check);
      const auto digest = hash.finish();
      migration.hash.assign(digest.begin(), digest.end());
      found.erase(at);
      migrations.push_back(std::move(migration));
    }
  }
  for (const auto& [key, migration] : found) {
    const bool is_known =
        std::find(service_names().begin(), service_names().end(), key.first) != service_names().end();
    base::refuse("sql/" + key.first + "/" + migration.name,
                 is_known ? "comes after a gap in the numbers" : "is of no service");
  }
  return migrations;
}

MigrationReport migrate(Pool& migrator, const std::vector<Migration>& migrations) {
  TransactionOptions options;
  options.statement_timeout = kMigrationMax;
  options.lock_timeout = kMigrationMax;
  Records records;
  {
    Transaction transaction = migrator.begin();
    records = load_records(transaction);
    refuse_misfits(records, migrations);
  }
  MigrationReport report;
  for (const auto& migration : migrations) {
    const bool is_new = !records.contains({migration.service, migration.number}) &&
                        run_one(migrator, migration, migrations, options);
    report.entries.push_back({migration.service, migration.name, is_new});
  }
  return report;
}

MigrationReport migration_status(Pool& migrator, const std::vector<Migration>& migrations) {
  Transaction transaction = migrator.begin();
  const Records records = load_records(transaction);
  refuse_misfits(records, migrations);
  MigrationReport report;
  for (const auto& migration : migrations)
    report.entries.push_back(
        {migration.service, migration.name, !records.contains({migration.service, migration.number})});
  return report;
}

}  // namespace navkeeper::db
