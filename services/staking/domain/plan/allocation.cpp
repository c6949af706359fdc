#include "services/staking/domain/plan/allocation.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <queue>
#include <set>

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

  Allocation best(std::uint64_t nodes_max, std::uint64_t steps_max) {
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
      if (result.nodes++ == nodes_max || steps_ >= steps_max) {
        consider(node, result);
        drop_what_does_not_pay(result);
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
    result.steps = steps_;
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
    node.bound = plus(flow.maximise(steps_), constant);
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

  /// Where the work ends before anything is proven: of the destinations that get too little for their minimum
  /// or fee, the lower half by amount is left out, until all that are used pay.
  void drop_what_does_not_pay(Allocation& best) {
    std::vector<Use> uses(problem_.destinations.size(), Use::kOpen);
    while (const auto node = solved(uses)) {
      consider(*node, best);
      std::vector<std::size_t> poor;
      for (std::size_t i = 0; i < node->amounts.size(); ++i) {
        const Destination& destination = problem_.destinations[i];
        const Amount amount = node->amounts[i];
        if (amount > 0 &&
            (amount < destination.minimum ||
             times(amount, times(destination.rate, problem_.days)) <= times(destination.fee, kFeeScale)))
          poor.push_back(i);
      }
      if (poor.empty()) return;
      std::stable_sort(poor.begin(), poor.end(),
                       [&](std::size_t a, std::size_t b) { return node->amounts[a] < node->amounts[b]; });
      poor.resize((poor.size() + 1) / 2);
      for (const std::size_t i : poor) uses[i] = Use::kUnused;
    }
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
  std::uint64_t steps_ = 0;
};

base::Result<Allocation, PlanRefusal> solve(const Problem& problem, std::uint64_t nodes_max,
                                            std::uint64_t steps_max) {
  auto by_time = forest_of(problem.by_time, problem.destinations.size());
  auto by_kind = forest_of(problem.by_kind, problem.destinations.size());
  if (!by_time || !by_kind) return PlanRefusal::kNotNested;
  Search search(problem, *std::move(by_time), *std::move(by_kind));
  return search.best(nodes_max, steps_max);
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
/// How many sets of tied limits are tried at most; what is found by then is shown.
constexpr std::size_t kSetsTriedMax = 400;

using LimitSet = std::set<std::size_t>;  ///< of the limits of an allocation, in their order

/// Which limits cost yield, alone or tied with others. A set of limits costs yield where the yield without
/// all of it is greater; those shown are the sets of which no part does.
class LimitCosts {
 public:
  LimitCosts(const Problem& problem, const Allocation& ours, std::uint64_t nodes_max, std::uint64_t steps_max)
      : problem_(problem),
        ours_(ours),
        nodes_max_(std::min(nodes_max, kNodesWithout)),
        steps_left_(steps_max) {
    const bool choices = std::any_of(problem.destinations.begin(), problem.destinations.end(), has_choice);
    for (std::vector<Limit> Problem::*family : {&Problem::by_time, &Problem::by_kind}) {
      for (std::size_t i = 0; i < (problem.*family).size(); ++i) {
        const Limit& limit = (problem.*family)[i];
        LimitUse use{limit.name, limit.most, sum_of(limit, ours.amounts), false, 0, {}, {}};
        // What is not used up can only matter where a minimum or a fee makes a choice.
        const bool may_cost = limit.most < problem.amount && (choices || use.used == limit.most);
        add(std::move(use), may_cost,
            [family, i](Problem& without) { (without.*family)[i].most = without.amount; });
      }
    }
    std::set<std::string> rules;
    for (const Destination& destination : problem.destinations) rules.insert(destination.cap_rule);
    rules.erase("");
    for (const std::string& rule : rules) add_cap_rule(rule, choices);
  }

  /// The limits with their costs; a cap rule that holds nothing is left out.
  std::vector<LimitUse> found() {
    LimitSet rest;
    auto untried = static_cast<std::uint64_t>(std::count(may_cost_.begin(), may_cost_.end(), true));
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      if (!may_cost_[i]) continue;
      // No limit takes the others' turn.
      share_ = std::max<std::uint64_t>(1, steps_left_ / std::max<std::uint64_t>(1, untried));
      untried -= 1;
      if (costs({i}))
        show({i});
      else
        rest.insert(i);
    }
    share_ = steps_left_;
    for (const LimitSet& tied : tied_of(rest)) show(tied);
    std::vector<LimitUse> shown;
    for (std::size_t i = 0; i < uses_.size(); ++i)
      if (is_shown_[i] || uses_[i].binds) shown.push_back(std::move(uses_[i]));
    return shown;
  }
  bool is_complete() const { return is_complete_; }
  std::uint64_t steps() const { return steps_; }

 private:
  void add(LimitUse use, bool may_cost, std::function<void(Problem&)> drop, bool is_shown = true) {
    uses_.push_back(std::move(use));
    may_cost_.push_back(may_cost);
    is_shown_.push_back(is_shown);
    drop_.push_back(std::move(drop));
  }

  /// One limit for all destinations with the rule; it counts those that got all they may or are shut out.
  void add_cap_rule(const std::string& rule, bool choices) {
    LimitUse use;
    use.name = rule;
    bool may_cost = false;
    for (std::size_t i = 0; i < problem_.destinations.size(); ++i) {
      const Destination& destination = problem_.destinations[i];
      if (destination.cap_rule != rule || destination.cap >= problem_.amount) continue;
      may_cost = may_cost || choices || ours_.amounts[i] == destination.cap;
      if (ours_.amounts[i] < destination.cap && destination.cap >= destination.minimum) continue;
      use.most = plus(use.most, destination.cap);
      use.used = plus(use.used, ours_.amounts[i]);
      use.places.push_back(destination.name);
    }
    const bool holds = !use.places.empty();
    add(
        std::move(use), may_cost,
        [rule](Problem& without) {
          for (Destination& destination : without.destinations)
            if (destination.cap_rule == rule) destination.cap = std::max(destination.cap, without.amount);
        },
        holds);
  }

  /// By how much the yield is greater without them; where branch and bound ends early, at least so much.
  Amount cost_of(const LimitSet& dropped) {
    const auto known = known_.find(dropped);
    if (known != known_.end()) return known->second;
    if (steps_left_ == 0) {
      is_complete_ = false;
      return 0;
    }
    Problem without = problem_;
    for (const std::size_t limit : dropped) drop_[limit](without);
    const std::uint64_t share = std::min(share_, steps_left_);
    const auto other = solve(without, nodes_max_, share);
    if (other.has_error()) return 0;
    steps_ += other->steps;
    steps_left_ -= std::min(steps_left_, other->steps);
    const Amount cost = std::max<Amount>(0, other->scaled_yield - ours_.scaled_yield);
    // Where the work ended first, a better allocation without them may not have been found.
    if (cost == 0 && (other->steps >= share || other->nodes > nodes_max_)) is_complete_ = false;
    return known_.emplace(dropped, cost).first->second;
  }
  bool costs(const LimitSet& dropped) { return !dropped.empty() && cost_of(dropped) > 0; }

  /// A part of the set that costs yield and of which no part does.
  LimitSet least_of(LimitSet set) {
    for (const std::size_t limit : LimitSet(set)) {
      set.erase(limit);
      if (!costs(set)) set.insert(limit);
    }
    return set;
  }

  /// All such sets: each further one lacks a member of those that are known.
  std::vector<LimitSet> tied_of(const LimitSet& limits) {
    std::vector<LimitSet> found;
    std::set<LimitSet> seen;
    std::vector<LimitSet> open{{}};
    for (std::size_t next = 0; next < open.size() && seen.size() < kSetsTriedMax; ++next) {
      const LimitSet left_out = open[next];
      if (!seen.insert(left_out).second) continue;
      auto tied = std::find_if(found.begin(), found.end(), [&](const LimitSet& set) {
        return std::none_of(set.begin(), set.end(), [&](std::size_t i) { return left_out.contains(i); });
      });
      if (tied == found.end()) {
        LimitSet set;
        std::set_difference(limits.begin(), limits.end(), left_out.begin(), left_out.end(),
                            std::inserter(set, set.end()));
        if (!costs(set)) continue;
        found.push_back(least_of(std::move(set)));
        tied = std::prev(found.end());
      }
      for (const std::size_t limit : *tied) {
        LimitSet more = left_out;
        more.insert(limit);
        open.push_back(std::move(more));
      }
    }
    // A limit of several sets is shown with the fewest others.
    std::stable_sort(found.begin(), found.end(),
                     [](const LimitSet& a, const LimitSet& b) { return a.size() < b.size(); });
    return found;
  }

  void show(const LimitSet& set) {
    for (const std::size_t limit : set) {
      LimitUse& use = uses_[limit];
      if (use.binds) continue;
      use.binds = true;
      use.yield_given_up = cut(cost_of(set));
      for (const std::size_t other : set)
        if (other != limit) use.tied_with.push_back(uses_[other].name);
    }
  }

  const Problem& problem_;
  const Allocation& ours_;
  std::uint64_t nodes_max_;
  std::uint64_t steps_left_;
  std::uint64_t share_ = 0;  ///< of steps_left_, for the next set
  std::uint64_t steps_ = 0;
  bool is_complete_ = true;
  std::vector<LimitUse> uses_;
  std::vector<bool> may_cost_;
  std::vector<bool> is_shown_;
  std::vector<std::function<void(Problem&)>> drop_;
  std::map<LimitSet, Amount> known_;
};

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

base::Result<Allocation, PlanRefusal> allocate(const Problem& problem, std::uint64_t nodes_max,
                                               std::uint64_t steps_max) {
  if (const auto fault = fault_of(problem)) return *fault;
  try {
    auto result = solve(problem, nodes_max, steps_max / 2);
    if (result.has_error()) return result;
    LimitCosts costs(problem, *result, nodes_max, steps_max - std::min(steps_max, result->steps));
    result->limits = costs.found();
    result->limits_complete = costs.is_complete();
    result->steps += costs.steps();
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
