#include "services/custody/adapters/reconciliation_store.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/copy_writer.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "services/custody/adapters/break_register.h"
#include "services/custody/adapters/reconciled_day_store.h"
#include "services/custody/adapters/stored_balance.h"

namespace navkeeper::custody {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

base::Bytes hash_of(const std::string& text) {
  const crypto::Digest256 digest = crypto::sha256(text);
  return {digest.begin(), digest.end()};
}

StoredReconciliation reconciliation_of(const pqxx::row& row, bool with_document) {
  StoredReconciliation stored;
  stored.date = row["recon_date"].as<time::Date>();
  stored.number = row["number"].as<int>();
  stored.at = row["at_ns"].as<time::Instant>();
  stored.known_at = row["known_at_ns"].as<time::Instant>();
  if (with_document) stored.document = row["document"].as<std::string>();
  stored.sha256 = base::to_hex(row["document_sha256"].as<base::Bytes>());
  stored.actor = row["actor"].as<std::string>();
  return stored;
}

std::string audit_text(const StoredReconciliation& made, int number, const std::vector<FoundBreak>& breaks) {
  json::Writer writer;
  writer.begin_object()
      .member("breaks", static_cast<std::int64_t>(breaks.size()))
      .member("date", made.date.to_string())
      .member("number", number)
      .member("sha256", crypto::sha256_hex(made.document))
      .end_object();
  return writer.take();
}

void insert_sightings(db::Transaction& transaction, const model::FundId& fund, time::Date date, int number,
                      const ReconciliationPaper& paper, const std::vector<FoundBreak>& breaks) {
  std::map<std::pair<std::string_view, std::string_view>, std::int32_t> line_of;  // by asset and place
  std::int32_t line_no = 0;
  for (const ReconciliationRow& row : paper.lines)
    line_of.emplace(std::pair<std::string_view, std::string_view>(row.asset, row.place), ++line_no);
  db::CopyWriter copy(
      transaction, "break_sighting",
      {"fund_id", "break_id", "recon_date", "number", "line_no", "key", "asset", "place", "level", "type",
       "amount", "dollars", "is_over_tolerance", "is_self_explained", "detail"});
  for (const FoundBreak& found : breaks) {
    copy.text(fund.value()).text(break_id(found.key)).date(date).int32(number);
    copy.int32(line_of.at({found.asset, found.place})).text(found.key);
    copy.text(found.asset).text(found.place).text(describe(found.level)).text(describe(found.type));
    copy.numeric(found.amount);
    found.dollars ? copy.numeric(*found.dollars) : copy.null();
    copy.boolean(found.is_over_tolerance).boolean(found.is_self_explained).text(found.detail).end_row();
  }
  copy.finish();
}

void insert_rows(db::Transaction& transaction, const model::FundId& fund, time::Date date, int number,
                 const ReconciliationPaper& paper) {
  {
    db::CopyWriter copy(transaction, "reconciliation_line",
                        {"fund_id", "recon_date", "number", "line_no", "asset", "place", "status", "body"});
    std::int32_t line_no = 0;
    for (const ReconciliationRow& row : paper.lines)
      copy.text(fund.value())
          .date(date)
          .int32(number)
          .int32(++line_no)
          .text(row.asset)
          .text(row.place)
          .text(describe(row.status))
          .text(row.body)
          .end_row();
    copy.finish();
  }
  db::CopyWriter copy(transaction, "reconciliation_balance",
                      {"fund_id", "recon_date", "number", "balance_no", "body"});
  std::int32_t balance_no = 0;
  for (const std::string& body : paper.balances)
    copy.text(fund.value()).date(date).int32(number).int32(++balance_no).text(body).end_row();
  copy.finish();
}

/// Bodies of rows, in order; `statement` is one of this file's own.
std::vector<std::string> bodies(db::Pool& pool, const char* statement, const model::FundId& fund,
                                const ReconciliationMark& mark, const RowSpan& rows) {
  return pool.transact(
      [&](db::Transaction& transaction) {
        std::vector<std::string> found;
        const std::int64_t last = std::int64_t{rows.after} + rows.count;
        for (const auto& row :
             db::query(transaction, statement, fund, mark.date, mark.number, rows.after, last))
          found.push_back(row["body"].as<std::string>());
        return found;
      },
      kReading);
}

}  // namespace

