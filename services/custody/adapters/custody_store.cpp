#include "services/custody/adapters/custody_store.h"

#include <algorithm>
#include <array>
#include <set>

#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/custody/adapters/balance_json.h"
#include "services/custody/adapters/stored_balance.h"

namespace navkeeper::custody {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

base::Bytes bytes_of(const crypto::Digest256& digest) { return {digest.begin(), digest.end()}; }

crypto::Digest256 digest_of(const base::Bytes& bytes) {
  crypto::Digest256 digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

base::Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

void add_raw(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
             const RawAnswer& answer, time::Instant known_at, SyncReport& report) {
  const base::Bytes sha256 = bytes_of(crypto::sha256(answer.body));
  db::execute(transaction,
              "INSERT INTO raw_body (fund_id, sha256, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", fund,
              sha256, bytes_of(answer.body));
  report.answers_kept +=
      db::execute(transaction,
                  "INSERT INTO raw_answer (fund_id, source, asked_at_ns, operation, request, answered_at_ns, "
                  "status, sha256,"
                  " known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
                  fund, source, answer.asked_at, answer.operation, answer.request,
                  std::max(answer.asked_at, answer.answered_at), answer.status, sha256, known_at);
}

std::size_t add_alarm(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                      const Alarm& alarm, time::Instant known_at) {
  return db::execute(transaction,
                     "INSERT INTO alarm (fund_id, source, kind, subject, detail_sha256, detail, known_at_ns)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                     fund, source, alarm.kind, alarm.subject, bytes_of(crypto::sha256(alarm.detail)),
                     alarm.detail, known_at);
}

std::size_t add_balance(db::Transaction& transaction, const model::FundId& fund, const Balance& b,
                        time::Instant known_at) {
  std::optional<money::Decimal> height;
  std::optional<std::string> hash;
  std::optional<std::string> certainty;
  if (b.certainty) certainty = std::string(describe(*b.certainty));
  if (b.block) {
    height = money::Decimal::of(static_cast<money::Int128>(b.block->height));
    if (!b.block->hash.empty()) hash = b.block->hash;
  }
  return db::execute(
      transaction,
      "INSERT INTO balance (fund_id, source, account, asset, as_of_ns, raw_sha256, scale, total, held, "
      "available,"
      " staked, activating, unbonding, unbonding_entries, reserved, rewards_pending, claimable, realised,"
      " staked_in_total, activating_in_staked, block_height, block_hash, certainty, doubts, known_at_ns)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
      "$21,"
      " $22, $23, $24, $25) ON CONFLICT DO NOTHING",
      fund, b.place.source, b.place.account, b.asset, b.as_of, bytes_of(b.raw_sha256), b.scale, b.total,
      b.held, b.available, b.staked, b.activating, b.unbonding, unbonding_json(b.unbonding_entries),
      b.reserved, b.rewards_pending, b.claimable, b.realised, describe(b.staked_in_total),
      describe(b.activating_in_staked), height, hash, certainty, doubts_json(b.doubts), known_at);
}

void add_answer(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                const WindowAnswer& answer, time::Instant known_at, SyncReport& report) {
  const std::string_view kind = describe(answer.kind);
  db::execute(transaction,
              "INSERT INTO source_window (fund_id, source, kind, asked_at_ns, from_ns, to_ns, known_at_ns)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
              fund, source, kind, answer.asked_at, answer.from, answer.to, known_at);
  for (const CountedRecord& counted : answer.records) {
    const Record& record = counted.record;
    const base::Bytes content = bytes_of(record.content());
    report.records_new += db::execute(
        transaction,
        "INSERT INTO source_record (fund_id, source, kind, key, content, at_ns, updated_at_ns, asset, amount,"
        " progress, status, document, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
        "$12, $13)"
        " ON CONFLICT DO NOTHING",
        fund, source, kind, record.key, content, record.at, record.updated_at, record.asset, record.amount,
        describe(record.progress), record.status, record.document, known_at);
    db::execute(
        transaction,
        "INSERT INTO source_sighting (fund_id, source, kind, key, content, asked_at_ns, count, known_at_ns)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        fund, source, kind, record.key, content, answer.asked_at, counted.count, known_at);
  }
}

/// What was done and is told, later, not to be: coins that came back, or never came. `answer` was asked for
/// last. An answer that is only older than the one before it takes nothing back.
void raise_taken_back(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                      const WindowAnswer& answer, std::vector<Alarm>& alarms) {
  if (answer.kind != RecordKind::kTransfer && answer.kind != RecordKind::kReward &&
      answer.kind != RecordKind::kStake)
    return;
  for (const auto& row :
       db::query(transaction,
                 "SELECT n.key, n.status, m.movement_id FROM source_record n"
                 " JOIN source_sighting s USING (fund_id, source, kind, key, content)"
                 " LEFT JOIN movement_match m ON (m.fund_id, m.custodian, m.custodian_id) = ($1, $2, n.key)"
                 " AND NOT EXISTS (SELECT FROM movement_match_release r WHERE (r.fund_id, r.custodian,"
                 " r.custodian_id, r.turn) = (m.fund_id, m.custodian, m.custodian_id, m.turn))"
                 " WHERE n.fund_id = $1 AND n.source = $2 AND n.kind = $3 AND n.at_ns BETWEEN $4 AND $5"
                 " AND n.progress <> 'done' AND s.asked_at_ns = $6 AND EXISTS (SELECT FROM source_record d"
                 " WHERE d.fund_id = $1 AND d.source = $2 AND d.kind = $3 AND d.key = n.key"
                 " AND d.progress = 'done' AND (n.progress = 'failed' OR n.updated_at_ns >= d.updated_at_ns)"
                 " AND EXISTS (SELECT FROM source_sighting e WHERE e.fund_id = $1 AND e.source = $2"
                 " AND e.kind = $3 AND e.key = d.key AND e.content = d.content AND e.asked_at_ns < $6))",
                 fund, source, describe(answer.kind), answer.from, answer.to, answer.asked_at)) {
    std::string detail = "was done and is now told as " + row["status"].as<std::string>();
    if (!row["movement_id"].is_null()) detail += ": it is movement " + row["movement_id"].as<std::string>();
    alarms.push_back(
        {"taken_back", std::string(describe(answer.kind)) + " " + row["key"].as<std::string>(), detail});
  }
}

/// The first time that a key's amount differs from what was told before, or that a record vanished, is said.
void raise_restatements(db::Transaction& transaction, const model::FundId& fund, const SyncResult& result,
                        std::vector<Alarm>& alarms) {
  for (const WindowAnswer& answer : result.answers) {
    const pqxx::result changed = db::query(
        transaction,
        "SELECT r.key, min(r.amount) AS low, max(r.amount) AS high FROM source_record r WHERE r.fund_id = $1"
        " AND r.source = $2 AND r.kind = $3 AND r.at_ns BETWEEN $4 AND $5 AND r.amount IS NOT NULL"
        " GROUP BY r.key HAVING min(r.amount) <> max(r.amount)",
        fund, result.run.source, describe(answer.kind), answer.from, answer.to);
    for (const auto& row : changed)
      alarms.push_back({"restated", std::string(describe(answer.kind)) + " " + row["key"].as<std::string>(),
                        "told with the amounts " + row["low"].as<money::Decimal>().to_string() + " and " +
                            row["high"].as<money::Decimal>().to_string()});
    const pqxx::result gone = db::query(
        transaction,
        "SELECT DISTINCT r.key FROM source_record r WHERE r.fund_id = $1 AND r.source = $2 AND r.kind = $3"
        " AND r.at_ns BETWEEN $4 AND $5 AND NOT EXISTS (SELECT FROM source_sighting s WHERE s.fund_id = $1"
        " AND s.source = $2 AND s.kind = $3 AND s.key = r.key AND s.asked_at_ns >= $6)",
        fund, result.run.source, describe(answer.kind), answer.from, answer.to, answer.asked_at);
    for (const auto& row : gone)
      alarms.push_back({"vanished", std::string(describe(answer.kind)) + " " + row["key"].as<std::string>(),
                        "was told before and is left out of a complete answer over its instant"});
    raise_taken_back(transaction, fund, result.run.source, answer, alarms);
  }
}

std::string audit_text(const SyncReport& report) {
  json::Writer writer;
  writer.begin_object()
      .member("alarms_new", static_cast<std::int64_t>(report.alarms_new))
      .member("answers_kept", static_cast<std::int64_t>(report.answers_kept))
      .member("balances_new", static_cast<std::int64_t>(report.balances_new))
      .member("outcome", describe(report.run.outcome))
      .member("records_new", static_cast<std::int64_t>(report.records_new))
      .member("source", report.run.source)
      .member("started_at", report.run.started_at.to_string())
      .end_object();
  return writer.take();
}

Record record_of(const pqxx::row& row, RecordKind kind) {
  Record record;
  record.kind = kind;
  record.key = row["key"].as<std::string>();
  record.at = row["at_ns"].as<time::Instant>();
  record.updated_at = row["updated_at_ns"].as<time::Instant>();
  record.asset = row["asset"].as<std::string>();
  record.amount = db::optional_of<money::Decimal>(row["amount"]);
  record.progress = *parse_progress(row["progress"].as<std::string>());
  record.status = row["status"].as<std::string>();
  record.document = row["document"].as<std::string>();
  return record;
}

}  // namespace

Balance balance_of(const pqxx::row& row) {
  Balance b;
  b.place = {row["source"].as<std::string>(), row["account"].as<std::string>()};
  b.asset = db::name_of<model::AssetId>(row["asset"]);
  b.scale = row["scale"].as<int>();
  const auto amount = [&](const char* column) { return db::optional_of<money::Decimal>(row[column]); };
  b.total = amount("total");
  b.held = amount("held");
  b.available = amount("available");
  b.staked = amount("staked");
  b.activating = amount("activating");
  b.unbonding = amount("unbonding");
  b.unbonding_entries = read_unbonding(row["unbonding_entries"].as<std::string>());
  b.reserved = amount("reserved");
  b.rewards_pending = amount("rewards_pending");
  b.claimable = amount("claimable");
  b.realised = amount("realised");
  b.staked_in_total = *parse_counted(row["staked_in_total"].as<std::string>());
  b.activating_in_staked = *parse_counted(row["activating_in_staked"].as<std::string>());
  b.as_of = row["as_of_ns"].as<time::Instant>();
  if (!row["block_height"].is_null()) {
    b.block = BlockMark{row["block_height"].as<std::uint64_t>(),
                        row["block_hash"].is_null() ? std::string() : row["block_hash"].as<std::string>()};
  }
  b.raw_sha256 = digest_of(row["raw_sha256"].as<base::Bytes>());
  if (!row["certainty"].is_null()) b.certainty = *parse_certainty(row["certainty"].as<std::string>());
  b.doubts = read_doubts(row["doubts"].as<std::string>());
  return b;
}

PostgresCustodyStore PostgresCustodyStore::under(const db::Lease& lease) const {
  PostgresCustodyStore store(pool_);
  store.lease_ = lease;
  return store;
}

SyncReport PostgresCustodyStore::save(const model::FundId& fund, const SyncResult& result,
                                      time::Instant known_at, const std::string& actor) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    SyncReport report;
    report.run = result.run;
    const std::size_t is_new =
        db::execute(transaction,
                    "INSERT INTO sync_run (fund_id, source, started_at_ns, ended_at_ns, outcome, detail, "
                    "known_at_ns, actor)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                    fund, result.run.source, result.run.started_at, result.run.ended_at,
                    describe(result.run.outcome), result.run.detail, known_at, actor);
    if (is_new == 0) return report;  // stored before
    for (const RawAnswer& answer : result.raw)
      add_raw(transaction, fund, result.run.source, answer, known_at, report);
    for (const Balance& balance : result.balances)
      report.balances_new += add_balance(transaction, fund, balance, known_at);
    for (const WindowAnswer& answer : result.answers)
      add_answer(transaction, fund, result.run.source, answer, known_at, report);
    std::vector<Alarm> alarms = result.alarms;
    raise_restatements(transaction, fund, result, alarms);
    for (const Alarm& alarm : alarms)
      report.alarms_new += add_alarm(transaction, fund, result.run.source, alarm, known_at);
    db::append_audit(transaction, fund.value(), {actor, known_at.ns(), "custody.synced", audit_text(report)});
    return report;
  });
}

