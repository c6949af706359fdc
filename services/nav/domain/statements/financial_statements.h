#pragma once
// The financial statements of an investment company (ASC 946) for a period: assets and liabilities,
// operations, changes in net assets, schedule of investments. From two views of the journal on the trade-date
// basis and the prices of two NAVs; pure. Each statement foots, and net assets tie to the NAV.
//
// Amounts are dollars. In a view an account's balance is positive when it is a debit (domain/books/chart.h).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/rounding.h"
#include "common/time/date.h"
#include "services/nav/domain/statements/financial_highlights.h"

namespace navkeeper::nav::statements {

struct CoinHolding {
  std::string asset;
  money::Decimal quantity;  ///< whole coins, receivables of rewards included
  money::Decimal cost;
  std::optional<money::Decimal> price;  ///< of the NAV; nothing where none prices it
};

/// The journal at the end of a day.
struct LedgerView {
  std::map<std::string, money::Decimal> dollars;  ///< by account; not Conversion:COIN of held coins
  std::vector<CoinHolding> coins;
  money::Decimal shares;
};

/// Cash of entries traded by then and settled later, by what they were.
struct UnsettledCash {
  std::string kind;  ///< "creation", "redemption", "purchase", "sale", another word of the journal
  money::Decimal amount;
};

/// Entries in the view that the NAV does not have: traded by then, booked later.
struct BookedLater {
  std::string entry;  ///< "orders:O-1"
  std::string kind;
  money::Rational effect;  ///< on net assets, coins at the NAV's prices
};

struct NavFigure {
  time::Date date;
  money::Decimal net_assets;
  money::Decimal shares;
};

struct ShareFlows {
  money::Decimal issued;    ///< in the shares of the period's end
  money::Decimal redeemed;  ///< likewise, positive
};

struct StatementInput {
  std::string fund;
  std::string name;
  time::Date from;
  time::Date to;
  int money_decimals = 2;
  money::Rounding rounding = money::Rounding::kHalfUp;
  LedgerView opening;  ///< at the end of the day before `from`
  LedgerView closing;
  std::vector<UnsettledCash> unsettled;  ///< at the end of `to`
  ShareFlows share_flows;
  std::optional<NavFigure> opening_nav;  ///< the last one struck before `from`
  NavFigure closing_nav;                 ///< the last one struck on or before `to`
  std::vector<BookedLater> booked_later;
  HighlightsInput highlights;
};

struct StatementLine {
  std::string name;
  money::Decimal amount;
  bool operator==(const StatementLine&) const = default;
};

struct InvestmentLine {
  std::string asset;
  money::Decimal quantity;
  money::Decimal cost;
  money::Decimal price;
  money::Decimal value;
  std::optional<money::Decimal> percent;  ///< of net assets, two decimals half up
};

struct AssetsAndLiabilities {
  std::vector<StatementLine> assets;
  money::Decimal total_assets;
  std::vector<StatementLine> liabilities;
  money::Decimal total_liabilities;
  money::Decimal net_assets;
  std::vector<StatementLine> components;  ///< paid-in capital; total distributable earnings (loss)
  money::Decimal shares;
  std::optional<money::Rational> per_share;
};

struct Operations {
  std::vector<StatementLine> income;
  money::Decimal total_income;
  std::vector<StatementLine> expenses;
  money::Decimal total_expenses;      ///< gross
  std::vector<StatementLine> relief;  ///< waived and reimbursed; negative
  money::Decimal net_expenses;
  money::Decimal net_investment_income;
  std::vector<StatementLine> realised;  ///< gain positive, by cause; penalties negative
  money::Decimal net_realised;
  std::vector<StatementLine> unrealised;
  money::Decimal change_in_unrealised;
  money::Decimal taxes;  ///< provision, positive when it takes
  money::Decimal net_increase;
};

struct ChangesInNetAssets {
  money::Decimal opening;
  money::Decimal from_operations;
  std::vector<StatementLine> distributions;  ///< negative, by source
  std::vector<StatementLine> capital;        ///< shares issued; redeemed (negative)
  money::Decimal total_change;
  money::Decimal closing;
  money::Decimal shares_opening;  ///< in the shares of the period's end
  money::Decimal shares_issued;
  money::Decimal shares_redeemed;
  money::Decimal shares_closing;
};

/// Statement's net assets = NAV's + entries booked later + remainder.
struct NavTie {
  NavFigure nav;
  std::vector<StatementLine> booked_later;  ///< rounded half even to the cent, for the eye
  money::Decimal remainder;                 ///< rounded half even; must be within a cent a position
  bool ties = false;
};

struct FinancialStatements {
  std::string fund;
  std::string name;
  time::Date from;
  time::Date to;
  AssetsAndLiabilities assets_and_liabilities;
  Operations operations;
  ChangesInNetAssets changes;
  FinancialHighlights highlights;
  std::vector<InvestmentLine> investments;
  NavTie tie;
  std::vector<std::string> faults;  ///< what does not foot or tie; empty: all is well
  /// The first day that was asked for, where the period begins earlier: on the first day of the books, since
  /// no NAV before the day asked for prices what was held then.
  std::optional<time::Date> asked_from = {};
};

/// Refusals: a coin held without a price; a view without its NAV. Throws money::OverflowError.
base::Checked<FinancialStatements> financial_statements(const StatementInput& input);

}  // namespace navkeeper::nav::statements
