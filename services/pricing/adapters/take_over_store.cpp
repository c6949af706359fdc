#include "services/pricing/adapters/take_over_store.h"

#include <algorithm>

#include "common/db/pqxx_access.h"

namespace navkeeper::pricing {
namespace {

/// Days before this share a partition that is always there.
const time::Date kFirstDay = time::Date::literal("2009-01-01");

std::vector<std::string> pairs_of(db::Transaction& transaction, const std::string& source_id) {
  std::vector<std::string> pairs;
  for (const auto& row :
       db::query(transaction, "SELECT DISTINCT pair FROM trade_incoming WHERE source_id = $1", source_id)) {
    pairs.push_back(row[0].as<std::string>());
  }
  return pairs;
}

/// Rows of the source that the tape holds now although it held their id with other content on the days of the
/// source; of an id that came with the source alone all rows but one.
std::uint64_t contradicting(db::Transaction& transaction, const std::string& source_id) {
  const pqxx::result days =
      db::query(transaction,
                "SELECT day_of(min(time_ns)), day_of(max(time_ns)) FROM trade_incoming WHERE source_id = $1",
                source_id);
  if (days[0][0].is_null()) return 0;
  const time::Instant from = days[0][0].as<time::Date>().utc_midnight();
  const time::Instant until = (days[0][1].as<time::Date>() + 1).utc_midnight();
  return db::query(transaction,
                   "SELECT coalesce(sum(ours) - count(*) FILTER (WHERE ours = rows), 0) FROM ("
                   " SELECT count(*) AS rows, count(*) FILTER (WHERE t.source_id = $1) AS ours"
                   "  FROM (SELECT DISTINCT pair, venue, trade_id FROM trade_incoming"
                   "         WHERE source_id = $1 AND trade_id <> '') i"
                   "  JOIN trade t USING (pair, venue, trade_id)"
                   "  WHERE t.trade_id <> '' AND t.time_ns >= $2 AND t.time_ns < $3"
                   "  GROUP BY pair, venue, trade_id) ids",
                   source_id, from, until)[0][0]
      .as<std::uint64_t>();
}

}  // namespace

void append_number(db::CopyWriter& copy, const Number& number) {
  if (number.wide != nullptr) {
    copy.numeric(*number.wide);
  } else {
    copy.numeric(money::Int128{number.mantissa}, number.scale);
  }
}

void make_trade_days(db::Pool& pool, const std::vector<time::Date>& days) {
  for (const time::Date day : days) {
    if (day < kFirstDay) continue;
    pool.transact(
        [&](db::Transaction& transaction) { db::query(transaction, "SELECT make_trade_day($1)", day); });
  }
}

time::Instant enter_tape(db::Transaction& transaction, std::vector<std::string> pairs,
                         time::Instant known_at) {
  std::ranges::sort(pairs);  // The order in which everybody takes them.
  for (const std::string& pair : pairs) {
    const std::string look = "SELECT known_at_ns FROM tape_head WHERE pair = $1 FOR SHARE";
    pqxx::result head = db::query(transaction, look, pair);
    if (head.empty()) {
      db::execute(transaction,
                  "INSERT INTO tape_head (pair, known_at_ns) VALUES ($1, $2) ON CONFLICT DO NOTHING", pair,
                  time::Instant::from_ns(0));
      head = db::query(transaction, look, pair);
    }
    known_at = std::max(known_at, head[0][0].as<time::Instant>() + time::Duration::from_ns(1));
  }
  return known_at;
}

TakenOver take_over(db::Pool& pool, db::Transaction& transaction, const std::string& source_id, bool received,
                    time::Instant known_at) {
  TakenOver taken;
  std::vector<time::Date> missing;
  for (const auto& row :
       db::query(transaction,
                 "SELECT day FROM (SELECT DISTINCT day_of(time_ns) AS day FROM trade_incoming"
                 " WHERE source_id = $1) days"
                 " WHERE to_regclass('trade_' || to_char(day, 'YYYYMMDD')) IS NULL",
                 source_id)) {
    missing.push_back(row[0].as<time::Date>());
  }
  make_trade_days(pool, missing);
  taken.known_at = enter_tape(transaction, pairs_of(transaction, source_id), known_at);
  for (const auto& row :
       db::query(transaction,
                 "DELETE FROM trade_incoming i USING tape_drop d WHERE i.source_id = $1 AND d.pair = i.pair"
                 " AND d.day = day_of(i.time_ns) RETURNING i.line",
                 source_id)) {
    taken.dropped_lines.push_back(row[0].as<std::uint64_t>());
  }
  const pqxx::result counted = db::query(
      transaction,
      "WITH added AS (INSERT INTO trade (pair, time_ns, venue, trade_id, price, size, occurrence, "
      "received_ns,"
      "  coarse_time, source_id, line, known_at_ns, message_hash)"
      "  SELECT pair, time_ns, venue, trade_id, price, size, occurrence, received_ns, coarse_time, "
      "source_id, line,"
      "  $2, message_hash FROM trade_incoming WHERE source_id = $1"
      "  ORDER BY pair, time_ns, venue, trade_id, price, size, occurrence, line ON CONFLICT DO NOTHING"
      "  RETURNING pair, venue, time_ns, trade_id),"
      " days AS (INSERT INTO trade_day AS t (day, pair, venue, trades, received, key_low, key_high, "
      "known_at_ns)"
      "  SELECT day_of(time_ns), pair, venue, count(*), CASE WHEN $3 THEN count(*) ELSE 0 END,"
      "  min(id_key(trade_id)), max(id_key(trade_id)), $2::bigint FROM added GROUP BY 1, 2, 3 ORDER BY 2, 1, "
      "3"
      "  ON CONFLICT (pair, day, venue) DO UPDATE SET trades = t.trades + excluded.trades,"
      "  received = t.received + excluded.received, key_low = LEAST(t.key_low, excluded.key_low),"
      "  key_high = GREATEST(t.key_high, excluded.key_high),"
      "  known_at_ns = GREATEST(t.known_at_ns, excluded.known_at_ns))"
      " SELECT count(*) FROM added",
      source_id, taken.known_at, received);
  taken.trades_new = counted[0][0].as<std::uint64_t>();
  if (!received) taken.trades_contradicting = contradicting(transaction, source_id);
  db::execute(transaction, "DELETE FROM trade_incoming WHERE source_id = $1", source_id);
  return taken;
}

}  // namespace navkeeper::pricing
