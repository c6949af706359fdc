#include "services/composition.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/base/bytes.h"
#include "common/base/file_lock.h"
#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/db/database_time.h"
#include "common/http/health.h"
#include "common/http/problem.h"
#include "common/log/log.h"
#include "common/runtime/options.h"
#include "common/runtime/shutdown.h"
#include "services/nav/adapters/cash_routes.h"
#include "services/nav/adapters/indicative_service.h"
#include "services/nav/adapters/indicative_settings.h"
#include "services/pricing/adapters/real_time_board.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;

/// Of this machine's clock and the database's.
constexpr time::Duration kClocksApartMax = time::Duration::seconds(60);
constexpr std::int64_t kNsASecond = 1'000'000'000;
constexpr std::size_t kTokenBytes = 32;
constexpr std::string_view kBearer = "Bearer ";

struct EmbeddedActor {
  std::string_view name;
  std::string_view roles;
};

/// Enough people for four eyes: who strikes never approves.
constexpr EmbeddedActor kEmbeddedActors[] = {
    {"operator", R"("operator")"}, {"maker", R"("maker", "operator")"},
    {"approver", R"("approver")"}, {"second-approver", R"("approver")"},
    {"auditor", R"("auditor")"},   {"administrator", R"("administrator")"},
};

std::string new_token() {
  std::array<std::uint8_t, kTokenBytes> bytes{};
  crypto::fill_random(bytes);
  return base::to_hex(bytes);
}

std::string token_digest(const std::string& token) { return base::to_hex(crypto::sha256(token)); }

void write_private(const fs::path& file, const std::string& content) {
  const fs::path part = file.string() + ".part";
  const mode_t mask = ::umask(0077);
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    out << content;
    out.flush();
    if (!out) base::refuse(file.string(), "cannot be written");
  }
  ::umask(mask);
  fs::rename(part, file);
}

std::string embedded_token_file(const runtime::Config& config, const std::string& actor) {
  return (fs::path(config.home) / "tokens" / actor).string();
}

bool is_built(const std::string& service) {
  return service == "pricing" || service == "custody" || service == "staking" || service == "nav";
}

std::string bearer_token(const http::Request& request) {
  const std::string* header = request.headers.find("authorization");
  if (header == nullptr || header->rfind(kBearer, 0) != 0) {
    throw http::ProblemError(http::unauthenticated("an Authorization: Bearer token is needed"));
  }
  return header->substr(kBearer.size());
}

}  // namespace

runtime::Config load_configuration(const runtime::CommandContext& context) {
  return base::value_or_refuse(runtime::load_config(context.config_path, context.home));
}

db::DatabaseSettings database_settings(const runtime::Config& config) {
  db::DatabaseSettings settings;
  settings.home = config.home;
  settings.url = config.database_url.reveal();
  for (const auto& [role, password] : config.database_passwords) settings.passwords[role] = password.reveal();
  return settings;
}

bool ensure_embedded_actors(const runtime::Config& config) {
  const fs::path file = fs::path(config.home) / "actors.toml";
  if (fs::path(config.actor_file) != file || fs::exists(file)) return false;
  fs::create_directories(fs::path(config.home) / "tokens");
  const base::FileLock lock(file.string() + ".lock");  // two that make them at once would mix their tokens
  if (fs::exists(file)) return false;
  std::string text =
      "# The actors of the embedded default: made by `navkeeper db init`, with a token file for each below "
      "tokens/.\n"
      "# On one machine whoever reads those files is everybody: in production each person keeps their own "
      "token.\n";
  for (const EmbeddedActor& actor : kEmbeddedActors) {
    const std::string token = new_token();
    write_private(embedded_token_file(config, std::string(actor.name)), token + "\n");
    text += "\n[[actors]]\nname = \"" + std::string(actor.name) + "\"\nroles = [" + std::string(actor.roles) +
            "]\ntoken_sha256 = \"" + token_digest(token) + "\"\n";
  }
  write_private(file, text);
  return true;
}

Composition::Composition(const runtime::CommandContext& context)
    : context_(context), peer_token_(new_token()), board_(std::make_unique<pricing::RealTimeBoard>()) {}

Composition::~Composition() {
  for (auto& [service, server] : servers_) server->stop();
}

const runtime::Config& Composition::config() {
  if (!config_) config_ = load_configuration(context_);
  return *config_;
}

db::Pool& Composition::pool(const std::string& service) {
  if (!database_) {
    database_.emplace(database_settings(config()));
    database_->ensure_running();
  }
  const auto found = pools_.find(service);
  if (found != pools_.end()) return found->second;
  return pools_.emplace(service, database_->pool(service)).first->second;
}

