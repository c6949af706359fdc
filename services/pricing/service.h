#pragma once
// The pricing service as the executable sees it: subcommands, and routes for its HTTP server.
#include <functional>
#include <memory>
#include <string>
#include <utility>

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
class Metrics;
}  // namespace navkeeper::runtime
namespace navkeeper::time {
class Clock;
}

namespace navkeeper::pricing {

class RealTimeBoard;
struct Settings;
namespace venues {
class VenueClocks;
}

/// What the service needs from outside itself. Everything named here must outlive what uses it.
struct Dependencies {
  db::Pool* pool = nullptr;  ///< as pricing's own role
  /// Who acts, by the name given with --as and its token; throws base::Refused when nobody proven was named.
  /// Called only by what changes something.
  std::function<model::Actor()> actor;
  const Settings* settings = nullptr;  ///< adapters/settings.h; always given to what is served
  // Of a service that is served; see LiveService.
  const time::Clock* clock = nullptr;
  const log::Logger* logger = nullptr;
  runtime::Metrics* metrics = nullptr;
  /// Between the feeds and the strike job: what the venues say that time it is (adapters/venues). Absent in a
  /// simulated market, whose clock is taken at its word.
  venues::VenueClocks* venue_clocks = nullptr;
  RealTimeBoard* board = nullptr;  ///< adapters/real_time_board.h: between what runs and the routes
  /// Where the service is served, and the bearer token by which who acts is known there: `rates watch`.
  std::function<std::pair<std::string, std::string>()> served{};
};

/// Adds `rates` with its subcommands. `connect` is called by those that need the database, when they run;
/// without one they refuse. `rates compute` never calls it. `context` must outlive `root`.
void add_commands(runtime::Command& root, runtime::CommandContext& context,
                  std::function<Dependencies()> connect = nullptr);

/// Adds GET /v1/rates, /v1/rates/{index} and /v1/rates/{index}/{date}.
void register_routes(http::Router& router, const Dependencies& dependencies);

/// Who sent a request, or an http::ProblemError.
using Authenticate = std::function<model::Actor(const http::Request&)>;
/// Official prices, principal markets, determinations, exchange rates (adapters/price_routes.cpp lists them).
void register_price_routes(http::Router& router, const Dependencies& dependencies, Authenticate authenticate);

/// Strikes rates and prices by itself while the service is served, under a lease that one process holds;
/// polls the exchange rates of liquid-staking tokens.
class StrikeScheduler {
 public:
  explicit StrikeScheduler(const Dependencies& dependencies);
  ~StrikeScheduler();  ///< stops
  StrikeScheduler(const StrikeScheduler&) = delete;
  StrikeScheduler& operator=(const StrikeScheduler&) = delete;

  void start();
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// What runs by itself while the service is served: the feeds of the venues that the configuration names,
/// into the tape.
class LiveService {
 public:
  explicit LiveService(const Dependencies& dependencies);
  ~LiveService();  ///< stops
  LiveService(const LiveService&) = delete;
  LiveService& operator=(const LiveService&) = delete;

  /// Returns at once; what cannot be reached yet is tried again.
  void start();
  /// Orderly: what was received is stored first, as far as the database takes it in time.
  void stop();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace navkeeper::pricing
