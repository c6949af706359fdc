#include "services/custody/adapters/statement_store.h"

#include <algorithm>

#include "common/db/audit.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

constexpr db::TransactionOptions kReading{db::Isolation::kRepeatableRead, true, {}, {}, {}};

base::Bytes bytes_of(const crypto::Digest256& digest) { return {digest.begin(), digest.end()}; }

StoredStatement statement_of(const pqxx::row& row) {
  StoredStatement stored;
  stored.source = row["source"].as<std::string>();
  stored.account = row["account"].as<std::string>();
  stored.date = row["date"].as<time::Date>();
  stored.version = row["version"].as<int>();
  const auto sha256 = row["sha256"].as<base::Bytes>();
  std::copy_n(sha256.begin(), std::min(sha256.size(), stored.sha256.size()), stored.sha256.begin());
  stored.known_at = row["known_at_ns"].as<time::Instant>();
  stored.actor = row["actor"].as<std::string>();
  return stored;
}

std::string audit_text(const std::vector<StoredStatement>& added) {
  json::Writer writer;
  writer.begin_object().key("statements").begin_array();
  for (const StoredStatement& one : added)
    writer.begin_object()
        .member("account", one.account)
        .member("date", one.date.to_string())
        .member("sha256", base::to_hex(one.sha256))
        .member("source", one.source)
        .member("version", one.version)
        .end_object();
  return writer.end_array().end_object().take();
}

}  // namespace

StatementStore StatementStore::under(const db::Lease& lease) const {
  StatementStore store(pool_);
  store.lease_ = lease;
  return store;
}

std::vector<StoredStatement> StatementStore::add(const model::FundId& fund,
                                                 const std::vector<StatementDraft>& drafts,
                                                 time::Instant known_at, const std::string& actor) {
  return pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    std::vector<StoredStatement> added;
    for (const StatementDraft& draft : drafts) {
      const crypto::Digest256 sha256 = crypto::sha256(draft.document);
      // Who writes the same version at the same time has the same facts: the first one stands.
      const auto rows = db::query(
          transaction,
          "INSERT INTO statement (fund_id, source, account, date, version, sha256, document, known_at_ns, "
          "actor)"
          " SELECT $1, $2, $3, $4, coalesce(max(version), 0) + 1, $5, $6, $7, $8 FROM statement"
          " WHERE fund_id = $1 AND source = $2 AND account = $3 AND date = $4"
          " HAVING (SELECT s.sha256 FROM statement s WHERE s.fund_id = $1 AND s.source = $2 AND s.account = "
          "$3"
          " AND s.date = $4 ORDER BY s.version DESC LIMIT 1) IS DISTINCT FROM $5"
          " ON CONFLICT DO NOTHING RETURNING *",
          fund, draft.source, draft.account, draft.date, bytes_of(sha256), draft.document, known_at, actor);
      for (const auto& row : rows) added.push_back(statement_of(row));
    }
    if (!added.empty())
      db::append_audit(transaction, fund.value(),
                       {actor, known_at.ns(), "custody.statements_made", audit_text(added)});
    return added;
  });
}

std::vector<StoredStatement> StatementStore::list(const model::FundId& fund, const StatementQuery& query) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<StoredStatement> found;
        for (const auto& row : db::query(
                 transaction,
                 "SELECT source, account, date, version, sha256, known_at_ns, actor FROM (SELECT *,"
                 " row_number() OVER (PARTITION BY source, account, date ORDER BY version DESC) AS back"
                 " FROM statement WHERE fund_id = $1 AND ($2 = '' OR source = $2) AND ($3 = '' OR account = "
                 "$3)"
                 " AND ($4::date IS NULL OR date >= $4) AND ($5::date IS NULL OR date <= $5)"
                 " AND known_at_ns <= $6) AS known WHERE $7 OR back = 1"
                 " ORDER BY source, account, date, version",
                 fund, query.source, query.account, query.from, query.to, query.known_at, query.all_versions))
          found.push_back(statement_of(row));
        return found;
      },
      kReading);
}

std::optional<StoredStatement> StatementStore::find(const model::FundId& fund,
                                                    const crypto::Digest256& sha256) {
  return pool_.transact(
      [&](db::Transaction& transaction) -> std::optional<StoredStatement> {
        const auto rows = db::query(
            transaction,
            "SELECT * FROM statement WHERE fund_id = $1 AND sha256 = $2 ORDER BY version, source, account"
            " LIMIT 1",
            fund, bytes_of(sha256));
        if (rows.empty()) return std::nullopt;
        StoredStatement stored = statement_of(rows[0]);
        stored.document = rows[0]["document"].as<std::string>();
        return stored;
      },
      kReading);
}

}  // namespace navkeeper::custody