std::optional<time::Instant> PostgresReconciliationStore::history_begins(const model::FundId& fund,
                                                                         const std::string& source) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        const auto rows = db::query(transaction,
                                    "SELECT min(from_ns) AS begins FROM source_window WHERE fund_id = $1 AND "
                                    "source = $2 AND kind = $3",
                                    fund, source, describe(RecordKind::kTransfer));
        return db::optional_of<time::Instant>(rows[0]["begins"]);
      },
      kReading);
}

std::vector<Balance> PostgresReconciliationStore::balances_after(const model::FundId& fund,
                                                                 time::Instant instant) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<Balance> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (source, account, asset) * FROM balance WHERE fund_id = $1"
                       " AND as_of_ns > $2 ORDER BY source, account, asset, as_of_ns, known_at_ns DESC, "
                       "raw_sha256",
                       fund, instant))
          found.push_back(balance_of(row));
        return found;
      },
      kReading);
}

PostgresReconciliationStore PostgresReconciliationStore::by_job(const db::Lease& lease) const {
  PostgresReconciliationStore store(pool_);
  store.lease_ = lease;
  return store;
}

int PostgresReconciliationStore::save(const model::FundId& fund, const StoredReconciliation& made,
                                      const ReconciliationPaper& paper,
                                      const std::vector<FoundBreak>& breaks) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    // Foreign keys are checked by plans that were made when the tables were tiny.
    db::execute(transaction, "SET LOCAL enable_seqscan = off");
    const auto last = db::query(transaction,
                                "SELECT number, document_sha256 FROM reconciliation WHERE fund_id = $1 AND "
                                "recon_date = $2 ORDER BY number DESC LIMIT 1",
                                fund, made.date);
    const base::Bytes hash = hash_of(made.document);
    const bool is_known = !last.empty() && last[0]["document_sha256"].as<base::Bytes>() == hash;
    if (is_known) {
      const int number = last[0]["number"].as<int>();
      if (lease_) note_day(transaction, fund, {made.date, DayState::kDone, made.note, number, made.known_at});
      return number;
    }
    const int number = last.empty() ? 1 : last[0]["number"].as<int>() + 1;
    const std::vector<StoredBreak> before = breaks_near(transaction, fund, made.date);
    db::execute(transaction,
                "INSERT INTO reconciliation (fund_id, recon_date, number, at_ns, document, document_sha256, "
                "actor, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund, made.date, number, made.at, made.document, hash, made.actor, made.known_at);
    insert_rows(transaction, fund, made.date, number, paper);
    insert_sightings(transaction, fund, made.date, number, paper, breaks);
    announce_breaks(transaction, fund, before, breaks_near(transaction, fund, made.date), made.known_at);
    db::append_audit(
        transaction, fund.value(),
        {made.actor, made.known_at.ns(), "custody.reconciled", audit_text(made, number, breaks)});
    if (lease_) note_day(transaction, fund, {made.date, DayState::kDone, made.note, number, made.known_at});
    return number;
  });
}

std::optional<StoredReconciliation> PostgresReconciliationStore::find(const model::FundId& fund,
                                                                      time::Date date, time::Instant known_at,
                                                                      std::optional<int> number) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredReconciliation> {
        const auto rows = db::query(transaction,
                                    "SELECT * FROM reconciliation WHERE fund_id = $1 AND recon_date = $2 AND "
                                    "known_at_ns <= $3 AND ($4::integer IS NULL OR number = $4::integer) "
                                    "ORDER BY number DESC LIMIT 1",
                                    fund, date, known_at, number);
        if (rows.empty()) return std::nullopt;
        return reconciliation_of(rows[0], true);
      },
      kReading);
}

std::vector<std::string> PostgresReconciliationStore::lines(const model::FundId& fund,
                                                            const ReconciliationMark& mark,
                                                            const RowSpan& rows) {
  return bodies(pool_,
                "SELECT body FROM reconciliation_line WHERE fund_id = $1 AND recon_date = $2 AND number = $3"
                " AND line_no > $4 AND line_no <= $5::bigint ORDER BY line_no",
                fund, mark, rows);
}

std::vector<std::string> PostgresReconciliationStore::balances(const model::FundId& fund,
                                                               const ReconciliationMark& mark,
                                                               const RowSpan& rows) {
  return bodies(
      pool_,
      "SELECT body FROM reconciliation_balance WHERE fund_id = $1 AND recon_date = $2 AND number = $3"
      " AND balance_no > $4 AND balance_no <= $5::bigint ORDER BY balance_no",
      fund, mark, rows);
}

