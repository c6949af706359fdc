// What a clock that was ahead wrote keeps nobody from striking, restating and deciding once it is right, and
// a service whose clock is ahead of the venues strikes nothing.
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "common/log/log.h"
#include "common/runtime/metrics.h"
#include "services/pricing/adapters/settings.h"
#include "services/pricing/adapters/venues/venue_clocks.h"
#include "services/pricing/service.h"
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

constexpr Duration kDays = Duration::hours(24);

using ClockAheadTest = PricesOfFeedsTest;

TEST_F(ClockAheadTest, AHeadThatAFastClockSetDisablesNoRestatement) {
  run_job();
  ASSERT_EQ(rate().value, "100.00");
  const Instant right = clock_.now();
  clock_.advance(kDays + kDays);
  ASSERT_TRUE(strike_rate(rates_, clock_, "NK_AAA", kDay + 1, "ann").has_value());  // Moves the pair's head.
  clock_.set(right + Duration::minutes(5));
  for (const char* venue : {"coinbase", "kraken"}) trade("2026-03-05T16:50:30Z", venue, "102", "100");
  run_job(true);
  RateQuery query;
  query.index = "NK_AAA";
  query.to = kDay;
  const StoredRate restated = rates_.find(query).at(0);
  EXPECT_EQ(restated.version, 2);
  EXPECT_EQ(restated.cause, "restated");
  EXPECT_NE(restated.value, "100.00");
  EXPECT_EQ(prices_.price(kTrustKey, Instant::latest())->value, money::Decimal::literal(*restated.value));
}

TEST_F(ClockAheadTest, WhatAFastClockPricedIsPricedAgainWhenTheInputsChange) {
  clock_.advance(kDays * 30);
  price_of(kTrustKey);
  clock_.set(kClose + Duration::minutes(5));
  trade("2026-03-05T16:59:59.5Z", "gemini", "100.20");
  const StoredPrice again = price_of(kFundKey);
  EXPECT_EQ(again.version, 2);
  EXPECT_EQ(again.value, money::Decimal::literal("100.2"));
}

TEST_F(ClockAheadTest, ADeterminationMadeByAFastClockBlocksNeitherItsApprovalNorItsDay) {
  clock_.set(kClose + kDays + Duration::minutes(2));
  const PriceKey fund{kAsset, kDay + 1, kFund};
  price_of(kFundKey);
  ASSERT_TRUE(price_of(fund).determination.has_value()) << "yesterday's price";
  const Instant right = clock_.now();
  const auto price = money::Decimal::literal("97.25");
  clock_.advance(kDays * 365);
  determine_price(ports(), fund, price, "mean of two quotes", {{"quote", "97.25", "broker"}}, false,
                  actor("ann"));
  clock_.set(right + Duration::minutes(10));
  EXPECT_TRUE(approve_determination(ports(), fund, 1, price, actor("bob")));
  EXPECT_EQ(prices_.price(fund, Instant::latest())->official(), price);
  const auto steps = prices_.price(fund, Instant::latest())->determination;
  EXPECT_GE(*steps->approved_at, *steps->determined_at);

  trade("2026-03-06T16:59:59Z", "gemini", "100.30");
  const StoredPrice again = price_of(fund);
  EXPECT_EQ(again.version, 2) << "other inputs make a version, whatever the date of the approval";
  EXPECT_EQ(again.official(), money::Decimal::literal("100.3"));
}

TEST_F(ClockAheadTest, AManualPriceProposedByAFastClockCanBeApproved) {
  clock_.advance(kDays * 365);
  const auto proposed =
      propose_manual_price(ports(), {kAsset, kDay, money::Decimal::literal("99"), "screen"}, actor("ann"));
  clock_.set(kClose + Duration::minutes(5));
  EXPECT_TRUE(approve_manual_price(ports(), kAsset, kDay, proposed.number, actor("bob")));
}

