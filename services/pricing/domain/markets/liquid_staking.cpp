#include "services/pricing/domain/markets/liquid_staking.h"

#include <algorithm>
#include <vector>

#include "common/base/ensure.h"
#include "services/pricing/domain/markets/deviation.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kRedemptionDaysMax = 3'650;

bool policy_is_bad(const LiquidStakingPolicy& policy) {
  if (policy.discount_annual_ppm < 0 || policy.discount_annual_ppm > 1'000'000) return true;
  if (policy.redemption_days < 0 || policy.redemption_days > kRedemptionDaysMax) return true;
  if (policy.decimals < 0 || policy.decimals > money::Decimal::kDigitsAfter) return true;
  return redemption_discount(policy) >= money::Rational::of(1);
}

std::string seconds_text(time::Duration duration) {
  return money::Decimal::of(duration.ns(), 9).rounded(0, money::Rounding::kDown).to_string() + " s";
}

void judge_activity(const ActivityTest& test, MarketActivity& activity) {
  const std::string seen = std::to_string(activity.trades) + " trades, volume " +
                           activity.volume.to_string() + ", longest gap " +
                           seconds_text(activity.longest_gap);
  activity.active = false;
  if (activity.trades < test.trades_min)
    activity.reason = "too few trades: " + seen;
  else if (activity.volume < test.volume_min)
    activity.reason = "too little volume: " + seen;
  else if (activity.longest_gap > test.gap_max)
    activity.reason = "too long without a trade: " + seen;
  else {
    activity.active = true;
    activity.reason = seen;
  }
}

void judge_peg(const LiquidStakingPolicy& policy, const LiquidStakingInput& input,
               LiquidStakingValue& value) {
  if (!value.market_price || !input.coin_price) return;
  value.peg_deviation = deviation(value.market_price->value, value.by_rate);
  if (!exceeds(*value.peg_deviation, policy.peg_deviation_max_ppm)) return;
  value.determination = open_determination(
      input.token, input.date, input.act, DeterminationTrigger::kPegDeviation,
      "market is " + value.peg_deviation->to_quotient_string() + " from exchange rate times coin; at most " +
          ppm_text(policy.peg_deviation_max_ppm) + " is allowed",
      {{"exchange rate", input.rate.coins_per_token.to_string(), input.rate.source},
       {"coin price", input.coin_price->to_string(), "the fund's basis"},
       {"exchange rate times coin", value.by_rate.to_quotient_string(), "computed"},
       {"market price", value.market_price->value.to_string(),
        value.market_price->venue.value() + " at " + value.market_price->traded_at.to_string()},
       {"market activity", value.activity.active ? "active" : "not active", value.activity.reason}},
      input.now);
}

/// A rate that no market contradicts is judged by the one before it: it only grows, slowly, or falls by a
/// slashing.
void judge_rate(const LiquidStakingPolicy& policy, const LiquidStakingInput& input,
                LiquidStakingValue& value) {
  if (value.determination || value.source == LiquidStakingSource::kMarket || !input.earlier_rate) return;
  const auto move = deviation(input.rate.coins_per_token, input.earlier_rate->coins_per_token);
  if (!exceeds(move, policy.peg_deviation_max_ppm)) return;
  value.determination = open_determination(
      input.token, input.date, input.act, DeterminationTrigger::kRateJump,
      "the exchange rate moved by " + move.to_quotient_string() + " from the one before; at most " +
          ppm_text(policy.peg_deviation_max_ppm) + " is allowed",
      {{"exchange rate", input.rate.coins_per_token.to_string(),
        input.rate.source + " as of " + input.rate.as_of.to_string()},
       {"exchange rate before", input.earlier_rate->coins_per_token.to_string(),
        input.earlier_rate->source + " as of " + input.earlier_rate->as_of.to_string()}},
      input.now);
}

}  // namespace

