#include "services/staking/domain/plan/allocation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <queue>

namespace navkeeper::staking::plan {
namespace {

enum class Use : std::uint8_t { kOpen, kUsed, kUnused };

constexpr Amount kFeeScale = kYearDays * kRateOne;

bool has_choice(const Destination& destination) { return destination.fee > 0 || destination.minimum > 0; }

std::optional<PlanRefusal> fault_of(const Problem& problem, const std::vector<Limit>& family) {
  for (const Limit& limit : family) {
    if (limit.most < 0) return PlanRefusal::kNegative;
    std::vector<bool> seen(problem.destinations.size(), false);
    for (const std::size_t member : limit.members) {
      if (member >= seen.size() || seen[member]) return PlanRefusal::kUnknownMember;
      seen[member] = true;
    }
  }
  return std::nullopt;
}

std::optional<PlanRefusal> fault_of(const Problem& problem) {
  if (problem.destinations.size() > kDestinationsMax) return PlanRefusal::kTooMany;
  if (problem.amount < 0 || problem.days < 0) return PlanRefusal::kNegative;
  for (const Destination& destination : problem.destinations)
    if (destination.cap < 0 || destination.minimum < 0 || destination.fee < 0) return PlanRefusal::kNegative;
  if (const auto fault = fault_of(problem, problem.by_time)) return fault;
  return fault_of(problem, problem.by_kind);
}

/// A nested family as a forest: each destination hangs under its smallest group, each group under the next
/// larger one.
struct Forest {
  static constexpr std::size_t kRoot = SIZE_MAX;
  std::vector<std::size_t> order;        ///< groups, larger before smaller
  std::vector<std::size_t> parent;       ///< of each group
  std::vector<std::size_t> destination;  ///< its smallest group
};

std::optional<Forest> forest_of(const std::vector<Limit>& family, std::size_t destinations) {
  Forest forest;
  forest.order.resize(family.size());
  for (std::size_t i = 0; i < family.size(); ++i) forest.order[i] = i;
  std::stable_sort(forest.order.begin(), forest.order.end(), [&](std::size_t a, std::size_t b) {
    return family[a].members.size() > family[b].members.size();
  });
  forest.parent.assign(family.size(), Forest::kRoot);
  forest.destination.assign(destinations, Forest::kRoot);
  for (const std::size_t group : forest.order) {
    // Going from larger to smaller groups, all members must hang under the same one so far.
    const std::vector<std::size_t>& members = family[group].members;
    if (members.empty()) continue;
    forest.parent[group] = forest.destination[members.front()];
    for (const std::size_t member : members) {
      if (forest.destination[member] != forest.parent[group]) return std::nullopt;
      forest.destination[member] = group;
    }
  }
  return forest;
}

/// One node of branch and bound: which destinations are used, are not, or are open.
struct Node {
  std::vector<Use> uses;
  Amount bound = 0;
  std::vector<Amount> amounts;
  std::size_t branch_on = 0;  ///< destinations.size(): nothing is open
  bool operator<(const Node& other) const { return bound < other.bound; }
};

class Search {
 public:
  Search(const Problem& problem, Forest by_time, Forest by_kind)
      : problem_(problem), by_time_(std::move(by_time)), by_kind_(std::move(by_kind)) {
    for (const Destination& destination : problem.destinations)
      reach_.push_back(std::min(destination.cap, problem.amount));
    tighten(problem.by_time);
    tighten(problem.by_kind);
    for (std::size_t i = 0; i < reach_.size(); ++i)
      if (problem.destinations[i].fee > 0) rounding_slack_ = plus(rounding_slack_, reach_[i]);
  }

