// The official price of a day: what the ladder, the review and the token's peg open becomes one
// determination, and a fund under the 1940 Act never stands on a price that waits.
#include "services/pricing/domain/markets/official_price.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

const Date kDate = Date::literal("2026-03-02");
const Instant kValuation = Instant::literal("2026-03-02T21:00:00Z");
const model::AssetId kBtc = model::AssetId::literal("BTC");
const model::VenueId kVenue = model::VenueId::literal("coinbase");
const model::PairId kPair = model::PairId::literal("BTC/USD");

ValuationPolicy policy() {
  ValuationPolicy policy(kBtc);
  policy.effective_from = Date::literal("2026-01-01");
  policy.official_index = model::IndexId::literal("NK_BTCUSD_NY");
  policy.second_index = model::IndexId::literal("NK_BTCUSD_NY_VWAP");
  policy.market = PrincipalMarket{kVenue, kPair, "the largest"};
  policy.checks.missing_minutes_max = 60;
  policy.tracks = {{{FundAct::kIca1940, PriceBasis::kFairValue},
                    *LadderOrder::of({Rung::kPrincipalMarket, Rung::kIndex, Rung::kSecondIndex, Rung::kManual,
                                      Rung::kPrevious})},
                   {{FundAct::kEtp1933, PriceBasis::kIndex}, {}}};
  return policy;
}

IndexFact fact(const char* index, const std::string& value) {
  IndexFact fact;
  fact.answer = IndexPrice{model::IndexId::literal(index), kDate, 1, Decimal::literal(value)};
  fact.input_hash = "ab";
  fact.coverage = Coverage{{5, 5}, {"coinbase", "kraken"}, {}, FeedsOfWindow{}};
  fact.observed = kValuation - Duration::seconds(5);
  return fact;
}

PriceFacts nothing() {
  PriceFacts facts;
  facts.date = kDate;
  facts.valuation = kValuation;
  facts.now = kValuation + Duration::minutes(2);
  return facts;
}

ExecutedTrade trade(const std::string& price, Duration before = Duration::seconds(1)) {
  return {kVenue, kPair, kValuation - before, "1", Decimal::literal(price), Decimal::of(1)};
}

OfficialPrice decide(const PriceFacts& facts, std::size_t track = 0) {
  static const ValuationPolicy kPolicy = policy();
  return decide_price(kPolicy, kPolicy.tracks[track].track, kPolicy.tracks[track].ladder, facts);
}

TEST(OfficialPrice, TheBasisOfTheFundDecidesAndBothStandBesideEachOther) {
  PriceFacts facts = nothing();
  facts.index = fact("NK_BTCUSD_NY", "84000");
  facts.second_index = fact("NK_BTCUSD_NY_VWAP", "84010");
  facts.trades = {trade("84020")};
  const OfficialPrice fund = decide(facts);
  EXPECT_EQ(fund.outcome.rung, Rung::kPrincipalMarket);
  EXPECT_EQ(fund.index->value, Decimal::literal("84000"));
  EXPECT_EQ(fund.principal->value, Decimal::literal("84020"));
  EXPECT_TRUE(fund.stands);
  EXPECT_EQ(decide(facts, 1).outcome.rung, Rung::kIndex);
  // A trade at the valuation time is of it; one a nanosecond later is not.
  facts.trades.push_back(trade("84021", Duration::from_ns(0)));
  facts.trades.push_back(trade("99999", Duration::from_ns(-1)));
  EXPECT_EQ(decide(facts).principal->value, Decimal::literal("84021"));
}

TEST(OfficialPrice, SeveralTriggersOpenOneDeterminationThatNamesEach) {
  PriceFacts facts = nothing();
  facts.index = fact("NK_BTCUSD_NY", "84000");
  facts.trades = {trade("83000")};
  facts.strikes = {{kDate - 2, Decimal::literal("83000")}, {kDate - 1, Decimal::literal("83000")}};
  const OfficialPrice price = decide(facts);
  ASSERT_TRUE(price.determination.has_value());
  EXPECT_EQ(price.determination->trigger, DeterminationTrigger::kUnchanged);
  EXPECT_NE(price.determination->reason.find("unchanged for 3 strikes"), std::string::npos);
  EXPECT_NE(price.determination->reason.find("also basis_gap: "), std::string::npos);
  EXPECT_FALSE(price.stands);
  const OfficialPrice trust = decide(facts, 1);
  EXPECT_TRUE(trust.stands) << "the index is the price; the determination is a check";
  EXPECT_TRUE(trust.determination.has_value());
}

