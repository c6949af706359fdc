#pragma once
// The nav service as the executable wires it.
#include <functional>
#include <string>

namespace CLI {
class App;
}
namespace navkeeper::db {
class Pool;
}
namespace navkeeper::runtime {
struct CommandContext;
}
namespace navkeeper::time {
class Clock;
}

namespace navkeeper::nav {

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;      ///< as nav's own role
  std::string pricing_base_url;  ///< "http://127.0.0.1:4711"
  const time::Clock* clock = nullptr;
};

/// Adds `nav` and `fund`. `connect` is called by the commands that need the database, when they run, and what
/// it gives must live until the program ends; without one those commands refuse. `nav compute` never calls
/// it.
void add_commands(CLI::App& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

}  // namespace navkeeper::nav
