// Simulated months of a fund's life told to the stored books too, on a real PostgreSQL: every answer is the
// pure ledger's, and every view shows the same figures. NAVKEEPER_SIMULATION_SEED=N runs that seed alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>

#include "services/nav/adapters/books_lots.h"
#include "services/nav/adapters/books_periods.h"
#include "tests/db/books_fixture.h"
#include "tests/simulation/fund_year.h"

namespace navkeeper::nav {
namespace {

using simulation::Fact;
using simulation::MemoryLedger;

class StoredMirror final : public simulation::Mirror {
 public:
  StoredMirror(db::Pool& pool, const books::PosterRules& rules) : pool_(pool) {
    rules_.lots = rules.gaap;
    rules_.tax_rules = rules.tax;
    rules_.exchange = &time::Calendar::exchange();
    rules_.settlement = &time::Calendar::settlement();
  }

  Outcome post(const Fact& fact, const std::vector<books::Identification>& picks) override {
    EventToPost event{fact.event, fact.source, fact.book_date, fact.settlement_date, content_of(fact),
                      "",         {}};
    event.at = fact.known_at;
    return outcome_of([&](db::Transaction& transaction) {
      // Named a second before, in the same transaction, so that a refusal leaves nothing.
      for (const books::Identification& one : picks) {
        std::vector<LotChoice> choices;
        for (const books::LotPick& pick : one.picks)
          choices.push_back({pick.lot, pick.quantity.to_decimal(decimals_of(one.asset))});
        identify_lots(transaction, fund_, fact.source, one.book, one.asset, choices,
                      {actor_, fact.known_at - time::Duration::seconds(1)});
      }
      return post_events(transaction, fund_, rules_, {&event, 1}, {actor_, fact.known_at});
    });
  }
  Outcome reverse(const books::Source& wrong, const books::Source& source, time::Instant known_at) override {
    return outcome_of([&](db::Transaction& transaction) {
      return reverse_entry(transaction, fund_, wrong, source, {actor_, known_at}, "simulated");
    });
  }
  void close_through(time::Date day, time::Instant known_at) override {
    pool_.transact([&](db::Transaction& transaction) {
      close_books(transaction, fund_, day, {actor_, known_at});
    });
  }

  std::string difference(const MemoryLedger& ledger, Basis basis, time::Date as_of,
                         std::optional<time::Instant> known_at) override {
    ++compared;
    return pool_.transact([&](db::Transaction& transaction) {
      const BooksView view{basis, as_of, known_at};
      const auto stored = load_books(transaction, fund_, view);
      if (!stored) return std::string("no books");
      if (stored->shares != ledger.shares_at(basis, as_of, known_at)) return std::string("shares");
      const auto balances = balances_at(ledger.chart(), ledger.entries(), basis, as_of, known_at);
      for (std::size_t i = 0; i < balances.size(); ++i) {
        const books::Line& line = ledger.chart().lines()[i];
        const std::string& commodity = ledger.chart().commodities()[line.commodity].symbol;
        if (stored->balance(line.account, commodity) != balances[i]) return line.account;
      }
      const BooksView all{Basis::kTradeDate, time::Date::literal("9999-12-31"), std::nullopt};
      for (const books::Book book : {books::Book::kGaap, books::Book::kTax}) {
        std::size_t kept = 0;
        for (std::size_t coin = 1; coin < ledger.chart().commodities().size(); ++coin) {
          const auto asset = static_cast<books::CommodityIndex>(coin);
          kept += book == books::Book::kGaap ? ledger.lots(asset).size() : ledger.tax_lots(asset).size();
        }
        const auto lots = load_lots(transaction, fund_, book, all);
        if (lots.size() != kept) return std::string("number of lots");
        for (const StoredLot& lot : lots)
          if (!is_kept(ledger, book, lot)) return "lot " + std::to_string(lot.number);
      }
      return std::string();
    });
  }

  std::uint64_t compared = 0;

 private:
  static int decimals_of(const std::string& asset) {
    for (const simulation::Coin& coin : simulation::kCoins)
      if (asset == coin.symbol) return coin.decimals;
    return 0;
  }

  template <class Act>
  Outcome outcome_of(Act&& act) {
    try {
      return pool_.transact(act).posted == 1 ? Outcome::kPosted : Outcome::kUnchanged;
    } catch (const base::Refused&) {
      return Outcome::kRefused;
    }
  }

  static bool is_kept(const MemoryLedger& ledger, books::Book book, const StoredLot& lot) {
    for (std::size_t coin = 1; coin < ledger.chart().commodities().size(); ++coin) {
      if (ledger.chart().commodities()[coin].symbol != lot.asset) continue;
      const auto asset = static_cast<books::CommodityIndex>(coin);
      if (book == books::Book::kGaap) {
        const auto found = ledger.lots(asset).find(lot.number);
        return found != ledger.lots(asset).end() && found->second == lot.lot;
      }
      const auto found = ledger.tax_lots(asset).find({lot.place, lot.number});
      return found != ledger.tax_lots(asset).end() && found->second == lot.lot;
    }
    return false;
  }

  db::Pool& pool_;
  PostingRules rules_;
  model::FundId fund_ = model::FundId::literal("X");
  model::ActorId actor_ = model::ActorId::literal("simulation");
};

class SimulatedStore : public BooksTest {
 protected:
  void run(std::uint64_t seed, int days) {
    const simulation::FundYear rules_of(seed);
    StoredMirror mirror(pool(), rules_of.rules());
    const auto counts = simulation::FundYear(seed, &mirror, days).run();
    std::cout << "seed " << seed << ": " << counts.steps << " steps, " << counts.posted << " posted, "
              << counts.refused << " refused, " << counts.reversed << " reversed, " << counts.identified
              << " with lots identified, " << mirror.compared << " views compared\n";
    EXPECT_GT(counts.posted, 100U);
    EXPECT_GT(mirror.compared, 5U);
  }
  static std::uint64_t seed_or(std::uint64_t otherwise) {
    const char* seed = std::getenv("NAVKEEPER_SIMULATION_SEED");
    return seed != nullptr ? std::stoull(seed) : otherwise;
  }
};

TEST_F(SimulatedStore, HundredDaysToldToPostgresAreTheSameBooks) { run(seed_or(21), 100); }
TEST_F(SimulatedStore, AndHundredOthers) { run(seed_or(23), 100); }
TEST_F(SimulatedStore, AndHundredWithOtherLotRules) { run(seed_or(26), 100); }

}  // namespace
}  // namespace navkeeper::nav
