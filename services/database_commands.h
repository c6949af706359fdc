#pragma once
// navkeeper db init|migrate|status|stop, navkeeper audit verify.
#include "common/runtime/command.h"

namespace navkeeper::runtime {
class Command;
}

namespace navkeeper {

void add_database_commands(runtime::Command& root, runtime::CommandContext& context);

}  // namespace navkeeper
