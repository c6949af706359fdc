#pragma once
// Liquid-staking tokens, assets of their own (CDCETH and the like): what one is worth by its issuer's
// exchange rate times the coin's price, what it trades at, which of the two is official, and how far it is
// from its peg.
//
// The exchange rate is coins for one token. The policy is market first: a token whose principal market is
// active is worth what it trades at there; else rate x coin less a discount for the days that a redemption
// takes.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/model/id.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/time/instant.h"
#include "services/pricing/domain/markets/fair_value.h"
#include "services/pricing/domain/markets/principal_market.h"

namespace navkeeper::pricing {

struct ExchangeRate {
  money::Decimal coins_per_token;  ///< positive
  time::Instant as_of;             ///< by the issuer
  std::string source;              ///< "issuer API, conversion rate"
};

/// When a market counts as active (ASC 820: transactions of enough frequency and volume), over the span
/// before the valuation time.
struct ActivityTest {
  time::Duration span = time::Duration::hours(24);
  std::size_t trades_min = 1;
  money::Decimal volume_min;  ///< tokens
  time::Duration gap_max =
      time::Duration::hours(24);  ///< longest time without a trade, both ends of the span included
};

struct MarketActivity {
  std::size_t trades = 0;
  money::Decimal volume;  ///< tokens
  time::Duration longest_gap;
  bool active = false;
  std::string reason;  ///< the first test that failed, or what was seen
};

/// Trades of `market` in [valuation - span, valuation]; others do not count. Order does not matter.
MarketActivity market_activity(const ActivityTest& test, const PrincipalMarket& market,
                               std::span<const ExecutedTrade> trades, time::Instant valuation);

struct LiquidStakingPolicy {
  ActivityTest activity;
  time::Duration trade_age_max = time::Duration::hours(1);  ///< of a market price
  time::Duration rate_age_max = time::Duration::hours(24);  ///< of an exchange rate
  std::int64_t discount_annual_ppm = 0;                     ///< for waiting, a year; 0 to 1,000,000
  std::int64_t redemption_days = 0;                         ///< what a redemption takes; 0 to 3,650
  std::int64_t peg_deviation_max_ppm = 10'000;
  int decimals = 8;  ///< of the official value
};
/// discount_annual x redemption_days / 365, exactly; part of the value, below 1 or the policy is refused by
/// the caller.
money::Rational redemption_discount(const LiquidStakingPolicy& policy);

enum class LiquidStakingSource { kMarket, kExchangeRate };
constexpr std::string_view describe(LiquidStakingSource source) {
  return source == LiquidStakingSource::kMarket ? "market" : "exchange_rate";
}

/// Why there is no value, tried in this order.
enum class LiquidStakingProblem {
  kBadPolicy,     ///< a discount of the whole value or more, or out of range
  kBadRate,       ///< the exchange rate is not positive
  kRateTooOld,    ///< the exchange rate is too old, or later than the valuation; needed for the peg on either
                  ///< path
  kBadCoinPrice,  ///< the coin's price is not positive
  kNoCoinPrice,   ///< there is none, and the market is not active
  kWorthless,     ///< the value rounds to zero
};
std::string_view describe(LiquidStakingProblem problem);

struct LiquidStakingInput {
  model::AssetId token;
  time::Date date;
  FundAct act = FundAct::kIca1940;
  ExchangeRate rate;
  std::optional<ExchangeRate> earlier_rate;  ///< the one that was used last
  /// Of the fund's basis, quote currency. Without one an active market still gives the price, and nothing
  /// checks its peg.
  std::optional<money::Decimal> coin_price;
  std::optional<PrincipalMarket> market;  ///< of the token, in the same quote currency
  std::span<const ExecutedTrade> trades;
  time::Instant valuation;
  time::Instant now;
};

struct LiquidStakingValue {
  money::Decimal official;  ///< rounded half-even to the policy's decimals; a market price is kept as traded
  LiquidStakingSource source = LiquidStakingSource::kExchangeRate;
  std::string reason;
  money::Rational by_rate;     ///< rate x coin, without discount: the peg; zero without a coin price
  money::Rational discounted;  ///< rate x coin less the discount
  std::optional<PrincipalMarketPrice> market_price;  ///< fresh enough, whether active or not
  MarketActivity activity;
  std::optional<money::Rational> peg_deviation;  ///< |market - peg| / peg; nothing without both
  std::string unchecked_peg;  ///< why the peg of a market price could not be checked; else empty
  bool rate_fell = false;  ///< a falling exchange rate is reported as falling: a slashing reached the holders
  std::optional<FairValueDetermination>
      determination;  ///< peg beyond its bound: the official value does not stand
};

base::Result<LiquidStakingValue, LiquidStakingProblem> value_liquid_staking(const LiquidStakingPolicy& policy,
                                                                            const LiquidStakingInput& input);

}  // namespace navkeeper::pricing
