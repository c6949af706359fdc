#pragma once
// Orders in PostgreSQL (sql/nav, dealing), with what they leave in the books.
#include <span>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/app/dealing.h"

namespace navkeeper::nav {

class PostgresDealingStore final : public DealingStore {
 public:
  explicit PostgresDealingStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: its effect claims the key and stores its answer beside it.
  PostgresDealingStore keyed(const db::KeyedRequest& request) const;

  std::vector<dealing::AuthorizedParticipant> participants(const model::FundId& fund) override;
  bool add_participant(const model::FundId& fund, const dealing::AuthorizedParticipant& participant,
                       const ActStamp& stamp) override;
  void add_standing(const model::FundId& fund, const dealing::ParticipantId& id,
                    const dealing::ParticipantStanding& standing, const ActStamp& stamp) override;
  std::vector<StoredOrder> orders(const model::FundId& fund, std::optional<time::Date> from,
                                  std::optional<time::Date> to) override;
  std::optional<StoredOrder> find_order(const model::FundId& fund, const dealing::OrderId& id) override;
  PlaceReport place(const model::FundId& fund, const std::vector<NewOrder>& orders, const Check& check,
                    const ActStamp& stamp) override;
  bool change(const FundDefinition& fund, const dealing::OrderId& id, const Decide& decide,
              const ActStamp& stamp) override;
  Deliverable deliverable(const model::FundId& fund, time::Date date, time::Instant known_at) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;

  template <class Effect>
  auto write(const Effect& effect);
};

/// What is free for the order, under the locks of the fund's orders and books (it takes the latter); without
/// the participant.
DealingSight load_sight(db::Transaction& transaction, const FundDefinition& fund,
                        const dealing::Order& order);

/// Throws base::Refused naming the orders of the first of the funds that has some traded before `date` that
/// no NAV has priced yet: its NAV of `date` would lack them (rule 2a-4). Of a trust also those of `date` that
/// nobody has decided on, since its NAV counts them.
void refuse_unpriced_orders(db::Transaction& transaction, std::span<const std::string> funds,
                            std::span<const std::string> trusts, time::Date date);

/// What the trust's strike of `date` counts of orders that were accepted and are not in the books yet: coins
/// (positive: creations) and shares.
struct PendingOrders {
  std::map<std::string, money::Decimal> creations;
  std::map<std::string, money::Decimal> redemptions;
  money::Decimal shares;
};
PendingOrders load_pending_orders(db::Transaction& transaction, const FundDefinition& fund, time::Date date,
                                  const StoredBooks& at_start);

/// Coins in position accounts less what is payable in the coin; and the shares.
Deliverable deliverable_of(const StoredBooks& books);

}  // namespace navkeeper::nav