const pricing::Settings& Composition::pricing_settings() {
  if (!pricing_settings_) {
    const auto table = config().own_table("pricing");
    pricing_settings_ = table ? pricing::read_settings(*table, config().folder) : pricing::Settings{};
  }
  return *pricing_settings_;
}

const custody::Settings& Composition::custody_settings() {
  if (!custody_settings_) {
    const auto table = config().own_table("custody");
    custody_settings_ = table ? custody::read_settings(*table, config().folder) : custody::Settings{};
  }
  return *custody_settings_;
}

custody::Dependencies Composition::custody() {
  return {.pool = &pool("custody"),
          .actor = [this] { return actor(); },
          .settings = &custody_settings(),
          .clock = &clock_,
          .logger = nullptr,
          .staking_url = [this] { return optional_peer_url("staking"); },
          .staking_token = [this] { return peer_token("staking"); },
          .nav_url = [this] { return peer_url("nav"); },
          .peer_token = [this] { return peer_token("nav"); },
          .pricing_url = [this] { return peer_url("pricing"); },
          .pricing_token = [this] { return peer_token("pricing"); }};
}

custody::Dependencies Composition::served_custody() {
  custody::Dependencies dependencies = custody();
  dependencies.pricing_url = [this] { return optional_peer_url("pricing"); };
  return dependencies;
}

const staking::Settings& Composition::staking_settings() {
  if (!staking_settings_) {
    const auto table = config().own_table("staking");
    staking_settings_ = table ? staking::read_settings(*table, config().folder) : staking::Settings{};
  }
  return *staking_settings_;
}

staking::Dependencies Composition::staking() {
  return {.pool = &pool("staking"),
          .actor = [this] { return actor(); },
          .settings = &staking_settings(),
          .clock = &clock_,
          .logger = nullptr,
          .nav_url = [this] { return peer_url("nav"); },
          .nav_token = [this] { return peer_token("nav"); },
          .custody_url = [this] { return optional_peer_url("custody"); },
          .custody_token = [this] { return peer_token("custody"); },
          .pricing_url = [this] { return peer_url("pricing"); },
          .peer_token = [this] { return peer_token("pricing"); }};
}

staking::Dependencies Composition::served_staking() {
  staking::Dependencies dependencies = staking();
  dependencies.nav_url = [this] { return optional_peer_url("nav"); };
  return dependencies;
}

pricing::Dependencies Composition::pricing() {
  return {.pool = &pool("pricing"),
          .actor =
              [this] {
                model::Actor known = actor();
                refuse_clock_ahead("pricing");
                return known;
              },
          .settings = &pricing_settings(),
          .clock = &clock_,
          .metrics = &metrics_,
          .venue_clocks = &venue_clocks_,
          .board = board_.get(),
          .served =
              [this] {
                return std::pair{config().endpoint("pricing").url, command_token().reveal()};
              }};
}

nav::Dependencies Composition::nav() {
  return {.pool = &pool("nav"),
          .pricing_base_url = peer_url("pricing"),
          .pricing_token = peer_token("pricing"),
          .clock = &clock_,
          .actor = [this] { return actor(); },
          .note = [this](const std::string& what) { note("nav", what); },
          .keep_audit_heads = [this] { return keep_audit_heads("nav"); },
          .custody_url = [this] { return optional_peer_url("custody"); },
          .custody_token = [this] { return peer_token("custody"); },
          .staking_url = [this] { return optional_peer_url("staking"); },
          .staking_token = [this] { return peer_token("staking"); }};
}

std::string Composition::keep_audit_heads(const std::string& service) {
  const std::string not_kept = "the heads of " + service + "'s audit chains were not kept: ";
  try {
    const auto faults = db::advance_heads(pool(service), service, database_->heads_file());
    if (faults.empty()) return "";
    const db::AuditFault& first = faults.front();
    return not_kept + first.scope + " " + std::to_string(first.seq) + ": " + first.what +
           " (navkeeper audit verify)";
  } catch (const base::Unavailable& unavailable) {
    return not_kept + unavailable.what();
  } catch (const base::Refused& refused) {
    return not_kept + refused.what();
  }
}

/// A line for people on a command's standard error; a line of the log where services are served.
void Composition::note(const std::string& service, const std::string& what) {
  if (is_serving_) {
    log::Logger(service, config().log_level, clock_).info(what);
  } else {
    context_.err << "navkeeper: " << what << std::endl;
  }
}

