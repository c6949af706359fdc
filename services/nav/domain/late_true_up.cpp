#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

using money::Rational;

namespace {

/// Of what a NAV error is said to be a share.
constexpr int kErrorDecimals = 6;

}  // namespace

TrueUp assess_true_up(const money::Decimal& error_per_share, const std::vector<StruckDay>& days,
                      const std::vector<LateQuantity>& late, std::optional<time::Date> from) {
  TrueUp result;
  for (const StruckDay& day : days) {
    DayEffect effect{day.date, day.lacks, {}, false};
    bool is_affected = from && *from <= day.date;
    bool is_measured = day.shares.is_positive() && day.is_priced;
    for (const LateQuantity& one : late) {
      if (one.since > day.date || one.quantity.is_zero() || one.spared.contains(day.date)) continue;
      is_affected = true;
      const auto price = day.prices.find(one.asset);
      if (price == day.prices.end()) {
        is_measured = false;
        continue;
      }
      effect.dollars += Rational(one.quantity) * Rational(price->second);
    }
    if (!is_affected) continue;
    if (is_measured) effect.per_share = effect.dollars / Rational(day.shares) + day.apart;
    effect.is_error = !is_measured || effect.per_share.abs() >= Rational(error_per_share);
    result.is_error = result.is_error || effect.is_error;
    result.is_open = result.is_open || day.is_open;
    result.days.push_back(effect);
  }
  return result;
}

Rational worst_of(const TrueUp& true_up) {
  Rational worst;
  for (const DayEffect& day : true_up.days) {
    if (day.per_share.abs() > worst.abs()) worst = day.per_share;
  }
  return worst;
}

LateReport report_of(const TrueUp& true_up, std::size_t late) {
  LateReport report;
  report.late = late;
  if (!true_up.is_error && true_up.is_open) {
    report.again_from = true_up.days.front().date;
    report.again_through = true_up.days.back().date;
  }
  if (!true_up.is_error) return report;
  report.error_from = true_up.days.front().date;
  report.error_through = true_up.days.back().date;
  report.error_per_share = worst_of(true_up).rounded(kErrorDecimals, money::Rounding::kHalfEven);
  return report;
}

}  // namespace navkeeper::nav
