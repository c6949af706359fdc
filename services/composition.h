#pragma once
// Puts the services together: one configuration, one database, a pool per service as its own role, and peers
// over HTTP. A command that needs a peer finds it at its configured URL, or, when nothing is configured,
// starts that peer's HTTP server in this process on a free loopback port, so that the path that is tested is
// the path that is deployed.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/db/database.h"
#include "common/http/server.h"
#include "common/runtime/actors.h"
#include "common/runtime/command.h"
#include "common/runtime/config.h"
#include "common/runtime/metrics.h"
#include "common/time/steady_clock.h"
#include "common/time/watched_clock.h"
#include "services/custody/adapters/settings.h"
#include "services/custody/service.h"
#include "services/nav/service.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/venue_clocks.h"
#include "services/pricing/service.h"
#include "services/staking/adapters/settings.h"
#include "services/staking/service.h"

namespace navkeeper::nav {
struct IndicativeContext;
}
namespace navkeeper {

/// The configuration of this command line: --config FILE, or the embedded defaults below context.home.
runtime::Config load_configuration(const runtime::CommandContext& context);

/// The database that the configuration is about.
db::DatabaseSettings database_settings(const runtime::Config& config);

/// Actors of the embedded default, made once: actors.toml in the home directory and a token file for each
/// below tokens/. True when they were made now. Does nothing where an actor file is configured.
bool ensure_embedded_actors(const runtime::Config& config);

/// Everything is made when it is first asked for and kept until this object goes.
class Composition {
 public:
  explicit Composition(const runtime::CommandContext& context);
  ~Composition();
  Composition(const Composition&) = delete;
  Composition& operator=(const Composition&) = delete;

  const runtime::Config& config();
  db::Pool& pool(const std::string& service);
  /// The service's own settings; refuses a configuration that is wrong there.
  const pricing::Settings& pricing_settings();
  const custody::Settings& custody_settings();
  const staking::Settings& staking_settings();
  pricing::Dependencies pricing();
  custody::Dependencies custody();
  custody::Dependencies served_custody();  ///< of a process that serves it: there may be no pricing
  staking::Dependencies staking();
  staking::Dependencies served_staking();  ///< of a process that serves it: there may be no nav
  nav::Dependencies nav();
  /// Who acts on the command line; throws base::Refused when nobody proven was named.
  model::Actor actor();

  /// Runs the named services (all that are built, when none is named) until SIGTERM or SIGINT. Throws
  /// base::Refused for one that does not exist or is not built yet.
  void serve(std::vector<std::string> services);

 private:
  std::string peer_url(const std::string& service);
  base::Secret peer_token(const std::string& service);
  std::string optional_peer_url(const std::string& service);
  void note(const std::string& service, const std::string& what);
  std::string keep_audit_heads(const std::string& service);
  std::string command_token_file();
  base::Secret command_token();
  std::string start(const std::string& service, const runtime::Endpoint& endpoint, bool log_requests);
  http::Router router_of(const std::string& service);

  /// Throws base::Refused where this machine's clock is ahead of the database's. How far it is behind.
  time::Duration refuse_clock_ahead(const std::string& service);

  const runtime::CommandContext& context_;
  time::SteadyClock steady_;
  time::WatchedClock clock_{context_.clock, steady_};  ///< of all that runs here
  pricing::venues::VenueClocks venue_clocks_{steady_};
  std::optional<runtime::Config> config_;
  std::optional<db::Database> database_;
  std::map<std::string, db::Pool> pools_;
  std::optional<pricing::Settings> pricing_settings_;
  std::optional<custody::Settings> custody_settings_;
  std::optional<staking::Settings> staking_settings_;
  std::unique_ptr<nav::Service> nav_service_;
  std::unique_ptr<nav::IndicativeContext> indicative_;
  runtime::Metrics metrics_;
  std::map<std::string, std::unique_ptr<http::Server>> servers_;
  bool is_serving_ = false;
  base::Secret peer_token_;  ///< by which the services of this process know each other
  std::unique_ptr<pricing::RealTimeBoard> board_;
};

}  // namespace navkeeper
