#pragma once
// The use case that asks a source everything and stores it. It may be run at any time, again and again, and
// killed anywhere: what is stored is stored whole, and what was stored before is not stored twice.
#include "common/time/clock.h"
#include "services/staking/app/staking_source.h"

namespace navkeeper::staking {

/// What is not believed raises the alert "not_believed", a roll-forward whose difference is not zero the
/// alert "not_tied" (it is stored as it is).
SyncReport sync_source(StakingSource& source, StakingStore& store, const time::Clock& clock,
                       const std::string& actor);

}  // namespace navkeeper::staking
