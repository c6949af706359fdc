#pragma once
// Reconciliations and the register of breaks in PostgreSQL (sql/custody).
#include <limits>
#include <map>

#include "common/db/idempotency.h"
#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/custody/app/reconcile.h"

namespace navkeeper::custody {

/// What a person does about a break.
struct BreakRequest {
  model::FundId fund;
  std::string break_id;
  BreakAct act;  ///< without seq, of_seq, type and amount: the register knows them
};

/// Which rows of a reconciliation; all of them unless stated.
struct RowSpan {
  int after = 0;
  int count = std::numeric_limits<int>::max();
};

class PostgresReconciliationStore final : public ReconciliationStore {
 public:
  explicit PostgresReconciliationStore(db::Pool& pool) : pool_(pool) {}
  /// The same store for the job: each save() verifies that the lease is still held, and makes its day done in
  /// the same transaction.
  PostgresReconciliationStore by_job(const db::Lease& lease) const;

  std::optional<time::Instant> history_begins(const model::FundId& fund, const std::string& source) override;
  std::vector<Balance> balances_after(const model::FundId& fund, time::Instant instant) override;
  int save(const model::FundId& fund, const StoredReconciliation& made, const ReconciliationPaper& paper,
           const std::vector<FoundBreak>& breaks) override;

  /// The day's last that was known then; of a `number` that one.
  std::optional<StoredReconciliation> find(const model::FundId& fund, time::Date date,
                                           time::Instant known_at = time::Instant::latest(),
                                           std::optional<int> number = {});
  /// The bodies of the lines `rows.after + 1` and on, `rows.count` at most, by asset and place.
  std::vector<std::string> lines(const model::FundId& fund, const ReconciliationMark& mark,
                                 const RowSpan& rows = {});
  /// The same of the balances that were compared.
  std::vector<std::string> balances(const model::FundId& fund, const ReconciliationMark& mark,
                                    const RowSpan& rows);
  /// How many lines have each status; a status that none has is not there.
  std::map<LineStatus, std::int64_t> line_statuses(const model::FundId& fund, const ReconciliationMark& mark);
  /// The newest days first, of each its last, `limit` at most; without documents.
  std::vector<StoredReconciliation> list(const model::FundId& fund, time::Instant known_at, int limit);
  /// By first day, asset, id. Breaks that cleared are there too.
  std::vector<StoredBreak> breaks(const model::FundId& fund, const BreakQuery& query = {});
  /// Those that one reconciliation found, each as it stood then with what people did since; at the assets and
  /// places of these lines.
  std::vector<StoredBreak> breaks_of(const model::FundId& fund, const ReconciliationMark& mark,
                                     time::Instant known_at = time::Instant::latest(),
                                     const RowSpan& rows = {});
  std::optional<StoredBreak> find_break(const model::FundId& fund, const std::string& id);

  /// Adds the act in the caller's transaction, with its audit record. Refused by broken_act_rule;
  /// `key` stays on the row. Nothing when there is no such break.
  static std::optional<StoredBreak> act(db::Transaction& transaction, const BreakRequest& request,
                                        const db::KeyedRequest& key);

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;  ///< of the job
};

}  // namespace navkeeper::custody
