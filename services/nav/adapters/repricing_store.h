#pragma once
// Repricings of orders in PostgreSQL (sql/nav/0010_dealing_joined), with what they leave in the books.
#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/app/reprice_orders.h"

namespace navkeeper::nav {

class PostgresRepricingStore final : public RepricingStore {
 public:
  explicit PostgresRepricingStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: its effect claims the key and stores its answer beside it.
  PostgresRepricingStore keyed(const db::KeyedRequest& request) const;

  std::vector<StoredRepricing> repricings(const model::FundId& fund) override;
  std::vector<RepricedOrder> repriced(const model::FundId& fund, time::Date date) override;
  int add_repricing(const model::FundId& fund, const Repricing& repricing, const ActStamp& stamp) override;
  void approve(const FundDefinition& fund, const StoredRepricing& repricing, time::Date booked_on,
               const std::vector<DraftToPost>& drafts, const ActStamp& stamp) override;
  void withdraw(const model::FundId& fund, const StoredRepricing& repricing, const ActStamp& stamp) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;

  template <class Effect>
  void write(const Effect& effect);
};

}  // namespace navkeeper::nav
