#pragma once
// The subcommands that need the database: fund apply|list|show and those of nav.
#include <functional>

namespace CLI {
class App;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::nav {

class Service;
using ServiceSource = std::function<Service&()>;

void add_fund_commands(CLI::App& fund, runtime::CommandContext& context, ServiceSource service);
/// nav run, in run_command.cpp.
void add_run_command(CLI::App& nav, runtime::CommandContext& context, ServiceSource service);
/// nav approve|override|publish|restate|errors|contingent|evidence, in life_commands.cpp.
void add_life_commands(CLI::App& nav, runtime::CommandContext& context, ServiceSource service);
void add_nav_commands(CLI::App& nav, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