std::optional<time::Instant> PostgresCustodyStore::whole_until(const model::FundId& fund,
                                                               const std::string& source, RecordKind kind) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto rows = db::query(
            transaction,
            "SELECT max(to_ns) AS until FROM source_window WHERE fund_id = $1 AND source = $2 AND kind = $3",
            fund, source, describe(kind));
        return db::optional_of<time::Instant>(rows[0]["until"]);
      },
      kReading);
}

std::optional<time::Instant> PostgresCustodyStore::read_over(const model::FundId& fund,
                                                             const std::string& source, RecordKind kind,
                                                             time::Duration length) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto rows = db::query(transaction,
                                    "SELECT max(asked_at_ns) AS at FROM source_window WHERE fund_id = $1 AND "
                                    "source = $2 AND kind = $3"
                                    " AND to_ns - from_ns >= $4",
                                    fund, source, describe(kind), length.ns());
        return db::optional_of<time::Instant>(rows[0]["at"]);
      },
      kReading);
}

std::optional<time::Instant> PostgresCustodyStore::oldest_under_way(const model::FundId& fund,
                                                                    const std::string& source,
                                                                    RecordKind kind) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto rows = db::query(
            transaction,
            "SELECT min(r.at_ns) AS oldest FROM source_record r WHERE r.fund_id = $1 AND r.source = $2"
            " AND r.kind = $3 AND r.progress IN ('under_way', 'unknown') AND NOT EXISTS (SELECT FROM "
            "source_record e"
            " WHERE e.fund_id = $1 AND e.source = $2 AND e.kind = $3 AND e.key = r.key"
            " AND e.progress IN ('done', 'failed'))",
            fund, source, describe(kind));
        return db::optional_of<time::Instant>(rows[0]["oldest"]);
      },
      kReading);
}

