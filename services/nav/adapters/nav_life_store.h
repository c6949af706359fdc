#pragma once
// What stands beside the struck NAVs in PostgreSQL (sql/nav/0009_nav_life): peers' statements, reports of NAV
// errors, contingent NAVs; and the orders that were dealt at a NAV, read from the books.
#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/app/contingent.h"
#include "services/nav/app/restate_nav.h"

namespace navkeeper::nav {

class PostgresNavLifeStore final : public OrderSource, public ErrorReports, public ContingentStore {
 public:
  explicit PostgresNavLifeStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: the report that it adds is the answer, kept with the key.
  PostgresNavLifeStore keyed(const db::KeyedRequest& request) const;

  /// Creations and redemptions traded on that day that were not reversed, in the order of posting.
  /// Of the books, but for those that dealing booked (app/reprice_orders.h has them).
  std::vector<DealtOrder> dealt(const model::FundId& fund, const StoredNav& correct) override;
  std::vector<StoredErrorReport> reports(const model::FundId& fund) override;
  int add_report(const model::FundId& fund, const std::string& content, const model::ActorId& actor,
                 time::Instant now) override;
  int add_contingent(const model::FundId& fund, const ContingentNav& nav, const model::ActorId& actor,
                     time::Instant now) override;
  std::vector<StoredContingent> contingents(const model::FundId& fund,
                                            std::optional<time::Date> date) override;

  /// Records a statement for the day's checks; false when the same was recorded before. `content` is
  /// canonical JSON (peer_evidence.h). Refused: an unknown fund.
  bool add_evidence(const model::FundId& fund, time::Date date, const std::string& content,
                    const model::ActorId& actor, time::Instant now);

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;
};

/// Fills in what the books say of each line on the statement's day, and adds lines for coins that the books
/// have and the statement does not. Settled basis: what a custodian can see.
void add_booked(db::Transaction& transaction, const model::FundId& fund, PeerStatement& statement);

}  // namespace navkeeper::nav