time::Duration Composition::refuse_clock_ahead(const std::string& service) {
  const time::Duration ahead = clock_.now() - db::database_time(pool(service));
  if (ahead > kClocksApartMax)
    base::refuse("clock", "this machine's is " + std::to_string(ahead.ns() / kNsASecond) +
                              " s ahead of the database's: what is decided now would be dated in the future");
  return time::Duration{} - ahead;
}

/// Of --as NAME: the configured one, else the embedded default's.
std::string Composition::command_token_file() {
  const runtime::Config& configuration = config();
  if (!configuration.token_file.empty() || context_.actor_name.empty()) return configuration.token_file;
  const std::string own = embedded_token_file(configuration, context_.actor_name);
  return fs::exists(own) ? own : std::string();
}

base::Secret Composition::command_token() {
  return base::value_or_refuse(runtime::read_token(command_token_file()));
}

model::Actor Composition::actor() {
  if (context_.actor_name.empty()) runtime::refuse_usage("--as", "who acts must be said: --as NAME");
  return base::value_or_refuse(
      runtime::authenticate_command(config().actor_file, context_.actor_name, command_token_file()));
}

/// A configured peer is asked where it is; else the service of this process answers, started now if it does
/// not run yet.
std::string Composition::peer_url(const std::string& service) {
  if (servers_.contains(service)) return servers_.at(service)->url();
  if (!context_.config_path.empty()) return config().endpoint(service).url;
  return start(service, runtime::Endpoint{}, false);
}

/// By which a peer knows us: that of this process, or whoever is configured.
base::Secret Composition::peer_token(const std::string& service) {
  if (servers_.contains(service) || context_.config_path.empty()) return peer_token_;
  return command_token();
}

/// Empty: there is none to ask. A configuration that says nothing of a service has none; nor has a process
/// that serves others.
std::string Composition::optional_peer_url(const std::string& service) {
  if (servers_.contains(service)) return servers_.at(service)->url();
  if (context_.config_path.empty()) return is_serving_ ? std::string() : peer_url(service);
  const auto& document = config().document;
  const auto services = document ? document->root().optional_table("services") : std::nullopt;
  const bool is_configured = config().own_table(service).has_value() || (services && services->has(service));
  return is_configured ? config().endpoint(service).url : std::string();
}

http::Router Composition::router_of(const std::string& service) {
  http::Router router;
  const auto authenticate = [this](const http::Request& request) -> model::Actor {
    const base::Secret token(bearer_token(request));
    if (token_digest(token.reveal()) == token_digest(peer_token_.reveal())) {
      return {model::ActorId::parse("navkeeper").value(), {model::Role::kService}};
    }
    const auto actors = runtime::ActorFile::load(config().actor_file);
    if (actors.has_error()) throw http::ProblemError(http::unauthenticated("no actor file"));
    auto known = actors->authenticate(token);
    if (known.has_error()) throw http::ProblemError(http::unauthenticated(known.error().rule));
    return *known;
  };
  if (service == "pricing") {
    pricing::register_routes(router, pricing());
    pricing::register_price_routes(router, pricing(), authenticate);
  }
  if (service == "custody") custody::register_routes(router, served_custody(), authenticate);
  if (service == "staking") staking::register_routes(router, served_staking(), authenticate);
  if (service == "nav") {
    nav_service_ = std::make_unique<nav::Service>(nav());
    nav::register_routes(router, *nav_service_, authenticate);
    indicative_ = std::make_unique<nav::IndicativeContext>();
    if (const auto table = config().own_table("nav"))
      indicative_->settings = nav::read_indicative_settings(*table);
    nav::register_indicative_routes(router, *nav_service_, *indicative_, authenticate);
  }
  router.wrap([authenticate](const http::Request& request, const http::Handler& inner) {
    if (request.path.rfind("/v1/", 0) == 0) static_cast<void>(authenticate(request));
    return inner(request);
  });
  db::Pool* own_pool = &pool(service);
  const auto database_answers = [own_pool] { static_cast<void>(own_pool->begin()); };
  http::add_health_routes(router, {{"database", database_answers}}, [this] { return metrics_.to_text(); });
  return router;
}

