#pragma once
// The pricing service as the executable sees it: subcommands, and routes for its HTTP server.
#include <functional>

#include "common/model/actor.h"

namespace CLI {
class App;
}
namespace navkeeper::db {
class Pool;
}
namespace navkeeper::http {
class Router;
}
namespace navkeeper::runtime {
struct CommandContext;
}

namespace navkeeper::pricing {

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;  ///< as pricing's own role
  /// Who acts, by the name given with --as and its token; throws base::Refused when nobody proven was named.
  /// Called only by what changes something.
  std::function<model::Actor()> actor;
};

/// Adds `rates` with its subcommands. `connect` is called by those that need the database, when they run;
/// without one they refuse. `rates compute` never calls it. `context` must outlive `root`.
void add_commands(CLI::App& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

/// Adds GET /v1/rates, /v1/rates/{index} and /v1/rates/{index}/{date}.
void register_routes(http::Router& router, const Dependencies& dependencies);

}  // namespace navkeeper::pricing
