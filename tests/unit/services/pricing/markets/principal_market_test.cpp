#include "services/pricing/domain/markets/principal_market.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <type_traits>

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

const auto kBtc = model::AssetId::literal("BTC");
const auto kPair = model::PairId::literal("BTC/USD");
const auto kCoinbase = model::VenueId::literal("coinbase");
const auto kCryptocom = model::VenueId::literal("cryptocom");
const auto kValuation = Instant::literal("2026-03-02T21:00:00Z");

static_assert(!std::is_convertible_v<IndexPrice, PrincipalMarketPrice> &&
                  !std::is_convertible_v<PrincipalMarketPrice, IndexPrice>,
              "the two bases are apart");

std::map<model::AssetId, std::vector<Period<PrincipalMarket>>> history() {
  // As a published fund did: effective 2025-06-30 another venue.
  return {
      {kBtc,
       {{Date::literal("2024-07-31"), Date::literal("2025-06-29"), {kCoinbase, kPair, "greatest volume"}},
        {Date::literal("2025-06-30"), std::nullopt, {kCryptocom, kPair, "greatest volume of the quarter"}}}}};
}

ExecutedTrade trade(int seconds_before, const char* price, const char* id,
                    const model::VenueId& venue = kCryptocom) {
  return {venue,         kPair, kValuation - Duration::seconds(seconds_before), id, Decimal::literal(price),
          Decimal::of(1)};
}

TEST(PrincipalMarkets, ChangeOnTheirDate) {
  const auto markets = PrincipalMarkets::of(history());
  ASSERT_TRUE(markets.has_value());
  EXPECT_EQ(markets->on(kBtc, Date::literal("2025-06-29"))->venue, kCoinbase);
  EXPECT_EQ(markets->on(kBtc, Date::literal("2025-06-30"))->venue, kCryptocom);
  EXPECT_EQ(markets->on(kBtc, Date::literal("2024-07-30")), nullptr);
  EXPECT_EQ(markets->on(model::AssetId::literal("ETH"), Date::literal("2025-06-30")), nullptr);
  EXPECT_EQ(markets->history(kBtc)->periods().size(), 2U);
}

TEST(PrincipalMarkets, RefuseGapsOtherAssetsAndChangesWithoutReason) {
  auto gap = history();
  gap.begin()->second[1].first = Date::literal("2025-07-02");
  EXPECT_EQ(PrincipalMarkets::of(gap).error().message(),
            "BTC: version of 2025-07-02: leaves a gap after 2025-06-29");
  auto other = history();
  other.begin()->second[0].value.pair = model::PairId::literal("ETH/USD");
  EXPECT_EQ(PrincipalMarkets::of(other).error().rule, "the pair is of another asset");
  auto silent = history();
  silent.begin()->second[0].value.reason.clear();
  EXPECT_EQ(PrincipalMarkets::of(silent).error().rule, "a principal market needs a reason");
}

TEST(PrincipalMarketPrice, IsTheLastTradeAtOrBeforeTheValuation) {
  const PrincipalMarket market{kCryptocom, kPair, "greatest volume"};
  const std::vector<ExecutedTrade> trades{trade(-1, "90000", "9"), trade(0, "84000.5", "8"),
                                          trade(1, "84001", "7"), trade(0, "70000", "99", kCoinbase)};
  const auto price = principal_market_price(&market, trades, kValuation, Duration::seconds(60));
  ASSERT_TRUE(price.has_value());
  EXPECT_EQ(price->value, Decimal::literal("84000.5"));
  EXPECT_EQ(price->trade_id, "8");
  EXPECT_EQ(price->traded_at, kValuation);
}

TEST(PrincipalMarketPrice, SaysWhyThereIsNone) {
  const PrincipalMarket market{kCryptocom, kPair, "greatest volume"};
  const auto problem = [&](const PrincipalMarket* where, std::vector<ExecutedTrade> trades) {
    return principal_market_price(where, trades, kValuation, Duration::seconds(60)).error();
  };
  EXPECT_EQ(problem(nullptr, {trade(0, "1", "1")}), PrincipalPriceProblem::kNoMarket);
  EXPECT_EQ(problem(&market, {trade(-1, "1", "1"), trade(1, "1", "1", kCoinbase)}),
            PrincipalPriceProblem::kNoTrade);
  EXPECT_EQ(problem(&market, {trade(61, "1", "1")}), PrincipalPriceProblem::kTooOld);
  EXPECT_TRUE(
      principal_market_price(&market, std::vector{trade(60, "1", "1")}, kValuation, Duration::seconds(60))
          .has_value());
}

RC_GTEST_PROP(PrincipalMarketPriceProperty, OrderOfTradesDoesNotMatter, ()) {
  const PrincipalMarket market{kCryptocom, kPair, "greatest volume"};
  auto trades = *rc::gen::container<std::vector<ExecutedTrade>>(
      rc::gen::map(rc::gen::tuple(rc::gen::inRange(-2, 3), rc::gen::inRange(1, 4), rc::gen::inRange(8, 12)),
                   [](const auto& t) {
                     return trade(std::get<0>(t), std::to_string(std::get<1>(t)).c_str(),
                                  std::to_string(std::get<2>(t)).c_str());
                   }));
  const auto first = principal_market_price(&market, trades, kValuation, Duration::seconds(60));
  std::reverse(trades.begin(), trades.end());
  const auto second = principal_market_price(&market, trades, kValuation, Duration::seconds(60));
  RC_ASSERT(first.has_value() == second.has_value());
  if (first.has_value()) RC_ASSERT(*first == *second);
  const bool any =
      std::any_of(trades.begin(), trades.end(), [](const auto& t) { return t.at <= kValuation; });
  RC_ASSERT(first.has_value() == any);
  // Naive: nobody who counts is later, or at the same time with a higher number.
  for (const auto& t : trades) {
    if (t.at > kValuation) continue;
    RC_ASSERT(t.at < first->traded_at ||
              (t.at == first->traded_at && std::stoi(t.id) <= std::stoi(first->trade_id)));
  }
}

}  // namespace
}  // namespace navkeeper::pricing
