#include "services/sandbox/chains/chain_nodes.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "common/base/refuse.h"
#include "common/http/server.h"
#include "services/sandbox/chains/bitcoin_ledger.h"
#include "services/sandbox/chains/chain_node.h"
#include "services/sandbox/chains/cronos_ledger.h"
#include "services/sandbox/chains/evm_ledger.h"
#include "services/sandbox/tls_front.h"

namespace navkeeper::sandbox {
namespace {

/// Answers that are no JSON, each in its own way.
std::string garbage_of(const std::string& body, std::uint64_t count) {
  switch (count % 3) {
    case 0:
      return body.substr(0, body.size() / 2);
    case 1:
      return "<html><body>502 Bad Gateway</body></html>";
    default:
      return "\xff\xfe" + body;
  }
}

struct Place {
  std::unique_ptr<ChainNode> node;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<TlsFront> front;  ///< passes bytes on, slowly when asked to
  std::atomic<std::uint64_t> answers{0};
};

http::Response guarded(Place& place, const http::Request& request, const http::Handler& inner) {
  const ChainNode& node = *place.node;
  if (node.has(ChainFault::kRateLimit)) return http::Response::text("Too Many Requests", 429);
  if (node.has(ChainFault::kErrors)) return http::Response::text("Service Temporarily Unavailable", 503);
  if (node.has(ChainFault::kSilence)) std::this_thread::sleep_for(std::chrono::seconds(kSilenceSeconds));
  http::Response response = inner(request);
  if (node.has(ChainFault::kGarbage) && ++place.answers % 2 == 0)
    response.body = garbage_of(response.body, place.answers / 2);
  return response;
}

}  // namespace

struct ChainNodes::Implementation {
  Implementation(ChainWorld& given, const std::string& address,
                 const std::function<std::uint16_t()>& next_port)
      : world(given), cronos(given) {
    open(make_esplora("esplora", world, faults), address, next_port());
    open(make_bitcoind("bitcoind", world, faults), address, next_port());
    for (const char* name : {"execution", "execution_2"})
      open(make_execution(name, SimulatedChain::kEthereum, world, faults), address, next_port());
    for (const char* name : {"beacon", "beacon_2"})
      open(make_beacon(name, world, faults), address, next_port());
    for (const char* name : {"cronos", "cronos_2"})
      open(make_cronos(name, world, faults, cronos), address, next_port());
    for (const char* name : {"cronos_evm", "cronos_evm_2"})
      open(make_execution(name, SimulatedChain::kCronosEvm, world, faults), address, next_port());
  }

  void open(std::unique_ptr<ChainNode> node, const std::string& address, std::uint16_t port) {
    places.push_back(std::make_unique<Place>());
    Place& place = *places.back();
    place.node = std::move(node);
    http::Router router;
    place.node->add_routes(router);
    router.wrap([&place](const http::Request& request, const http::Handler& inner) {
      return guarded(place, request, inner);
    });
    http::ServerOptions options;
    options.address = address;
    options.handler_threads = 2;
    place.server = std::make_unique<http::Server>(std::move(router), options, log::Logger::silent());
    place.server->start();
    const ChainNode* which = place.node.get();
    place.front = std::make_unique<TlsFront>(
        TlsFrontOptions{.address = address,
                        .port = port,
                        .behind = [&place] { return place.server->port(); },
                        .slow = [which] { return which->has(ChainFault::kSlow); }});
    const std::string host = address == "::1" ? "[::1]" : address;
    endpoints.push_back(
        {which->name(), which->chain(), "http://" + host + ":" + std::to_string(place.front->port())});
  }

  ChainWorld& world;
  CronosLedger cronos;
  ChainFaultBoard faults;
  std::vector<std::unique_ptr<Place>> places;
  std::vector<ChainNodeEndpoint> endpoints;
};

ChainNodes::ChainNodes(ChainWorld& world, const std::string& address,
                       const std::function<std::uint16_t()>& next_port)
    : implementation_(std::make_unique<Implementation>(world, address, next_port)) {}
ChainNodes::~ChainNodes() { stop(); }

const std::vector<ChainNodeEndpoint>& ChainNodes::endpoints() const { return implementation_->endpoints; }
const std::string& ChainNodes::url(const std::string& node) const {
  for (const ChainNodeEndpoint& endpoint : implementation_->endpoints) {
    if (endpoint.node == node) return endpoint.url;
  }
  base::refuse(node, "is no node of the sandbox");
}
ChainFaultBoard& ChainNodes::faults() { return implementation_->faults; }
ChainWorld& ChainNodes::world() const { return implementation_->world; }
CronosLedger& ChainNodes::cronos() const { return implementation_->cronos; }
std::string ChainNodes::bitcoin_genesis() const { return simulated_genesis(implementation_->world.seed()); }
std::string ChainNodes::token_contract() const {
  return "0x" + account_hex(implementation_->world.seed(), "token");
}
void ChainNodes::stop() {
  for (const auto& place : implementation_->places) {
    place->front.reset();
    place->server->stop();
  }
}

}  // namespace navkeeper::sandbox