  Allocation best(std::uint64_t nodes_max) {
    Allocation result;
    result.amounts.assign(problem_.destinations.size(), 0);
    std::priority_queue<Node> open;
    if (auto root = solved(std::vector<Use>(problem_.destinations.size(), Use::kOpen)))
      open.push(std::move(*root));
    Amount unproven = 0;
    while (!open.empty()) {
      Node node = open.top();
      open.pop();
      if (node.bound <= plus(result.scaled_yield, rounding_slack_)) {
        unproven = std::max(unproven, node.bound);
        break;
      }
      if (result.nodes++ == nodes_max) {
        unproven = std::max(unproven, node.bound);
        break;
      }
      consider(node, result);
      if (node.branch_on == problem_.destinations.size()) {
        unproven = std::max(unproven, node.bound);
        continue;
      }
      for (const Use use : {Use::kUsed, Use::kUnused}) {
        std::vector<Use> uses = node.uses;
        uses[node.branch_on] = use;
        if (auto child = solved(std::move(uses)))
          if (child->bound > result.scaled_yield) open.push(std::move(*child));
      }
    }
    result.scaled_gap = std::max<Amount>(0, unproven - result.scaled_yield);
    for (std::size_t i = 0; i < result.amounts.size(); ++i) {
      result.placed += result.amounts[i];
      if (result.amounts[i] > 0) result.fees += problem_.destinations[i].fee;
    }
    return result;
  }

 private:
  void tighten(const std::vector<Limit>& family) {
    for (const Limit& limit : family)
      for (const std::size_t member : limit.members) reach_[member] = std::min(reach_[member], limit.most);
  }

  Amount profit_of(std::size_t i, Use use) {
    const Destination& destination = problem_.destinations[i];
    const Amount profit = times(destination.rate, problem_.days);
    if (use == Use::kUsed || destination.fee == 0 || reach_[i] == 0) return profit;
    return profit - times(destination.fee, kFeeScale) / reach_[i];
  }

  /// Adds one family between `from` and its destinations' nodes; returns the node above each destination.
  std::vector<std::size_t> add_groups(ProfitFlow& flow, const std::vector<Limit>& family,
                                      const Forest& forest, std::size_t root, std::size_t first_node,
                                      bool downward) {
    std::vector<std::size_t> node_of(family.size());
    std::size_t next = first_node;
    // Edges go from lower to higher numbers: in the second family smaller groups come first.
    std::vector<std::size_t> order = forest.order;
    if (!downward) std::reverse(order.begin(), order.end());
    for (const std::size_t group : order) node_of[group] = next++;
    for (const std::size_t group : order) {
      const std::size_t parent = forest.parent[group];
      const std::size_t above = parent == Forest::kRoot ? root : node_of[parent];
      if (downward)
        flow.add(above, node_of[group], family[group].most, 0);
      else
        flow.add(node_of[group], above, family[group].most, 0);
    }
    std::vector<std::size_t> above(problem_.destinations.size());
    for (std::size_t i = 0; i < above.size(); ++i)
      above[i] = forest.destination[i] == Forest::kRoot ? root : node_of[forest.destination[i]];
    return above;
  }

