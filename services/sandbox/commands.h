#pragma once
// navkeeper sandbox: the simulated outside world as a process of its own. `serve` never starts it.
#include <iosfwd>

namespace CLI {
class App;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::sandbox {

/// `out` takes the endpoints while the command runs, which is until SIGTERM or SIGINT.
void add_commands(CLI::App& root, runtime::CommandContext& context, std::ostream& out);

}  // namespace navkeeper::sandbox
