#include "services/nav/domain/staking_true_up.h"

namespace navkeeper::nav {

using money::Rational;

TrueUp assess_true_up(const money::Decimal& error_per_share, const std::vector<StruckDay>& days,
                      const std::vector<LateQuantity>& late) {
  TrueUp result;
  for (const StruckDay& day : days) {
    DayEffect effect{day.date, Rational(day.netted), {}, false};
    bool is_affected = false;
    bool is_measured = day.shares.is_positive();
    for (const LateQuantity& one : late) {
      if (one.since > day.date || one.quantity.is_zero()) continue;
      is_affected = true;
      const auto price = day.prices.find(one.asset);
      if (price == day.prices.end()) {
        is_measured = false;
        continue;
      }
      effect.dollars += Rational(one.quantity) * Rational(price->second);
    }
    if (!is_affected) continue;
    if (is_measured) effect.per_share = effect.dollars / Rational(day.shares);
    effect.is_error = !is_measured || effect.per_share.abs() >= Rational(error_per_share);
    result.is_error = result.is_error || effect.is_error;
    result.days.push_back(effect);
  }
  return result;
}

}  // namespace navkeeper::nav