TEST(OfficialPrice, ACarriedValueIsNotCalledUnchangedAsWell) {
  PriceFacts facts = nothing();
  facts.previous = PreviousPrice{Decimal::literal("83000"), kDate - 1};
  facts.strikes = {{kDate - 2, Decimal::literal("83000")}, {kDate - 1, Decimal::literal("83000")}};
  const OfficialPrice price = decide(facts);
  EXPECT_EQ(price.determination->trigger, DeterminationTrigger::kPreviousValue);
  EXPECT_EQ(price.determination->reason.find("also"), std::string::npos);
  for (const PricingCheck& check : price.checks) {
    if (check.kind == PricingCheckKind::kStale) {
      EXPECT_EQ(check.result, CheckResult::kNotMeasured);
    }
  }
}

TEST(OfficialPrice, AValueCarriedOverTooManyStrikesOpensADeterminationInATrustToo) {
  PriceFacts facts = nothing();
  facts.previous = PreviousPrice{Decimal::literal("83000"), kDate - 1};
  facts.strikes = {{kDate - 1, Decimal::literal("83000")}};
  EXPECT_FALSE(decide(facts, 1).determination) << "carried once more than it was struck: 2 of 3";
  facts.strikes = {{kDate - 2, Decimal::literal("83000")}, {kDate - 1, Decimal::literal("83000")}};
  const OfficialPrice trust = decide(facts, 1);
  EXPECT_EQ(trust.outcome.rung, Rung::kPrevious);
  ASSERT_TRUE(trust.determination.has_value());
  EXPECT_EQ(trust.determination->trigger, DeterminationTrigger::kUnchanged);
}

TEST(OfficialPrice, ATokensActiveMarketNeedsNoPriceOfTheCoinButItsPegIsNotChecked) {
  ValuationPolicy token(model::AssetId::literal("CDCBTC"));
  const model::PairId pair = model::PairId::literal("CDCBTC/USD");
  token.effective_from = Date::literal("2026-01-01");
  token.market = PrincipalMarket{kVenue, pair, "the only one"};
  TokenPolicy terms{.coin = kBtc, .terms = {}, .rate_url = {}};
  terms.terms.activity = {Duration::hours(24), 1, Decimal::of(1), Duration::hours(24)};
  token.token = terms;
  const Track track{FundAct::kIca1940, PriceBasis::kFairValue};
  const LadderOrder ladder = *LadderOrder::of({Rung::kPrincipalMarket, Rung::kExchangeRate, Rung::kPrevious});
  PriceFacts facts = nothing();
  facts.previous = PreviousPrice{Decimal::literal("83000"), kDate - 1};
  facts.exchange_rate = ExchangeRate{Decimal::literal("1.02"), kValuation - Duration::hours(1), "issuer"};
  facts.coin_price = std::string("it waits for a fair-value determination, or there is none");
  facts.trades = {
      {kVenue, pair, kValuation - Duration::seconds(1), "1", Decimal::literal("85000"), Decimal::of(1)}};
  const OfficialPrice price = decide_price(token, track, ladder, facts);
  EXPECT_EQ(price.outcome.rung, Rung::kPrincipalMarket);
  EXPECT_EQ(price.principal->value, Decimal::literal("85000"));
  EXPECT_EQ(price.token->peg_deviation, std::nullopt);
  EXPECT_EQ(price.token->unchecked_peg,
            "no price of BTC: it waits for a fair-value determination, or there is none");
  for (const PricingCheck& check : price.checks) {
    if (check.kind == PricingCheckKind::kSecondSource) {
      EXPECT_EQ(check.result, CheckResult::kNotMeasured);
    }
  }
  // Where the market is not active the rate times the coin would be the price, and that needs the coin.
  facts.trades.clear();
  const OfficialPrice none = decide_price(token, track, ladder, facts);
  EXPECT_EQ(none.outcome.rung, Rung::kPrevious);
  EXPECT_EQ(none.outcome.log.at(0).reason,
            "no trade on the principal market at or before the valuation time");
  EXPECT_EQ(none.outcome.log.at(1).reason,
            "no price of BTC: it waits for a fair-value determination, or there is none");
  facts.exchange_rate.reset();
  facts.trades = {
      {kVenue, pair, kValuation - Duration::seconds(1), "1", Decimal::literal("85000"), Decimal::of(1)}};
  EXPECT_EQ(decide_price(token, track, ladder, facts).outcome.log.at(0).reason,
            "it is not taken without a usable exchange rate, by which its peg is checked");
}

