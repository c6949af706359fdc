#include "services/custody/adapters/reconciliation_store.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/refuse.h"
#include "common/crypto/digest.h"
#include "common/db/audit.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
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

FoundBreak found_of(const pqxx::row& row) {
  FoundBreak found;
  found.key = row["key"].as<std::string>();
  found.asset = row["asset"].as<std::string>();
  found.place = row["place"].as<std::string>();
  found.level = *parse_break_level(row["level"].as<std::string>());
  found.type = *parse_break_type(row["type"].as<std::string>());
  found.amount = row["amount"].as<money::Decimal>();
  found.dollars = db::optional_of<money::Decimal>(row["dollars"]);
  found.is_over_tolerance = row["is_over_tolerance"].as<bool>();
  found.is_self_explained = row["is_self_explained"].as<bool>();
  found.detail = row["detail"].as<std::string>();
  return found;
}

BreakAct act_of(const pqxx::row& row) {
  BreakAct act{row["seq"].as<int>(), *parse_break_act_kind(row["kind"].as<std::string>()),
               db::name_of<model::ActorId>(row["actor"]), row["known_at_ns"].as<time::Instant>()};
  act.text = row["body"].as<std::string>();
  if (!row["evidence"].is_null()) act.evidence = row["evidence"].as<std::string>();
  if (!row["type"].is_null()) act.type = *parse_break_type(row["type"].as<std::string>());
  if (!row["amount"].is_null()) act.amount = row["amount"].as<money::Decimal>();
  if (!row["of_seq"].is_null()) act.of_seq = row["of_seq"].as<int>();
  return act;
}

std::vector<ReconciliationMark> marks_of(db::Transaction& transaction, const model::FundId& fund,
                                         const BreakQuery& query) {
  std::vector<ReconciliationMark> marks;
  for (const auto& row : db::query(
           transaction,
           "SELECT recon_date, max(number) AS number FROM reconciliation WHERE fund_id = $1"
           " AND ($2::date IS NULL OR recon_date <= $2::date) AND known_at_ns <= $3 GROUP BY recon_date",
           fund, query.as_of, query.known_at))
    marks.push_back({row["recon_date"].as<time::Date>(), row["number"].as<int>()});
  return marks;
}

std::map<std::string, std::vector<BreakAct>> acts_of(db::Transaction& transaction, const model::FundId& fund,
                                                     const std::string& id, time::Instant known_at) {
  std::map<std::string, std::vector<BreakAct>> acts;
  for (const auto& row : db::query(transaction,
                                   "SELECT * FROM break_act WHERE fund_id = $1 AND ($2 = '' OR break_id = $2)"
                                   " AND known_at_ns <= $3 ORDER BY break_id, seq",
                                   fund, id, known_at))
    acts[row["break_id"].as<std::string>()].push_back(act_of(row));
  return acts;
}

