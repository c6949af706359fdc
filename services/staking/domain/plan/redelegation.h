#pragma once
// Which stakes would yield more elsewhere, and how they get there. A redelegation earns all the time; an
// undelegation that is delegated again earns nothing while it unbonds, and costs two transactions. So a move
// is a redelegation wherever the chain lets it be one, and by undelegating only where it does not and the
// gain bears the wait:
//   gain of a redelegation    = amount x (rate there - rate here) x days / 365 - fee
//   by undelegating           = amount x (rate there x (days - wait) - rate here x days) / 365 - 2 fees
// The chain's rules (x/staking of the Cosmos SDK): stake that came to a validator by a redelegation may not
// be redelegated from there until that one has matured (28 days on Cronos POS), and between two validators at
// most `entries_max` (7) run at a time.
//
// Greedy: from where it yields least to where it yields most, as far as the limits of the policy leave room
// behind the placements of the plan. The same inputs give the same moves; that no others yield more is not
// proven. Whole smallest units.
#include "services/staking/domain/plan/staking_plan.h"

namespace navkeeper::staking::plan {

/// A delegation of the fund's.
struct Delegated {
  std::string delegator;
  std::string validator;
  money::Decimal amount;  ///< whole coins
  bool operator==(const Delegated&) const = default;
};

/// A redelegation that has not matured.
struct RunningRedelegation {
  std::string delegator;
  std::string from;
  std::string to;
  bool operator==(const RunningRedelegation&) const = default;
};

struct Move {
  enum class Way { kRedelegate, kUndelegate } way{};
  std::string delegator;
  std::string from;
  std::string to;
  money::Decimal amount;
  money::Decimal rate_from;  ///< net a year, cut at 15 decimals; zero: it earns nothing
  money::Decimal rate_to;
  money::Decimal gain;  ///< over the horizon, whole smallest units, cut
  std::string why;      ///< of one by undelegating: why it is no redelegation
};
std::string_view describe(Move::Way way);  ///< "redelegate", "undelegate_and_delegate"

struct MoveTerms {
  std::vector<Delegated> stakes;
  std::vector<RunningRedelegation> running;
  std::uint32_t entries_max = 0;  ///< 0: not known, nothing is redelegated
};

/// Stakes at validators that are no candidates of `inputs` stay where they are: nobody says what they yield.
base::Result<std::vector<Move>, PlanRefusal> propose_moves(const PlanInputs& inputs, const StakingPlan& plan,
                                                           const MoveTerms& terms);

}  // namespace navkeeper::staking::plan
