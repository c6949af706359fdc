#pragma once
// Which destination gets how much of an amount, so that the expected net yield over a horizon is the greatest
// that the limits allow. Whole smallest units; the same inputs give the same allocation.
//
// yield of an allocation = sum over destinations of (amount x rate x days / 365) - fee of each one used.
// Limits are sums over groups of destinations in two families, each nested (two groups of a family either
// contain one another or share nothing): then the best allocation without fees and minimums is a flow, and
// whole. Fees and minimums are decided by branch and bound over which destinations are used.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "services/staking/domain/plan/profit_flow.h"

namespace navkeeper::staking::plan {

/// A yearly rate in parts of 10^15, signed.
using Rate = std::int64_t;
constexpr Amount kRateOne = 1'000'000'000'000'000;
constexpr int kYearDays = 365;

struct Destination {
  std::string name;
  Rate rate = 0;
  Amount cap = 0;        ///< the most it takes
  std::string cap_rule;  ///< why no more: the name under which this limit is shown
  Amount minimum = 0;    ///< none or at least this
  Amount fee = 0;        ///< once, when anything goes there; in smallest units
};

struct Limit {
  std::string name;
  std::vector<std::size_t> members;  ///< of destinations
  Amount most = 0;                   ///< their sum
};

struct Problem {
  Amount amount = 0;
  int days = kYearDays;  ///< the horizon over which a fee must be earned
  std::vector<Destination> destinations;
  std::vector<Limit> by_time;  ///< how soon it must be cash again: a nested family
  std::vector<Limit> by_kind;  ///< native, liquid, operator, issuer: another
};

enum class PlanRefusal {
  kNegative,       ///< an amount, cap, minimum, fee, limit or number of days
  kUnknownMember,  ///< a limit names a destination that is not there, or one twice
  kNotNested,      ///< two groups of a family overlap
  kTooMany,        ///< destinations: kDestinationsMax
  kTooLarge,       ///< a figure leaves 127 bits
};
std::string_view describe(PlanRefusal refusal);
constexpr std::size_t kDestinationsMax = 500;

/// What a limit costs: nothing where it does not bind.
struct LimitUse {
  std::string name;
  Amount most = 0;
  Amount used = 0;
  bool binds = false;  ///< without it, or without it and those it is tied with, the yield would be greater
  Amount yield_given_up = 0;  ///< by it, or by the tied together; smallest units over the horizon, cut
  std::vector<std::string> tied_with;  ///< the limits that hold where it alone is dropped, and none less
  std::vector<std::string> places;     ///< of a cap rule: the destinations that it holds or shuts out
};

struct Allocation {
  std::vector<Amount> amounts;  ///< by destination
  Amount placed = 0;
  Amount fees = 0;
  Amount scaled_yield = 0;  ///< net, in parts of 365 x 10^15 of a smallest unit
  /// No allocation yields more than this above ours (same unit): 0 is proven the best.
  Amount scaled_gap = 0;
  std::uint64_t nodes = 0;       ///< of branch and bound
  std::uint64_t steps = 0;       ///< of all flows, those of the limits too
  std::vector<LimitUse> limits;  ///< by_time, by_kind, then cap rules, in their order
  /// False: the work ended before every limit was tried; those that bind do, and give up at least so much,
  /// others may.
  bool limits_complete = true;
  /// Smallest units over the horizon, cut toward minus infinity.
  Amount yield() const;
};

/// What one allocation may cost, in steps of ProfitFlow: a few seconds of one core. Half is for the
/// allocation itself, what that leaves for the costs of its limits. A flow that was begun is ended.
constexpr std::uint64_t kStepsMax = 400'000'000;

/// `nodes_max` bounds branch and bound, `steps_max` everything; where either ends the work, scaled_gap says
/// what is left unproven and limits_complete whether all limits were tried. No clock is asked: the same
/// inputs end at the same step.
base::Result<Allocation, PlanRefusal> allocate(const Problem& problem, std::uint64_t nodes_max = 500,
                                               std::uint64_t steps_max = kStepsMax);

/// The yield of given amounts in the scale of scaled_yield; nothing where they break a limit, a cap or a
/// minimum. For checks: allocate() itself never asks.
base::Result<std::optional<Amount>, PlanRefusal> scaled_yield_of(const Problem& problem,
                                                                 const std::vector<Amount>& amounts);

}  // namespace navkeeper::staking::plan
