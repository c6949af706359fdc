#include "services/sandbox/sandbox.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/base/refuse.h"
#include "common/crypto/certificate.h"
#include "common/http/server.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "services/sandbox/chains/chain_controls.h"
#include "services/sandbox/custodians/custodian_servers.h"
#include "services/sandbox/tls_front.h"
#include "services/sandbox/venue_server.h"

namespace navkeeper::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kTick{4};
constexpr int kCertificateDays = 30;
constexpr std::int64_t kFaultSecondsMax = 86'400;

void write_file(const fs::path& file, const std::string& content, bool secret) {
  const mode_t mask = ::umask(secret ? 0077 : 0022);
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  out.flush();
  ::umask(mask);
  if (!out) base::refuse(file.string(), "cannot be written");
}

/// The files of the venues' certificate, and of one that nobody trusts.
struct TlsFolder {
  explicit TlsFolder(const fs::path& folder) : ca_file((folder / "ca.pem").string()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) base::refuse(folder.string(), "cannot be made: " + error.message());
    const crypto::Certificate authority = crypto::make_authority("Navkeeper sandbox", kCertificateDays);
    write_file(folder / "ca.pem", authority.certificate_pem, false);
    trusted = write(folder, "venues", authority);
    untrusted = write(folder, "untrusted", crypto::make_authority("Somebody else", kCertificateDays));
  }
  static http::ServerTls write(const fs::path& folder, const std::string& name,
                               const crypto::Certificate& authority) {
    const crypto::Certificate made = crypto::make_certificate(
        authority, "Navkeeper sandbox " + name, {"IP:127.0.0.1", "DNS:localhost"}, kCertificateDays);
    write_file(folder / (name + ".pem"), made.certificate_pem, false);
    write_file(folder / (name + ".key"), made.key_pem, true);
    return {(folder / (name + ".pem")).string(), (folder / (name + ".key")).string(), {}};
  }
  std::string ca_file;
  http::ServerTls trusted;
  http::ServerTls untrusted;
};

/// One venue and, with TLS, what stands before it.
struct Place {
  std::unique_ptr<VenueServer> server;
  std::unique_ptr<TlsFront> socket_front;
  std::unique_ptr<TlsFront> rest_front;
  VenueEndpoint endpoint;
};

}  // namespace

