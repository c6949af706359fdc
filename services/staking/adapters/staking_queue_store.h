#pragma once
// Queues and duties of a sync, as PostgresStakingStore::save() writes them.
#include "common/db/transaction.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

void add_queues(db::Transaction& transaction, const model::FundId& fund,
                const std::vector<QueueReading>& readings, time::Instant known_at);
void add_duties(db::Transaction& transaction, const model::FundId& fund,
                const std::vector<DutyReading>& readings, time::Instant known_at);

}  // namespace navkeeper::staking