std::vector<StoredBalance> PostgresCustodyStore::balances(const model::FundId& fund,
                                                          const CustodyQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredBalance> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (source, account, asset) * FROM balance WHERE fund_id = $1"
                       " AND ($2 = '' OR source = $2) AND as_of_ns <= $3 AND known_at_ns <= $4"
                       " AND (NOT $5 OR num_nonnulls(total, held, available, staked, activating, unbonding,"
                       " reserved, rewards_pending, claimable, realised) > 0)"
                       " ORDER BY source, account, asset, as_of_ns DESC, known_at_ns DESC, raw_sha256",
                       fund, query.source, query.as_of, query.known_at, query.told_only))
          found.push_back({balance_of(row), row["known_at_ns"].as<time::Instant>()});
        return found;
      },
      kReading);
}

std::vector<RecordState> PostgresCustodyStore::records(const model::FundId& fund, const std::string& source,
                                                       RecordKind kind, time::Instant from,
                                                       const CustodyQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        RecordBook book;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT asked_at_ns, from_ns, to_ns FROM source_window WHERE fund_id = $1 AND source = $2"
                 " AND kind = $3 AND to_ns >= $4 AND known_at_ns <= $5",
                 fund, source, describe(kind), from, query.known_at))
          book.see({kind,
                    row["from_ns"].as<time::Instant>(),
                    row["to_ns"].as<time::Instant>(),
                    row["asked_at_ns"].as<time::Instant>(),
                    {}});
        for (const auto& row :
             db::query(transaction,
                       "SELECT r.*, s.asked_at_ns, s.count FROM source_record r JOIN source_sighting s"
                       " USING (fund_id, source, kind, key, content) WHERE r.fund_id = $1 AND r.source = $2"
                       " AND r.kind = $3 AND r.at_ns BETWEEN $4 AND $5 AND s.known_at_ns <= $6",
                       fund, source, describe(kind), from, query.as_of, query.known_at)) {
          const time::Instant at = row["at_ns"].as<time::Instant>();
          book.see({kind,
                    at,
                    at,
                    row["asked_at_ns"].as<time::Instant>(),
                    {{record_of(row, kind), row["count"].as<int>()}}});
        }
        return book.states();
      },
      kReading);
}

