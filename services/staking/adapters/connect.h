#pragma once
// The configured sources, ready to be asked. Connects to nothing yet.
#include <memory>
#include <vector>

#include "services/staking/adapters/settings.h"
#include "services/staking/app/staking_source.h"

namespace navkeeper::staking {

std::vector<std::unique_ptr<StakingSource>> connect_sources(const Settings& settings);

}  // namespace navkeeper::staking
