#pragma once
// navkeeper sandbox: the simulated outside world as a process of its own. `serve` never starts it.
#include <iosfwd>

namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime

namespace navkeeper::sandbox {

/// `out` takes the endpoints while the command runs, which is until SIGTERM or SIGINT.
void add_commands(runtime::Command& root, runtime::CommandContext& context, std::ostream& out);

}  // namespace navkeeper::sandbox
