#pragma once
// Which record of a custodian is which movement: one record is one movement's, until that movement ended by
// another one. Inside the caller's transaction, under the fund's lock where it decides.
#include <set>
#include <string>

#include "services/custody/adapters/movements/movement_proposal_store.h"
#include "services/custody/app/movement_store.h"

namespace navkeeper::custody {

/// False when the record belongs to another movement.
bool claim_record(db::Transaction& transaction, const model::FundId& fund, const Movement& movement,
                  const std::string& custodian_id, time::Instant now);
/// Of a movement whose last event ended it by a record: the other records that it claimed are free again.
void release_other_records(db::Transaction& transaction, const model::FundId& fund,
                           const StoredMovement& ended, const MovementActor& who);
/// Records that belong to other movements than this.
std::set<std::string> records_of_others(db::Transaction& transaction, const model::FundId& fund,
                                        const std::string& custodian, const std::string& movement_id);

}  // namespace navkeeper::custody
