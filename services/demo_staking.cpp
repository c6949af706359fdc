#include "services/demo_staking.h"

#include <atomic>
#include <set>

#include "common/base/outside.h"
#include "common/http/node.h"
#include "common/http/router.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"
#include "services/sandbox/chains/chain_nodes.h"
#include "services/sandbox/chains/cronos_ledger.h"
#include "services/staking/adapters/cosmos/cosmos_source.h"
#include "services/staking/adapters/custodian_source.h"
#include "services/staking/adapters/pricing_client.h"
#include "services/staking/adapters/row_price_store.h"
#include "services/staking/adapters/staking_store.h"
#include "services/staking/app/sync_source.h"
#include "services/staking/service.h"

namespace navkeeper {
namespace {

constexpr const char* kActor = "demonstration";
constexpr const char* kAddress = "127.0.0.1";
/// As both funds' files say.
constexpr const char* kAct = "ICA_1940";
constexpr const char* kBasis = "fair_value";
/// The one address of the simulated world that begins empty.
constexpr std::size_t kWallet = 2;
/// A block takes six seconds: what is asked for lies in the one after it.
constexpr auto kAMoment = time::Duration::seconds(30);

/// Stands where it is put, and never goes back.
class ChainClock final : public time::Clock {
 public:
  explicit ChainClock(time::Instant start) : ns_(start.ns()) {}
  void set(time::Instant instant) { ns_ = std::max(ns_.load(), instant.ns()); }
  time::Instant now() const override { return time::Instant::from_ns(ns_); }

 private:
  std::atomic<std::int64_t> ns_;
};

/// Custody's routes without a socket between.
class InProcess final : public http::NodeCarrier {
 public:
  explicit InProcess(http::Router& router) : router_(router) {}
  http::Response carry(const http::ClientRequest& request) override {
    http::Request asked;
    asked.method = request.method;
    asked.path = request.path;
    asked.query = request.query;
    asked.headers = request.headers;
    return router_.handle(asked);
  }

 private:
  http::Router& router_;
};

money::Int128 units(const std::string& basecro) { return *money::Decimal::literal(basecro).to_units(0); }

staking::CosmosNodeSettings node_of(const sandbox::ChainNodes& nodes, const std::string& name) {
  staking::CosmosNodeSettings settings;
  settings.node.name = name;
  settings.node.url = nodes.url(name);
  settings.rpc_url = nodes.url(name);
  return settings;
}

}  // namespace

struct DemoStaking::Implementation {
  Implementation(db::Pool& pool, http::Router& custody, std::uint64_t seed, time::Instant start)
      : store(pool),
        clock(start),
        world(seed, start, clock),
        nodes(world, kAddress, [] { return std::uint16_t{0}; }) {
    staking::CosmosSettings cronos;
    cronos.name = "cronos";
    cronos.fund = model::FundId::literal("CROYIELD");
    cronos.delegators = {wallet()};
    cronos.nodes = {node_of(nodes, "cronos"), node_of(nodes, "cronos_2")};
    sources.push_back(staking::cosmos_source(cronos));
    staking::CustodianSettings custodian;
    custodian.name = "custodian";
    custodian.fund = model::FundId::literal("BTCETH");
    custodian.custody_source = "crypto_com";
    sources.push_back(staking::custodian_source(custodian, std::make_shared<InProcess>(custody)));
    read(*sources.front());  // where the chain's record begins
  }

  /// A home that has seen the demonstration before is not read again.
  void read(staking::StakingSource& source) {
    staking::StakingQuery query;
    query.source = source.name();
    for (const staking::StoredReading& stored : store.readings(source.fund(), query)) {
      if (stored.reading.mark.at >= clock.now()) return;
    }
    const staking::SyncReport report = staking::sync_source(source, store, clock, kActor);
    if (report.run.outcome != staking::SyncOutcome::kDone)
      throw base::Unavailable("the demonstration's staking, " + source.name() + ": " + report.run.detail);
  }

  const std::string& wallet() const { return world.addresses(sandbox::SimulatedChain::kCronosPos)[kWallet]; }
  void act(sandbox::CronosAct act, time::Instant instant) {
    clock.set(instant);
    nodes.cronos().act(std::move(act));
    clock.set(clock.now() + kAMoment);
  }

  staking::PostgresStakingStore store;
  ChainClock clock;
  sandbox::ChainWorld world;
  sandbox::ChainNodes nodes;
  std::set<int> validators;
  std::vector<std::unique_ptr<staking::StakingSource>> sources;
};

DemoStaking::DemoStaking(db::Pool& staking, http::Router& custody, std::uint64_t seed, time::Instant start)
    : implementation_(std::make_unique<Implementation>(staking, custody, seed, start)) {}
DemoStaking::~DemoStaking() = default;

void DemoStaking::pay(const std::string& address, const std::string& basecro, time::Instant instant) {
  implementation_->clock.set(instant);
  sandbox::ChainPayment payment;
  payment.to = address;
  payment.amount = units(basecro);
  implementation_->world.pay(sandbox::SimulatedChain::kCronosPos, payment);
  implementation_->clock.set(instant + kAMoment);
}

void DemoStaking::delegate(int validator, const std::string& basecro, time::Instant instant) {
  implementation_->validators.insert(validator);
  sandbox::CronosAct act;
  act.kind = "delegate";
  act.delegator = implementation_->wallet();
  act.validator = validator;
  act.amount = units(basecro);
  implementation_->act(std::move(act), instant);
}

void DemoStaking::claim(time::Instant instant) {
  for (const int validator : implementation_->validators) {
    sandbox::CronosAct act;
    act.kind = "claim";
    act.delegator = implementation_->wallet();
    act.validator = validator;
    implementation_->act(std::move(act), instant);
  }
}

void DemoStaking::slash(int validator, const std::string& fraction, time::Instant instant) {
  sandbox::CronosAct act;
  act.kind = "slash";
  act.validator = validator;
  act.fraction = money::Decimal::literal(fraction);
  implementation_->act(std::move(act), instant);
}

void DemoStaking::read(time::Instant instant) {
  implementation_->clock.set(instant);
  for (const auto& source : implementation_->sources) implementation_->read(*source);
}

void DemoStaking::price(const staking::Dependencies& with, time::Instant instant) {
  staking::PostgresRowPriceStore rows(*with.pool);
  staking::PricingClient prices(with.pricing_url, with.peer_token);
  for (const auto& source : implementation_->sources)
    staking::price_rows(rows, prices, {source->fund(), kAct, kBasis}, instant, kActor);
}

void DemoStaking::pass(time::Instant instant) { implementation_->clock.set(instant + kAMoment); }

const std::string& DemoStaking::wallet() const { return implementation_->wallet(); }
sandbox::ChainWorld& DemoStaking::world() { return implementation_->world; }
const time::Clock& DemoStaking::clock() const { return implementation_->clock; }

std::string DemoStaking::chain_toml() const {
  std::string text;
  for (const char* name : {"cronos", "cronos_2"})
    text += std::string("[[custody.chains.cronos_pos.nodes]]\nname = \"") + name + "\"\nurl = \"" +
            implementation_->nodes.url(name) + "\"\nrpc_url = \"" + implementation_->nodes.url(name) + "\"\n";
  return text;
}

}  // namespace navkeeper
