#include "services/nav/domain/books/lots.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"
#include "common/money/decimal.h"

namespace navkeeper::nav::books {
namespace {

using money::Decimal;
using money::Int128;
using money::Rounding;

constexpr std::array<LotRule, 5> kRules{LotRule::kFifo, LotRule::kLifo, LotRule::kHighestCost,
                                        LotRule::kLowestCost, LotRule::kAverage};

bool is_by_cost(LotRule rule) { return rule == LotRule::kHighestCost || rule == LotRule::kLowestCost; }

void note(std::vector<LotMovement>* movements, LotNumber lot, Units quantity, Units cost) {
  if (movements != nullptr) movements->push_back({lot, quantity, cost});
}

}  // namespace

std::string_view describe(LotRule rule) {
  switch (rule) {
    case LotRule::kFifo:
      return "fifo";
    case LotRule::kLifo:
      return "lifo";
    case LotRule::kHighestCost:
      return "highest_cost";
    case LotRule::kLowestCost:
      return "lowest_cost";
    case LotRule::kAverage:
      return "average";
  }
  ENSURE(false);
}

std::optional<LotRule> lot_rule_from(std::string_view word) {
  const auto found =
      std::find_if(kRules.begin(), kRules.end(), [&](LotRule r) { return describe(r) == word; });
  return found == kRules.end() ? std::nullopt : std::optional(*found);
}

Units cost_of_part(const Lot& lot, Units part) {
  ENSURE(part > Units{} && part <= lot.quantity);
  if (part == lot.quantity) return lot.cost;
  const Int128 quantity = lot.quantity.count();
  Int128 product = 0;
  if (!__builtin_mul_overflow(lot.cost.count(), part.count(), &product)) {
    const Int128 quotient = product / quantity;
    const Int128 remainder = product % quantity;
    // remainder against quantity - remainder, so that doubling cannot overflow.
    const Int128 above = quantity - remainder;
    const bool up = remainder > above || (remainder == above && quotient % 2 == 1);
    return Units(quotient + (up ? 1 : 0));
  }
  const Decimal exact = money::mul_div(Decimal::of(lot.cost.count()), Decimal::of(part.count()),
                                       Decimal::of(quantity), 0, Rounding::kHalfEven);
  const auto units = exact.to_units(0);
  ENSURE(units.has_value());  // not more than the lot's own cost
  return Units(*units);
}

bool costs_less(const Lot& a, const Lot& b) {
  Int128 left = 0;
  Int128 right = 0;
  if (!__builtin_mul_overflow(a.cost.count(), b.quantity.count(), &left) &&
      !__builtin_mul_overflow(b.cost.count(), a.quantity.count(), &right))
    return left < right;
  return Decimal::of(a.cost.count()) * Decimal::of(b.quantity.count()) <
         Decimal::of(b.cost.count()) * Decimal::of(a.quantity.count());
}

bool LotBook::ByUnitCost::operator()(const Ranked& a, const Ranked& b) const {
  if (costs_less(a.lot, b.lot)) return true;
  if (costs_less(b.lot, a.lot)) return false;
  return a.number < b.number;
}

bool LotBook::ranks() const { return is_by_cost(rules_.sale) || is_by_cost(rules_.in_kind); }

void LotBook::restore(LotNumber number, const Lot& lot) {
  ENSURE(number >= next_ && lot.quantity > Units{} && lot.cost >= Units{});
  lots_.emplace(number, lot);
  if (ranks()) by_cost_.insert({number, lot});
  next_ = number + 1;
  quantity_ += lot.quantity;
  cost_ += lot.cost;
}

void LotBook::add(Units quantity, Units cost, std::vector<LotMovement>* movements) {
  ENSURE(quantity > Units{} && cost >= Units{});
  const Units quantity_after = quantity_ + quantity;
  const Units cost_after = cost_ + cost;
  const bool joins =
      rules_.sale == LotRule::kAverage && rules_.in_kind == LotRule::kAverage && !lots_.empty();
  if (joins) {
    Lot& pooled = lots_.begin()->second;
    pooled.quantity += quantity;
    pooled.cost += cost;
    note(movements, lots_.begin()->first, quantity, cost);
    quantity_ = quantity_after;
    cost_ = cost_after;
    return;
  }
  note(movements, next_, quantity, cost);
  restore(next_, {quantity, cost});
}

/// The rule average makes one pool of all lots, as old as the oldest of them.
void LotBook::pool(std::vector<LotMovement>* movements) {
  if (lots_.size() < 2) return;
  const LotNumber oldest = lots_.begin()->first;
  for (auto at = std::next(lots_.begin()); at != lots_.end(); ++at)
    note(movements, at->first, -at->second.quantity, -at->second.cost);
  note(movements, oldest, quantity_ - lots_.begin()->second.quantity, cost_ - lots_.begin()->second.cost);
  lots_.clear();
  by_cost_.clear();
  lots_.emplace(oldest, Lot{quantity_, cost_});
  if (ranks()) by_cost_.insert({oldest, {quantity_, cost_}});
}

LotNumber LotBook::first_by(LotRule rule) const {
  switch (rule) {
    case LotRule::kFifo:
    case LotRule::kAverage:
      return lots_.begin()->first;
    case LotRule::kLifo:
      return lots_.rbegin()->first;
    case LotRule::kLowestCost:
      return by_cost_.begin()->number;
    case LotRule::kHighestCost:
      // The oldest among those that cost as much as the dearest.
      return by_cost_.lower_bound({0, by_cost_.rbegin()->lot})->number;
  }
  ENSURE(false);
}

Units LotBook::take(std::map<LotNumber, Lot>::iterator at, Units part, std::vector<LotMovement>* movements) {
  const LotNumber number = at->first;
  const Lot before = at->second;
  const Units cost = cost_of_part(before, part);
  if (ranks()) by_cost_.erase({number, before});
  if (part == before.quantity) {
    lots_.erase(at);
  } else {
    at->second = {before.quantity - part, before.cost - cost};
    if (ranks()) by_cost_.insert({number, at->second});
  }
  quantity_ -= part;
  cost_ -= cost;
  note(movements, number, -part, -cost);
  return cost;
}

Units LotBook::relieve(Units quantity, LotRule rule, std::vector<LotMovement>* movements) {
  ENSURE(quantity > Units{} && quantity <= quantity_);
  ENSURE(rule == rules_.sale || rule == rules_.in_kind);
  if (rule == LotRule::kAverage) pool(movements);
  Units cost;
  while (quantity > Units{}) {
    const auto at = lots_.find(first_by(rule));
    const Units part = std::min(quantity, at->second.quantity);
    cost += take(at, part, movements);
    quantity -= part;
  }
  return cost;
}

}  // namespace navkeeper::nav::books
