#pragma once
// Liquidity tests and breaches in PostgreSQL (sql/staking, liquidity_test and breach_event).
#include <optional>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/staking/app/liquidity_store.h"

namespace navkeeper::staking {

class PostgresLiquidityStore final : public LiquidityStore {
 public:
  explicit PostgresLiquidityStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, whose write answers the keyed request (db::write_once) with what it made.
  PostgresLiquidityStore keyed(const db::KeyedRequest& request) const;

  void save(const model::FundId& fund, const LiquidityInputs& inputs, const LiquidityPicture& picture,
            const std::optional<liquidity::BreachEvent>& event, const std::optional<StoredBreach>& before,
            const std::string& actor) override;
  void add(const model::FundId& fund, const StoredBreach& to, const liquidity::BreachEvent& event) override;
  std::optional<StoredTest> newest_test(const model::FundId& fund, time::Instant known_at) override;
  std::vector<StoredBreach> breaches(const model::FundId& fund, time::Instant known_at) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;
};

}  // namespace navkeeper::staking