struct Sandbox::Implementation {
  Implementation(SandboxOptions given, const time::Clock& world_clock, const time::Clock& connection_clock)
      : options(std::move(given)), world(options.seed), faults(options.faults), clock(world_clock) {
    check_in_world(options.start);
    if (options.address != "127.0.0.1" && options.address != "::1")
      base::refuse(options.address, "the sandbox listens on loopback only");
    if (options.activity < 1 || options.activity > 1'000)
      base::refuse("--activity", "must be from 1 to 1000");
    if (!options.truth_file.empty()) {
      truth_out.open(options.truth_file, std::ios::binary | std::ios::trunc);
      truth_out << kTradesHeader << std::flush;
      if (!truth_out) base::refuse(options.truth_file, "cannot be written");
    }
    if (!options.tls_folder.empty()) {
      tls.emplace(fs::path(options.tls_folder));
      http::ServerOptions nobody;
      nobody.tls = tls->untrusted;
      untrusted = std::make_unique<http::Server>(http::Router(), nobody, log::Logger::silent());
      untrusted->start();
    }
    std::uint16_t port = options.port;
    const auto next_port = [&port]() -> std::uint16_t { return port == 0 ? 0 : ++port; };
    for (std::unique_ptr<Venue>& venue : make_venues(world, options.activity)) {
      const std::uint16_t socket_port = next_port();
      const std::uint16_t rest_port = next_port();
      open(std::move(venue), socket_port, rest_port, connection_clock);
    }
    if (options.chains) chain_world = std::make_unique<ChainWorld>(options.seed, options.start, clock);
    if (options.custodians) {
      CustodianServersOptions wanted;
      wanted.chains = chain_world.get();
      wanted.empty_accounts = options.empty_accounts;
      wanted.seed = options.seed;
      wanted.start = options.start;
      wanted.address = options.address;
      wanted.next_port = next_port;
      if (tls) wanted.tls = tls->trusted;
      if (untrusted) wanted.untrusted_port = untrusted->port();
      custodian_servers = std::make_unique<CustodianServers>(wanted, clock, connection_clock);
    }
    if (chain_world) chain_nodes = std::make_unique<ChainNodes>(*chain_world, options.address, next_port);
    open_control();
    pump = std::thread([this] { run(); });
  }

  void open(std::unique_ptr<Venue> venue, std::uint16_t socket_port, std::uint16_t rest_port,
            const time::Clock& connection_clock) {
    VenueServerOptions server;
    server.address = options.address;
    server.start = options.start;
    server.until = options.until;
    server.history = options.history;
    server.socket_port = tls ? 0 : socket_port;
    server.rest_port = tls ? 0 : rest_port;
    if (tls) server.tls = tls->trusted;
    if (truth_out.is_open())
      server.on_print = [this](const SimulatedTrade& trade) { truth_out << csv_row(trade); };
    Place place;
    const std::string exchange_name(venue->exchange().name);
    place.server = std::make_unique<VenueServer>(std::move(venue), server, faults, clock, connection_clock);
    place.endpoint.venue = place.server->name();
    std::uint16_t socket = place.server->socket_port();
    std::uint16_t rest = place.server->rest_port();
    if (tls) {
      const auto front = [&](std::uint16_t port, std::uint16_t behind) {
        const auto wrong = [this, exchange_name](Fault fault) {
          return faults.active(exchange_name, fault, clock.now());
        };
        return std::make_unique<TlsFront>(TlsFrontOptions{
            .address = options.address,
            .port = port,
            .behind = [this, wrong, behind] { return wrong(Fault::kUntrusted) ? untrusted->port() : behind; },
            .slow = [wrong] { return wrong(Fault::kSlowTls); }});
      };
      place.socket_front = front(socket_port, socket);
      place.rest_front = front(rest_port, rest);
      socket = place.socket_front->port();
      rest = place.rest_front->port();
    }
    const std::string host = options.address == "::1" ? "[::1]" : options.address;
    place.endpoint.socket = (tls ? "wss://" : "ws://") + host + ":" + std::to_string(socket);
    place.endpoint.rest = (tls ? "https://" : "http://") + host + ":" + std::to_string(rest);
    places.push_back(std::move(place));
  }

  void run() {
    while (!stopping) {
      const bool last = clock.now() >= options.until;
      for (const Place& place : places) place.server->advance();
      if (truth_out.is_open()) truth_out << std::flush;
      if (last) finished = true;
      std::this_thread::sleep_for(kTick);
    }
  }

  void open_control() {
    http::Router router;
    router.get("/sandbox/v1/endpoints",
               [this](const http::Request&) { return http::Response::json(to_json()); });
    router.get("/sandbox/v1/clock", [this](const http::Request&) {
      json::Writer writer;
      writer.begin_object().member("now", clock.now().to_string()).member("start", options.start.to_string());
      return http::Response::json(writer.end_object().take());
    });
    router.get("/sandbox/v1/truth", [this](const http::Request&) {
      return http::Response{.body = simulated_trades_csv(truth(options.start, options.until)),
                            .content_type = "text/csv"};
    });
    router.get("/sandbox/v1/faults",
               [this](const http::Request&) { return http::Response::json(faults_json()); });
    router.post("/sandbox/v1/faults", [this](const http::Request& request) {
      faults.add(fault_of(request.body));
      return http::Response::json(faults_json(), 201);
    });
    router.add({http::Method::kDelete, "/sandbox/v1/faults"}, [this](const http::Request&) {
      faults.clear();
      return http::Response::json(faults_json());
    });
    if (custodian_servers) custodian_servers->add_controls(router);
    if (chain_nodes) add_chain_controls(router, *chain_nodes);
    http::ServerOptions server;
    server.address = options.address;
    server.port = options.port;
    server.handler_threads = 1;
    control = std::make_unique<http::Server>(std::move(router), server, log::Logger::silent());
    control->start();
  }

  /// {"venue":"coinbase","kind":"silence","seconds":30}: from now on.
  FaultSpan fault_of(const std::string& body) const {
    const json::Value wanted = base::value_or_refuse(json::parse(body));
    const auto seconds = whole(token_of(wanted, "seconds", ""), 1, kFaultSecondsMax);
    if (!seconds) base::refuse("seconds", "must be a whole number from 1 to 86400");
    const std::string text = std::string(text_of(wanted, "venue")) + ":" +
                             std::string(text_of(wanted, "kind")) + "@0s+" + std::to_string(*seconds) + "s";
    return parse_fault(text, clock.now());
  }

  std::string faults_json() const {
    json::Writer writer;
    writer.begin_object().key("faults").begin_array();
    for (const FaultSpan& span : faults.spans()) {
      writer.begin_object()
          .member("venue", span.venue.empty() ? std::string_view("all") : std::string_view(span.venue))
          .member("kind", name_of(span.fault))
          .member("from", span.from.to_string())
          .member("until", span.until.to_string())
          .end_object();
    }
    return writer.end_array().end_object().take();
  }

  std::vector<SimulatedTrade> truth(time::Instant from, time::Instant until) const {
    std::vector<SimulatedTrade> trades;
    for (const Place& place : places) {
      if (!place.server->prints()) continue;
      const auto tape = place.server->tape(from, until);
      trades.insert(trades.end(), tape.begin(), tape.end());
    }
    std::stable_sort(trades.begin(), trades.end(),
                     [](const SimulatedTrade& a, const SimulatedTrade& b) { return a.time < b.time; });
    return trades;
  }

  std::string to_json() const {
    json::Writer writer;
    writer.begin_object()
        .member("simulated", true)
        .member("control", control->url())
        .member("seed", std::to_string(options.seed))
        .member("start", options.start.to_string());
    if (tls) writer.member("ca_file", tls->ca_file);
    writer.key("venues").begin_array();
    for (const Place& place : places) {
      writer.begin_object()
          .member("venue", place.endpoint.venue)
          .member("socket", place.endpoint.socket)
          .member("rest", place.endpoint.rest)
          .end_object();
    }
    writer.end_array();
    if (custodian_servers) custodian_servers->write(writer);
    if (chain_nodes) write_chains(writer, *chain_nodes);
    return writer.end_object().take();
  }

  void stop() {
    if (!pump.joinable()) return;
    stopping = true;
    pump.join();
    control->stop();
    for (const Place& place : places) place.server->stop();
    if (custodian_servers) custodian_servers->stop();
    if (chain_nodes) chain_nodes->stop();
    if (untrusted) untrusted->stop();
    if (truth_out.is_open()) truth_out << std::flush;
  }

  SandboxOptions options;
  World world;
  FaultBoard faults;
  const time::Clock& clock;
  std::ofstream truth_out;
  std::optional<TlsFolder> tls;
  std::unique_ptr<http::Server> untrusted;
  std::vector<Place> places;
  std::unique_ptr<ChainWorld> chain_world;
  std::unique_ptr<CustodianServers> custodian_servers;
  std::unique_ptr<ChainNodes> chain_nodes;
  std::unique_ptr<http::Server> control;
  std::atomic<bool> stopping{false};
  std::atomic<bool> finished{false};
  std::thread pump;
};

Sandbox::Sandbox(SandboxOptions options, const time::Clock& world_clock, const time::Clock& connection_clock)
    : implementation_(std::make_unique<Implementation>(std::move(options), world_clock, connection_clock)) {}

Sandbox::~Sandbox() { stop(); }

std::vector<VenueEndpoint> Sandbox::endpoints() const {
  std::vector<VenueEndpoint> all;
  for (const Place& place : implementation_->places) all.push_back(place.endpoint);
  return all;
}

const VenueEndpoint& Sandbox::endpoint(const std::string& venue) const {
  for (const Place& place : implementation_->places) {
    if (place.endpoint.venue == venue) return place.endpoint;
  }
  base::refuse(venue, "is no venue of the sandbox");
}

std::string Sandbox::control_url() const { return implementation_->control->url(); }
std::string Sandbox::ca_file() const { return implementation_->tls ? implementation_->tls->ca_file : ""; }
FaultBoard& Sandbox::faults() { return implementation_->faults; }
CustodianServers* Sandbox::custodians() { return implementation_->custodian_servers.get(); }
ChainNodes* Sandbox::chains() { return implementation_->chain_nodes.get(); }
std::vector<SimulatedTrade> Sandbox::truth(time::Instant from, time::Instant until) const {
  return implementation_->truth(from, until);
}

std::uint64_t Sandbox::messages_sent() const {
  std::uint64_t sum = 0;
  for (const Place& place : implementation_->places) sum += place.server->messages_sent();
  return sum;
}

bool Sandbox::finished() const { return implementation_->finished; }
std::string Sandbox::to_json() const { return implementation_->to_json(); }
void Sandbox::stop() { implementation_->stop(); }

}  // namespace navkeeper::sandbox
