#pragma once
// A fund's books as a store keeps them, in memory: the journal, the running totals, the open lots. All
// decisions are the domain's; the books are taken up again from what is kept after every refusal, for every
// late fact, and whenever the simulation pulls the plug.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/nav/domain/books/poster.h"
#include "tests/simulation/fact.h"

namespace navkeeper::simulation {

class MemoryLedger {
 public:
  explicit MemoryLedger(books::PosterRules rules) : rules_(rules) {}

  struct Posted {
    books::Entry entry;  ///< lines of chart()
    std::vector<books::LotChange> lots;
    std::vector<books::TaxLotChange> tax_lots;
    std::vector<books::CoinFlow> flows;
    std::vector<books::TaxFlow> tax_flows;
    books::Units shares_change;
    std::optional<books::Split> split;
    books::RegisterEffect effect = books::RegisterEffect::kNone;
    std::string content;
    bool is_reversed = false;
  };
  enum class Outcome { kPosted, kUnchanged, kRefused };
  struct Answer {
    Outcome outcome;
    std::string rule;  ///< of a refusal
  };

  Answer post(const Fact& fact, std::span<const books::Identification> picks = {});
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
  const books::Poster* live() const { return live_ ? &*live_ : nullptr; }
  using TaxLots = std::map<std::pair<std::string, books::LotNumber>, books::Lot>;  ///< by account and number
  const TaxLots& tax_lots(books::CommodityIndex asset) const { return tax_lots_[asset - 1]; }
  /// What the journal and the register show.
  books::Units shares_at(books::Basis basis, time::Date as_of, std::optional<time::Instant> known_at) const;

 private:
  books::Poster resume(std::optional<time::Date> last_date, time::Date first);
  books::PosterStanding standing(std::optional<time::Date> last_date, time::Date first);
  books::LineIndex line_of(const books::Chart& from, books::LineIndex line);
  void keep(Posted posted);
  static void turn_round(books::CoinFlow& flow);
  bool turn_tax_round(const Posted& taken_back, Posted& reversed) const;
  books::JournalState state() const;

  books::PosterRules rules_;
  books::Chart chart_;
  std::vector<books::Units> balances_;
  std::vector<std::map<books::LotNumber, books::Lot>> lots_;
  std::vector<books::LotNumber> next_lot_;
  std::vector<TaxLots> tax_lots_;
  std::vector<books::LotNumber> next_tax_lot_;
  /// The day of every lot that there ever was.
  std::map<std::pair<books::CommodityIndex, books::LotNumber>, time::Date> lot_days_;
  std::map<std::pair<books::CommodityIndex, books::LotNumber>, time::Date> tax_lot_days_;
  books::Units shares_;
  std::vector<Posted> posted_;
  std::vector<books::Entry> entries_;  ///< of posted_, for balances_at
  std::map<books::Source, std::size_t> by_source_;
  std::optional<time::Date> closed_through_;
  std::optional<time::Date> last_date_;
  std::optional<books::Poster> live_;
};

}  // namespace navkeeper::simulation
