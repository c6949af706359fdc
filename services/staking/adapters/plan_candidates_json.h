#pragma once
// Among whom a plan chose, as JSON.
#include "common/json/write.h"
#include "services/staking/app/make_plan.h"

namespace navkeeper::staking {

/// Members of the plan's object: "validator_set", "candidates", "tokens", with each figure that was used.
/// `said`: those that the request gave; `net_rate_read`: over which window a token's rate was read.
void write_candidates(json::Writer& writer, const PlanRequest& request,
                      const std::optional<ValidatorSet>& validators, const MadePlan& made);

}  // namespace navkeeper::staking
