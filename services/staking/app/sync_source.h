#pragma once
// The use case that asks a source everything and stores it. It may be run at any time, again and again, and
// killed anywhere: what is stored is stored whole, and what was stored before is not stored twice.
#include "common/time/clock.h"
#include "services/staking/app/staking_source.h"
#include "services/staking/app/take_measures.h"

namespace navkeeper::staking {

/// A place of a chain that another source of the fund reads is refused: it would be counted twice. What is
/// not believed raises the alert "not_believed", a roll-forward whose difference is not zero the alert
/// "not_tied" (it is stored as it is), one that does not begin with what the reading before left
/// "not_continuous", a queue that grew the alert "queue_grew".
SyncReport sync_source(StakingSource& source, StakingStore& store, const time::Clock& clock,
                       const std::string& actor);

struct SyncStores {
  StakingStore& facts;
  MeasureStore& measures;
};
/// The same, and where something new came the measures of a day that has none yet, and with them the alerts
/// that are judged over a day (watch_fund.h).
SyncReport sync_and_measure(StakingSource& source, const SyncStores& stores, const time::Clock& clock,
                            const std::string& actor);

}  // namespace navkeeper::staking
