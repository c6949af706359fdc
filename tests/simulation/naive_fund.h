#pragma once
// The simulation's own tally of the fund, in plain 128-bit integers and lists: no chart, no postings, no
// trees. It says beforehand whether a fact can be true, and afterwards what the books must show.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/books/journal.h"
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
};

/// What became of one lot: positive when it came.
struct NaiveMovement {
  std::size_t coin;
  std::uint64_t lot;
  Int128 quantity;
  Int128 cost;
};

struct NaiveFact {
  time::Date trade_date, book_date, settlement_date;
  time::Instant known_at;
  std::string source_id;
  std::string content;
  Amounts change{};
  std::vector<NaiveMovement> movements;
  bool is_split = false;
  bool is_reversed = false;
  bool is_reversal = false;
};

class NaiveFund {
 public:
  explicit NaiveFund(books::LotRules rules) : rules_(rules) {}

  enum class Outcome { kPosted, kUnchanged, kRefused };
  Outcome post(const Fact& fact);
  Outcome reverse(const std::string& wrong_id, const books::Source& source, time::Instant known_at);

  const Amounts& totals() const { return totals_; }
  const std::vector<NaiveFact>& facts() const { return facts_; }
  const std::vector<NaiveLot>& lots(std::size_t coin) const { return lots_[coin]; }
  Int128 received(std::size_t coin) const { return received_[coin]; }
  Int128 delivered(std::size_t coin) const { return delivered_[coin]; }
  /// What a view on the journal must show.
  Amounts at(books::Basis basis, time::Date as_of, std::optional<time::Instant> known_at) const;

 private:
  friend struct Trial;
  Outcome admit(NaiveFact fact, std::array<std::vector<NaiveLot>, kCoins.size()> lots);

  books::LotRules rules_;
  Amounts totals_{};
  std::vector<NaiveFact> facts_;
  std::map<std::string, std::size_t> by_id_;
  std::array<std::vector<NaiveLot>, kCoins.size()> lots_;
  std::array<std::uint64_t, kCoins.size()> next_lot_{1, 1, 1};
  std::array<Int128, kCoins.size()> received_{};
  std::array<Int128, kCoins.size()> delivered_{};
};

}  // namespace navkeeper::simulation
