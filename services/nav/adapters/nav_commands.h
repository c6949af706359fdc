#pragma once
// The subcommands that need the database: fund apply|list|show, nav run|approve|override|show|explain.
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
void add_nav_commands(CLI::App& nav, runtime::CommandContext& context, ServiceSource service);

}  // namespace navkeeper::nav
