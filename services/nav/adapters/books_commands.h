#pragma once
// `navkeeper books …`.
#include "common/runtime/command.h"

namespace CLI {
class App;
}

namespace navkeeper::nav {

/// Adds `books` with its subcommands. `context` must outlive `root`'s parsing.
void add_books_commands(CLI::App& root, runtime::CommandContext& context);

}  // namespace navkeeper::nav
