#pragma once
// What a strike needs of staking's booking, inside its own transaction: where the books stand.
#include <map>
#include <span>
#include <string>

#include "common/db/pool.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

/// By fund; those whose day has no cut-off are not among them. `looked_at` is the caller's to say.
std::map<std::string, StakingPeriod> load_staking_periods(db::Transaction& transaction,
                                                          std::span<const std::string> funds,
                                                          time::Date date);

}  // namespace navkeeper::nav
