#pragma once
// The custody service as the executable sees it: subcommands, routes, and the job that asks the custodians.
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

namespace navkeeper::custody {

struct Settings;

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;  ///< as custody's own role
  /// Who acts, by the name given with --as and its token; throws base::Refused when nobody proven was named.
  /// Called only by what changes something.
  std::function<model::Actor()> actor{};
  const Settings* settings = nullptr;  ///< adapters/settings.h
  const time::Clock* clock = nullptr;
  const log::Logger* logger = nullptr;  ///< of a service that is served
  // Where a stake's liquidity test is asked for when a movement is proposed; empty or nothing: no staking.
  std::function<std::string()> staking_url{};
  std::function<base::Secret()> staking_token{};
  // Of commands and the job that reconciles: where the books are asked for, and by which token. No route
  // calls them.
  std::function<std::string()> nav_url{};
  std::function<base::Secret()> peer_token{};
  // Official prices, of the books' coins and for limits in dollars. Pricing asks nobody, so that a route may
  // ask it. Nothing: no pricing.
  std::function<std::string()> pricing_url{};
  std::function<base::Secret()> pricing_token{};
};

/// Adds `custody` with its subcommands. `connect` is called by those that need the database, when they run;
/// without one they refuse. `custody verify` never calls it. `context` must outlive `root`.
void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

/// Who sent a request, or an http::ProblemError.
using Authenticate = std::function<model::Actor(const http::Request&)>;
/// GET /v1/custody/funds/{fund}/balances, records/{kind}, syncs, alarms, raw/{sha256} (adapters/routes.cpp);
/// accounts, transfers, rollforward, statements, attestations (adapters/account_routes.h).
/// .../movements and .../movement-rules (adapters/movements/movement_routes.cpp).
void register_routes(http::Router& router, const Dependencies& dependencies, Authenticate authenticate);

/// Asks each configured custodian and chain again and again while the service is served, and writes the daily
/// statements of days that are over, under a lease that one process holds.
class SyncJob {
 public:
  explicit SyncJob(const Dependencies& dependencies);
  ~SyncJob();  ///< stops
  SyncJob(const SyncJob&) = delete;
  SyncJob& operator=(const SyncJob&) = delete;

  /// Returns at once; does nothing where neither custodian nor address is configured.
  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Reconciles every configured fund at each of its valuation points while the service is served, once a day
/// of the fund, under a lease that one process holds (app/reconcile_days.h). Asks nav for the books, as the
/// command does; nobody waits for it.
class ReconcileJob {
 public:
  explicit ReconcileJob(const Dependencies& dependencies);
  ~ReconcileJob();  ///< stops
  ReconcileJob(const ReconcileJob&) = delete;
  ReconcileJob& operator=(const ReconcileJob&) = delete;

  /// Returns at once; does nothing where neither custodian nor address is configured.
  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Sends what two people approved and follows it to its end while the service is served. Any number of
/// processes may.
class MovementJob {
 public:
  explicit MovementJob(const Dependencies& dependencies);
  ~MovementJob();  ///< stops
  MovementJob(const MovementJob&) = delete;
  MovementJob& operator=(const MovementJob&) = delete;

  /// Returns at once; does nothing where no custodian is configured.
  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::custody
