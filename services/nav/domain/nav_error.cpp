#include "services/nav/domain/nav_error.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"

namespace navkeeper::nav {

using money::Decimal;
using money::Rational;

std::string_view describe(OrderSide side) {
  switch (side) {
    case OrderSide::kCreation:
      return "creation";
    case OrderSide::kRedemption:
      return "redemption";
  }
  ENSURE(false);
}

std::string_view describe(ErrorSeverity severity) {
  switch (severity) {
    case ErrorSeverity::kNone:
      return "none";
    case ErrorSeverity::kError:
      return "error";
    case ErrorSeverity::kMaterial:
      return "material";
  }
  ENSURE(false);
}

std::string_view describe(OrderTreatment treatment) {
  switch (treatment) {
    case OrderTreatment::kNone:
      return "none";
    case OrderTreatment::kNetted:
      return "netted";
    case OrderTreatment::kReprocessed:
      return "reprocessed";
  }
  ENSURE(false);
}

ErrorSeverity severity_of(const ErrorTerms& terms, const Rational& wrong, const Rational& correct) {
  ENSURE(correct > Rational{});
  const Rational apart = (wrong - correct).abs();
  if (apart < Rational(terms.per_share)) return ErrorSeverity::kNone;
  return apart >= correct * Rational(terms.material) ? ErrorSeverity::kMaterial : ErrorSeverity::kError;
}

namespace {

constexpr int kCents = 2;

OrderTreatment treatment_of(const ErrorTerms& terms, ErrorSeverity severity, const DealtOrder& order,
                            const Decimal& effect) {
  if (order.owed_version) return effect.is_zero() ? OrderTreatment::kNone : OrderTreatment::kReprocessed;
  switch (severity) {
    case ErrorSeverity::kNone:
      return OrderTreatment::kNone;
    case ErrorSeverity::kError:
      return OrderTreatment::kNetted;
    case ErrorSeverity::kMaterial:
      return effect.abs() < terms.account_minimum || effect.is_zero() ? OrderTreatment::kNetted
                                                                      : OrderTreatment::kReprocessed;
  }
  ENSURE(false);
}

DayError assess(const ErrorTerms& terms, ComparedDay compared) {
  DayError found;
  found.correct = compared.correct;
  if (!compared.lacks.is_zero()) found.correct += Rational(compared.lacks) / Rational(compared.shares);
  found.difference = compared.wrong - found.correct;
  found.relative = found.difference.abs() / found.correct;
  found.severity =
      compared.was_published ? severity_of(terms, compared.wrong, found.correct) : ErrorSeverity::kNone;
  const Rational published = compared.wrong * Rational(compared.wrong_shares.value_or(compared.shares));
  found.net_assets =
      (published - found.correct * Rational(compared.shares)).rounded(kCents, money::Rounding::kHalfUp);
  found.expenses = compared.wrong_expenses - compared.correct_expenses;
  for (const DealtOrder& order : compared.orders) {
    ENSURE(order.shares.is_positive());
    const Decimal size =
        (found.difference * Rational(order.shares)).rounded(kCents, money::Rounding::kHalfUp);
    const Decimal gained = order.gained.value_or(order.side == OrderSide::kCreation ? size : -size);
    const Decimal effect = gained - order.corrected;
    const bool is_done = effect.is_zero() && !order.corrected.is_zero();
    found.orders.push_back(
        {order, effect,
         is_done ? OrderTreatment::kNone : treatment_of(terms, found.severity, order, effect)});
  }
  found.day = std::move(compared);
  return found;
}

}  // namespace

ErrorReport assess_errors(const ErrorTerms& terms, std::vector<ComparedDay> days) {
  std::sort(days.begin(), days.end(),
            [](const ComparedDay& a, const ComparedDay& b) { return a.date < b.date; });
  ErrorReport report;
  for (ComparedDay& day : days) {
    ENSURE(report.days.empty() || report.days.back().day.date < day.date);
    report.days.push_back(assess(terms, std::move(day)));
    const DayError& found = report.days.back();
    report.severity = std::max(report.severity, found.severity);
    if (found.severity != ErrorSeverity::kNone) {
      if (!report.first) report.first = found.day.date;
      report.last = found.day.date;
    }
    for (const OrderEffect& one : found.orders) {
      if (one.treatment == OrderTreatment::kReprocessed) report.reprocessed += one.effect.abs();
      if (one.treatment != OrderTreatment::kNetted) continue;
      (one.effect.is_negative() ? report.losses : report.gains) += one.effect.abs();
    }
  }
  report.net = report.gains - report.losses;
  if (report.net.is_negative())
    report.compensated = -report.net;
  else
    report.kept = report.net;
  return report;
}

}  // namespace navkeeper::nav