std::vector<SyncRun> PostgresCustodyStore::runs(const model::FundId& fund, const CustodyQuery& query,
                                                int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<SyncRun> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT * FROM sync_run WHERE fund_id = $1 AND ($2 = '' OR source = $2)"
                       " AND started_at_ns <= $3 AND known_at_ns <= $4 ORDER BY started_at_ns DESC, source "
                       "LIMIT $5",
                       fund, query.source, query.as_of, query.known_at, limit))
          found.push_back({row["source"].as<std::string>(), row["started_at_ns"].as<time::Instant>(),
                           row["ended_at_ns"].as<time::Instant>(),
                           *parse_sync_outcome(row["outcome"].as<std::string>()),
                           row["detail"].as<std::string>()});
        return found;
      },
      kReading);
}

std::vector<StoredAlarm> PostgresCustodyStore::alarms(const model::FundId& fund, const CustodyQuery& query,
                                                      int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredAlarm> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT * FROM alarm WHERE fund_id = $1 AND ($2 = '' OR source = $2) AND known_at_ns <= $3"
                 " ORDER BY known_at_ns DESC, source, kind, subject, detail LIMIT $4",
                 fund, query.source, query.known_at, limit))
          found.push_back({row["source"].as<std::string>(),
                           {row["kind"].as<std::string>(), row["subject"].as<std::string>(),
                            row["detail"].as<std::string>()},
                           row["known_at_ns"].as<time::Instant>()});
        return found;
      },
      kReading);
}