std::string Composition::start(const std::string& service, const runtime::Endpoint& endpoint,
                               bool log_requests) {
  const log::Logger logger =
      log_requests ? log::Logger(service, config().log_level, clock_) : log::Logger::silent();
  http::ServerOptions options;
  options.address = endpoint.address;
  options.port = endpoint.port;
  if (config().tls && log_requests) {
    options.tls = http::ServerTls{config().tls->certificate_file, config().tls->key_file,
                                  config().tls->require_client_certificate ? config().tls->ca_file : ""};
  }
  options.on_exchange = [this, service, logger](const http::Exchange& exchange) {
    const runtime::Labels labels{
        {"service", service}, {"route", exchange.route}, {"status", std::to_string(exchange.status)}};
    metrics_.counter("navkeeper_http_requests_total", "Requests answered", labels).add();
    metrics_.histogram("navkeeper_http_request_seconds", "Time in the handler", {{"service", service}})
        .observe(static_cast<double>(exchange.duration.count()) / 1e6);
    logger.info("request", {{"method", http::describe(exchange.method)},
                            {"route", exchange.route},
                            {"status", exchange.status},
                            {"duration_us", exchange.duration.count()}});
  };
  auto server = std::make_unique<http::Server>(router_of(service), options, logger);
  server->start();
  std::string url = server->url();
  servers_[service] = std::move(server);
  return url;
}

void Composition::serve(std::vector<std::string> services) {
  if (services.empty()) services = {"pricing", "custody", "staking", "nav"};
  for (const std::string& service : services) {
    if (std::find(runtime::kServices.begin(), runtime::kServices.end(), service) ==
        runtime::kServices.end()) {
      runtime::refuse_usage(
          service,
          "there is no such service; known: pricing, custody, staking, nav, risk, reporting, gateway");
    }
    if (!is_built(service))
      runtime::refuse_usage(
          service, "this version does not have that service yet; it has pricing, custody, staking and nav");
  }
  static_cast<void>(pricing_settings());
  static_cast<void>(custody_settings());
  static_cast<void>(staking_settings());
  is_serving_ = true;
  runtime::ShutdownSignals signals;
  const log::Logger logger("navkeeper", config().log_level, clock_);
  clock_.on_event([logger](time::WatchedClock::Event event, time::Duration by) {
    logger.warning(time::describe(event, by));
  });
  // All that is decided here is dated by this clock, and read by others beside what they date by theirs.
  if (const time::Duration behind = refuse_clock_ahead(services.front()); behind > kClocksApartMax)
    logger.warning("this machine's clock is behind the database's",
                   {{"seconds", std::to_string(behind.ns() / kNsASecond)}});
  // Whoever is asked listens before whoever asks.
  const auto place_of = [](const std::string& service) {
    return std::find(runtime::kServices.begin(), runtime::kServices.end(), service);
  };
  std::sort(services.begin(), services.end(),
            [&](const std::string& a, const std::string& b) { return place_of(a) < place_of(b); });
  for (const std::string& service : services) {
    if (servers_.contains(service)) continue;
    const std::string url = start(service, config().endpoint(service), true);
    log::Logger(service, config().log_level, clock_).info("listening", {{"url", url}});
  }
  std::optional<pricing::LiveService> live_pricing;
  std::optional<pricing::StrikeScheduler> strikes;
  const log::Logger pricing_logger("pricing", config().log_level, clock_);
  if (servers_.contains("pricing")) {
    pricing::Dependencies dependencies = pricing();
    dependencies.logger = &pricing_logger;
    live_pricing.emplace(dependencies).start();
    strikes.emplace(dependencies).start();
  }
  std::optional<custody::SyncJob> custodians;
  std::optional<custody::MovementJob> movements;
  std::optional<custody::ReconcileJob> reconciliations;
  const log::Logger custody_logger("custody", config().log_level, clock_);
  if (servers_.contains("custody")) {
    custody::Dependencies dependencies = custody();
    dependencies.logger = &custody_logger;
    custodians.emplace(dependencies).start();
    custody::Dependencies moving = served_custody();
    moving.logger = &custody_logger;
    movements.emplace(moving).start();
    if (!optional_peer_url("nav").empty()) reconciliations.emplace(dependencies).start();
  }
  std::optional<staking::SyncJob> stakes;
  const log::Logger staking_logger("staking", config().log_level, clock_);
  if (servers_.contains("staking")) {
    staking::Dependencies dependencies = served_staking();
    dependencies.logger = &staking_logger;
    stakes.emplace(dependencies).start();
  }
  std::optional<nav::IndicativeService> indicative;
  const log::Logger nav_logger("nav", config().log_level, clock_);
  if (servers_.contains("nav")) indicative.emplace(*nav_service_, *indicative_, nav_logger).start();
  logger.info("ready");
  signals.wait();
  logger.info("stopping");
  indicative.reset();
  stakes.reset();
  reconciliations.reset();
  movements.reset();
  custodians.reset();
  strikes.reset();
  live_pricing.reset();
  for (auto& [service, server] : servers_) {
    if (!server->stop()) log::Logger(service, config().log_level, clock_).warning("requests were cut off");
  }
  servers_.clear();
  logger.info("stopped");
}

}  // namespace navkeeper
