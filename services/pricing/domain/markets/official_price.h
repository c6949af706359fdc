#pragma once
// The official price of an asset on a date for one kind of fund: the ladder's outcome, the two bases beside
// each other, the checks that a NAV waits for, and the one determination that these open. Pure: what was
// found comes in, the decision with its evidence goes out.
#include <optional>
#include <string>
#include <vector>

#include "services/pricing/domain/markets/valuation_policy.h"

namespace navkeeper::pricing {

/// An index's answer and what is known about its trades.
struct IndexFact {
  IndexAnswer answer = std::string("the policy names none");
  std::string input_hash;  ///< of the rate; empty without one
  std::optional<Coverage> coverage;
  std::optional<time::Instant> observed;  ///< its last trade
};

struct PriceFacts {
  time::Date date;
  time::Instant valuation;
  IndexFact index;
  IndexFact second_index;
  std::vector<ExecutedTrade> trades;  ///< of the principal market, before the valuation time
  std::optional<ManualPrice> manual;
  std::optional<PreviousPrice> previous;
  std::vector<StruckValue> strikes;  ///< earlier official values, oldest first
  // Of a liquid-staking token.
  std::optional<ExchangeRate> exchange_rate;
  std::optional<ExchangeRate> earlier_rate;
  base::Result<money::Decimal, std::string> coin_price = std::string("the asset is no liquid-staking token");
  time::Instant now;
};

struct OfficialPrice {
  LadderOutcome outcome;
  std::optional<IndexPrice> index;  ///< the two bases, never mixed
  std::optional<PrincipalMarketPrice> principal;
  std::optional<LiquidStakingValue> token;
  std::vector<PricingCheck> checks;
  /// One for all that opened it; its trigger is the first, its reason names each.
  std::optional<FairValueDetermination> determination;
  /// A NAV may be approved on it as it is. A fund under the 1940 Act never stands on a price that waits for a
  /// determination.
  bool stands = false;
};

/// `ladder` is the policy's for the track.
OfficialPrice decide_price(const ValuationPolicy& policy, const Track& track, const LadderOrder& ladder,
                           const PriceFacts& facts);

/// The first keeps its trigger; reasons and inputs of the others are added. Nothing for none.
std::optional<FairValueDetermination> merged(std::vector<FairValueDetermination> opened);

}  // namespace navkeeper::pricing
