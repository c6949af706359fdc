#include "services/database_commands.h"

#include <filesystem>
#include <memory>
#include <ostream>

#include "common/base/bytes.h"
#include "common/base/file_lock.h"
#include "common/base/refuse.h"
#include "common/db/audit.h"
#include "common/json/write.h"
#include "common/runtime/command_line.h"
#include "services/composition.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using runtime::CommandContext;
using runtime::ExitCode;

void write_migrations(json::Writer& writer, const db::MigrationReport& report) {
  writer.key("migrations").begin_array();
  for (const auto& entry : report.entries) {
    writer.begin_object()
        .member("service", entry.service)
        .member("name", entry.name)
        .member("run_now", entry.is_new)
        .end_object();
  }
  writer.end_array();
}

int count_run(const db::MigrationReport& report) {
  int count = 0;
  for (const auto& entry : report.entries) count += entry.is_new ? 1 : 0;
  return count;
}

std::string where_it_lies(const std::string& data_directory, const std::string& socket_directory) {
  return "data in " + data_directory + ", socket in " + socket_directory;
}

void init(CommandContext& context, bool as_json) {
  const runtime::Config config = load_configuration(context);
  const db::InitReport report = db::Database(database_settings(config)).init();
  const bool actors_were_made = ensure_embedded_actors(config);
  if (as_json) {
    json::Writer writer;
    writer.begin_object()
        .member("embedded", report.embedded)
        .member("created", report.was_created)
        .member("started", report.was_started);
    writer.member("data_directory", report.data_directory)
        .member("socket_directory", report.socket_directory);
    writer.member("server_version", report.server_version);
    write_migrations(writer, report.migrations);
    context.out << writer.end_object().take() << '\n';
    return;
  }
  if (report.embedded) {
    context.out << "PostgreSQL " << report.server_version << (report.was_created ? ", a new cluster: " : ": ")
                << where_it_lies(report.data_directory, report.socket_directory) << '\n';
  } else {
    context.out << "PostgreSQL " << report.server_version << ", the configured server\n";
  }
  if (actors_were_made) {
    context.out << "Actors for the embedded default: " << config.actor_file
                << ", their tokens beside it in tokens/\n";
  }
  const int run = count_run(report.migrations);
  context.out << (run == 0 ? "The schemas are up to date." : std::to_string(run) + " migrations run.")
              << '\n';
}

void migrate(CommandContext& context, bool as_json) {
  const db::MigrationReport report = db::Database(database_settings(load_configuration(context))).migrate();
  if (as_json) {
    json::Writer writer;
    writer.begin_object();
    write_migrations(writer, report);
    context.out << writer.end_object().take() << '\n';
    return;
  }
  const int run = count_run(report);
  for (const auto& entry : report.entries) {
    if (entry.is_new) context.out << entry.service << '/' << entry.name << '\n';
  }
  context.out << (run == 0 ? "Nothing to do: the schemas are up to date."
                           : std::to_string(run) + " migrations run.")
              << '\n';
}

void status(CommandContext& context, bool as_json) {
  const db::StatusReport report = db::Database(database_settings(load_configuration(context))).status();
  int waiting = 0;
  for (const auto& entry : report.migrations.entries) waiting += entry.is_new ? 1 : 0;
  if (as_json) {
    json::Writer writer;
    writer.begin_object()
        .member("embedded", report.embedded)
        .member("exists", report.exists)
        .member("running", report.running);
    writer.member("data_directory", report.data_directory)
        .member("socket_directory", report.socket_directory);
    if (report.running) {
      writer.member("server_version", report.server_version).member("data_checksums", report.data_checksums);
    } else {  // only a running server says so
      writer.key("server_version").null().key("data_checksums").null();
    }
    writer.key("migrations").begin_array();
    for (const auto& entry : report.migrations.entries) {
      writer.begin_object()
          .member("service", entry.service)
          .member("name", entry.name)
          .member("waiting", entry.is_new)
          .end_object();
    }
    context.out << writer.end_array().end_object().take() << '\n';
    return;
  }
  if (report.embedded && !report.exists) {
    context.out << "There is no database yet in " << fs::absolute(context.home).lexically_normal().string()
                << ": navkeeper db init makes one; NAVKEEPER_HOME names another home.\n";
    return;
  }
  context.out << (report.running ? "running, PostgreSQL " + report.server_version : "stopped");
  if (report.embedded) context.out << ", " << where_it_lies(report.data_directory, report.socket_directory);
  if (report.running) context.out << ", data checksums " << (report.data_checksums ? "on" : "off");
  context.out << '\n';
  if (report.running) {
    context.out << report.migrations.entries.size() << " migrations known to this program, " << waiting
                << (waiting == 0 ? " waiting" : " waiting: navkeeper db migrate runs them") << '\n';
  }
}

