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
#include "tests/simulation/memory_ledger.h"

namespace navkeeper::simulation {

class MemoryNavs final : public nav::NavStore {
 public:
  explicit MemoryNavs(nav::FundDefinition fund) : fund_(std::move(fund)) {}
  void add(nav::StoredNav nav) { navs_.push_back(std::move(nav)); }
  void approve(time::Date date, const model::ActorId& actor);

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
  std::vector<nav::StoredNav> versions(const model::FundId&, time::Date, time::Instant) override {
    return navs_;
  }
  std::vector<nav::Check> add_nav(const nav::NewNav&) override { ENSURE(false); }
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
  nav::FundDefinition fund_;
  std::vector<nav::StoredNav> navs_;
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

}  // namespace navkeeper::simulation
