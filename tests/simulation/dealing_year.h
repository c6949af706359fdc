#pragma once
// One seeded year of a fund's dealing through the real use cases: orders good and bad, twice and late, from
// suspended participants; acceptance, funding plans, cash in lieu, cancellations; NAVs approved by a second
// person and published by a third; prices; settlement in parts, fails, collateral, close-outs; NAVs that were
// wrong and are restated, their orders repriced by two people; crashes before and after a step is kept, two
// operators doing the same. After each step the orders and the books are held against a tally of its own;
// what is wrong throws BrokenDealing.
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/simulation/memory_dealing.h"
#include "tests/simulation/random.h"

namespace navkeeper::simulation {

struct BrokenDealing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct DealingCounts {
  std::map<std::string, std::uint64_t> events;   ///< of the orders, by their word
  std::map<std::string, std::uint64_t> refused;  ///< by what was tried
  std::uint64_t strikes = 0;
  std::uint64_t plans = 0;
  std::uint64_t restated = 0;    ///< NAVs
  std::uint64_t repricings = 0;  ///< that were booked
  std::uint64_t crashes = 0;
  void add(const DealingCounts& other);
};

class DealingYear {
 public:
  explicit DealingYear(std::uint64_t seed, int days = 250);
  DealingCounts run();

 private:
  void open();
  void morning();
  void stake();
  void bring_back(std::size_t coin, const money::Decimal& part);
  void move(std::size_t coin, const money::Decimal& quantity, const books::Place& from,
            const books::Place& to);
  money::Decimal coins_at(std::size_t coin, const books::Place& place);
  void place_one();
  void decide_all();
  void strike();
  void price();
  void settle_due();
  void check();
  void check_dilution();
  void restate_some_day();
  void reprice(time::Date date);
  void check_repriced();

  /// Does it, and again after a crash; false when it was refused.
  template <class Act>
  bool attempt(const char* what, const Act& act);
  void broken(const std::string& what) const;
  void expect(bool holds, const std::string& what) const {
    if (!holds) broken(what);
  }
  money::Decimal price_of(std::size_t coin) const { return money::Decimal::of(price_cents_[coin], 2); }
  time::Instant now() { return time_ = time_ + time::Duration::seconds(1); }
  money::Decimal net_assets(books::Basis basis, time::Date date) const;
  nav::dealing::OrderId id_of(const std::string& text) const { return nav::dealing::OrderId::literal(text); }

  std::uint64_t seed_;
  int days_;
  Random random_;
  nav::FundDefinition fund_;
  MemoryLedger ledger_;
  MemoryNavs navs_;
  MemoryDealing store_;
  nav::DealingPorts ports_{store_, navs_};
  MemoryRepricings repricings_{ledger_, store_};
  NoOtherOrders no_others_;
  nav::DealtOrders dealt_{no_others_, ports_, repricings_};
  time::Date today_;
  time::Instant time_;
  std::uint64_t ids_ = 0;
  std::array<std::int64_t, 2> price_cents_{9'000'000, 300'000};
  money::Decimal opening_shares_;
  std::array<money::Decimal, 2> opening_coins_;
  money::Decimal opening_cash_;
  std::map<std::string, time::Date> suspended_from_;
  std::vector<time::Date> struck_days_;
  DealingCounts counts_;
  std::string doing_;
};

}  // namespace navkeeper::simulation
