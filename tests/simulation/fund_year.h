#pragma once
// One seeded year of a fund: prices, flows, trades, rewards, slashing, fees, distributions, splits, late and
// corrected facts, facts sent twice and facts that cannot be. After every step the books are held against the
// naive tally; what is wrong throws BrokenBooks with the seed and the step.
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/simulation/memory_ledger.h"
#include "tests/simulation/naive_fund.h"
#include "tests/simulation/random.h"

namespace navkeeper::simulation {

struct BrokenBooks : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What happened in the year: so that a test can say that it was not empty.
struct YearCounts {
  std::uint64_t steps = 0;
  std::uint64_t posted = 0;
  std::uint64_t refused = 0;       ///< what cannot be
  std::uint64_t unchanged = 0;     ///< sent again
  std::uint64_t contradicted = 0;  ///< sent again with other content
  std::uint64_t late = 0;
  std::uint64_t reversed = 0;
  std::uint64_t closed = 0;  ///< dated into a closed period
  std::uint64_t strikes = 0;
  std::uint64_t recomputed = 0;  ///< past NAVs
  std::uint64_t identified = 0;  ///< disposals posted with lots named for them
  std::uint64_t footed = 0;      ///< roll-forwards
  std::map<std::string, std::uint64_t> kinds;
  void add(const YearCounts& other);
};

/// A second ledger that is told the same: a store.
class Mirror {
 public:
  virtual ~Mirror() = default;
  using Outcome = MemoryLedger::Outcome;
  virtual Outcome post(const Fact& fact, const std::vector<books::Identification>& picks) = 0;
  virtual Outcome reverse(const books::Source& wrong, const books::Source& source,
                          time::Instant known_at) = 0;
  virtual void close_through(time::Date day, time::Instant known_at) = 0;
  /// What differs from the ledger, or "". On a view and over everything.
  virtual std::string difference(const MemoryLedger& ledger, books::Basis basis, time::Date as_of,
                                 std::optional<time::Instant> known_at) = 0;
};

class FundYear {
 public:
  explicit FundYear(std::uint64_t seed, Mirror* mirror = nullptr, int days = 365);
  const books::PosterRules& rules() const { return rules_; }
  YearCounts run();

 private:
  struct PastNav {
    time::Date date;
    time::Instant known_at;
    std::vector<money::Decimal> prices;
    std::string text;  ///< canonical: equal texts are the same NAV
  };

  void open();
  void begin_day();
  void earn();
  void owe();
  void tell_late();
  void correct();
  void strike();
  void deal();
  void distribute();
  void split();
  void move_coins();
  books::Place some_place();
  void resend();

  void tell(books::Happening happening, time::Date date, time::Date book_date, time::Date settlement_date);
  void tell_today(books::Happening happening) { tell(std::move(happening), today_, today_, today_); }
  void send(const Fact& fact, bool is_again = false, const std::vector<books::Identification>& picks = {});
  std::vector<books::Identification> some_picks(const Fact& fact);
  void check_mirror(time::Date as_of, std::optional<time::Instant> known_at);
  void check_rollforward();
  void take_back(const std::string& id, bool is_again = false);
  void check_step();
  std::optional<std::size_t> slot_of(std::size_t line);
  void check_totals(const std::vector<books::Units>& balances, const Amounts& naive, const std::string& view);
  void check_lots();
  void check_tax_lots(std::size_t coin);
  void check_bases(time::Date as_of, std::optional<time::Instant> known_at);
  void check_past(const PastNav& past);
  std::string nav_text(time::Date date, std::optional<time::Instant> known_at,
                       const std::vector<money::Decimal>& prices) const;
  void broken(const std::string& what) const;
  void expect(bool holds, const std::string& what) const {
    if (!holds) broken(what);
  }

  time::Date business_day_after(time::Date date, int days) const;
  time::Instant now();
  std::string new_id() { return "f" + std::to_string(++ids_); }
  /// Wallets and accounts; the first is the main one.
  static constexpr std::array<const char*, 3> kAccounts{"", "cold 1", "Anchorage: wallet (2)"};
  Int128 held(std::size_t coin) const { return naive_.totals()[kCoinsHeld + coin]; }
  /// What these units are worth today, in cents.
  Int128 worth(std::size_t coin, Int128 units) const;
  books::Component component(std::size_t coin, Int128 units);
  /// Of what is held: a part, all, or now and then more than all.
  Int128 some_of(Int128 total);
  std::size_t any_coin() { return static_cast<std::size_t>(random_.below(kCoins.size())); }

  std::uint64_t seed_;
  Mirror* mirror_;
  int days_;
  Random random_;
  books::PosterRules rules_;
  MemoryLedger ledger_;
  NaiveFund naive_;
  time::Date today_;
  std::int64_t second_ = 0;
  std::uint64_t ids_ = 0;
  std::array<Int128, kCoins.size()> price_cents_{};
  std::vector<Fact> told_;  ///< what was posted
  std::map<std::string, Fact> corrected_by_;
  std::vector<PastNav> past_;
  std::optional<time::Date> closed_through_;
  YearCounts counts_;
  std::string doing_;
  std::vector<std::optional<std::size_t>> slots_;  ///< by line of the ledger's chart
};

}  // namespace navkeeper::simulation
