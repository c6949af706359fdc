#include "services/nav/domain/books/lots.h"

#include <algorithm>
#include <array>
#include <utility>

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
  ENSURE(lot.quantity > Units{} && lot.cost >= Units{});
  const Units quantity_after = quantity_ + lot.quantity;
  const Units cost_after = cost_ + lot.cost;
  if (lots_.empty()) {
    in_order_ = true;
    youngest_ = lot.acquired;
  } else if (lots_.rbegin()->first >= number || lot.acquired < youngest_) {
    in_order_ = false;
  }
  youngest_ = std::max(youngest_, lot.acquired);
  const auto [at, is_new] = lots_.emplace(number, lot);
  if (!is_new) {
    ENSURE(at->second.acquired == lot.acquired);
    if (ranks()) by_cost_.erase({number, at->second});
    at->second.quantity += lot.quantity;
    at->second.cost += lot.cost;
  }
  if (ranks()) by_cost_.insert({number, at->second});
  next_ = std::max(next_, number + 1);
  quantity_ = quantity_after;
  cost_ = cost_after;
}

void LotBook::add(Units quantity, Units cost, std::vector<LotMovement>* movements, time::Date acquired) {
  ENSURE(quantity > Units{} && cost >= Units{});
  const bool joins = rules_.sale == LotRule::kAverage && rules_.in_kind == LotRule::kAverage &&
                     !lots_.empty() && lots_.begin()->second.acquired <= acquired;
  const LotNumber number = joins ? lots_.begin()->first : next_;
  restore(number, {quantity, cost, joins ? lots_.begin()->second.acquired : acquired});
  if (joins && lots_.size() == 1) in_order_ = true;
  note(movements, number, quantity, cost);
}

Units LotBook::held_by(time::Date day) const {
  if (youngest_ <= day) return quantity_;
  Units held;
  for (const auto& [number, lot] : lots_) {
    if (lot.acquired <= day) held += lot.quantity;
  }
  return held;
}

/// The rule average makes one pool of the lots acquired by then, as old as the oldest of them.
void LotBook::pool(std::vector<LotMovement>* movements, std::optional<time::Date> on) {
  if (lots_.size() < 2) return;
  auto oldest = lots_.end();
  for (auto at = lots_.begin(); at != lots_.end(); ++at) {
    const bool is_held = !on || at->second.acquired <= *on;
    if (is_held && (oldest == lots_.end() || at->second.acquired < oldest->second.acquired)) oldest = at;
  }
  ENSURE(oldest != lots_.end());
  Lot pooled = oldest->second;
  for (auto at = lots_.begin(); at != lots_.end();) {
    if (at == oldest || (on && at->second.acquired > *on)) {
      ++at;
      continue;
    }
    note(movements, at->first, -at->second.quantity, -at->second.cost);
    pooled.quantity += at->second.quantity;
    pooled.cost += at->second.cost;
    if (ranks()) by_cost_.erase({at->first, at->second});
    at = lots_.erase(at);
  }
  if (pooled == oldest->second) return;
  note(movements, oldest->first, pooled.quantity - oldest->second.quantity,
       pooled.cost - oldest->second.cost);
  if (ranks()) {
    by_cost_.erase({oldest->first, oldest->second});
    by_cost_.insert({oldest->first, pooled});
  }
  oldest->second = pooled;
}

LotNumber LotBook::first_by(LotRule rule, std::optional<time::Date> on) const {
  if (!all_by(on)) return first_of_some(rule, on ? *on : youngest_);
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

/// Late facts are few: here every lot is looked at.
LotNumber LotBook::first_of_some(LotRule rule, time::Date on) const {
  const auto goes_before = [rule](const auto& a, const auto& b) {
    const bool is_older = std::pair(a.second.acquired, a.first) < std::pair(b.second.acquired, b.first);
    switch (rule) {
      case LotRule::kFifo:
      case LotRule::kAverage:
        return is_older;
      case LotRule::kLifo:
        return !is_older;
      case LotRule::kLowestCost:
        return costs_less(a.second, b.second) || (!costs_less(b.second, a.second) && is_older);
      case LotRule::kHighestCost:
        return costs_less(b.second, a.second) || (!costs_less(a.second, b.second) && is_older);
    }
    ENSURE(false);
  };
  auto first = lots_.end();
  for (auto at = lots_.begin(); at != lots_.end(); ++at) {
    if (at->second.acquired <= on && (first == lots_.end() || goes_before(*at, *first))) first = at;
  }
  ENSURE(first != lots_.end());
  return first->first;
}

Units LotBook::take(std::map<LotNumber, Lot>::iterator at, Units part, std::vector<LotMovement>* movements) {
  const LotNumber number = at->first;
  const Lot before = at->second;
  const Units cost = cost_of_part(before, part);
  if (ranks()) by_cost_.erase({number, before});
  if (part == before.quantity) {
    lots_.erase(at);
  } else {
    at->second = {before.quantity - part, before.cost - cost, before.acquired};
    if (ranks()) by_cost_.insert({number, at->second});
  }
  quantity_ -= part;
  cost_ -= cost;
  note(movements, number, -part, -cost);
  return cost;
}

Units LotBook::relieve(Units quantity, LotRule rule, std::vector<LotMovement>* movements,
                       std::optional<time::Date> on) {
  ENSURE(quantity > Units{} && quantity <= (on ? held_by(*on) : quantity_));
  ENSURE(!is_by_cost(rule) || rule == rules_.sale || rule == rules_.in_kind);
  if (rule == LotRule::kAverage) pool(movements, on);
  Units cost;
  while (quantity > Units{}) {
    const auto at = lots_.find(first_by(rule, on));
    const Units part = std::min(quantity, at->second.quantity);
    cost += take(at, part, movements);
    quantity -= part;
  }
  return cost;
}

Units LotBook::relieve(std::span<const LotPick> picks, std::vector<LotMovement>* movements) {
  Units cost;
  for (const LotPick& pick : picks) {
    const auto at = lots_.find(pick.lot);
    ENSURE(at != lots_.end() && pick.quantity > Units{} && pick.quantity <= at->second.quantity);
    cost += take(at, pick.quantity, movements);
  }
  return cost;
}

void LotBook::adjust(LotNumber number, Units quantity, Units cost, std::vector<LotMovement>* movements) {
  const auto at = lots_.find(number);
  ENSURE(at != lots_.end());
  const Lot after{at->second.quantity + quantity, at->second.cost + cost, at->second.acquired};
  const bool is_gone = after.quantity.is_zero() && after.cost.is_zero();
  ENSURE(is_gone || (after.quantity > Units{} && after.cost >= Units{}));
  if (ranks()) by_cost_.erase({number, at->second});
  if (is_gone) {
    lots_.erase(at);
  } else {
    at->second = after;
    if (ranks()) by_cost_.insert({number, after});
  }
  quantity_ += quantity;
  cost_ += cost;
  note(movements, number, quantity, cost);
}

}  // namespace navkeeper::nav::books