  /// The relaxation at a node: an upper bound of all allocations with these uses. Nothing: a minimum cannot
  /// be reached.
  std::optional<Node> solved(std::vector<Use> uses) {
    const std::size_t count = problem_.destinations.size();
    const std::size_t time_nodes = problem_.by_time.size();
    const std::size_t kind_nodes = problem_.by_kind.size();
    const std::size_t sink = 2 + time_nodes + kind_nodes;
    ProfitFlow flow(sink + 1);
    flow.add(0, 1, problem_.amount, 0);
    const auto from = add_groups(flow, problem_.by_time, by_time_, 1, 2, true);
    const auto to = add_groups(flow, problem_.by_kind, by_kind_, sink, 2 + time_nodes, false);
    // What reaches a minimum is worth more than all that one unit can displace on its way.
    Amount bonus = 1;
    const auto displaced = Amount{2} * static_cast<Amount>(count + sink);
    for (std::size_t i = 0; i < count; ++i) {
      const Amount profit = profit_of(i, Use::kUsed);
      bonus = std::max(bonus, plus(times(displaced, profit < 0 ? -profit : profit), 1));
    }
    Amount constant = 0;
    std::vector<std::size_t> edges(count);
    std::vector<std::optional<std::size_t>> minimum_edges(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Destination& destination = problem_.destinations[i];
      const Amount profit = profit_of(i, uses[i]);
      Amount rest = uses[i] == Use::kUnused ? 0 : reach_[i];
      if (uses[i] == Use::kUsed) {
        constant = plus(constant, -times(destination.fee, kFeeScale));
        const Amount minimum = std::max<Amount>(destination.minimum, 1);
        if (minimum > rest) return std::nullopt;
        minimum_edges[i] = flow.add(from[i], to[i], minimum, plus(profit, bonus));
        rest -= minimum;
        constant = plus(constant, -times(minimum, bonus));
      }
      edges[i] = flow.add(from[i], to[i], rest, profit);
    }
    Node node;
    node.bound = plus(flow.maximise(), constant);
    node.uses = std::move(uses);
    node.branch_on = count;
    node.amounts.resize(count);
    Amount widest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      node.amounts[i] = flow.flow(edges[i]);
      const Destination& destination = problem_.destinations[i];
      if (minimum_edges[i]) {
        const Amount reached = flow.flow(*minimum_edges[i]);
        if (reached < std::max<Amount>(destination.minimum, 1)) return std::nullopt;
        node.amounts[i] += reached;
      }
      if (node.uses[i] != Use::kOpen || node.amounts[i] == 0 || !has_choice(destination)) continue;
      // How far the relaxation is from the truth here: the part of the fee not yet counted, or a minimum.
      const Amount missing = destination.fee == 0 ? 0
                                                  : times(destination.fee, kFeeScale) / reach_[i] *
                                                        (reach_[i] - node.amounts[i]);
      const Amount width = node.amounts[i] < destination.minimum ? plus(missing, kFeeScale) : missing;
      if (width > widest) {
        widest = width;
        node.branch_on = i;
      }
    }
    return node;
  }

  /// The node's amounts as an allocation, where they keep the minimums.
  void consider(const Node& node, Allocation& best) {
    Amount yield = 0;
    for (std::size_t i = 0; i < node.amounts.size(); ++i) {
      if (node.amounts[i] == 0) continue;
      const Destination& destination = problem_.destinations[i];
      if (node.amounts[i] < destination.minimum) return;
      yield = plus(yield, times(node.amounts[i], times(destination.rate, problem_.days)));
      yield = plus(yield, -times(destination.fee, kFeeScale));
    }
    if (yield > best.scaled_yield) {
      best.scaled_yield = yield;
      best.amounts = node.amounts;
    }
  }

