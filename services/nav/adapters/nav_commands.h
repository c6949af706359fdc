#pragma once
// The subcommands that need the database: fund apply|list|show and those of nav.
#include <functional>

namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::nav {

class Service;
using ServiceSource = std::function<Service&()>;

void add_fund_commands(runtime::Command& fund, runtime::CommandContext& context, ServiceSource service);
/// nav run, in run_command.cpp.
void add_run_command(runtime::Command& nav, runtime::CommandContext& context, ServiceSource service);
/// nav approve|override|publish|restate|errors|contingent|evidence, in life_commands.cpp.
void add_life_commands(runtime::Command& nav, runtime::CommandContext& context, ServiceSource service);
void add_nav_commands(runtime::Command& nav, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
