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
#include <string_view>
#include <vector>

#include "common/money/units.h"

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

using LotNumber = std::uint64_t;  ///< by age within an asset: a lower one is older

struct Lot {
  Units quantity;  ///< positive
  Units cost;      ///< zero or more
  bool operator==(const Lot&) const = default;
};

/// What happened to one lot: quantity and cost positive when they came, negative when they left.
struct LotMovement {
  LotNumber lot = 0;
  Units quantity;
  Units cost;
};

/// The cost of `part` of a lot, 0 < part <= lot.quantity.
Units cost_of_part(const Lot& lot, Units part);
/// Whether a unit of `a` costs less than one of `b`; exact.
bool costs_less(const Lot& a, const Lot& b);

/// The lots of one asset.
class LotBook {
 public:
  explicit LotBook(LotRules rules) : rules_(rules) {}

  /// A new lot, the youngest. Where both rules are kAverage it joins the pool.
  void add(Units quantity, Units cost, std::vector<LotMovement>* movements = nullptr);
  /// Takes `quantity` (0 < quantity <= the quantity held: ENSURE) out by `rule`, one of the two rules given.
  /// The cost relieved.
  Units relieve(Units quantity, LotRule rule, std::vector<LotMovement>* movements = nullptr);
  /// Puts a lot as it was stored; numbers must rise.
  void restore(LotNumber number, const Lot& lot);

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
  LotNumber first_by(LotRule rule) const;
  void pool(std::vector<LotMovement>* movements);
  Units take(std::map<LotNumber, Lot>::iterator at, Units part, std::vector<LotMovement>* movements);

  LotRules rules_;
  std::map<LotNumber, Lot> lots_;         ///< by age
  std::set<Ranked, ByUnitCost> by_cost_;  ///< the same lots, kept only where a rule asks for it
  LotNumber next_ = 1;
  Units quantity_;
  Units cost_;
};

}  // namespace navkeeper::nav::books
