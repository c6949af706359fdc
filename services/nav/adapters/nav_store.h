#pragma once
// Funds and NAVs in PostgreSQL (sql/nav/0001_funds_and_navs, 0009_nav_life). Reading is nav_read_store.cpp,
// and nav_waiting_store.cpp for what waits for people.
#include <memory>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/adapters/strike_journal.h"

namespace navkeeper::nav {

class PostgresNavStore final : public NavStore {
 public:
  PostgresNavStore(db::Pool& pool, StrikeJournal& journal) : pool_(pool), journal_(journal) {}

  /// The same store for one request: its effect claims the key and stores its answer in the effect's
  /// transaction.
  PostgresNavStore keyed(const db::KeyedRequest& request) const;

  std::vector<StoredDefinition> funds() override;
  std::vector<model::FundId> fund_ids() override;
  std::optional<StoredDefinition> latest_definition(const model::FundId& fund) override;
  std::optional<StoredDefinition> definition_on(const model::FundId& fund, time::Date date) override;
  void add_definition(const NewDefinition& definition, int version, const model::ActorId& actor,
                      time::Instant now) override;
  Holdings holdings_at_start(const FundDefinition& fund, time::Date date) override;
  using NavStore::find_nav;
  using NavStore::navs;
  std::optional<StoredNav> find_nav(const model::FundId& fund, time::Date date,
                                    time::Instant known_at) override;
  std::optional<StoredNav> last_nav_before(const model::FundId& fund, time::Date date) override;
  std::optional<time::Date> last_struck(const model::FundId& fund) override;
  std::vector<StoredNav> navs(const model::FundId& fund, std::optional<time::Date> from,
                              std::optional<time::Date> to, time::Instant known_at) override;
  std::vector<StoredNav> versions(const model::FundId& fund, time::Date date,
                                  time::Instant known_at) override;
  void add_booked(const model::FundId& fund, PeerStatement& reconciliation) override;
  money::Decimal lacking(const model::FundId& fund, time::Date date) override;
  std::vector<std::vector<StoredNav>> unpublished(const std::vector<model::FundId>& funds,
                                                  time::Date through) override;
  std::vector<std::vector<StoredNav>> restated(const std::vector<model::FundId>& funds,
                                               time::Date through) override;
  std::vector<WaitingAct> waiting_acts(const std::vector<model::FundId>& funds, time::Date through) override;
  std::vector<StrikeSight> look(const std::vector<model::FundId>& funds, time::Date date) override;
  AddedNav add_nav(const NewNav& nav) override;
  std::vector<ChangedRecord> changed_records(const model::FundId& fund, const StoredNav& nav) override;
  void add_approval(const model::FundId& fund, const StoredNav& nav, const model::ActorId& actor,
                    time::Instant now) override;
  void add_override(const model::FundId& fund, const StoredNav& nav, const Override& override_,
                    time::Instant now) override;
  void add_publication(const model::FundId& fund, const StoredNav& nav, const model::ActorId& actor,
                       time::Instant now) override;

 private:
  db::Pool& pool_;
  StrikeJournal& journal_;
  std::optional<db::KeyedRequest> request_;

  /// Runs `effect` in a transaction, with the request's key where there is one; `effect` gives the answer's
  /// body.
  template <class Effect>
  void write(const Effect& effect);
};

// Of the caller's transaction: what the store's latest_definition(), last_nav_before() and navs() answer.
std::optional<StoredDefinition> load_latest_definition(db::Transaction& transaction,
                                                       const model::FundId& fund);
std::optional<StoredNav> load_nav_before(db::Transaction& transaction, const model::FundId& fund,
                                         time::Date date, time::Instant known_at);
std::vector<StoredNav> load_navs(db::Transaction& transaction, const model::FundId& fund,
                                 std::optional<time::Date> from, std::optional<time::Date> to,
                                 time::Instant known_at);

/// The first day after `date` of which the fund has a NAV.
std::optional<time::Date> first_struck_after(db::Transaction& transaction, const model::FundId& fund,
                                             time::Date date);

/// What is told of a NAV: the fact that others hear, and the answer to who struck or approved it.
std::string nav_fact(const model::FundId& fund, const NavSummary& nav, const std::string& document_hash);

}  // namespace navkeeper::nav
