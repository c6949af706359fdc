#pragma once
// Staking's facts in PostgreSQL (sql/staking).
#include <optional>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

class PostgresStakingStore final : public StakingStore {
 public:
  explicit PostgresStakingStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, each of whose writes verifies that the lease is still held.
  PostgresStakingStore under(const db::Lease& lease) const;

  SyncReport save(const model::FundId& fund, const SyncResult& result, time::Instant known_at,
                  const std::string& actor) override;
  std::size_t raise(const model::FundId& fund, const std::vector<Alert>& alerts,
                    time::Instant known_at) override;
  std::vector<StoredReading> readings(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<StoredEvent> events(const model::FundId& fund, const StakingQuery& query,
                                  const std::vector<EventKind>& only = {}) override;
  /// At most page.limit, by known_at and id: a later page begins after the last of this one.
  std::vector<StoredEvent> events_learned(const model::FundId& fund, const StakingQuery& query,
                                          const LearnedPage& page);
  /// By chain, source, asset and account; of intervals that lie in [from, as_of]
  /// (roll_forward_totals_store.cpp).
  std::vector<RollForwardTotal> roll_forward_totals(const model::FundId& fund, const StakingQuery& query);
  std::vector<StoredRollForward> roll_forwards(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<ParameterReading> parameters(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<QueueReading> queues(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<DutyReading> duties(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<ValidatorSet> validator_sets(const model::FundId& fund, const StakingQuery& query) override;
  std::vector<StoredAlert> alerts(const model::FundId& fund, const StakingQuery& query, int limit) override;
  std::vector<SyncRun> runs(const model::FundId& fund, const StakingQuery& query, int limit) override;
  std::set<std::uint64_t> set_aside(const model::FundId& fund, const std::string& source) override;

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

}  // namespace navkeeper::staking
