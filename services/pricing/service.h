#pragma once
// The pricing service as the executable sees it.
#include "common/runtime/command.h"

namespace CLI {
class App;
}

namespace navkeeper::pricing {

/// Adds `rates` with its subcommands. `context` must outlive `root`.
void add_commands(CLI::App& root, runtime::CommandContext& context);

}  // namespace navkeeper::pricing
