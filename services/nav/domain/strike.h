#pragma once
// A strike in three steps. plan_strike: may this fund be struck for this day, and for which instant and days.
// ResolvedStrike: what app/ gathers for that plan, all of it as of one moment. strike: the pure function from
// there to the figures.
//
// The order follows the fund's act. ICA_1940 (rules 2a-4, 6c-11, 22c-1): positions and shares at the start of
// T (all dealing and trades of T-1 booked, none of T) at the prices of T; orders of T enter on T+1. ETP_1933
// (trust agreement, facts/funds.md 1.1): the coins of T-1's close, plus the coins of T's pending creations
// and less those of its pending redemptions, all at T's price, over the shares with both counted. In both the
// fee base is taken before today's fee.
#include <optional>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "services/nav/domain/peer_statement.h"
#include "services/nav/domain/policy/share_split.h"
#include "services/nav/domain/strike_expenses.h"
#include "services/nav/domain/tax.h"

namespace navkeeper::nav {

struct StrikePlan {
  time::Date valuation_date;
  time::Instant valued_at;
  time::AccrualDays accrual_days;  ///< of what has no rule of its own: offering costs, limits
};

/// Refused, in this order: before the fund's inception; outside the calendar; no business day; its valuation
/// time (the close of the rate's window) has not come.
base::Checked<StrikePlan> plan_strike(const FundDefinition& fund, time::Date date, time::Instant now);

struct ResolvedPrice {
  model::IndexId index;  ///< the asset's official index, whatever the basis
  money::Decimal value;
  std::string input_hash;  ///< of everything that the price came from
  /// "index", "second_index", "principal_market", "exchange_rate", "manual", "previous", "determination".
  std::string basis = "index";
  std::string source = {};  ///< "coinbase BTC/USD, last trade at …", without a person's name
  bool operator==(const ResolvedPrice&) const = default;
};

/// A check that pricing made of a price: it becomes a check of the NAV.
struct PriceCheck {
  std::string name;    ///< "unchanged"
  std::string result;  ///< "passed", "failed", "not_measured"
  std::string detail;  ///< measured, threshold and evidence
  bool operator==(const PriceCheck&) const = default;
};

struct ResolvedPosition {
  model::AssetId asset;
  money::Decimal quantity;                    ///< whole coins, not negative
  money::Decimal cost;                        ///< dollars, of the lots held
  std::optional<ResolvedPrice> price;         ///< none is a missing price: a refusal
  std::optional<ResolvedPrice> second_price;  ///< of the other basis, where it was there
  std::vector<ResolvedPrice> bases = {};      ///< index and principal market beside each other, never mixed
  std::vector<PriceCheck> price_checks = {};
};

/// Coins that orders of the day bring or take: ETP_1933 only, empty for ICA_1940.
struct PendingCoins {
  model::AssetId asset;
  money::Decimal creations;
  money::Decimal redemptions;
};

/// What the journal says at the start of the day. Dollars; amounts owed are positive liabilities.
struct ResolvedBooks {
  std::vector<NamedAmount> other_assets;  ///< cash and receivables
  std::vector<NamedAmount>
      liabilities;  ///< fees and taxes payable, deferred tax (negative when it is an asset)
  money::Decimal shares;
  std::vector<PendingCoins> pending;
  money::Decimal pending_shares;  ///< of pending creations less those of pending redemptions
  TaxPosition tax;
  // Running totals since the books opened; what lies between two strikes is their difference.
  money::Decimal capital_total;   ///< paid in less paid out, distributions included
  money::Decimal income_total;    ///< without realised and unrealised gains
  money::Decimal expenses_total;  ///< fees and tax provisions included
  ResolvedExpenses expenses;
  std::vector<policy::ShareSplit> splits;  ///< that took effect since the last NAV
  std::vector<NamedAmount> owed_coins;     ///< "CRO:order": whole coins that are no longer in the positions
  std::vector<NamedAmount> held_at_zero;   ///< coins of forks that no market input prices: worth nothing yet
};

struct ResolvedStrike {
  explicit ResolvedStrike(FundDefinition fund) : definition(std::move(fund)) {}
  FundDefinition definition;
  std::string definition_hash;
  StrikePlan plan;
  std::vector<ResolvedPosition> positions;  ///< in the definition's order of assets
  ResolvedBooks books;
  std::vector<PeerStatement> peers;  ///< for the checks alone, no figure depends on them; at most one a kind
};

struct StrikeFigures {
  NavFigures nav;
  ExpenseFigures expenses;
  TaxProvision tax;
  money::Decimal shares;  ///< that the value is divided by
};

/// Refusals name what is missing: a held asset without a price, a fund without shares, a number that does not
/// fit.
base::Checked<StrikeFigures> strike(const ResolvedStrike& resolved);

}  // namespace navkeeper::nav
