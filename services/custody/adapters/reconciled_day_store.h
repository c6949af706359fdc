#pragma once
// What became of the days that are reconciled without a person, in PostgreSQL (sql/custody).
#include <optional>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/custody/app/reconcile_days.h"

namespace navkeeper::custody {

class PostgresReconciledDayStore final : public ReconciledDayStore {
 public:
  explicit PostgresReconciledDayStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, each of whose writes verifies that the lease is still held.
  PostgresReconciledDayStore under(const db::Lease& lease) const;

  std::vector<ReconciledDay> days(const model::FundId& fund, time::Date from) override;
  void note(const model::FundId& fund, const ReconciledDay& day) override;

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

/// Adds a day's state in the caller's transaction; nothing where the day is done.
void note_day(db::Transaction& transaction, const model::FundId& fund, const ReconciledDay& day);

}  // namespace navkeeper::custody
