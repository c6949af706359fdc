#include "services/custody/adapters/reconciled_day_store.h"

#include "common/db/pqxx_access.h"

namespace navkeeper::custody {
namespace {

constexpr db::TransactionOptions kReadingDays{db::Isolation::kRepeatableRead, true, {}, {}, {}};

}  // namespace

void note_day(db::Transaction& transaction, const model::FundId& fund, const ReconciledDay& day) {
  db::execute(
      transaction,
      "INSERT INTO reconciled_day (fund_id, recon_date, seq, state, detail, number, known_at_ns)"
      " SELECT $1, $2::date, coalesce(max(seq), 0) + 1, $3, $4, $5::integer, $6 FROM reconciled_day"
      " WHERE fund_id = $1 AND recon_date = $2::date HAVING NOT coalesce(bool_or(state = 'done'), false)",
      fund, day.date, describe(day.state), day.detail, day.number, day.known_at);
}

PostgresReconciledDayStore PostgresReconciledDayStore::under(const db::Lease& lease) const {
  PostgresReconciledDayStore store(pool_);
  store.lease_ = lease;
  return store;
}

std::vector<ReconciledDay> PostgresReconciledDayStore::days(const model::FundId& fund, time::Date from) {
  return pool_.transact(
      [&](db::Transaction& transaction) {
        std::vector<ReconciledDay> found;
        for (const auto& row :
             db::query(transaction,
                       "SELECT DISTINCT ON (recon_date) recon_date, state, detail, number, known_at_ns"
                       " FROM reconciled_day WHERE fund_id = $1 AND recon_date >= $2"
                       " ORDER BY recon_date, seq DESC",
                       fund, from))
          found.push_back({row["recon_date"].as<time::Date>(),
                           *parse_day_state(row["state"].as<std::string>()), row["detail"].as<std::string>(),
                           db::optional_of<int>(row["number"]), row["known_at_ns"].as<time::Instant>()});
        return found;
      },
      kReadingDays);
}

void PostgresReconciledDayStore::note(const model::FundId& fund, const ReconciledDay& day) {
  pool_.transact([&](db::Transaction& transaction) {
    if (lease_) db::verify_lease(transaction, *lease_);
    note_day(transaction, fund, day);
  });
}

}  // namespace navkeeper::custody
