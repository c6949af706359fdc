// The hash of a dropped day is SHA-256 over its rows in the order of their key, a line each, columns with a
// blank between: pair time_ns venue trade_id price size occurrence received_ns coarse_time source_id line
// known_at_ns message_hash, with
// "-" for null.
#include "services/pricing/adapters/tape_upkeep_store.h"

#include <algorithm>

#include "common/crypto/digest.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "services/pricing/adapters/announce.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::chrono::minutes kDropMax{10};

struct Rows {
  std::uint64_t trades = 0;
  std::string hash_hex;
};

Rows rows_of(db::Transaction& transaction, const HeldDay& held) {
  const std::int64_t start = held.day.days() * kDayNs;
  db::execute(transaction,
              "DECLARE dropped NO SCROLL CURSOR FOR SELECT concat_ws(' ', pair, time_ns, venue, trade_id, "
              "price, size,"
              " occurrence, coalesce(received_ns::text, '-'), coarse_time, source_id, line, known_at_ns,"
              " coalesce(encode(message_hash, 'hex'), '-')) FROM trade"
              " WHERE pair = $1 AND time_ns >= $2 AND time_ns < $3"
              " ORDER BY pair, time_ns, venue COLLATE \"C\", trade_id COLLATE \"C\", price, size, occurrence",
              held.pair, start, start + kDayNs);
  Rows rows;
  crypto::Sha256 hash;
  for (;;) {
    const pqxx::result page = db::query(transaction, "FETCH 10000 FROM dropped");
    for (const auto& row : page) hash.update(row[0].as<std::string>()).update("\n");
    rows.trades += page.size();
    if (page.empty()) break;
  }
  db::execute(transaction, "CLOSE dropped");
  rows.hash_hex = base::to_hex(hash.finish());
  return rows;
}

std::string rates_json(const std::vector<RateOfDay>& rates) {
  json::Writer writer;
  writer.begin_array();
  for (const RateOfDay& rate : rates) {
    writer.begin_object().member("date", std::string_view(rate.date.to_string()));
    writer.member("index", std::string_view(rate.index))
        .member("version", std::int64_t{rate.version})
        .end_object();
  }
  return writer.end_array().take();
}

std::string audit_payload(const DroppedDay& dropped, int keep_days) {
  json::Writer writer;
  writer.begin_object().member("day", std::string_view(dropped.held.day.to_string()));
  writer.member("hash", std::string_view(dropped.hash_hex)).member("keep_days", std::int64_t{keep_days});
  writer.member("pair", std::string_view(dropped.held.pair));
  writer.member("trades", static_cast<std::int64_t>(dropped.held.trades)).end_object();
  return json::to_canonical(*json::parse(writer.take()));
}

}  // namespace

std::vector<HeldDay> SqlTapeUpkeep::held_before(time::Date before) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<HeldDay> held;
    for (const auto& row :
         db::query(transaction,
                   "SELECT day, pair, sum(trades)::bigint AS trades FROM trade_day WHERE day < $1"
                   " GROUP BY day, pair ORDER BY day, pair",
                   before)) {
      held.push_back(
          {row["day"].as<time::Date>(), row["pair"].as<std::string>(), row["trades"].as<std::uint64_t>()});
    }
    return held;
  });
}

std::optional<DroppedDay> SqlTapeUpkeep::drop(const HeldDay& held, int keep_days,
                                              const std::vector<RateOfDay>& rates, time::Instant known_at,
                                              const std::string& actor) {
  db::TransactionOptions options;
  options.statement_timeout = kDropMax;
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<DroppedDay> {
        // Nobody writes or fixes trades of the pair meanwhile.
        db::query(transaction, "SELECT FROM tape_head WHERE pair = $1 FOR UPDATE", held.pair);
        const Rows rows = rows_of(transaction, held);
        if (rows.trades == 0) return std::nullopt;
        DroppedDay dropped{held, rows.hash_hex};
        dropped.held.trades = rows.trades;
        db::execute(transaction,
                    "INSERT INTO tape_drop (day, pair, trades, hash, keep_days, rates, known_at_ns, actor)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                    held.day, held.pair, static_cast<std::int64_t>(rows.trades),
                    *base::from_hex(rows.hash_hex), keep_days, rates_json(rates), known_at, actor);
        db::query(transaction, "SELECT drop_trade_day($1, $2)", held.day, held.pair);
        db::append_audit(transaction, kSharedScope,
                         {actor, known_at.ns(), "tape.dropped", audit_payload(dropped, keep_days)});
        return dropped;
      },
      options);
}

