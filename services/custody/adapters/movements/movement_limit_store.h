#pragma once
// How much of their limits roles and people used: running totals of a UTC day, in coins and in dollars,
// inside the caller's transaction and under the fund's lock, so that nobody's total is missed.
#include <set>

#include "services/custody/adapters/movements/movement_proposal_store.h"
#include "services/custody/domain/movement_policy.h"

namespace navkeeper::custody {

/// Takes the movement's amount, and where its policy limits its kind in dollars what it is worth by `price`,
/// off what the role and the actor may still do today. Refused: no policy, above every limit, cannot be
/// valued; base::Unavailable: it cannot be valued because pricing did not answer.
void use_limit(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
               const std::set<model::Role>& roles, const CoinPrice& price, const MovementActor& who);

}  // namespace navkeeper::custody
