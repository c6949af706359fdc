#pragma once
// What rules and movements have in common: they are proposed by one person and approved by two others
// (sql/custody, movement_...). Every function works inside the caller's transaction, under the fund's lock
// where it decides; each act leaves an audit record and a row of the outbox.
#include <optional>
#include <string>
#include <vector>

#include "common/db/database_time.h"
#include "common/db/transaction.h"
#include "common/model/actor.h"
#include "common/time/instant.h"

namespace navkeeper::custody {

/// Who acts and when: by the database's clock (db::database_time), the one that all processes share.
struct MovementActor {
  model::Actor actor;
  time::Instant now;
};

struct MovementApproval {
  std::string by;
  time::Instant at;
};

struct MovementProposal {
  std::string kind;  ///< "policy", "destination", "movement"
  std::string id;
  std::string content;
  std::string proposed_by;
  time::Instant proposed_at;
  std::vector<MovementApproval> approvals;  ///< in order, at most two
};

/// In the order in which they were made; `id` empty: all of the kind.
std::vector<MovementProposal> load_movement_proposals(db::Transaction& transaction, const model::FundId& fund,
                                                      const std::string& kind, const std::string& id = "");
/// Refused: unknown.
MovementProposal known_movement_proposal(db::Transaction& transaction, const model::FundId& fund,
                                         const std::string& kind, const std::string& id);

/// Locks the fund's movements until the transaction ends, making its row where there is none.
void lock_movements(db::Transaction& transaction, const model::FundId& fund);

/// Under the lock. False: the same was proposed before. Refused: the same id with other content.
bool add_movement_proposal(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                           const std::string& id, const std::string& content, const MovementActor& who);
/// Under the lock. The place of the approval, 1 or 2; 0: the same person had approved it. Refused: no role
/// (approver), by who proposed it; base::Conflict: two others had approved it.
int add_movement_approval(db::Transaction& transaction, const model::FundId& fund,
                          const MovementProposal& proposal, const MovementActor& who);
/// The first half of that alone: what would refuse it, and the place.
int movement_approval_place(const MovementProposal& proposal, const MovementActor& who);

/// The audit trail and the outbox.
void announce_movement(db::Transaction& transaction, const model::FundId& fund, const std::string& kind,
                       const std::string& body, const MovementActor& who);

}  // namespace navkeeper::custody
