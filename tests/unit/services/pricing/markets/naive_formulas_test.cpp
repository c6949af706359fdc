// The small formulas of official prices, each beside a naive one in whole numbers of cents that shares no
// code with it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/pricing/domain/markets/equity_close.h"
#include "services/pricing/domain/markets/fair_value.h"
#include "services/pricing/domain/markets/liquid_staking.h"

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;
using Wide = __int128;

const auto kToken = model::AssetId::literal("CDCETH");
const auto kPair = model::PairId::literal("CDCETH/USD");
const auto kVenue = model::VenueId::literal("crypto_com");
const auto kValuation = Instant::literal("2026-03-02T21:00:00Z");

Wide absolute(Wide value) { return value < 0 ? -value : value; }

/// To the nearest whole number; halves to the even one.
Wide nearest(Wide numerator, Wide denominator) {
  const Wide whole = numerator / denominator;
  const Wide twice = 2 * (numerator % denominator);
  if (twice < denominator || (twice == denominator && whole % 2 == 0)) return whole;
  return whole + 1;
}

RC_GTEST_PROP(NaiveFormulas, ATokenWithoutAMarketIsRateTimesCoinLessTheWait, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(1, 20'000);     // 1e-4 coins a token
  const auto coin = *rc::gen::inRange<std::int64_t>(1, 1'000'000);  // cents
  LiquidStakingPolicy policy;
  policy.discount_annual_ppm = *rc::gen::inRange<std::int64_t>(0, 200'000);
  policy.redemption_days = *rc::gen::inRange<std::int64_t>(0, 400);
  const LiquidStakingInput input{.token = kToken,
                                 .date = Date::literal("2026-03-02"),
                                 .rate = {Decimal::of(rate, 4), kValuation, "issuer"},
                                 .earlier_rate = std::nullopt,
                                 .coin_price = Decimal::of(coin, 2),
                                 .market = std::nullopt,
                                 .trades = {},
                                 .valuation = kValuation,
                                 .now = kValuation};
  // In units of 1e-8 dollars: rate x coin is 1e-6, so a hundred times it, and the part of the year is out of
  // 365,000,000 millionths of days.
  const Wide kept = 365'000'000 - Wide{policy.discount_annual_ppm} * policy.redemption_days;
  const Wide expected = kept <= 0 ? 0 : nearest(Wide{rate} * coin * 100 * kept, 365'000'000);
  const auto value = value_liquid_staking(policy, input);
  RC_ASSERT(value.has_value() == (expected > 0));
  if (value.has_value()) RC_ASSERT(value->official == Decimal::of(static_cast<std::int64_t>(expected), 8));
}

RC_GTEST_PROP(NaiveFormulas, ThePegsDeviationOpensADeterminationExactlyBeyondItsBound, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(9'000, 12'000);  // 1e-4
  const auto coin = *rc::gen::inRange<std::int64_t>(1'000, 1'000'000);
  // Around the bound of a hundredth, in 1e-6 dollars.
  const std::int64_t peg = rate * coin;
  const auto traded = peg + *rc::gen::inRange<std::int64_t>(-peg / 80, peg / 80);
  const std::vector<ExecutedTrade> trades{
      {kVenue, kPair, kValuation - Duration::minutes(1), "1", Decimal::of(traded, 6), Decimal::of(1)}};
  const LiquidStakingInput input{.token = kToken,
                                 .date = Date::literal("2026-03-02"),
                                 .rate = {Decimal::of(rate, 4), kValuation, "issuer"},
                                 .earlier_rate = std::nullopt,
                                 .coin_price = Decimal::of(coin, 2),
                                 .market = PrincipalMarket{kVenue, kPair, "the only one"},
                                 .trades = trades,
                                 .valuation = kValuation,
                                 .now = kValuation};
  const auto value = value_liquid_staking(LiquidStakingPolicy(), input);
  RC_ASSERT(value.has_value());
  RC_ASSERT(value->determination.has_value() == (absolute(Wide{traded} - peg) * 100 > Wide{peg}));
}

RC_GTEST_PROP(NaiveFormulas, TheBasesGapAndAnUnchangedPriceOpenDeterminationsExactlyBeyondTheirBounds, ()) {
  FairValueRule rule;
  rule.unchanged_strikes_max = *rc::gen::inRange<std::size_t>(2, 5);
  rule.basis_gap_max_ppm = *rc::gen::inRange<std::int64_t>(0, 20'000);
  const auto market = *rc::gen::inRange<std::int64_t>(10'000, 10'000'000);
  const auto index = market + *rc::gen::inRange<std::int64_t>(-market / 50, market / 50);
  std::vector<std::int64_t> struck = *rc::gen::container<std::vector<std::int64_t>>(
      *rc::gen::inRange<std::size_t>(1, 7), rc::gen::inRange<std::int64_t>(1, 3));
  std::vector<StruckValue> strikes;
  for (std::size_t i = 0; i < struck.size(); ++i)
    strikes.push_back({Date::literal("2026-03-01") + static_cast<std::int64_t>(i), Decimal::of(struck[i])});
  const IndexPrice official{model::IndexId::literal("NK_X"), strikes.back().date, 1, Decimal::of(index, 2)};
  const PrincipalMarketPrice principal{kVenue, kPair, Decimal::of(market, 2), kValuation, "1", kValuation};

  std::size_t same = 0;
  while (same < struck.size() && struck[struck.size() - 1 - same] == struck.back()) ++same;
  const bool is_stale = same >= rule.unchanged_strikes_max;
  const bool is_apart = absolute(Wide{index} - market) * 1'000'000 > Wide{market} * rule.basis_gap_max_ppm;
  const auto opened =
      review_price(rule, kToken, FundAct::kIca1940, strikes, &official, &principal, kValuation);
  const auto has = [&](DeterminationTrigger trigger) {
    return std::any_of(opened.begin(), opened.end(),
                       [trigger](const auto& record) { return record.trigger == trigger; });
  };
  RC_ASSERT(has(DeterminationTrigger::kUnchanged) == is_stale);
  RC_ASSERT(has(DeterminationTrigger::kBasisGap) == is_apart);
  RC_ASSERT(unchanged_run(strikes).strikes == same);
}

RC_GTEST_PROP(NaiveFormulas, ACoinSnappedAtAnInstantIsItsLastObservationInTime, ()) {
  std::vector<ObservedPrice> observations;
  std::int64_t at = 0;
  const int count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    at += *rc::gen::inRange(0, 5);
    observations.push_back({Instant::from_ns(at), Decimal::of(i + 1)});
  }
  const auto when = *rc::gen::inRange<std::int64_t>(0, 40);
  const auto age = *rc::gen::inRange<std::int64_t>(0, 20);
  const ObservedPrice* last = nullptr;
  for (const ObservedPrice& observation : observations) {
    if (observation.at.ns() <= when) last = &observation;
  }
  const auto snapped = snap_price(observations, Instant::from_ns(when), Duration::from_ns(age));
  if (last == nullptr) {
    RC_ASSERT(snapped.error() == SnapProblem::kNothingBefore);
  } else if (when - last->at.ns() > age) {
    RC_ASSERT(snapped.error() == SnapProblem::kTooOld);
  } else {
    RC_ASSERT(snapped->value == last->value);
  }
}

}  // namespace
}  // namespace navkeeper::pricing
