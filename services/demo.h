#pragma once
// navkeeper demo: the whole main job on the embedded default, with simulated trades or one real file. It runs
// the same command lines that a person would type, and shows them.
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "common/runtime/command.h"

namespace navkeeper::runtime {
class Command;
}

namespace navkeeper {

/// What one command line did.
struct CommandAnswer {
  runtime::ExitCode exit_code = runtime::ExitCode::kDone;
  std::string out;
  std::string error;  ///< the line for stderr, when it was refused
};

/// Runs a command line (without the program's name) as if it had been typed.
using RunCommand = std::function<CommandAnswer(const std::vector<std::string>& words)>;

/// `out` is written to as the demonstration goes on, not held back.
void add_demo_command(runtime::Command& root, runtime::CommandContext& context, RunCommand run,
                      std::ostream& out);

}  // namespace navkeeper
