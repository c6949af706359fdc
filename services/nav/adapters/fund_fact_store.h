#pragma once
// A fund's facts in PostgreSQL (sql/nav, tables fund_fact, incurred_expense, reward_stage), with their
// entries in the books.
#include <map>
#include <span>
#include <string>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/app/fund_facts.h"
#include "services/nav/domain/strike_expenses.h"

namespace navkeeper::nav {

class PostgresFactStore final : public FactStore {
 public:
  explicit PostgresFactStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: its effect claims the key and stores its answer beside it.
  PostgresFactStore keyed(const db::KeyedRequest& request) const;

  FactReport record(const FundDefinition& fund, const std::vector<FundFact>& facts,
                    const model::ActorId& actor, time::Instant now) override;
  std::vector<RecordedFact> facts(const model::FundId& fund,
                                  time::Instant known_at = time::Instant::latest()) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;
};

/// The same inside the caller's transaction: under the lock of the fund's facts, with their audit record.
FactReport record_facts_in(db::Transaction& transaction, const FundDefinition& fund,
                           const std::vector<FundFact>& facts, const model::ActorId& actor,
                           time::Instant now);

/// What a strike of `date` needs of the facts: expenses borne and rewards, booked up to then.
struct FactTotals {
  std::map<policy::ExpenseType, money::Decimal> incurred;
  std::map<model::AssetId, RewardTotals> rewards;
};
/// By fund; those without facts are not among them.
std::map<std::string, FactTotals> load_fact_totals(db::Transaction& transaction,
                                                   std::span<const std::string> funds, time::Date date);

/// What stands between fund and adviser over everything posted, as the books' own checks take it.
policy::AdviserStanding load_adviser(db::Transaction& transaction, const model::FundId& fund);
/// What stands between fund and the payees of fees, likewise; in dollars, by what follows
/// "Liabilities:Fees payable:".
std::map<std::string, policy::FeeStanding> load_fee_standings(db::Transaction& transaction,
                                                              const model::FundId& fund);

/// SQL: whether the entry of the fact `s` (fund_id, fact_id) was reversed. What such a fact said does not
/// stand.
std::string fact_taken_back();

}  // namespace navkeeper::nav