void stop(CommandContext& context, bool as_json) {
  const bool was_running = db::Database(database_settings(load_configuration(context))).stop();
  if (as_json) {
    context.out << json::Writer().begin_object().member("stopped", was_running).end_object().take() << '\n';
  } else {
    context.out << (was_running ? "The database is stopped; its data stay." : "The database was not running.")
                << '\n';
  }
}

void verify_audit(CommandContext& context, bool as_json) {
  db::Database database(database_settings(load_configuration(context)));
  database.ensure_running();
  db::Pool auditor = database.pool("auditor", 1);
  const base::FileLock lock(db::lock_of_heads(database.heads_file()));
  const auto kept = db::read_heads(database.heads_file());
  const db::AuditReport report =
      auditor.transact([&](db::Transaction& transaction) { return db::verify_audit(transaction, kept); });
  if (report.faults.empty()) {
    db::write_heads(database.heads_file(), report.heads);
  } else {
    context.exit_code = ExitCode::kRefused;
  }
  if (as_json) {
    json::Writer writer;
    writer.begin_object().member("whole", report.faults.empty()).member("records", report.records);
    writer.member("compared_with_kept_heads", !kept.empty());
    writer.member("daily_root", base::to_hex(report.daily_root)).key("heads").begin_array();
    for (const auto& head : report.heads) {
      writer.begin_object()
          .member("service", head.service)
          .member("scope", head.scope)
          .member("seq", head.seq);
      writer.member("hash", base::to_hex(head.hash)).end_object();
    }
    writer.end_array().key("faults").begin_array();
    for (const auto& fault : report.faults) {
      writer.begin_object()
          .member("service", fault.service)
          .member("scope", fault.scope)
          .member("seq", fault.seq);
      writer.member("what", fault.what).end_object();
    }
    context.out << writer.end_array().end_object().take() << '\n';
    return;
  }
  for (const auto& fault : report.faults) {
    context.out << fault.service << ' ' << fault.scope << ' ' << fault.seq << ": " << fault.what << '\n';
  }
  if (kept.empty())
    context.out << "No heads had been kept in " << database.heads_file().string()
                << ": whether a chain's tail was cut before now cannot be told.\n";
  context.out << report.records << " records in " << report.heads.size() << " chains; "
              << (report.faults.empty()
                      ? "every chain is whole. Its heads are kept in " + database.heads_file().string()
                      : std::to_string(report.faults.size()) +
                            " faults. The kept heads were left as they were.")
              << '\n';
}

/// A subcommand without arguments of its own but --json.
void add_plain(runtime::Command& parent, const char* name, const char* about, CommandContext& context,
               void (*run)(CommandContext&, bool)) {
  runtime::Command* command = parent.add_subcommand(name, about);
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "Answer with one JSON object");
  command->callback([&context, as_json, run] { run(context, *as_json); });
}

}  // namespace

void add_database_commands(runtime::Command& root, CommandContext& context) {
  runtime::Command* database =
      root.add_subcommand("db", "The database: the embedded PostgreSQL, or a configured server");
  database->require_subcommand(1);
  add_plain(
      *database, "init",
      "Makes and starts the database where there is none, and migrates it: in the folder NAVKEEPER_HOME "
      "(default: var), with six actors and their tokens, or on the server of NAVKEEPER_DATABASE_URL",
      context, init);
  add_plain(*database, "migrate", "Runs the migrations that have not run yet", context, migrate);
  add_plain(*database, "status", "Says whether it runs, where it lies and what has been migrated", context,
            status);
  add_plain(*database, "stop", "Stops the embedded server; the data stay", context, stop);
  runtime::Command* audit = root.add_subcommand("audit", "The audit trail");
  audit->require_subcommand(1);
  add_plain(
      *audit, "verify",
      "Walks every chain and compares it with the heads kept outside the database, then keeps its heads; nav "
      "run keeps those of nav's chains after each batch",
      context, verify_audit);
}

}  // namespace navkeeper