/// `id` empty: all.
std::vector<StoredBreak> load(db::Transaction& transaction, const model::FundId& fund, const std::string& id,
                              const BreakQuery& query) {
  const std::vector<ReconciliationMark> marks = marks_of(transaction, fund, query);
  std::map<std::string, std::vector<BreakSighting>> sightings;
  for (const auto& row :
       db::query(transaction,
                 "SELECT s.* FROM break_sighting s JOIN reconciliation r USING (fund_id, recon_date, number)"
                 " WHERE s.fund_id = $1 AND ($2 = '' OR s.break_id = $2)"
                 " AND ($3::date IS NULL OR s.recon_date <= $3::date) AND r.known_at_ns <= $4",
                 fund, id, query.as_of, query.known_at))
    sightings[row["break_id"].as<std::string>()].push_back(
        {{row["recon_date"].as<time::Date>(), row["number"].as<int>()}, found_of(row)});
  const auto acts = acts_of(transaction, fund, id, query.known_at);
  std::vector<StoredBreak> found;
  for (const auto& [break_id, seen] : sightings) {
    const auto done = acts.find(break_id);
    auto state = break_state(marks, seen, done == acts.end() ? std::vector<BreakAct>{} : done->second);
    if (state) found.push_back({break_id, *std::move(state)});
  }
  std::sort(found.begin(), found.end(), [](const StoredBreak& a, const StoredBreak& b) {
    return std::tie(a.state.first_seen, a.state.found.asset, a.id) <
           std::tie(b.state.first_seen, b.state.found.asset, b.id);
  });
  return found;
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

void insert_sighting(db::Transaction& transaction, const model::FundId& fund, time::Date date, int number,
                     const FoundBreak& found) {
  db::execute(transaction,
              "INSERT INTO break_sighting (fund_id, break_id, recon_date, number, key, asset, place, level, "
              "type, amount, dollars, is_over_tolerance, is_self_explained, detail)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
              fund, break_id(found.key), date, number, found.key, found.asset, found.place,
              describe(found.level), describe(found.type), found.amount, found.dollars,
              found.is_over_tolerance, found.is_self_explained, found.detail);
}

std::string break_event(const std::string& id, const FoundBreak& found, time::Date date) {
  json::Writer writer;
  writer.begin_object()
      .member("amount", found.amount)
      .member("asset", found.asset)
      .member("break", id)
      .member("date", date.to_string())
      .member("type", describe(found.type))
      .end_object();
  return writer.take();
}

/// Who else must know: breaks that came, and those that went.
void announce(db::Transaction& transaction, const model::FundId& fund, const std::vector<StoredBreak>& before,
              const std::vector<StoredBreak>& after, time::Instant known_at) {
  std::map<std::string, bool> was_there;
  for (const StoredBreak& one : before) was_there[one.id] = one.state.status != BreakStatus::kCleared;
  for (const StoredBreak& one : after) {
    const bool is_there = one.state.status != BreakStatus::kCleared;
    const auto then = was_there.find(one.id);
    const bool was = then != was_there.end() && then->second;
    if (is_there == was) continue;
    db::append_event(transaction, fund.value(),
                     {0, is_there ? "break_opened" : "break_cleared",
                      break_event(one.id, one.state.found, one.state.last_seen), known_at.ns()});
  }
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

int PostgresReconciliationStore::save(const model::FundId& fund, const StoredReconciliation& made,
                                      const std::vector<FoundBreak>& breaks) {
  return pool_.transact([&](db::Transaction& transaction) {
    const auto last = db::query(transaction,
                                "SELECT number, document_sha256 FROM reconciliation WHERE fund_id = $1 AND "
                                "recon_date = $2 ORDER BY number DESC LIMIT 1",
                                fund, made.date);
    const base::Bytes hash = hash_of(made.document);
    if (!last.empty() && last[0]["document_sha256"].as<base::Bytes>() == hash)
      return last[0]["number"].as<int>();
    const int number = last.empty() ? 1 : last[0]["number"].as<int>() + 1;
    const std::vector<StoredBreak> before = load(transaction, fund, "", {});
    db::execute(transaction,
                "INSERT INTO reconciliation (fund_id, recon_date, number, at_ns, document, document_sha256, "
                "actor, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                fund, made.date, number, made.at, made.document, hash, made.actor, made.known_at);
    for (const FoundBreak& found : breaks) insert_sighting(transaction, fund, made.date, number, found);
    announce(transaction, fund, before, load(transaction, fund, "", {}), made.known_at);
    db::append_audit(
        transaction, fund.value(),
        {made.actor, made.known_at.ns(), "custody.reconciled", audit_text(made, number, breaks)});
    return number;
  });
}

std::optional<StoredReconciliation> PostgresReconciliationStore::find(const model::FundId& fund,
                                                                      time::Date date,
                                                                      time::Instant known_at) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredReconciliation> {
        const auto rows = db::query(transaction,
                                    "SELECT * FROM reconciliation WHERE fund_id = $1 AND recon_date = $2 AND "
                                    "known_at_ns <= $3 ORDER BY number DESC LIMIT 1",
                                    fund, date, known_at);
        if (rows.empty()) return std::nullopt;
        return reconciliation_of(rows[0], true);
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
  return pool_.transact([&](db::Transaction& transaction) { return load(transaction, fund, "", query); },
                        kReading);
}

std::vector<StoredBreak> PostgresReconciliationStore::breaks_of(const model::FundId& fund,
                                                                const ReconciliationMark& mark,
                                                                time::Instant known_at) {
  std::vector<StoredBreak> found = breaks(fund, {mark.date, known_at});
  std::erase_if(found, [&](const StoredBreak& one) {
    return one.state.status == BreakStatus::kCleared || one.state.last_seen != mark.date;
  });
  return found;
}

std::optional<StoredBreak> PostgresReconciliationStore::find_break(const model::FundId& fund,
                                                                   const std::string& id) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredBreak> {
        auto found = load(transaction, fund, id, {});
        if (found.empty() || id.empty()) return std::nullopt;
        return std::move(found.front());
      },
      kReading);
}

std::optional<StoredBreak> PostgresReconciliationStore::act(db::Transaction& transaction,
                                                            const BreakRequest& request,
                                                            const db::KeyedRequest& key) {
  // Of two at once the second conflicts on the act's number: it has not seen what the first says.
  const auto known = load(transaction, request.fund, request.break_id, {});
  if (known.empty() || request.break_id.empty()) return std::nullopt;
  const BreakState& state = known.front().state;
  BreakAct act = request.act;
  if (auto broken = broken_act_rule(state, act)) throw base::Refused(*broken);
  act.seq = state.acts.empty() ? 1 : state.acts.back().seq + 1;
  std::optional<std::string> evidence, type, resolved_by;
  std::optional<money::Decimal> amount;
  std::optional<int> of_seq;
  if (act.kind == BreakActKind::kResolved) {
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
              " amount, of_seq, resolved_by, client, request_key)"
              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
              request.fund, request.break_id, act.seq, describe(act.kind), act.actor, act.at, act.text,
              evidence, type, amount, of_seq, resolved_by, key.client, key.key);
  json::Writer writer;
  writer.begin_object().member("break", request.break_id);
  if (evidence) writer.member("evidence", *evidence);
  writer.member("kind", describe(act.kind)).member("seq", act.seq).member("text", act.text).end_object();
  db::append_audit(
      transaction, request.fund.value(),
      {act.actor.value(), act.at.ns(), "custody.break_" + std::string(describe(act.kind)), writer.take()});
  return load(transaction, request.fund, request.break_id, {}).front();
}

}  // namespace navkeeper::custody
