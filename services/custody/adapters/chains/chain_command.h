#pragma once
// `navkeeper custody chain show`: asks the configured nodes; no database.
namespace CLI {
class App;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::custody {

void add_chain_command(CLI::App& custody, runtime::CommandContext& context);

}  // namespace navkeeper::custody
