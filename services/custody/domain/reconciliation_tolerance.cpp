#include "services/custody/domain/reconciliation_tolerance.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace navkeeper::custody::reconciling {

using money::Decimal;

namespace {

constexpr int kCents = 2;

Decimal value_of(const FoundBreak& one, const Decimal& price) {
  return money::multiply(one.amount, price, kCents, money::Rounding::kHalfEven);
}

bool exceeds(const ReconciliationTerms& terms, const std::string& asset, const Decimal& amount) {
  if (amount.is_zero()) return false;
  const auto tolerance = terms.tolerances.find(asset);
  if (tolerance == terms.tolerances.end()) return true;
  if (amount > tolerance->second.units) return true;
  if (!tolerance->second.dollars) return false;
  const auto price = terms.prices.find(asset);
  return price == terms.prices.end() || amount * price->second > *tolerance->second.dollars;
}

}  // namespace

void judge(Reconciliation& result, const ReconciliationTerms& terms) {
  std::map<std::pair<std::string, BreakLevel>, Decimal> small;
  for (FoundBreak& one : result.breaks) {
    const auto price = terms.prices.find(one.asset);
    if (price != terms.prices.end()) one.dollars = value_of(one, price->second);
    one.is_over_tolerance = exceeds(terms, one.asset, one.amount.abs());
    if (!one.is_over_tolerance) small[{one.asset, one.level}] += one.amount.abs();
  }
  for (FoundBreak& one : result.breaks) {
    if (!one.is_over_tolerance && exceeds(terms, one.asset, small[{one.asset, one.level}]))
      one.is_over_tolerance = true;
  }
  std::sort(result.breaks.begin(), result.breaks.end(), [](const FoundBreak& a, const FoundBreak& b) {
    return std::tie(a.asset, a.place, a.level, a.key) < std::tie(b.asset, b.place, b.level, b.key);
  });
  auto one = result.breaks.begin();
  for (ReconciliationLine& line : result.lines) {
    for (; one != result.breaks.end() && one->asset == line.asset && one->place == line.place; ++one) {
      if (line.status == LineStatus::kUnsure || line.status == LineStatus::kNotCovered ||
          line.status == LineStatus::kDiffers)
        continue;
      line.status = one->is_over_tolerance ? LineStatus::kDiffers : LineStatus::kTolerated;
    }
  }
}

}  // namespace navkeeper::custody::reconciling
