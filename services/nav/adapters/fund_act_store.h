#pragma once
// A fund's acts in PostgreSQL (sql/nav, tables fund_act...), with their entries in the books.
#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/app/fund_acts.h"

namespace navkeeper::nav {

class PostgresActStore final : public ActStore {
 public:
  explicit PostgresActStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: its effect claims the key and stores its answer in the effect's
  /// transaction.
  PostgresActStore keyed(const db::KeyedRequest& request) const;

  std::vector<StoredAct> acts(const model::FundId& fund,
                              time::Instant known_at = time::Instant::latest()) override;
  std::optional<StoredAct> find_act(const model::FundId& fund, const std::string& id,
                                    time::Instant known_at = time::Instant::latest()) override;
  BooksSight books_on(const model::FundId& fund, time::Date date, books::Basis basis) override;
  std::vector<OpenLot> open_lots(const model::FundId& fund, books::Book book, const std::string& asset,
                                 std::optional<time::Date> held_on = std::nullopt) override;
  CoinsThere coins_at(const model::FundId& fund, const std::string& asset,
                      std::optional<time::Date> held_on = std::nullopt) override;
  void add_act(const model::FundId& fund, const NewAct& act, const ActStamp& stamp) override;
  void add_decision(const model::FundId& fund, const StoredAct& act, bool is_approved,
                    const ActStamp& stamp) override;
  void add_step(const FundDefinition& fund, const StoredAct& act, const StepToTake& step,
                const ActStamp& stamp) override;
  void add_undo(const model::FundId& fund, const StoredAct& act, const std::string& reason,
                const ActStamp& stamp) override;
  LateReport decide_undo(const FundDefinition& fund, const StoredAct& act, bool is_approved,
                         const ActStamp& stamp) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;

  template <class Effect>
  void write(const Effect& effect);
};

/// What the store's acts() answers.
std::vector<StoredAct> load_acts(db::Transaction& transaction, const model::FundId& fund,
                                 time::Instant known_at);

/// SQL: whether the step `s` of fund_act_step is a payment whose entry was reversed by the time
/// `known_at_ns`.
std::string payment_taken_back(const std::string& known_at_ns);

/// SQL: whether the act `a` (fund_id, act_id) was undone by the time `known_at_ns`.
std::string act_undone(const std::string& known_at_ns);

/// What the store's open_lots() answers.
std::vector<OpenLot> load_open_lots(db::Transaction& transaction, const model::FundId& fund, books::Book book,
                                    const std::string& asset,
                                    std::optional<time::Date> held_on = std::nullopt);

}  // namespace navkeeper::nav
