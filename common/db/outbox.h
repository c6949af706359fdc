#pragma once
// Outbox: facts that other services react to, written in the transaction of the fact. One line per (service,
// scope), a scope being a fund or "shared"; `seq` is 1, 2, 3, ... without gaps in the order of commit, from a
// head row that is locked until the commit. So a reader who keeps the last seq it has handled misses nothing
// and sees nothing twice.
#include <cstdint>
#include <string>
#include <vector>

#include "common/db/transaction.h"

namespace navkeeper::db {

class WriteBatch;

struct OutboxEvent {
  std::int64_t seq = 0;          ///< set by the outbox
  std::string kind;              ///< "rate_published"
  std::string body;              ///< JSON, the exact bytes
  std::int64_t known_at_ns = 0;  ///< the writer's clock, nanoseconds since 1970
};

/// Appends to the line of `scope`; gives the seq. Locks that line until the transaction ends: do it last.
std::int64_t append_event(Transaction& transaction, const std::string& scope, const OutboxEvent& event);

/// The same on a batch.
void append_event(WriteBatch& batch, const std::string& scope, const OutboxEvent& event);

/// The events after `after_seq` (0: from the first), oldest first, at most `count_max`.
std::vector<OutboxEvent> events_after(Transaction& transaction, const std::string& scope,
                                      std::int64_t after_seq, int count_max);

/// A consumer's place: the last seq of (`source`, `scope`) that this service has handled; 0 when none.
std::int64_t cursor(Transaction& transaction, const std::string& source, const std::string& scope);
/// Moves it forward from `from` to `to`, in the transaction of what was handled; Retryable when another
/// consumer has moved it meanwhile.
void move_cursor(Transaction& transaction, const std::string& source, const std::string& scope,
                 std::int64_t from, std::int64_t to);

}  // namespace navkeeper::db
