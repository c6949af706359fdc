#pragma once
// What a strike needs of staking's booking, inside its own transaction: where the books stand, and what a
// struck NAV lacks.
#include <map>
#include <optional>
#include <span>
#include <string>

#include "common/db/pool.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

/// By fund; those whose day has no cut-off are not among them. `looked_at` is the caller's to say.
std::map<std::string, StakingPeriod> load_staking_periods(db::Transaction& transaction,
                                                          std::span<const std::string> funds,
                                                          time::Date date);

/// The NAV's check "late_facts": what came too late, from staking or by hand, and this NAV has is said in a
/// line; failed while a NAV before it lacks so much that it is a NAV error. Nothing where nothing was late.
std::optional<Check> check_late_facts(db::Transaction& transaction, const FundDefinition& fund,
                                      time::Date date);

}  // namespace navkeeper::nav
