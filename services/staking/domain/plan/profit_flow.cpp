#include "services/staking/domain/plan/profit_flow.h"

#include <algorithm>
#include <deque>

#include "common/base/ensure.h"

namespace navkeeper::staking::plan {
namespace {

constexpr std::size_t kNoEdge = SIZE_MAX;

/// Below every profit that a path can have.
constexpr Amount unreached() { return -(Amount{1} << 126); }

}  // namespace

Amount times(Amount a, Amount b) {
  Amount product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw money::OverflowError("a plan's figure needs more than 127 bits");
  return product;
}

Amount plus(Amount a, Amount b) {
  Amount sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    throw money::OverflowError("a plan's figure needs more than 127 bits");
  return sum;
}

std::size_t ProfitFlow::add(std::size_t from, std::size_t to, Amount capacity, Amount profit) {
  ENSURE(capacity >= 0 && to > from && to < outgoing_.size());
  const std::size_t edge = edges_.size();
  edges_.push_back({from, to, capacity, profit});
  edges_.push_back({to, from, 0, -profit});
  outgoing_[from].push_back(edge);
  outgoing_[to].push_back(edge + 1);
  return edge / 2;
}

/// The most profitable path from the first node to the last over what capacity is left; of equal ones the one
/// found first. Residual networks of this method have no profitable cycle, so labels settle.
bool ProfitFlow::find_path(std::uint64_t& steps) {
  best_.assign(outgoing_.size(), unreached());
  came_by_.assign(outgoing_.size(), kNoEdge);
  std::vector<bool> queued(outgoing_.size(), false);
  std::deque<std::size_t> work{0};
  best_[0] = 0;
  while (!work.empty()) {
    const std::size_t node = work.front();
    work.pop_front();
    queued[node] = false;
    steps += outgoing_[node].size();
    for (const std::size_t e : outgoing_[node]) {
      const Edge& edge = edges_[e];
      if (edge.capacity == 0) continue;
      const Amount profit = plus(best_[node], edge.profit);
      if (profit <= best_[edge.to]) continue;
      best_[edge.to] = profit;
      came_by_[edge.to] = e;
      if (!queued[edge.to]) {
        queued[edge.to] = true;
        work.push_back(edge.to);
      }
    }
  }
  return best_.back() > 0;
}

Amount ProfitFlow::maximise(std::uint64_t& steps) {
  Amount profit = 0;
  while (find_path(steps)) {
    Amount most = -1;
    for (std::size_t node = outgoing_.size() - 1; node != 0; node = edges_[came_by_[node]].from) {
      const Amount capacity = edges_[came_by_[node]].capacity;
      most = most < 0 ? capacity : std::min(most, capacity);
    }
    for (std::size_t node = outgoing_.size() - 1; node != 0; node = edges_[came_by_[node]].from) {
      edges_[came_by_[node]].capacity -= most;
      edges_[came_by_[node] ^ 1U].capacity += most;
    }
    profit = plus(profit, times(most, best_.back()));
  }
  return profit;
}

}  // namespace navkeeper::staking::plan