  const Problem& problem_;
  Forest by_time_;
  Forest by_kind_;
  std::vector<Amount> reach_;  ///< the most that a destination can get
  Amount rounding_slack_ = 0;  ///< what cut amortised fees can add to a bound
};

base::Result<Allocation, PlanRefusal> solve(const Problem& problem, std::uint64_t nodes_max) {
  auto by_time = forest_of(problem.by_time, problem.destinations.size());
  auto by_kind = forest_of(problem.by_kind, problem.destinations.size());
  if (!by_time || !by_kind) return PlanRefusal::kNotNested;
  Search search(problem, *std::move(by_time), *std::move(by_kind));
  return search.best(nodes_max);
}

Amount sum_of(const Limit& limit, const std::vector<Amount>& amounts) {
  Amount sum = 0;
  for (const std::size_t member : limit.members) sum = plus(sum, amounts[member]);
  return sum;
}

Amount cut(Amount scaled) {
  const Amount quotient = scaled / kFeeScale;
  return scaled % kFeeScale < 0 ? quotient - 1 : quotient;
}

constexpr std::uint64_t kNodesWithout = 200;

/// What the yield would be without one limit; where branch and bound ends early, at least so much.
void weigh(LimitUse& use, const Problem& without, const Allocation& ours, std::uint64_t nodes_max) {
  const auto other = solve(without, std::min(nodes_max, kNodesWithout));
  if (other.has_error() || other->scaled_yield <= ours.scaled_yield) return;
  use.binds = true;
  use.yield_given_up = cut(other->scaled_yield - ours.scaled_yield);
}

/// A minimum that does not fit, or a fee that so little does not earn, keeps a limit from being used up.
bool may_bind_unfilled(const Problem& problem, const Limit& limit) {
  return std::any_of(limit.members.begin(), limit.members.end(),
                     [&](std::size_t member) { return has_choice(problem.destinations[member]); });
}

void weigh_limits(const Problem& problem, Allocation& ours, std::uint64_t nodes_max) {
  const auto family = [&](std::vector<Limit> Problem::*limits) {
    for (std::size_t i = 0; i < (problem.*limits).size(); ++i) {
      const Limit& limit = (problem.*limits)[i];
      LimitUse use{limit.name, limit.most, sum_of(limit, ours.amounts), false, 0};
      if (use.used == limit.most || may_bind_unfilled(problem, limit)) {
        Problem without = problem;
        (without.*limits)[i].most = problem.amount;
        weigh(use, without, ours, nodes_max);
      }
      ours.limits.push_back(std::move(use));
    }
  };
  family(&Problem::by_time);
  family(&Problem::by_kind);
  std::map<std::string, LimitUse> rules;
  for (std::size_t i = 0; i < problem.destinations.size(); ++i) {
    const Destination& destination = problem.destinations[i];
    if (destination.cap_rule.empty() || destination.cap == 0 || ours.amounts[i] < destination.cap) continue;
    LimitUse& use = rules[destination.cap_rule];
    use.name = destination.cap_rule;
    use.most += destination.cap;
    use.used += ours.amounts[i];
  }
  for (auto& [rule, use] : rules) {
    Problem without = problem;
    for (Destination& destination : without.destinations)
      if (destination.cap_rule == rule && destination.cap > 0) destination.cap = problem.amount;
    weigh(use, without, ours, nodes_max);
    ours.limits.push_back(use);
  }
}

}  // namespace

std::string_view describe(PlanRefusal refusal) {
  switch (refusal) {
    case PlanRefusal::kNegative:
      return "an amount, a limit or a fee is negative";
    case PlanRefusal::kUnknownMember:
      return "a limit names a destination that is not there, or one twice";
    case PlanRefusal::kNotNested:
      return "two limits of a family overlap without one containing the other";
    case PlanRefusal::kTooMany:
      return "there are more destinations than a plan takes";
    case PlanRefusal::kTooLarge:
      return "a figure is too large for a plan";
  }
  return "";
}

Amount Allocation::yield() const { return cut(scaled_yield); }

base::Result<Allocation, PlanRefusal> allocate(const Problem& problem, std::uint64_t nodes_max) {
  if (const auto fault = fault_of(problem)) return *fault;
  try {
    auto result = solve(problem, nodes_max);
    if (result.has_value()) weigh_limits(problem, *result, nodes_max);
    return result;
  } catch (const money::OverflowError&) {
    return PlanRefusal::kTooLarge;
  }
}

base::Result<std::optional<Amount>, PlanRefusal> scaled_yield_of(const Problem& problem,
                                                                 const std::vector<Amount>& amounts) {
  if (const auto fault = fault_of(problem)) return *fault;
  const std::optional<Amount> broken;
  if (amounts.size() != problem.destinations.size()) return broken;
  Amount placed = 0;
  Amount yield = 0;
  try {
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const Destination& destination = problem.destinations[i];
      if (amounts[i] == 0) continue;
      if (amounts[i] < std::max<Amount>(destination.minimum, 1) || amounts[i] > destination.cap)
        return broken;
      placed = plus(placed, amounts[i]);
      yield = plus(yield, times(amounts[i], times(destination.rate, problem.days)));
      yield = plus(yield, -times(destination.fee, kFeeScale));
    }
    if (placed > problem.amount) return broken;
    for (const auto* family : {&problem.by_time, &problem.by_kind})
      for (const Limit& limit : *family)
        if (sum_of(limit, amounts) > limit.most) return broken;
  } catch (const money::OverflowError&) {
    return PlanRefusal::kTooLarge;
  }
  return std::optional<Amount>(yield);
}

}  // namespace navkeeper::staking::plan
