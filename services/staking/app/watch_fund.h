#pragma once
// What a person should look at in the day of staking that ended with the newest readings: duties missed,
// income outside its band, sources that tell differently of one state. What a single reading shows by itself
// (a slashing, a wrong fee recipient) is raised by its source at once.
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

std::vector<Alert> watch_fund(StakingStore& store, const model::FundId& fund);

}  // namespace navkeeper::staking
