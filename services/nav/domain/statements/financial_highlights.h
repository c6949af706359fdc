#pragma once
// Financial highlights (Form N-1A item 13; ASC 946-205-50): per-share operating performance that foots, total
// return, ratios.
//
//   NAV at the beginning
//   + net investment income (loss)              / average shares
//   + net realised and unrealised gain (loss)   the balancing figure
//   - distributions, declared a share
//   = NAV at the end
//
// Total return = product over distributions of (1 + d / NAV at the ex-date) x NAV end / NAV begin - 1: what
// is distributed is reinvested at the NAV of its ex-date. Ratios are to average net assets and annualised by
// days; the turnover is not.
#include <optional>
#include <string>
#include <vector>

#include "common/base/refusal.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/date.h"

namespace navkeeper::nav::statements {

/// A struck NAV; shares and value a share as struck.
struct DailyNav {
  time::Date date;
  money::Decimal net_assets;
  money::Decimal shares;                            ///< positive
  money::Rational factor = money::Rational::of(1);  ///< shares of the period's end for one of then
};

struct PerShareDistribution {
  time::Date ex_date;
  money::Decimal per_share;
  money::Rational factor = money::Rational::of(1);  ///< likewise
};

struct HighlightsInput {
  time::Date from;
  time::Date to;
  std::optional<DailyNav> opening;  ///< struck last before `from`; nothing: the fund began in the period
  std::vector<DailyNav> navs;       ///< of the period, by date
  std::vector<PerShareDistribution> distributions;
  money::Decimal net_investment_income;
  money::Decimal gross_expenses;
  money::Decimal net_expenses;
  money::Decimal purchases;  ///< of coins for cash: in kind does not count
  money::Decimal sales;
  money::Decimal average_investments_value;  ///< zero: no turnover
  int per_share_decimals = 2;
};

struct FinancialHighlights {
  time::Date begins;  ///< of the first figure: the opening NAV's, or the first NAV's own
  money::Decimal nav_begin;
  money::Decimal net_investment_income;
  money::Decimal realised_and_unrealised;
  money::Decimal distributions;  ///< positive
  money::Decimal nav_end;
  money::Decimal total_return_percent;  ///< two decimals, half up
  money::Decimal average_net_assets;    ///< mean of the period's NAVs, to the cent
  money::Decimal average_shares;        ///< likewise, in shares of the end, four decimals
  std::optional<money::Decimal> gross_expense_ratio_percent;  ///< annualised, two decimals
  std::optional<money::Decimal> net_expense_ratio_percent;
  std::optional<money::Decimal> income_ratio_percent;
  std::optional<money::Decimal> turnover_percent;  ///< lesser of purchases and sales / average value
  std::int64_t days = 0;                           ///< of the ratios: of the period, both ends included
};

/// Refused: no NAV in the period. Throws money::OverflowError.
base::Checked<FinancialHighlights> financial_highlights(const HighlightsInput& input);

/// NAV end / NAV begin - 1 with what was distributed reinvested, in percent, unrounded.
money::Rational total_return_percent(
    const money::Rational& nav_begin, const money::Rational& nav_end,
    const std::vector<std::pair<money::Rational, money::Rational>>& distributions_and_navs);

}  // namespace navkeeper::nav::statements
