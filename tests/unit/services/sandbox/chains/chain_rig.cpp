#include "tests/unit/services/sandbox/chains/chain_rig.h"

#include "services/custody/adapters/chains/bitcoin_sources.h"
#include "services/custody/adapters/chains/cosmos_source.h"
#include "services/custody/adapters/chains/evm_source.h"
#include "services/sandbox/chains/bitcoin_ledger.h"
#include "services/sandbox/chains/evm_ledger.h"

namespace navkeeper::sandbox {
namespace {

custody::EvmRules ethereum(const ChainNodes& nodes) {
  custody::EvmRules rules = custody::ethereum_rules();
  rules.tokens.push_back(
      {"CRO", *custody::EthereumAddress::parse(nodes.token_contract()), 8, EvmLedger::kBalancesPosition});
  return rules;
}

custody::BeaconRules beacon() {
  return {.validators = {"500001", "500002", "500003", "500004", "500005", "500006"}};
}

std::shared_ptr<http::NodeCarrier> carrier(const ChainNodes& nodes, const std::string& node, int timeout_ms) {
  return http::http_carrier({.name = node,
                             .url = nodes.url(node),
                             .timeout = std::chrono::milliseconds(timeout_ms),
                             .attempts = 2,
                             .pause = std::chrono::milliseconds(5)});
}

}  // namespace

ChainRig::ChainRig() = default;

custody::Chain custody_chain(SimulatedChain chain) { return *custody::parse_chain(name_of(chain)); }

std::vector<std::string> nodes_of(SimulatedChain chain) {
  switch (chain) {
    case SimulatedChain::kBitcoin:
      return {"esplora", "bitcoind"};
    case SimulatedChain::kEthereum:
      return {"execution", "execution_2"};
    case SimulatedChain::kCronosPos:
      return {"cronos", "cronos_2"};
    case SimulatedChain::kCronosEvm:
      return {"cronos_evm", "cronos_evm_2"};
  }
  return {};
}

ChainRig::Sources ChainRig::pair(SimulatedChain chain, int timeout_ms) const {
  Sources sources;
  const auto to = [&](const std::string& node) { return carrier(nodes, node, timeout_ms); };
  switch (chain) {
    case SimulatedChain::kBitcoin:
      sources.push_back(custody::esplora_source("esplora", to("esplora"), {nodes.bitcoin_genesis(), 6}));
      sources.push_back(std::make_unique<custody::BitcoindSource>(
          "bitcoind", to("bitcoind"), custody::BitcoinRules{nodes.bitcoin_genesis(), 6}));
      break;
    case SimulatedChain::kEthereum:
      sources.push_back(custody::ethereum_source("execution", to("execution"), ethereum(nodes), "beacon",
                                                 to("beacon"), beacon()));
      sources.push_back(custody::ethereum_source("execution_2", to("execution_2"), ethereum(nodes),
                                                 "beacon_2", to("beacon_2"), beacon()));
      break;
    case SimulatedChain::kCronosPos:
      for (const std::string& node : nodes_of(chain))
        sources.push_back(custody::cosmos_source(node, to(node), {}));
      break;
    case SimulatedChain::kCronosEvm:
      for (const std::string& node : nodes_of(chain))
        sources.push_back(custody::evm_source(node, to(node), custody::cronos_evm_rules()));
      break;
  }
  return sources;
}

ChainRig::Sources ChainRig::single(SimulatedChain chain, bool bare) const {
  Sources sources;
  if (bare) {
    sources.push_back(custody::evm_source("execution", carrier(nodes, "execution", 30'000), ethereum(nodes)));
    return sources;
  }
  sources = pair(chain);
  sources.pop_back();
  return sources;
}

custody::ChainAnswer ChainRig::ask(const Sources& sources, SimulatedChain chain, std::size_t number) const {
  const custody::Chain which = custody_chain(chain);
  return custody::read_chain(sources, {which, address(chain, number), {}}, custody::default_limits(which),
                             clock.now());
}

Truth ChainRig::truth(SimulatedChain chain, std::uint64_t height, std::size_t number) const {
  using money::Decimal;
  const std::string& mine = address(chain, number);
  money::Int128 sum = 0;
  switch (chain) {
    case SimulatedChain::kBitcoin:
      for (const LedgerTransaction& transaction : bitcoin_transactions(world, world.tip(chain))) {
        if (!transaction.height || *transaction.height > height) continue;
        for (const LedgerOutput& output : transaction.outputs)
          sum += output.address == mine ? output.satoshi : 0;
        for (const LedgerInput& input : transaction.inputs)
          sum -= input.spent.address == mine ? input.spent.satoshi : 0;
      }
      return {Decimal::of(sum, 8), {}, {}};
    case SimulatedChain::kEthereum:
    case SimulatedChain::kCronosEvm: {
      const EvmState state = EvmLedger(chain, world).state_at(height);
      const auto found = state.wei.find(mine.substr(2));
      Truth truth{Decimal::of(found == state.wei.end() ? 0 : found->second, 18), {}, {}};
      if (chain == SimulatedChain::kCronosEvm || number != 0) return truth;
      // The validators of the first address, by hand: epochs since the world began, 9,342 gwei for each 32
      // ETH.
      const std::int64_t epochs = static_cast<std::int64_t>(slot_of(world, height) / 32 -
                                                            slot_of(world, world.rhythm(chain).first) / 32);
      const std::int64_t active = 32'010'000'000 + 64'000'000'123 + epochs * 9'342 * 3;
      const std::int64_t leaving = 32'000'500'000 + epochs * 9'342;
      const std::int64_t coming = 32'000'000'000 + 32'000'000'000 + 1'500'000'000;
      truth.staked = Decimal::of(active - 20'000'000'000, 9);
      truth.unbonding = Decimal::of(leaving + 20'000'000'000, 9);
      truth.total += Decimal::of(active + leaving + coming, 9);
      return truth;
    }
    case SimulatedChain::kCronosPos: {
      for (const ChainPayment& payment : world.payments(chain)) {
        const auto at = world.height_of(chain, payment);
        if (!at || *at > height) continue;
        if (payment.to == mine) sum += payment.amount;
        if (payment.from == mine) sum -= payment.amount;
      }
      Truth truth{Decimal::of(sum, 8), {}, {}};
      if (number != 0) return truth;
      truth.staked = Decimal::literal("3750000.00000013") + Decimal::literal("2050000.00000005");
      truth.unbonding = Decimal::literal("40005.00000001");
      truth.total += truth.staked + truth.unbonding;
      return truth;
    }
  }
  return {};
}

money::Decimal ChainRig::execution_truth(std::uint64_t height, std::size_t number) const {
  const EvmState state = EvmLedger(SimulatedChain::kEthereum, world).state_at(height);
  const auto found = state.wei.find(address(SimulatedChain::kEthereum, number).substr(2));
  return money::Decimal::of(found == state.wei.end() ? 0 : found->second, 18);
}

const custody::Balance& shown(const custody::ChainAnswer& answer) {
  return answer.outcomes[answer.agreement.shown.value()].reading->balances.front();
}

std::string reasons(const custody::ChainAnswer& answer) {
  std::string all;
  for (const std::string& reason : answer.agreement.reasons) all += reason + "; ";
  return all;
}

}  // namespace navkeeper::sandbox
