#pragma once
// The staking service as the executable sees it: subcommands, routes, and the job that reads the chains.
#include <functional>
#include <memory>

#include "common/base/secret.h"
#include "common/model/actor.h"

namespace navkeeper::db {
class Pool;
}
namespace navkeeper::http {
class Router;
struct Request;
}  // namespace navkeeper::http
namespace navkeeper::log {
class Logger;
}
namespace navkeeper::runtime {
class Command;
struct CommandContext;
}  // namespace navkeeper::runtime
namespace navkeeper::time {
class Clock;
}

namespace navkeeper::staking {

struct Settings;

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;  ///< as staking's own role
  /// Who acts, by the name given with --as and its token; throws base::Refused when nobody proven was named.
  std::function<model::Actor()> actor{};
  const Settings* settings = nullptr;  ///< adapters/settings.h
  const time::Clock* clock = nullptr;
  const log::Logger* logger = nullptr;  ///< of a service that is served
  // Where NAVs are asked for, and by which token. Commands refuse without it; for the service an empty
  // address says that there is none.
  std::function<std::string()> nav_url{};
  std::function<base::Secret()> nav_token{};
  // Where a plan's movements are proposed.
  std::function<std::string()> custody_url{};
  std::function<base::Secret()> custody_token{};
  std::function<std::string()> pricing_url{};
  std::function<base::Secret()> peer_token{};  ///< by which pricing knows us
};

/// Adds `staking` with its subcommands. `connect` is called by those that need the database, when they run;
/// without one they refuse. `staking compute` never calls it. `context` must outlive `root`.
void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

/// Who sent a request, or an http::ProblemError.
using Authenticate = std::function<model::Actor(const http::Request&)>;
/// GET /v1/staking/funds/{fund}/... (adapters/routes.cpp; measure_routes.h, liquidity_routes.h,
/// plan_routes.h).
void register_routes(http::Router& router, const Dependencies& dependencies, Authenticate authenticate);

/// Reads each configured source again and again while the service is served, under a lease that one process
/// holds, and takes the day's liquidity test of its fund as soon as nav answers.
class SyncJob {
 public:
  explicit SyncJob(const Dependencies& dependencies);
  ~SyncJob();  ///< stops
  SyncJob(const SyncJob&) = delete;
  SyncJob& operator=(const SyncJob&) = delete;

  /// Returns at once; does nothing where no source is configured.
  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::staking
