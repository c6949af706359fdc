#pragma once
// The simulation's own tally of the fund, in plain 128-bit integers and lists: no chart, no postings, no
// trees. It says beforehand whether a fact can be true, and afterwards what the books must show.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/books/poster.h"
#include "tests/simulation/fact.h"

namespace navkeeper::simulation {

/// What is counted, each in cents, smallest units or shares; positive when the fund has or gained.
enum Slot : std::size_t {
  kCoinsHeld = 0,  // + coin
  kCost = kCoinsHeld + kCoins.size(),
  kCash = kCost + kCoins.size(),
  kPayable,  // + fee
  kFeeExpense = kPayable + kFees.size(),
  kCapitalOpening = kFeeExpense + kFees.size(),
  kCapitalCreations,
  kCapitalRedemptions,
  kCapitalDistributions,
  kGain,  // + Disposal
  kIncome = kGain + books::kDisposals.size(),
  kShares = kIncome + kSources.size(),
  kSlots
};
using Amounts = std::array<Int128, kSlots>;

struct NaiveLot {
  std::uint64_t number;
  Int128 quantity;
  Int128 cost;
  time::Date acquired;
};

/// What became of one lot: positive when it came.
struct NaiveMovement {
  std::size_t coin;
  std::uint64_t lot;
  Int128 quantity;
  Int128 cost;
};

struct NaiveTaxLot {
  std::uint64_t number;
  std::string account;
  Int128 quantity;
  Int128 cost;
  time::Date acquired;
};
struct NaiveTaxMovement {
  std::size_t coin;
  std::string account;
  std::uint64_t lot;
  Int128 quantity;
  Int128 cost;
};
/// Coins at a place: what a fact changed there.
struct NaiveMove {
  std::size_t coin;
  books::Place place;
  Int128 quantity;
};

struct NaiveFact {
  time::Date trade_date, book_date, settlement_date;
  time::Instant known_at;
  std::string source_id;
  std::string content;
  Amounts change{};
  std::vector<NaiveMovement> movements;
  std::vector<NaiveTaxMovement> tax_movements;
  std::vector<NaiveMove> moves;
  Int128 taxed_gain = 0;  ///< recognised, in cents
  bool is_split = false;
  Int128 split_new = 0;  ///< of a split: so many shares
  Int128 split_old = 0;  ///< for so many
  bool is_reversed = false;
  bool is_reversal = false;
};

class NaiveFund {
 public:
  explicit NaiveFund(books::PosterRules rules) : rules_(rules.gaap), tax_rules_(rules.tax) {}

  enum class Outcome { kPosted, kUnchanged, kRefused };
  Outcome post(const Fact& fact, const std::vector<books::Identification>& picks = {});
  Outcome reverse(const std::string& wrong_id, const books::Source& source, time::Instant known_at);

  const Amounts& totals() const { return totals_; }
  const std::vector<NaiveFact>& facts() const { return facts_; }
  const std::vector<NaiveLot>& lots(std::size_t coin) const { return lots_[coin]; }
  const std::vector<NaiveTaxLot>& tax_lots(std::size_t coin) const { return tax_lots_[coin]; }
  Int128 at_place(std::size_t coin, const books::Place& place) const;
  Int128 received(std::size_t coin) const { return received_[coin]; }
  Int128 delivered(std::size_t coin) const { return delivered_[coin]; }
  /// What a view on the journal must show.
  Amounts at(books::Basis basis, time::Date as_of, std::optional<time::Instant> known_at) const;

 private:
  friend struct Trial;
  using Lots = std::array<std::vector<NaiveLot>, kCoins.size()>;
  using TaxLots = std::array<std::vector<NaiveTaxLot>, kCoins.size()>;
  /// The least of a coin that was at a place at the end of `date` or since, by trade dates.
  Int128 lowest_since(std::size_t coin, const books::Place& place, time::Date date) const;
  bool fits(const NaiveFact& fact, std::size_t coin, const books::Place& place) const;
  Outcome admit(NaiveFact fact, Lots lots, TaxLots tax_lots);

  books::LotRules rules_;
  books::TaxRules tax_rules_;
  Amounts totals_{};
  std::vector<NaiveFact> facts_;
  std::map<std::string, std::size_t> by_id_;
  std::array<std::vector<NaiveLot>, kCoins.size()> lots_;
  std::array<std::uint64_t, kCoins.size()> next_lot_{1, 1, 1};
  std::map<std::pair<std::size_t, std::uint64_t>, time::Date> days_;  ///< of every lot there ever was
  TaxLots tax_lots_;
  std::array<std::uint64_t, kCoins.size()> next_tax_lot_{1, 1, 1};
  std::map<std::pair<std::size_t, std::uint64_t>, time::Date> tax_days_;
  std::map<std::pair<std::size_t, books::Place>, Int128> places_;
  std::array<Int128, kCoins.size()> received_{};
  std::array<Int128, kCoins.size()> delivered_{};
};

}  // namespace navkeeper::simulation