TEST_F(ClockAheadTest, TheJobComesBackToTheDaysThatAFastClockWentPast) {
  run_job();
  EXPECT_EQ(count("rate"), 2);
  clock_.advance(kDays * 40);
  run_job();
  clock_.set(kClose + kDays + Duration::minutes(2));
  trade_day(kDay + 1, "101", "101.10");
  lines_.clear();
  run_job();
  EXPECT_EQ(lines_with("days looked at again NK_AAA its place was 2026-04-14, today is 2026-03-06"), 1);
  EXPECT_EQ(count("rate WHERE date = '2026-03-06' AND value = '101.00'"), 2);
  EXPECT_EQ(count("price WHERE date = '2026-03-06'"), 2);
  lines_.clear();
  run_job();
  EXPECT_EQ(lines_with("days looked at again"), 0);
}

TEST_F(ClockAheadTest, AMarkThatLiesAheadIsNoneAndTheNextOneTakesItsPlace) {
  const auto coinbase = begin_feed("coinbase", kClose - Duration::hours(30));
  whole(coinbase, kClose - Duration::hours(30), kClose + Duration::hours(1));
  run_job();
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("coinbase: its mark lies ahead of the clock"), 2);
  const auto next = begin_feed("coinbase", kClose - Duration::minutes(90));
  whole(next, kClose - Duration::minutes(90), kClose - Duration::minutes(30));
  run_job();
  EXPECT_EQ(count("rate"), 0);
  EXPECT_EQ(lines_with("waits for feeds"), 2);
  whole(next, kClose - Duration::minutes(90), kClose + Duration::seconds(1));
  run_job();
  EXPECT_EQ(count("rate"), 2);
  EXPECT_EQ(lines_with("without whole feeds"), 0);
}

/// The scheduler as it is served, its log kept.
class ServedStrikesTest : public PricesOfFeedsTest {
 protected:
  Dependencies dependencies() {
    Dependencies given;
    given.pool = &service_pool("pricing");
    given.settings = &settings_;
    given.clock = &clock_;
    given.logger = &logger_;
    given.venue_clocks = &venue_clocks_;
    return given;
  }
  bool said(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return log_.find(text) != std::string::npos;
  }
  template <class Condition>
  bool comes(Condition&& condition) {
    for (int i = 0; i < 200 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return condition();
  }

  Settings settings_;
  time::ManualClock steady_{Instant::from_ns(9)};
  venues::VenueClocks venue_clocks_{steady_};
  std::mutex mutex_;
  std::string log_;
  log::Logger logger_{"pricing", log::Level::kInfo, clock_, [this](std::string_view line) {
                        const std::lock_guard lock(mutex_);
                        log_ += line;
                      }};
};

TEST_F(ServedStrikesTest, NothingIsStruckWhileTheClockIsAheadOfEveryVenue) {
  venue_clocks_.said("coinbase", (kClose - Duration::minutes(58)).ns());
  venue_clocks_.said("kraken", (kClose - Duration::minutes(90)).ns());
  StrikeScheduler scheduler(dependencies());
  scheduler.start();
  ASSERT_TRUE(comes([&] { return said("the clock is ahead of every venue"); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  EXPECT_EQ(count("rate"), 0);
  venue_clocks_.said("coinbase", (clock_.now() - Duration::seconds(1)).ns());
  EXPECT_TRUE(comes([&] { return count("price") == 2; }));
  EXPECT_TRUE(said("the clock is right again"));
}

TEST_F(ServedStrikesTest, WhereNoVenueIsHeardTheDatabasesClockIsAsked) {
  clock_.set(time::SystemClock().now() + Duration::hours(1));
  StrikeScheduler scheduler(dependencies());
  scheduler.start();
  ASSERT_TRUE(comes([&] { return said("the clock is ahead of the database"); }));
  EXPECT_EQ(count("rate"), 0);
}

}  // namespace
}  // namespace navkeeper::pricing
