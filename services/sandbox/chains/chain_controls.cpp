#include "services/sandbox/chains/chain_controls.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "services/sandbox/chains/beacon_ledger.h"
#include "services/sandbox/chains/cronos_ledger.h"

namespace navkeeper::sandbox {
namespace {

constexpr std::int64_t kFaultSecondsMax = 86'400;
constexpr std::size_t kAmountDigitsMax = 36;
constexpr std::int64_t kOutageSlotsMax = 72'000;  ///< ten days

money::Int128 read_amount(json::ObjectReader& reader) {
  const std::string text = reader.string("amount");
  const auto amount = money::Decimal::parse(text);
  const auto units = amount.has_error() ? std::nullopt : amount->to_units(0);
  if (!units || *units <= 0 || text.size() > kAmountDigitsMax)
    base::refuse("amount", "must be a positive whole number of the smallest unit");
  return *units;
}

http::Response paid(ChainWorld& world, const std::string& body) {
  const json::Value request = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(request);
  const SimulatedChain chain = chain_named(reader.string("chain"));
  ChainPayment payment;
  payment.to = reader.optional_string("to").value_or("");
  payment.from = reader.optional_string("from").value_or("");
  payment.amount = read_amount(reader);
  payment.token = reader.optional_boolean("token").value_or(false);
  payment.internal = reader.optional_boolean("internal").value_or(false);
  reader.finish();
  if (payment.to.empty() && payment.from.empty()) base::refuse("to", "or from must be an address");
  if (payment.token && chain != SimulatedChain::kEthereum)
    base::refuse("token", "there is one on ethereum alone");
  if (payment.internal && chain != SimulatedChain::kEthereum && chain != SimulatedChain::kCronosEvm)
    base::refuse("internal", "there are contracts on ethereum and cronos_evm alone");
  const std::uint64_t number = world.pay(chain, std::move(payment));
  return http::Response::json(R"({"number":)" + std::to_string(number) + "}", 201);
}

http::Response broken(ChainNodes& nodes, const std::string& body) {
  const json::Value request = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(request);
  const std::string node = reader.string("node");
  if (node != "all") static_cast<void>(nodes.url(node));
  const ChainFault fault = chain_fault_named(reader.string("kind"));
  const std::int64_t seconds = reader.integer("seconds", 1, kFaultSecondsMax);
  reader.finish();
  const time::Instant now = nodes.world().now();
  nodes.faults().add({node == "all" ? "" : node, fault, now, now + time::Duration::seconds(seconds)});
  return http::Response::json("{}", 201);
}

/// What happens to Cronos POS staking in the next block.
http::Response acted(ChainNodes& nodes, const std::string& body) {
  const json::Value request = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(request);
  CronosAct act;
  act.kind = reader.string("act");
  act.delegator = reader.optional_string("delegator").value_or("");
  act.validator = static_cast<int>(reader.optional_integer("validator", 1, 1'000).value_or(0));
  act.destination = static_cast<int>(reader.optional_integer("destination", 1, 1'000).value_or(0));
  if (reader.has("amount")) act.amount = read_amount(reader);
  act.fraction = reader.optional_decimal("fraction").value_or(money::Decimal{});
  act.infraction_height = static_cast<std::uint64_t>(reader.optional_integer("height", 0).value_or(0));
  act.parameter = reader.optional_string("parameter").value_or("");
  act.value = reader.optional_string("value").value_or("");
  reader.finish();
  nodes.cronos().act(std::move(act));
  return http::Response::json("{}", 201);
}

void add_slashing_control(http::Router& router, ChainNodes& nodes) {
  router.post("/sandbox/v1/chains/slashings", [&nodes](const http::Request& request) {
    const json::Value asked = base::value_or_refuse(json::parse(request.body));
    json::ObjectReader reader(asked);
    const auto validator = static_cast<std::uint64_t>(reader.integer(
        "validator", static_cast<std::int64_t>(kFleetFirst), static_cast<std::int64_t>(kFleetLast)));
    reader.finish();
    return http::Response::json(R"({"slot":)" + std::to_string(nodes.world().slash(validator)) + "}", 201);
  });
}

/// Validators of the fleet that do no duty for a while.
void add_outage_control(http::Router& router, ChainNodes& nodes) {
  router.post("/sandbox/v1/chains/outages", [&nodes](const http::Request& request) {
    const json::Value asked = base::value_or_refuse(json::parse(request.body));
    json::ObjectReader reader(asked);
    const auto validator =
        static_cast<std::uint64_t>(reader
                                       .optional_integer("validator", static_cast<std::int64_t>(kFleetFirst),
                                                         static_cast<std::int64_t>(kFleetLast))
                                       .value_or(0));
    const auto slots = static_cast<std::uint64_t>(reader.integer("slots", 1, kOutageSlotsMax));
    reader.finish();
    return http::Response::json(
        R"({"slot":)" + std::to_string(nodes.world().keep_away(validator, slots)) + "}", 201);
  });
}

}  // namespace

void add_chain_controls(http::Router& router, ChainNodes& nodes) {
  add_outage_control(router, nodes);
  add_slashing_control(router, nodes);
  router.post("/sandbox/v1/chains/payments",
              [&nodes](const http::Request& request) { return paid(nodes.world(), request.body); });
  router.post("/sandbox/v1/chains/cronos_staking",
              [&nodes](const http::Request& request) { return acted(nodes, request.body); });
  router.post("/sandbox/v1/chains/faults",
              [&nodes](const http::Request& request) { return broken(nodes, request.body); });
  router.add({http::Method::kDelete, "/sandbox/v1/chains/faults"}, [&nodes](const http::Request&) {
    nodes.faults().clear();
    return http::Response::json("{}");
  });
  router.post("/sandbox/v1/chains/reorganisations", [&nodes](const http::Request& request) {
    const json::Value asked = base::value_or_refuse(json::parse(request.body));
    json::ObjectReader reader(asked);
    const SimulatedChain chain = chain_named(reader.string("chain"));
    const auto depth = static_cast<std::uint64_t>(reader.integer("depth", 1, 1'000));
    reader.finish();
    nodes.world().reorganise(chain, depth);
    return http::Response::json("{}", 201);
  });
}

void write_chains(json::Writer& writer, const ChainNodes& nodes) {
  writer.key("chains")
      .begin_object()
      .member("bitcoin_genesis", nodes.bitcoin_genesis())
      .member("token_contract", nodes.token_contract());
  writer.member("fleet_address", "0x" + account_hex(nodes.world().seed(), kFleetOwner))
      .member("fleet_first_epoch", std::to_string(BeaconLedger(nodes.world()).first_epoch()))
      .key("fleet")
      .begin_array();
  for (std::uint64_t index = kFleetFirst; index <= kFleetLast; ++index)
    writer.begin_object()
        .member("index", std::to_string(index))
        .member("pubkey", validator_pubkey(nodes.world().seed(), index))
        .end_object();
  writer.end_array();
  writer.key("addresses").begin_object();
  for (std::size_t chain = 0; chain < kSimulatedChains; ++chain) {
    const auto which = static_cast<SimulatedChain>(chain);
    writer.key(name_of(which)).begin_array();
    for (const std::string& address : nodes.world().addresses(which)) writer.string(address);
    writer.end_array();
  }
  writer.end_object().key("nodes").begin_array();
  for (const ChainNodeEndpoint& endpoint : nodes.endpoints())
    writer.begin_object()
        .member("node", endpoint.node)
        .member("chain", name_of(endpoint.chain))
        .member("url", endpoint.url)
        .end_object();
  writer.end_array().end_object();
}

}  // namespace navkeeper::sandbox
