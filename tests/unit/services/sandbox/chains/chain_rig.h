#pragma once
// The sandbox's nodes and custody's sources on real sockets, with a clock that the test moves.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "services/custody/app/chains/read_chain.h"
#include "services/sandbox/chains/chain_nodes.h"

namespace navkeeper::sandbox {

/// What lies at an address in the world, computed from the ledgers and not from what nodes say.
struct Truth {
  money::Decimal total;
  money::Decimal staked;
  money::Decimal unbonding;
};

class ChainRig {
 public:
  ChainRig();

  using Sources = std::vector<std::unique_ptr<custody::ChainSource>>;
  /// Two nodes of the chain; `timeout_ms` is of one attempt.
  Sources pair(SimulatedChain chain, int timeout_ms = 30'000) const;
  /// The first of them alone; for Ethereum the execution client without a beacon node when `bare`.
  Sources single(SimulatedChain chain, bool bare = false) const;
  custody::ChainAnswer ask(const Sources& sources, SimulatedChain chain, std::size_t address = 0) const;
  Truth truth(SimulatedChain chain, std::uint64_t height, std::size_t address = 0) const;
  /// Of Ethereum without what lies at validators.
  money::Decimal execution_truth(std::uint64_t height, std::size_t address) const;
  void fault(const std::string& node, ChainFault kind) {
    nodes.faults().add({node, kind, clock.now(), time::Instant::latest()});
  }
  const std::string& address(SimulatedChain chain, std::size_t number = 0) const {
    return world.addresses(chain)[number];
  }

  time::ManualClock clock{time::Instant::literal("2026-03-05T20:00:05Z")};
  ChainWorld world{20260213, clock.now(), clock};
  ChainNodes nodes{world, "127.0.0.1", [] { return std::uint16_t{0}; }};
};

custody::Chain custody_chain(SimulatedChain chain);
/// The names of the two nodes of a chain.
std::vector<std::string> nodes_of(SimulatedChain chain);
/// The native balance of the reading that stands for all.
const custody::Balance& shown(const custody::ChainAnswer& answer);
std::string reasons(const custody::ChainAnswer& answer);

}  // namespace navkeeper::sandbox
