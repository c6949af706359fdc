#pragma once
// The most profitable flow through a network with whole capacities: whole amounts, exact, and the same result
// for the same network. By augmenting along the most profitable path until none brings a profit
// (Busacker and Gowen); the start has no cycle of positive profit because the network has none (ENSURE).
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/money/decimal.h"

namespace navkeeper::staking::plan {

using Amount = money::Int128;

class ProfitFlow {
 public:
  explicit ProfitFlow(std::size_t nodes) : outgoing_(nodes) {}
  /// capacity >= 0. Returns the edge's number. Networks are acyclic: to is never before from in the caller's
  /// order (ENSURE to > from).
  std::size_t add(std::size_t from, std::size_t to, Amount capacity, Amount profit);
  /// Sends what brings a profit from node 0 to the last node and returns the profit. Throws
  /// money::OverflowError where it leaves 127 bits. Adds to `steps` how often an edge was looked at: the same
  /// for the same network, whatever the machine.
  Amount maximise(std::uint64_t& steps);
  Amount flow(std::size_t edge) const { return edges_[2 * edge + 1].capacity; }

 private:
  struct Edge {
    std::size_t from;
    std::size_t to;
    Amount capacity;  ///< what is left of it; of the reverse edge: what flows
    Amount profit;
  };
  bool find_path(std::uint64_t& steps);

  std::vector<Edge> edges_;                         ///< each followed by its reverse
  std::vector<std::vector<std::size_t>> outgoing_;  ///< edges by node
  std::vector<Amount> best_;
  std::vector<std::size_t> came_by_;
};

/// a * b and a + b; throw money::OverflowError.
Amount times(Amount a, Amount b);
Amount plus(Amount a, Amount b);

}  // namespace navkeeper::staking::plan
