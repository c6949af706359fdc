#pragma once
// navkeeper db init|migrate|status|stop, navkeeper audit verify.
#include "common/runtime/command.h"

namespace CLI {
class App;
}

namespace navkeeper {

void add_database_commands(CLI::App& root, runtime::CommandContext& context);

}  // namespace navkeeper
