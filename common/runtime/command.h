#pragma once
// What every subcommand gets and how it ends. A service adds its subcommands with
//   void add_commands(runtime::Command& root, runtime::CommandContext& context);
// each of them registering a callback that sets context.exit_code. A callback may throw base::Refused (exit
// 1, one line on stderr), base::Unavailable (exit 3); the executable prints them. Nothing is printed to `out`
// before success is certain.
#include <iosfwd>
#include <string>

namespace navkeeper::time {
class Clock;
}

namespace navkeeper::runtime {

/// The exit codes of the command line.
enum class ExitCode : int {
  kDone = 0,
  kRefused = 1,      ///< refused, or checks failed
  kUsage = 2,        ///< the command line itself
  kUnavailable = 3,  ///< something outside this process does not answer
};

struct CommandContext {
  std::ostream& out;
  std::ostream& err;
  time::Clock& clock;
  bool out_is_terminal = false;  ///< progress bars and colours only when true
  std::string home{};            ///< where the embedded default keeps its files: $NAVKEEPER_HOME, else ./var
  std::string config_path{};     ///< --config FILE; empty: built-in defaults
  std::string actor_name{};      ///< --as NAME; empty: none given
  ExitCode exit_code = ExitCode::kDone;
  /// Where a command that runs until it is stopped writes line by line; null: it uses `out`.
  std::ostream* live_out = nullptr;
};

}  // namespace navkeeper::runtime
