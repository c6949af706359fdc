#pragma once
// Plans and their steps in PostgreSQL (sql/staking, plan, plan_step, plan_step_state).
#include <optional>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/staking/app/plan_store.h"

namespace navkeeper::staking {

class PostgresPlanStore final : public PlanStore {
 public:
  explicit PostgresPlanStore(db::Pool& pool) : pool_(pool) {}
  /// The same store, whose save() answers the keyed request (db::write_once) with the plan as it stands.
  PostgresPlanStore keyed(const db::KeyedRequest& request) const;

  void save(const model::FundId& fund, const LiquidityInputs& inputs,
            const std::optional<ValidatorSet>& validators, const PlanRequest& request, const MadePlan& made,
            const std::string& actor) override;
  std::optional<StoredPlan> find(const model::FundId& fund, const std::string& id) override;
  std::vector<StoredPlan> plans(const model::FundId& fund, time::Instant known_at) override;
  bool add(const model::FundId& fund, const std::string& plan, const StoredStep& step,
           const StepEvent& event) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;
};

}  // namespace navkeeper::staking
