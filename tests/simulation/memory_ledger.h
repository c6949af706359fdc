#pragma once
// A fund's books as a store keeps them, in memory: the journal, the running totals, the open lots. All
// decisions are the domain's; the books are taken up again from what is kept after every refusal, for every
// late fact, and whenever the simulation pulls the plug.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/books/admission.h"
#include "tests/simulation/fact.h"

namespace navkeeper::simulation {

class MemoryLedger {
 public:
  explicit MemoryLedger(books::LotRules rules) : rules_(rules) {}

  struct Posted {
    books::Entry entry;  ///< lines of chart()
    std::vector<books::LotChange> lots;
    books::Units shares_change;
    books::RegisterEffect effect = books::RegisterEffect::kNone;
    std::string content;
    bool is_reversed = false;
  };
  enum class Outcome { kPosted, kUnchanged, kRefused };
  struct Answer {
    Outcome outcome;
    std::string rule;  ///< of a refusal
  };

  Answer post(const Fact& fact);
  Answer reverse(const books::Source& wrong, const books::Source& source, time::Instant known_at);
  Answer close_through(time::Date day);
  /// The strike of the books over everything posted.
  books::Decided<books::StruckNav> strike(time::Date date, const std::vector<money::Decimal>& prices);
  /// The process dies; what is kept remains.
  void pull_the_plug() { live_.reset(); }

  const books::Chart& chart() const { return chart_; }
  const std::vector<Posted>& posted() const { return posted_; }
  const std::vector<books::Entry>& entries() const { return entries_; }
  /// By line of chart(), over everything posted.
  const std::vector<books::Units>& balances() const { return balances_; }
  books::Units balance(const std::string& account, books::CommodityIndex commodity);
  books::Units shares() const { return shares_; }
  const std::map<books::LotNumber, books::Lot>& lots(books::CommodityIndex asset) const {
    return lots_[asset - 1];
  }
  /// The live books, where they are up; they must agree with what is kept.
  const books::Books* live() const { return live_ ? &*live_ : nullptr; }

 private:
  books::Books resume(std::optional<time::Date> last_date);
  books::Standing standing(std::optional<time::Date> last_date);
  books::LineIndex line_of(const books::Chart& from, books::LineIndex line);
  void keep(Posted posted);
  books::JournalState state() const;

  books::LotRules rules_;
  books::Chart chart_;
  std::vector<books::Units> balances_;
  std::vector<std::map<books::LotNumber, books::Lot>> lots_;
  std::vector<books::LotNumber> next_lot_;
  books::Units shares_;
  std::vector<Posted> posted_;
  std::vector<books::Entry> entries_;  ///< of posted_, for balances_at
  std::map<books::Source, std::size_t> by_source_;
  std::optional<time::Date> closed_through_;
  std::optional<time::Date> last_date_;
  std::optional<books::Books> live_;
};

}  // namespace navkeeper::simulation
