#pragma once
// Lots: what was acquired together at one cost, and which of them go first.
//
// Cost in cents, quantity in the asset's smallest unit. A whole lot leaves with its whole cost; of a part,
// the cost is rounded to the cent, half to even, and the rest stays (contracts, "books compute").
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "common/money/units.h"
#include "common/time/date.h"

namespace navkeeper::nav::books {

using money::Units;

enum class LotRule {
  kFifo,         ///< oldest first
  kLifo,         ///< youngest first
  kHighestCost,  ///< by exact remaining cost per unit; older first where equal
  kLowestCost,   ///< likewise
  kAverage,      ///< all lots become one pool, and the part leaves at the pool's average
};
std::string_view describe(LotRule rule);  ///< "fifo", …
std::optional<LotRule> lot_rule_from(std::string_view word);

/// Which rule for what.
struct LotRules {
  LotRule sale = LotRule::kFifo;     ///< sales and penalties
  LotRule in_kind = LotRule::kFifo;  ///< redemptions and payments in kind
  bool operator==(const LotRules&) const = default;
};

/// In the order in which lots were posted. Age is the day of acquisition, then the number: what was learned
/// late is older than its number says.
using LotNumber = std::uint64_t;

struct Lot {
  Units quantity;            ///< positive
  Units cost;                ///< zero or more
  time::Date acquired = {};  ///< nothing leaves it that was agreed before
  bool operator==(const Lot&) const = default;
};

/// What happened to one lot: quantity and cost positive when they came, negative when they left.
struct LotMovement {
  LotNumber lot = 0;
  Units quantity;
  Units cost;
};

/// A part of one lot that was identified before its disposal.
struct LotPick {
  LotNumber lot = 0;
  Units quantity;  ///< positive
  bool operator==(const LotPick&) const = default;
};

/// The cost of `part` of a lot, 0 < part <= lot.quantity.
Units cost_of_part(const Lot& lot, Units part);
/// Whether a unit of `a` costs less than one of `b`; exact.
bool costs_less(const Lot& a, const Lot& b);

/// The lots of one asset.
class LotBook {
 public:
  explicit LotBook(LotRules rules) : rules_(rules) {}

  /// A new lot under the next number. Where both rules are kAverage it joins the pool, unless it is older.
  void add(Units quantity, Units cost, std::vector<LotMovement>* movements = nullptr,
           time::Date acquired = {});
  /// What was acquired by `day` and is not taken yet.
  Units held_by(time::Date day) const;
  /// Takes `quantity` (0 < quantity <= held_by(on): ENSURE) out of the lots acquired by `on`, by `rule`. The
  /// cost relieved. Ranked rules must be among the two given (ENSURE).
  Units relieve(Units quantity, LotRule rule, std::vector<LotMovement>* movements = nullptr,
                std::optional<time::Date> on = std::nullopt);
  /// Takes these parts, each at most what is in its lot (ENSURE; a lot at most once).
  Units relieve(std::span<const LotPick> picks, std::vector<LotMovement>* movements = nullptr);
  /// Puts a lot under its number, or more into the lot that has it: as it was stored, or come from another
  /// account.
  void restore(LotNumber number, const Lot& lot);
  /// Changes an open lot without a disposal; quantity stays positive, cost not negative (ENSURE), or both
  /// become zero and the lot is gone.
  void adjust(LotNumber number, Units quantity, Units cost, std::vector<LotMovement>* movements = nullptr);

  Units quantity() const { return quantity_; }
  Units cost() const { return cost_; }
  const std::map<LotNumber, Lot>& lots() const { return lots_; }
  LotNumber next_number() const { return next_; }
  void skip_to(LotNumber next) { next_ = next; }

 private:
  struct Ranked {
    LotNumber number;
    Lot lot;
  };
  struct ByUnitCost {
    bool operator()(const Ranked& a, const Ranked& b) const;
  };

  bool ranks() const;
  /// Whether numbers follow age and every lot was acquired by `on`.
  bool all_by(std::optional<time::Date> on) const { return in_order_ && (!on || youngest_ <= *on); }
  LotNumber first_by(LotRule rule, std::optional<time::Date> on) const;
  LotNumber first_of_some(LotRule rule, time::Date on) const;
  void pool(std::vector<LotMovement>* movements, std::optional<time::Date> on);
  Units take(std::map<LotNumber, Lot>::iterator at, Units part, std::vector<LotMovement>* movements);

  LotRules rules_;
  std::map<LotNumber, Lot> lots_;         ///< by number
  std::set<Ranked, ByUnitCost> by_cost_;  ///< the same lots, kept only where a rule asks for it
  LotNumber next_ = 1;
  time::Date youngest_ = {};  ///< no open lot was acquired after it
  bool in_order_ = true;      ///< numbers rise with the days of acquisition
  Units quantity_;
  Units cost_;
};

}  // namespace navkeeper::nav::books
