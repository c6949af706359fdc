#pragma once
// The register of breaks as PostgreSQL has it: states of breaks out of sightings, acts, and the
// reconciliations that could look at their assets and places. Parts of PostgresReconciliationStore, in its
// transactions.
#include <string>
#include <vector>

#include "common/db/pool.h"
#include "services/custody/adapters/reconciliation_store.h"

namespace navkeeper::custody {

/// By first day, asset, id. `id` empty: all.
std::vector<StoredBreak> load_breaks(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& id, const BreakQuery& query);

/// Those that the reconciliation found at these of its lines, as they stood with it and the earlier ones.
std::vector<StoredBreak> breaks_found_at(db::Transaction& transaction, const model::FundId& fund,
                                         const ReconciliationMark& mark, const RowSpan& rows,
                                         time::Instant known_at);

/// Among others every break that is not cleared, and every one that the day's reconciliations found.
std::vector<StoredBreak> breaks_near(db::Transaction& transaction, const model::FundId& fund, time::Date day);

/// Tells the outbox which breaks came and which went.
void announce_breaks(db::Transaction& transaction, const model::FundId& fund,
                     const std::vector<StoredBreak>& before, const std::vector<StoredBreak>& after,
                     time::Instant known_at);

}  // namespace navkeeper::custody
