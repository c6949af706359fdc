#pragma once
// `navkeeper nav compute FILE.json [--json]`: pure, no database.

namespace CLI {
class App;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::nav {

void add_compute_command(CLI::App& nav, runtime::CommandContext& context);

}  // namespace navkeeper::nav
