#pragma once
// navkeeper db init|migrate|status|stop, navkeeper audit verify.
#include "common/db/database.h"
#include "common/runtime/command.h"

namespace CLI {
class App;
}

namespace navkeeper {

/// The database that this command line is about: the embedded one below context.home, or the server of
/// NAVKEEPER_DATABASE_URL.
db::DatabaseSettings database_settings(const runtime::CommandContext& context);

void add_database_commands(CLI::App& root, runtime::CommandContext& context);

}  // namespace navkeeper
