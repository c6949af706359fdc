#pragma once
// Prices of roll-forwards in PostgreSQL (sql/staking).
#include "common/db/pool.h"
#include "services/staking/app/price_rows.h"

namespace navkeeper::staking {

class PostgresRowPriceStore final : public RowPriceStore {
 public:
  explicit PostgresRowPriceStore(db::Pool& pool) : pool_(pool) {}
  std::vector<RowEnd> unpriced(const model::FundId& fund, int limit) override;
  std::size_t save(const model::FundId& fund, const std::vector<std::pair<RowEnd, RowPrice>>& prices,
                   time::Instant known_at, const std::string& actor) override;

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::staking
