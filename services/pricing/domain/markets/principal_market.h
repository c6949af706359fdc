#pragma once
// The principal market of an asset (ASC 820: the market with the greatest volume and activity that the fund
// can reach), by date with the history of its changes, and its price at the valuation time: that of the last
// trade executed there.
//
// A principal-market price is a type of its own, as an index price is: neither turns into the other, and
// whoever wants one says which. Published figures of the two differ by more than half a per cent on single
// days (facts on funds, 1.2).
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/base/result.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/time/instant.h"
#include "services/pricing/domain/markets/dated.h"

namespace navkeeper::pricing {

/// The basis of an index NAV.
struct IndexPrice {
  model::IndexId index;
  time::Date date;
  int version = 1;
  money::Decimal value;  ///< positive
  bool operator==(const IndexPrice&) const = default;
};

struct PrincipalMarket {
  model::VenueId venue;
  model::PairId pair;
  std::string reason;  ///< why this market, and why it changed; never empty
  bool operator==(const PrincipalMarket&) const = default;
};

class PrincipalMarkets {
 public:
  /// Refused, naming the asset: a pair whose base is another asset, an empty reason, versions that overlap or
  /// leave a gap.
  static base::Checked<PrincipalMarkets> of(
      const std::map<model::AssetId, std::vector<Period<PrincipalMarket>>>& histories);
  /// Null for an unknown asset and a date without a market.
  const PrincipalMarket* on(const model::AssetId& asset, time::Date date) const;
  /// The history, or null.
  const Dated<PrincipalMarket>* history(const model::AssetId& asset) const;

 private:
  std::map<model::AssetId, Dated<PrincipalMarket>> markets_;
};

/// A trade executed on some venue.
struct ExecutedTrade {
  model::VenueId venue;
  model::PairId pair;
  time::Instant at;
  std::string id;  ///< of the venue; may be empty
  money::Decimal price;
  money::Decimal size;
};

/// The basis of a NAV by ASC 820 and rule 2a-5.
struct PrincipalMarketPrice {
  model::VenueId venue;
  model::PairId pair;
  money::Decimal value;  ///< positive
  time::Instant traded_at;
  std::string trade_id;
  time::Instant valuation;
  bool operator==(const PrincipalMarketPrice&) const = default;
};

/// Why there is none, tried in this order.
enum class PrincipalPriceProblem {
  kNoMarket,   ///< no principal market on that date
  kNoTrade,    ///< nothing traded there at or before the valuation time
  kTooOld,     ///< the last trade is older than allowed
  kNotActive,  ///< of a liquid-staking token: its market is not active (ASC 820)
  kNoRate,     ///< of a liquid-staking token: there is no exchange rate that its peg could be checked with
};
std::string_view describe(PrincipalPriceProblem problem);

/// The last trade of the market at or before `valuation`, not older than `age_max`. `trades` in any order and
/// of any market; those not of this one do not count. Of several at the same nanosecond the one with the
/// highest id counts (longer ids are higher, then by character: numbers in their order), then the highest
/// price, so the order of `trades` never matters.
base::Result<PrincipalMarketPrice, PrincipalPriceProblem> principal_market_price(
    const PrincipalMarket* market, std::span<const ExecutedTrade> trades, time::Instant valuation,
    time::Duration age_max);

}  // namespace navkeeper::pricing