std::vector<std::string> PostgresCustodyStore::sources(const model::FundId& fund) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<std::string> found;
        for (const auto& row : db::query(
                 transaction, "SELECT DISTINCT source FROM sync_run WHERE fund_id = $1 ORDER BY 1", fund))
          found.push_back(row[0].as<std::string>());
        return found;
      },
      kReading);
}

std::optional<std::string> PostgresCustodyStore::raw_body(const model::FundId& fund,
                                                          const crypto::Digest256& sha256) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<std::string> {
        const auto rows =
            db::query(transaction, "SELECT body FROM raw_body WHERE fund_id = $1 AND sha256 = $2", fund,
                      bytes_of(sha256));
        if (rows.empty()) return std::nullopt;
        const auto body = rows[0][0].as<base::Bytes>();
        return std::string(body.begin(), body.end());
      },
      kReading);
}

void keep_evidence(db::Transaction& transaction, const model::FundId& fund, const std::string& source,
                   const std::vector<RawAnswer>& raw, const std::vector<Alarm>& alarms,
                   time::Instant known_at) {
  SyncReport uncounted;
  for (const RawAnswer& answer : raw) add_raw(transaction, fund, source, answer, known_at, uncounted);
  for (const Alarm& alarm : alarms) add_alarm(transaction, fund, source, alarm, known_at);
}

}  // namespace navkeeper::custody