RC_GTEST_PROP(OfficialPriceProperty, A1940ActPriceStandsExactlyWhenItIsOfTheDayAndOpensNothing, ()) {
  PriceFacts facts = nothing();
  if (*rc::gen::arbitrary<bool>())
    facts.index = fact("NK_BTCUSD_NY", std::to_string(*rc::gen::inRange(83000, 85000)));
  if (*rc::gen::arbitrary<bool>()) facts.second_index = fact("NK_BTCUSD_NY_VWAP", "84010");
  if (*rc::gen::arbitrary<bool>())
    facts.trades = {trade(std::to_string(*rc::gen::inRange(83000, 85000)),
                          Duration::seconds(*rc::gen::inRange(0, 7'200)))};
  if (*rc::gen::arbitrary<bool>()) facts.previous = PreviousPrice{Decimal::of(83500), kDate - 1};
  const OfficialPrice price = decide(facts);
  const bool of_today = price.outcome.rung && *price.outcome.rung != Rung::kPrevious;
  RC_ASSERT(price.stands == (of_today && !price.determination));
  // A gap by a plain comparison of whole dollars.
  if (price.index && price.principal && of_today) {
    const auto index = static_cast<long>(*price.index->value.to_units(0));
    const auto principal = static_cast<long>(*price.principal->value.to_units(0));
    const bool gap = 1'000 * std::abs(index - principal) > 5 * principal;
    RC_ASSERT(price.determination.has_value() == gap);
  }
  RC_ASSERT(price.checks.size() == 8U);
}

TEST(ByArrival, WhatCameLaterReplacesFromItsFirstDayOn) {
  const auto period = [](const char* first, const char* last, int value) {
    return Period<int>{Date::literal(first), *last == 0 ? std::nullopt : std::optional(Date::literal(last)),
                       value};
  };
  const auto held = by_arrival<int>({period("2026-01-01", "", 1), period("2026-03-01", "", 2),
                                     period("2026-02-01", "2026-05-31", 3), period("2026-06-01", "", 4)});
  const auto dated = Dated<int>::of(held).value();
  EXPECT_EQ(*dated.on(Date::literal("2026-01-31")), 1);
  EXPECT_EQ(*dated.on(Date::literal("2026-04-01")), 3) << "the version of March was never to hold";
  EXPECT_EQ(*dated.on(Date::literal("2026-06-01")), 4);
  EXPECT_TRUE(
      Dated<int>::of(by_arrival<int>({period("2026-01-01", "2026-01-31", 1), period("2026-03-01", "", 2)}))
          .has_error());
}

RC_GTEST_PROP(ByArrivalProperty, IsWhatAPaintedCalendarShows, ()) {
  const Date start = Date::literal("2026-01-01");
  constexpr int kDays = 40;
  std::vector<Period<int>> applied;
  std::vector<int> painted(kDays, 0);  // a naive calendar: each version repaints from its first day on
  const int versions = *rc::gen::inRange(1, 6);
  for (int version = 1; version <= versions; ++version) {
    const int first = *rc::gen::inRange(0, kDays);
    const bool open = *rc::gen::arbitrary<bool>();
    const int last = open ? kDays - 1 : *rc::gen::inRange(first, kDays);
    applied.push_back({start + first, open ? std::nullopt : std::optional(start + last), version});
    for (int day = first; day < kDays; ++day)
      painted[static_cast<std::size_t>(day)] = day <= last ? version : 0;
  }
  const auto held = by_arrival(applied);
  for (int day = 0; day < kDays; ++day) {
    int found = 0;
    for (const auto& period : held) {
      if (period.first <= start + day && (!period.last || start + day <= *period.last)) found = period.value;
    }
    RC_ASSERT(found == painted[static_cast<std::size_t>(day)]);
  }
}

}  // namespace
}  // namespace navkeeper::pricing
