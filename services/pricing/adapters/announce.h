#pragma once
// What pricing tells others and its audit log about what it stores.
#include <string>

#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/time/instant.h"

namespace navkeeper::pricing {

/// Of events and audit records: what pricing stores belongs to no fund.
inline constexpr const char* kSharedScope = "shared";

/// One fact as an event and as an audit record of the same kind, in the transaction that stores it.
inline void announce(db::Transaction& transaction, const std::string& kind, const std::string& fact,
                     const std::string& actor, time::Instant now) {
  db::append_event(transaction, kSharedScope, {0, kind, fact, now.ns()});
  db::append_audit(transaction, kSharedScope, {actor, now.ns(), kind, fact});
}

}  // namespace navkeeper::pricing