std::vector<TapeDay> SqlTapeUpkeep::days(const TapeQuery& query) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<TapeDay> days;
    for (const auto& row : db::query(
             transaction,
             "SELECT d.*, coalesce(n.found, 0) AS found, coalesce(n.closed, 0) AS closed,"
             " coalesce(n.abandoned, 0) AS abandoned, coalesce(n.contradictions, 0) AS contradictions"
             " FROM trade_day d LEFT JOIN (SELECT day_of(at_ns) AS day, pair, venue,"
             "  count(*) FILTER (WHERE kind = 'gap_found') AS found,"
             "  count(*) FILTER (WHERE kind = 'gap_closed') AS closed,"
             "  count(*) FILTER (WHERE kind = 'gap_abandoned') AS abandoned,"
             "  count(*) FILTER (WHERE kind = 'contradiction') AS contradictions"
             "  FROM feed_note n JOIN (SELECT session_id, venue FROM feed_session) s USING (session_id)"
             "  WHERE pair <> '' GROUP BY 1, 2, 3) n ON (n.day, n.pair, n.venue) = (d.day, d.pair, d.venue)"
             " WHERE d.pair = coalesce($1, d.pair) AND d.day >= coalesce($2::date, '-infinity')"
             " AND d.day <= coalesce($3::date, 'infinity') ORDER BY d.day DESC, d.pair DESC, d.venue DESC "
             "LIMIT $4",
             query.pair, query.from, query.to, query.count_max)) {
      days.push_back({row["day"].as<time::Date>(), row["pair"].as<std::string>(),
                      row["venue"].as<std::string>(), row["trades"].as<std::uint64_t>(),
                      row["received"].as<std::uint64_t>(), row["found"].as<std::uint64_t>(),
                      row["closed"].as<std::uint64_t>(), row["abandoned"].as<std::uint64_t>(),
                      row["contradictions"].as<std::uint64_t>()});
    }
    std::ranges::reverse(days);
    return days;
  });
}

std::vector<TapeDrop> SqlTapeUpkeep::drops(const TapeQuery& query) {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<TapeDrop> drops;
    for (const auto& row :
         db::query(transaction,
                   "SELECT * FROM tape_drop WHERE pair = coalesce($1, pair)"
                   " AND day >= coalesce($2::date, '-infinity')"
                   " AND day <= coalesce($3::date, 'infinity') ORDER BY day DESC, pair DESC LIMIT $4",
                   query.pair, query.from, query.to, query.count_max)) {
      drops.push_back(
          {{{row["day"].as<time::Date>(), row["pair"].as<std::string>(), row["trades"].as<std::uint64_t>()},
            base::to_hex(row["hash"].as<base::Bytes>())},
           row["keep_days"].as<int>(),
           row["rates"].as<std::string>(),
           row["known_at_ns"].as<time::Instant>(),
           row["actor"].as<std::string>()});
    }
    std::ranges::reverse(drops);
    return drops;
  });
}

std::vector<TapePlace> SqlTapeUpkeep::places() {
  return pool_.transact([&](db::Transaction& transaction) {
    std::vector<TapePlace> places;
    for (const auto& row : db::query(transaction, "SELECT * FROM feed_position ORDER BY venue, pair")) {
      places.push_back({row["venue"].as<std::string>(), row["pair"].as<std::string>(),
                        row["trade_id"].as<std::string>(), row["time_ns"].as<time::Instant>(),
                        row["known_at_ns"].as<time::Instant>()});
    }
    return places;
  });
}

}  // namespace navkeeper::pricing
