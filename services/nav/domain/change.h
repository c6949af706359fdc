#pragma once
// What changed since the last NAV: the difference of two net assets split into its causes. The parts add up
// to the difference exactly; what no cause explains is the remainder, shown by that name.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/domain/strike.h"

namespace navkeeper::nav {

struct NavPosition {
  std::string asset;
  money::Decimal quantity;
  money::Decimal price;
  money::Decimal value;
  std::optional<money::Decimal> index_rate = {};  ///< by the index, whatever the price is by
  /// Whole coins that the day's orders bring (negative: take) and that the NAV counts beside the quantity:
  /// ETP_1933.
  money::Decimal pending = {};
};

/// What of a NAV its successor needs: read back from the stored document and inputs.
struct NavSummary {
  time::Date valuation_date;
  int version = 1;
  std::vector<NavPosition> positions;
  money::Decimal net_assets;
  money::Decimal shares;
  money::Decimal register_shares;  ///< of the register alone: without orders of the day (ETP_1933)
  money::Decimal nav_per_share;
  money::Decimal fee_base;         ///< net assets before that day's expenses
  money::Decimal expenses;         ///< that the strike of that day accrued, less what the adviser bears
  money::Decimal payables_change;  ///< by which coins owed were worth more that day; a loss
  money::Decimal tax_change;       ///< provided that day, current and deferred
  money::Decimal capital_total;    ///< running totals at the start of that day (ResolvedBooks)
  money::Decimal income_total;
  money::Decimal expenses_total;
  CarriedExpenses carried_before;          ///< what it took up from the NAV before, corrected
  CarriedExpenses carried;                 ///< what it leaves to the next
  std::vector<policy::ShareSplit> splits;  ///< between the NAV before and this one
};

/// The earlier NAV's value per share in the later one's shares.
money::Decimal restated_per_share(const NavSummary& before, const NavSummary& after, const NavTerms& terms);

/// The price by the index, where it was there.
std::optional<money::Decimal> index_rate_of(const ResolvedPosition& position);

NavSummary summary_of(const ResolvedStrike& resolved, const StrikeFigures& figures);

struct AssetMove {
  std::string asset;
  money::Decimal price_before;  ///< zero when it was not held
  money::Decimal price_after;
  money::Decimal amount;  ///< today's value less today's quantity at the price before, rounded as values are
};

/// Dollars; positive adds to net assets.
struct NavChange {
  time::Date since;
  money::Decimal net_assets;  ///< the difference that is explained
  std::vector<AssetMove> price_moves;
  money::Decimal price;   ///< their sum
  money::Decimal flows;   ///< capital paid in less paid out since the last strike, by the orders that each of
                          ///< the two NAVs counted (ETP_1933: with the coins of its own day's orders)
  money::Decimal income;  ///< rewards and other income booked since
  money::Decimal payables;        ///< coins owed that are worth more (negative) or less today
  money::Decimal fees;            ///< what today's strike accrues, negative
  money::Decimal other_expenses;  ///< booked since and not accrued by a strike, negative
  money::Decimal tax;             ///< today's provision, negative when it takes
  money::Decimal remainder;  ///< coins that came or went at another value than the price before, and rounding
  money::Decimal per_share;  ///< difference of the two values per share, the earlier one in today's shares
};

/// Throws money::OverflowError.
NavChange explain_change(const NavSummary& before, const NavSummary& after, const NavTerms& terms);

}  // namespace navkeeper::nav