std::string_view describe(LiquidStakingProblem problem) {
  switch (problem) {
    case LiquidStakingProblem::kBadPolicy:
      return "the policy's discount, days or decimals are out of range";
    case LiquidStakingProblem::kBadRate:
      return "the exchange rate is not positive";
    case LiquidStakingProblem::kRateTooOld:
      return "the exchange rate is too old or later than the valuation";
    case LiquidStakingProblem::kBadCoinPrice:
      return "the coin's price is not positive";
    case LiquidStakingProblem::kNoCoinPrice:
      return "the coin has no price";
    case LiquidStakingProblem::kWorthless:
      return "the value rounds to zero";
  }
  ENSURE(false);
}

MarketActivity market_activity(const ActivityTest& test, const PrincipalMarket& market,
                               std::span<const ExecutedTrade> trades, time::Instant valuation) {
  MarketActivity activity;
  const time::Instant start = valuation - test.span;
  std::vector<time::Instant> times{start, valuation};
  for (const ExecutedTrade& trade : trades) {
    if (trade.venue != market.venue || trade.pair != market.pair) continue;
    if (trade.at < start || trade.at > valuation) continue;
    ++activity.trades;
    activity.volume += trade.size;
    times.push_back(trade.at);
  }
  std::sort(times.begin(), times.end());
  for (std::size_t i = 1; i < times.size(); ++i)
    activity.longest_gap = std::max(activity.longest_gap, times[i] - times[i - 1]);
  judge_activity(test, activity);
  return activity;
}

money::Rational redemption_discount(const LiquidStakingPolicy& policy) {
  return money::Rational::of(money::Int128{policy.discount_annual_ppm} * policy.redemption_days,
                             money::Int128{1'000'000} * 365);
}

base::Result<LiquidStakingValue, LiquidStakingProblem> value_liquid_staking(const LiquidStakingPolicy& policy,
                                                                            const LiquidStakingInput& input) {
  if (policy_is_bad(policy)) return LiquidStakingProblem::kBadPolicy;
  if (!input.rate.coins_per_token.is_positive()) return LiquidStakingProblem::kBadRate;
  if (input.rate.as_of > input.valuation || input.valuation - input.rate.as_of > policy.rate_age_max)
    return LiquidStakingProblem::kRateTooOld;
  if (input.coin_price && !input.coin_price->is_positive()) return LiquidStakingProblem::kBadCoinPrice;

  LiquidStakingValue value;
  if (input.coin_price)
    value.by_rate = money::Rational(input.rate.coins_per_token) * money::Rational(*input.coin_price);
  value.discounted = value.by_rate * (money::Rational::of(1) - redemption_discount(policy));
  value.rate_fell = input.earlier_rate && input.rate.coins_per_token < input.earlier_rate->coins_per_token;
  std::string no_market = "no principal market";
  if (input.market) {
    value.activity = market_activity(policy.activity, *input.market, input.trades, input.valuation);
    const auto price =
        principal_market_price(&*input.market, input.trades, input.valuation, policy.trade_age_max);
    if (price.has_value())
      value.market_price = *price;
    else
      no_market = std::string(describe(price.error()));
    if (price.has_value() && !value.activity.active) no_market = value.activity.reason;
  }
  if (value.market_price && value.activity.active) {
    value.source = LiquidStakingSource::kMarket;
    value.official = value.market_price->value;
    value.reason = "active market: " + value.activity.reason;
  } else if (!input.coin_price) {
    return LiquidStakingProblem::kNoCoinPrice;
  } else {
    value.official = value.discounted.rounded(policy.decimals, money::Rounding::kHalfEven);
    value.reason =
        no_market + "; exchange rate times coin less " + redemption_discount(policy).to_quotient_string();
    if (!value.official.is_positive()) return LiquidStakingProblem::kWorthless;
  }
  judge_peg(policy, input, value);
  judge_rate(policy, input, value);
  return value;
}

}  // namespace navkeeper::pricing
