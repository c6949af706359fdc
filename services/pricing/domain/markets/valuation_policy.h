#pragma once
// How an asset is valued: data under review, one file an asset, with effective dates. The order of the
// ladder for each kind of fund, the second index, the principal market, and the thresholds beyond which a
// person determines fair value.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "services/pricing/domain/markets/fallback_ladder.h"
#include "services/pricing/domain/markets/liquid_staking.h"
#include "services/pricing/domain/markets/pricing_checks.h"

namespace navkeeper::pricing {

/// Which of the two prices of an asset makes the official NAV of a fund.
enum class PriceBasis { kFairValue, kIndex };
constexpr std::string_view describe(PriceBasis basis) {
  return basis == PriceBasis::kFairValue ? "fair_value" : "index";
}
std::optional<PriceBasis> parse_price_basis(std::string_view word);

/// For whom a price is official: funds of one act and one basis share it.
struct Track {
  FundAct act = FundAct::kIca1940;
  PriceBasis basis = PriceBasis::kFairValue;
  bool operator==(const Track&) const = default;
  std::string to_string() const;  ///< "ICA_1940 fair_value"
};

struct TrackLadder {
  Track track;
  LadderOrder ladder;
};

/// Of an asset that is a liquid-staking token.
struct TokenPolicy {
  model::AssetId coin;  ///< what one token stands for coins of; priced before it
  LiquidStakingPolicy terms;
  std::string rate_url;  ///< where its issuer tells the exchange rate; empty: by hand only
  std::int64_t poll_seconds = 3'600;
};

struct ValuationPolicy {
  explicit ValuationPolicy(model::AssetId of) : asset(std::move(of)) {}
  model::AssetId asset;
  time::Date effective_from;
  std::optional<time::Date> effective_to;
  // Of a coin; a token has the coin's valuation time and no index of its own.
  std::optional<model::IndexId> official_index;
  std::optional<model::IndexId> second_index;
  std::optional<PrincipalMarket> market;
  time::Duration trade_age_max = time::Duration::hours(1);  ///< of a principal-market price
  std::vector<TrackLadder> tracks;
  FairValueRule fair_value;
  PricingCheckRule checks;
  std::optional<TokenPolicy> token;

  const LadderOrder* ladder(const Track& track) const;  ///< null: not valued for such funds
};

/// The first rule that is broken; `where` is the key of the file.
std::optional<base::Refusal> problem_with(const ValuationPolicy& policy);

}  // namespace navkeeper::pricing
