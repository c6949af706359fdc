#pragma once
// What taking staking's events did, for people and as JSON.
#include <string>

#include "services/nav/app/take_staking.h"

namespace navkeeper::nav {

std::string staking_taken_json(const model::FundId& fund, time::Date date, const StakingTaken& taken);
std::string staking_taken_text(const model::FundId& fund, time::Date date, const StakingTaken& taken);

}  // namespace navkeeper::nav
