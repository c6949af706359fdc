#pragma once
// Staking's events on their way into a fund's books, in PostgreSQL (sql/nav/0012_staking_feed).
#include "common/db/pool.h"
#include "services/nav/app/take_staking.h"

namespace navkeeper::nav {

class PostgresStakingBooks final : public StakingBooks {
 public:
  explicit PostgresStakingBooks(db::Pool& pool) : pool_(pool) {}

  StakingBookmark bookmark(const model::FundId& fund) override;
  std::size_t keep(const model::FundId& fund, const std::vector<StakingEvent>& events,
                   const model::ActorId& actor, time::Instant now) override;
  std::optional<time::Date> first_waiting(const FundDefinition& fund) override;
  std::set<NeededPrice> needed(const FundDefinition& fund, const StakingDay& day) override;
  StakingTaken post(const FundDefinition& fund, const StakingDay& day, const StakingPrices& prices,
                    const model::ActorId& actor, time::Instant now) override;

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::nav
