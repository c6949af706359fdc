#pragma once
// `navkeeper staking compute FILE.json`: pure, no database.
namespace CLI {
class App;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::staking {

void add_commands(CLI::App& app, runtime::CommandContext& context);

}  // namespace navkeeper::staking
