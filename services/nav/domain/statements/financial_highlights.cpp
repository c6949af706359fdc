#include "services/nav/domain/statements/financial_highlights.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::nav::statements {

using money::Decimal;
using money::Rational;
using money::Rounding;

namespace {

constexpr int kPercentDecimals = 2;
constexpr int kAverageSharesDecimals = 4;
constexpr int kCents = 2;
const Rational& hundred() {
  static const Rational kHundred = Rational::of(100);
  return kHundred;
}

/// In shares of the period's end.
Rational per_share(const DailyNav& nav) {
  return Rational(nav.net_assets) / (Rational(nav.shares) * nav.factor);
}

Rational mean(const std::vector<DailyNav>& navs, Rational (*of)(const DailyNav&)) {
  Rational sum;
  for (const DailyNav& nav : navs) sum += of(nav);
  return sum / Rational::of(static_cast<money::Int128>(navs.size()));
}

/// 366 where the period's last day is in a leap year.
std::int64_t year_days(time::Date date) { return time::is_leap_year(date.year()) ? 366 : 365; }

}  // namespace

Rational total_return_percent(const Rational& nav_begin, const Rational& nav_end,
                              const std::vector<std::pair<Rational, Rational>>& distributions_and_navs) {
  Rational growth = nav_end / nav_begin;
  for (const auto& [distribution, nav] : distributions_and_navs)
    growth = growth * (Rational::of(1) + distribution / nav);
  return (growth - Rational::of(1)) * hundred();
}

base::Checked<FinancialHighlights> financial_highlights(const HighlightsInput& input) {
  if (input.navs.empty()) return base::Refusal{"highlights", "no NAV was struck in the period"};
  const DailyNav& first = input.opening ? *input.opening : input.navs.front();
  const DailyNav& last = input.navs.back();
  FinancialHighlights figures;
  figures.begins = first.date;
  figures.days = input.to - std::max(input.from, input.opening ? input.from : first.date) + 1;
  const int decimals = input.per_share_decimals;
  figures.nav_begin = per_share(first).rounded(decimals, Rounding::kHalfUp);
  figures.nav_end = per_share(last).rounded(decimals, Rounding::kHalfUp);
  const Rational average_shares =
      mean(input.navs, [](const DailyNav& nav) { return Rational(nav.shares) * nav.factor; });
  const Rational average_net_assets =
      mean(input.navs, [](const DailyNav& nav) { return Rational(nav.net_assets); });
  figures.average_shares = average_shares.rounded(kAverageSharesDecimals, Rounding::kHalfUp);
  figures.average_net_assets = average_net_assets.rounded(kCents, Rounding::kHalfUp);
  figures.net_investment_income =
      (Rational(input.net_investment_income) / average_shares).rounded(decimals, Rounding::kHalfUp);
  Rational distributed;
  std::vector<std::pair<Rational, Rational>> reinvested;
  for (const PerShareDistribution& one : input.distributions) {
    const Rational amount = Rational(one.per_share) / one.factor;
    distributed += amount;
    const auto at = std::find_if(input.navs.begin(), input.navs.end(),
                                 [&](const DailyNav& nav) { return nav.date >= one.ex_date; });
    if (at != input.navs.end()) reinvested.emplace_back(amount, per_share(*at));
  }
  figures.distributions = distributed.rounded(decimals, Rounding::kHalfUp);
  figures.realised_and_unrealised =
      figures.nav_end - figures.nav_begin - figures.net_investment_income + figures.distributions;
  // Of the figures that are shown, as filings compute it, where nothing was distributed.
  const bool is_plain = reinvested.empty() && !figures.nav_begin.is_zero();
  figures.total_return_percent =
      (is_plain ? total_return_percent(figures.nav_begin, figures.nav_end, {})
                : total_return_percent(per_share(first), per_share(last), reinvested))
          .rounded(kPercentDecimals, Rounding::kHalfUp);
  if (!average_net_assets.is_zero()) {
    const Rational annual = Rational::of(year_days(input.to)) / Rational::of(figures.days);
    const auto ratio = [&](const Decimal& amount) {
      return (Rational(amount) * annual / average_net_assets * hundred())
          .rounded(kPercentDecimals, Rounding::kHalfUp);
    };
    figures.gross_expense_ratio_percent = ratio(input.gross_expenses);
    figures.net_expense_ratio_percent = ratio(input.net_expenses);
    figures.income_ratio_percent = ratio(input.net_investment_income);
  }
  if (input.average_investments_value.is_positive())
    figures.turnover_percent = (Rational(std::min(input.purchases, input.sales)) /
                                Rational(input.average_investments_value) * hundred())
                                   .rounded(kPercentDecimals, Rounding::kHalfUp);
  return figures;
}

}  // namespace navkeeper::nav::statements
