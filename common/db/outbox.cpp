#include "common/db/outbox.h"

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"
#include "common/db/write_batch.h"

namespace navkeeper::db {

std::int64_t append_event(Transaction& transaction, const std::string& scope, const OutboxEvent& event) {
  const auto head = query(transaction,
                          "INSERT INTO outbox_head (scope, seq) VALUES ($1, 1) "
                          "ON CONFLICT (scope) DO UPDATE SET seq = outbox_head.seq + 1 RETURNING seq",
                          scope);
  const auto seq = head[0][0].as<std::int64_t>();
  execute(transaction, "INSERT INTO outbox (scope, seq, kind, body, known_at_ns) VALUES ($1, $2, $3, $4, $5)",
          scope, seq, event.kind, event.body, event.known_at_ns);
  return seq;
}

void append_event(WriteBatch& batch, const std::string& scope, const OutboxEvent& event) {
  batch.add(
      "WITH head AS (INSERT INTO outbox_head AS h (scope, seq) VALUES ($1, 1) "
      "ON CONFLICT (scope) DO UPDATE SET seq = h.seq + 1 RETURNING scope, seq) "
      "INSERT INTO outbox (scope, seq, kind, body, known_at_ns) "
      "SELECT scope, seq, $2, $3, $4::bigint FROM head",
      scope, event.kind, event.body, event.known_at_ns);
}

std::vector<OutboxEvent> events_after(Transaction& transaction, const std::string& scope,
                                      std::int64_t after_seq, int count_max) {
  ENSURE(count_max > 0);
  std::vector<OutboxEvent> events;
  for (const auto& row : query(transaction,
                               "SELECT seq, kind, body, known_at_ns FROM outbox "
                               "WHERE scope = $1 AND seq > $2 ORDER BY seq LIMIT $3",
                               scope, after_seq, count_max))
    events.push_back({row[0].as<std::int64_t>(), row[1].as<std::string>(), row[2].as<std::string>(),
                      row[3].as<std::int64_t>()});
  return events;
}

std::int64_t cursor(Transaction& transaction, const std::string& source, const std::string& scope) {
  const auto rows =
      query(transaction, "SELECT seq FROM outbox_cursor WHERE scope = $1 AND source = $2", scope, source);
  return rows.empty() ? 0 : rows[0][0].as<std::int64_t>();
}

void move_cursor(Transaction& transaction, const std::string& source, const std::string& scope,
                 std::int64_t from, std::int64_t to) {
  ENSURE(from >= 0 && to > from);
  const std::size_t moved =
      from == 0 ? execute(transaction,
                          "INSERT INTO outbox_cursor (scope, source, seq) VALUES ($1, $2, $3) "
                          "ON CONFLICT DO NOTHING",
                          scope, source, to)
                : execute(transaction,
                          "UPDATE outbox_cursor SET seq = $4 WHERE scope = $1 AND source = $2 AND seq = $3",
                          scope, source, from, to);
  if (moved != 1)
    throw Retryable("another consumer has moved the cursor of " + source + " " + scope + " past " +
                    std::to_string(from));
}

}  // namespace navkeeper::db
