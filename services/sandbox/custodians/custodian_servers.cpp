#include "services/sandbox/custodians/custodian_servers.h"

#include <algorithm>
#include <mutex>

#include "common/base/refuse.h"
#include "common/log/log.h"
#include "services/sandbox/tls_front.h"
#include "services/sandbox/venue.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kFaultSecondsMax = 86'400;

struct Place {
  std::unique_ptr<Custodian> custodian;
  std::unique_ptr<std::mutex> mutex;  ///< guards the custodian
  std::unique_ptr<http::Server> server;
  std::unique_ptr<TlsFront> front;
};

}  // namespace

struct CustodianServers::Implementation {
  Implementation(const CustodianServersOptions& options, const time::Clock& world_clock,
                 const time::Clock& connection_clock)
      : world(world_clock) {
    const CustodianClocks clocks{world_clock, connection_clock};
    if (options.chains != nullptr) bridge.emplace(*options.chains);
    open(make_crypto_com_custodian(options.seed, options.start, clocks, faults), options);
    open(make_prime_custodian(options.seed, options.start, clocks, faults), options);
  }

  void open(std::unique_ptr<Custodian> custodian, const CustodianServersOptions& options) {
    Place place;
    place.mutex = std::make_unique<std::mutex>();
    place.custodian = std::move(custodian);
    Custodian* const served = place.custodian.get();
    if (options.empty_accounts) served->account().begin_empty();
    if (bridge) served->join(*bridge);
    std::mutex* const mutex = place.mutex.get();
    http::Router router;
    served->add_routes(router);
    router.wrap([served, mutex](const http::Request& request, const http::Handler& inner) {
      const std::lock_guard lock(*mutex);
      return served->guard(request, inner);
    });
    http::ServerOptions server;
    server.address = options.address;
    server.handler_threads = 2;
    server.tls = options.tls;
    place.server = std::make_unique<http::Server>(std::move(router), server, log::Logger::silent());
    place.server->start();
    const std::uint16_t behind = place.server->port();
    const std::uint16_t untrusted = options.untrusted_port;
    place.front = std::make_unique<TlsFront>(TlsFrontOptions{
        .address = options.address,
        .port = options.next_port ? options.next_port() : std::uint16_t{0},
        .behind =
            [served, behind, untrusted] {
              return untrusted != 0 && served->has(CustodianFault::kUntrusted) ? untrusted : behind;
            },
        .slow = [served] { return served->has(CustodianFault::kSlow); }});
    const std::string host = options.address == "::1" ? "[::1]" : options.address;
    endpoints.push_back(
        {served->name(),
         (options.tls ? "https://" : "http://") + host + ":" + std::to_string(place.front->port()),
         served->account().uuid(), served->key()});
    places.push_back(std::move(place));
  }

  Custodian& named(const std::string& name) {
    for (const Place& place : places) {
      if (place.custodian->name() == name) return *place.custodian;
    }
    base::refuse(name, "is no custodian of the sandbox");
  }

  std::string faults_json() const {
    json::Writer writer;
    writer.begin_object().key("faults").begin_array();
    for (const CustodianFaultSpan& span : faults.spans()) {
      writer.begin_object()
          .member("custodian",
                  span.custodian.empty() ? std::string_view("all") : std::string_view(span.custodian))
          .member("kind", name_of(span.fault))
          .member("from", span.from.to_string())
          .member("until", span.until.to_string())
          .end_object();
    }
    return writer.end_array().end_object().take();
  }

  http::Response add_fault(const http::Request& request) {
    const json::Value wanted = base::value_or_refuse(json::parse(request.body));
    const auto seconds = whole(token_of(wanted, "seconds", ""), 1, kFaultSecondsMax);
    if (!seconds) base::refuse("seconds", "must be a whole number from 1 to 86400");
    CustodianFaultSpan span;
    span.custodian = text_of(wanted, "custodian");
    if (span.custodian == "all") span.custodian.clear();
    if (!span.custodian.empty()) static_cast<void>(named(span.custodian));
    span.fault = custodian_fault_named(text_of(wanted, "kind"));
    span.from = world.now();
    span.until = span.from + time::Duration::seconds(*seconds);
    faults.add(std::move(span));
    return http::Response::json(faults_json(), 201);
  }

  http::Response deposit(const http::Request& request) {
    const json::Value wanted = base::value_or_refuse(json::parse(request.body));
    const auto coin = coin_named(text_of(wanted, "coin"));
    if (!coin) base::refuse("coin", "must be BTC, ETH or CRO");
    const auto units = units_of(text_of(wanted, "amount"), *coin);
    if (!units || *units <= 0) base::refuse("amount", "must be a positive amount of the coin");
    Custodian& custodian = named(std::string(text_of(wanted, "custodian")));
    const std::string transaction(text_of(wanted, "transaction"));
    if (transaction.empty() && bridge)
      bridge->pay(*coin, *units, custodian.account().address(*coin));
    else
      custodian.account().arrive(*coin, *units, transaction, world.now());
    return http::Response::json("{}", 201);
  }

  http::Response complete(const http::Request& request) {
    const json::Value wanted = base::value_or_refuse(json::parse(request.body));
    named(std::string(text_of(wanted, "custodian"))).account().complete(world.now());
    return http::Response::json("{}", 201);
  }

  const time::Clock& world;
  CustodianFaultBoard faults;
  std::optional<ChainBridge> bridge;
  std::vector<Place> places;
  std::vector<CustodianEndpoint> endpoints;
};

CustodianServers::CustodianServers(const CustodianServersOptions& options, const time::Clock& world_clock,
                                   const time::Clock& connection_clock)
    : implementation_(std::make_unique<Implementation>(options, world_clock, connection_clock)) {}
CustodianServers::~CustodianServers() { stop(); }

const std::vector<CustodianEndpoint>& CustodianServers::endpoints() const {
  return implementation_->endpoints;
}
CustodianFaultBoard& CustodianServers::faults() { return implementation_->faults; }
Custodian& CustodianServers::custodian(const std::string& name) { return implementation_->named(name); }

void CustodianServers::add_controls(http::Router& router) {
  Implementation* const self = implementation_.get();
  router.post("/sandbox/v1/custodians/faults",
              [self](const http::Request& request) { return self->add_fault(request); });
  router.add({http::Method::kDelete, "/sandbox/v1/custodians/faults"}, [self](const http::Request&) {
    self->faults.clear();
    return http::Response::json(self->faults_json());
  });
  router.post("/sandbox/v1/custodians/deposits",
              [self](const http::Request& request) { return self->deposit(request); });
  router.post("/sandbox/v1/custodians/completions",
              [self](const http::Request& request) { return self->complete(request); });
}

void CustodianServers::write(json::Writer& writer) const {
  writer.key("custodians").begin_array();
  for (const CustodianEndpoint& endpoint : implementation_->endpoints) {
    writer.begin_object()
        .member("custodian", endpoint.custodian)
        .member("url", endpoint.url)
        .member("account", endpoint.account)
        .member("key", endpoint.key.key)
        .member("secret", endpoint.key.secret)
        .member("passphrase", endpoint.key.passphrase)
        .key("deposit_addresses")
        .begin_object();
    for (const Coin coin : kCoins)
      writer.member(symbol_of(coin), implementation_->named(endpoint.custodian).account().address(coin));
    writer.end_object().end_object();
  }
  writer.end_array();
}

void CustodianServers::stop() {
  for (Place& place : implementation_->places) {
    place.front.reset();
    place.server->stop(std::chrono::milliseconds(2'000));
  }
}

}  // namespace navkeeper::sandbox