std::map<LineStatus, std::int64_t> PostgresReconciliationStore::line_statuses(
    const model::FundId& fund, const ReconciliationMark& mark) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::map<LineStatus, std::int64_t> counts;
        for (const auto& row :
             db::query(transaction,
                       "SELECT status, count(*) AS lines FROM reconciliation_line WHERE fund_id = $1"
                       " AND recon_date = $2 AND number = $3 GROUP BY status",
                       fund, mark.date, mark.number))
          counts[*parse_line_status(row["status"].as<std::string>())] = row["lines"].as<std::int64_t>();
        return counts;
      },
      kReading);
}

std::vector<StoredReconciliation> PostgresReconciliationStore::list(const model::FundId& fund,
                                                                    time::Instant known_at, int limit) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredReconciliation> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (recon_date) recon_date, number, at_ns, document_sha256, actor, "
                       "known_at_ns FROM reconciliation WHERE fund_id = $1 AND known_at_ns <= $2 "
                       "ORDER BY recon_date DESC, number DESC LIMIT $3",
                       fund, known_at, limit))
          found.push_back(reconciliation_of(row, false));
        return found;
      },
      kReading);
}

std::vector<StoredBreak> PostgresReconciliationStore::breaks(const model::FundId& fund,
                                                             const BreakQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) { return load_breaks(transaction, fund, "", query); }, kReading);
}

std::vector<StoredBreak> PostgresReconciliationStore::breaks_of(const model::FundId& fund,
                                                                const ReconciliationMark& mark,
                                                                time::Instant known_at, const RowSpan& rows) {
  std::vector<StoredBreak> found = pool_.transact(
      [&](db::Transaction& transaction) { return breaks_found_at(transaction, fund, mark, rows, known_at); },
      kReading);
  std::erase_if(found, [&](const StoredBreak& one) {
    return one.state.status == BreakStatus::kCleared || one.state.last_seen != mark.date;
  });
  return found;
}

std::optional<StoredBreak> PostgresReconciliationStore::find_break(const model::FundId& fund,
                                                                   const std::string& id) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredBreak> {
        auto found = load_breaks(transaction, fund, id, {});
        if (found.empty() || id.empty()) return std::nullopt;
        return std::move(found.front());
      },
      kReading);
}

std::optional<StoredBreak> PostgresReconciliationStore::act(db::Transaction& transaction,
                                                            const BreakRequest& request,
                                                            const db::KeyedRequest& key) {
  // Of two at once the second conflicts on the act's number: it has not seen what the first says.
  const auto known = load_breaks(transaction, request.fund, request.break_id, {});
  if (known.empty() || request.break_id.empty()) return std::nullopt;
  const BreakState& state = known.front().state;
  BreakAct act = request.act;
  if (auto broken = broken_act_rule(state, act)) throw base::Refused(*broken);
  act.seq = state.acts.empty() ? 1 : state.acts.back().seq + 1;
  std::optional<std::string> evidence, type, resolved_by;
  std::optional<money::Decimal> amount;
  std::optional<int> of_seq;
  std::optional<time::Date> about;
  if (act.kind == BreakActKind::kResolved) {
    about = state.open_since;
    evidence = act.evidence;
    type = std::string(describe(state.found.type));
    amount = state.found.amount;
  }
  if (act.kind == BreakActKind::kConfirmed) {
    of_seq = state.resolution->seq;
    resolved_by = state.resolution->actor.value();
  }
  db::execute(transaction,
              "INSERT INTO break_act (fund_id, break_id, seq, kind, actor, known_at_ns, body, evidence, type,"
              " amount, about, of_seq, resolved_by, client, request_key)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
              request.fund, request.break_id, act.seq, describe(act.kind), act.actor, act.at, act.text,
              evidence, type, amount, about, of_seq, resolved_by, key.client, key.key);
  json::Writer writer;
  writer.begin_object().member("break", request.break_id);
  if (evidence) writer.member("evidence", *evidence);
  writer.member("kind", describe(act.kind)).member("seq", act.seq).member("text", act.text).end_object();
  db::append_audit(
      transaction, request.fund.value(),
      {act.actor.value(), act.at.ns(), "custody.break_" + std::string(describe(act.kind)), writer.take()});
  return load_breaks(transaction, request.fund, request.break_id, {}).front();
}

}  // namespace navkeeper::custody
