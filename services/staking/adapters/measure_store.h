#pragma once
// Measures in PostgreSQL (sql/staking, measure).
#include <optional>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/staking/app/measure_store.h"

namespace navkeeper::staking {

class PostgresMeasureStore final : public MeasureStore {
 public:
  explicit PostgresMeasureStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, each of whose writes verifies that the lease is still held.
  PostgresMeasureStore under(const db::Lease& lease) const;

  std::size_t save(const model::FundId& fund, const std::vector<Measure>& measures, time::Instant known_at,
                   const std::string& actor) override;
  std::vector<StoredMeasure> measures(const model::FundId& fund, time::Instant as_of,
                                      time::Instant known_at) override;
  std::map<model::AssetId, time::Date> newest_days(const model::FundId& fund) override;

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

}  // namespace navkeeper::staking
