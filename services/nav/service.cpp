#include "services/nav/service.h"

#include <CLI/CLI.hpp>

#include "services/nav/adapters/compute_command.h"

namespace navkeeper::nav {

void add_commands(CLI::App& root, runtime::CommandContext& context, std::function<Dependencies()> connect) {
  static_cast<void>(connect);
  CLI::App* nav = root.add_subcommand("nav", "Net asset values: compute, run, approve, show, explain");
  nav->require_subcommand(1);
  add_compute_command(*nav, context);
}

}  // namespace navkeeper::nav
