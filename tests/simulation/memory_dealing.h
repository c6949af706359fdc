#pragma once
// Orders, definitions and NAVs of one fund in memory, with the books of memory_ledger.h behind them: so that
// the real use cases of dealing can live a year in a second. Like the store it keeps each step whole or not
// at all; a crash can be ordered before or after the next step is kept.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/outside.h"
#include "services/nav/app/dealing.h"
#include "services/nav/app/reprice_orders.h"
#include "tests/simulation/memory_ledger.h"

namespace navkeeper::simulation {

class MemoryNavs final : public nav::NavStore {
 public:
  explicit MemoryNavs(nav::FundDefinition fund) : fund_(std::move(fund)) {}
  void add(nav::StoredNav nav) { navs_.push_back(std::move(nav)); }
  /// Of the day's latest version.
  void approve(time::Date date, const model::ActorId& actor);
  void publish(time::Date date, const model::ActorId& actor);

  std::vector<nav::StoredDefinition> funds() override { return {{fund_, "", "", 1, "olga"}}; }
  std::optional<nav::StoredDefinition> latest_definition(const model::FundId&) override { return funds()[0]; }
  std::optional<nav::StoredDefinition> definition_on(const model::FundId&, time::Date) override {
    return funds()[0];
  }
  using NavStore::find_nav;
  using NavStore::navs;
  std::optional<nav::StoredNav> find_nav(const model::FundId&, time::Date date, time::Instant) override;
  std::optional<nav::StoredNav> last_nav_before(const model::FundId&, time::Date date) override;
  std::optional<time::Date> last_struck(const model::FundId&) override;
  // What dealing does not ask for.
  void add_definition(const nav::NewDefinition&, int, const model::ActorId&, time::Instant) override {
    ENSURE(false);
  }
  nav::Holdings holdings_at_start(const nav::FundDefinition&, time::Date) override { return {}; }
  std::vector<nav::StoredNav> navs(const model::FundId&, std::optional<time::Date>, std::optional<time::Date>,
                                   time::Instant) override {
    return navs_;
  }
  std::vector<nav::StoredNav> versions(const model::FundId&, time::Date date, time::Instant) override;
  nav::AddedNav add_nav(const nav::NewNav&) override { ENSURE(false); }
  void add_approval(const model::FundId&, const nav::StoredNav&, const model::ActorId&,
                    time::Instant) override {
    ENSURE(false);
  }
  void add_override(const model::FundId&, const nav::StoredNav&, const nav::Override&,
                    time::Instant) override {
    ENSURE(false);
  }
  void add_publication(const model::FundId&, const nav::StoredNav&, const model::ActorId&,
                       time::Instant) override {
    ENSURE(false);
  }

 private:
  nav::StoredNav& latest(time::Date date);

  nav::FundDefinition fund_;
  std::vector<nav::StoredNav> navs_;  ///< by day, then version
};

enum class Crash { kNone, kBefore, kAfter };

class MemoryDealing final : public nav::DealingStore {
 public:
  explicit MemoryDealing(MemoryLedger& ledger) : ledger_(ledger) {}

  Crash crash = Crash::kNone;  ///< of the next step; then none

  std::vector<nav::dealing::AuthorizedParticipant> participants(const model::FundId&) override {
    return participants_;
  }
  bool add_participant(const model::FundId&, const nav::dealing::AuthorizedParticipant& participant,
                       const nav::ActStamp&) override {
    participants_.push_back(participant);
    return true;
  }
  void add_standing(const model::FundId&, const nav::dealing::ParticipantId& id,
                    const nav::dealing::ParticipantStanding& standing, const nav::ActStamp&) override;
  std::vector<nav::StoredOrder> orders(const model::FundId&, std::optional<time::Date> from,
                                       std::optional<time::Date> to) override;
  std::optional<nav::StoredOrder> find_order(const model::FundId&, const nav::dealing::OrderId& id) override;
  nav::PlaceReport place(const model::FundId&, const std::vector<nav::NewOrder>& orders, const Check& check,
                         const nav::ActStamp& stamp) override;
  bool change(const nav::FundDefinition& fund, const nav::dealing::OrderId& id, const Decide& decide,
              const nav::ActStamp& stamp) override;
  nav::Deliverable deliverable(const model::FundId&, time::Date date, time::Instant known_at) override;

  const std::map<std::string, nav::StoredOrder>& all() const { return orders_; }
  /// That an order was dealt anew stands in its life.
  void add_event(const std::string& id, nav::OrderEvent event);
  const std::map<std::string, money::Decimal>& reserved() const { return reserved_; }
  /// What orders were promised and have not been booked, by commodity, from the orders' own record.
  std::map<std::string, money::Decimal> promised() const;
  nav::DealingSight sight() const;

 private:
  void book(const nav::StoredOrder& stored, const nav::OrderChange& change, const nav::ActStamp& stamp);

  MemoryLedger& ledger_;
  std::vector<nav::dealing::AuthorizedParticipant> participants_;
  std::map<std::string, nav::StoredOrder> orders_;
  std::map<std::string, std::vector<std::pair<std::string, money::Decimal>>>
      promises_;  ///< by order, while they stand
  std::map<std::string, money::Decimal> reserved_;
};

/// Repricings, whole or not at all, with their entries in the books.
class MemoryRepricings final : public nav::RepricingStore {
 public:
  MemoryRepricings(MemoryLedger& ledger, MemoryDealing& dealing) : ledger_(ledger), dealing_(dealing) {}

  std::vector<nav::StoredRepricing> repricings(const model::FundId&) override { return all_; }
  std::vector<nav::RepricedOrder> repriced(const model::FundId&, time::Date date) override;
  int add_repricing(const model::FundId&, const nav::Repricing& repricing,
                    const nav::ActStamp& stamp) override;
  void approve(const nav::FundDefinition&, const nav::StoredRepricing& repricing, time::Date booked_on,
               const std::vector<nav::DraftToPost>& drafts, const nav::ActStamp& stamp) override;
  void withdraw(const model::FundId&, const nav::StoredRepricing& repricing,
                const nav::ActStamp& stamp) override;

  const std::vector<nav::StoredRepricing>& all() const { return all_; }

 private:
  /// Dies before or after `keep` where a crash was ordered.
  template <class Keep>
  void keep(const Keep& keep);

  MemoryLedger& ledger_;
  MemoryDealing& dealing_;
  std::vector<nav::StoredRepricing> all_;
};

/// There are no orders beside dealing's.
class NoOtherOrders final : public nav::OrderSource {
 public:
  std::vector<nav::DealtOrder> dealt(const model::FundId&, const nav::StoredNav&) override { return {}; }
};

}  // namespace navkeeper::simulation
