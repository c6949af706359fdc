#include "services/pricing/domain/markets/pricing_checks.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace navkeeper::pricing {
namespace {

using money::Decimal;
using time::Date;
using time::Duration;
using time::Instant;

const auto kValuation = Instant::literal("2026-03-02T21:00:00Z");

PricingEvidence good() {
  return {.price = PricedAt{Decimal::literal("84000"), kValuation - Duration::seconds(3)},
          .valuation = kValuation,
          .strikes = {{Date::literal("2026-02-27"), Decimal::literal("83000")},
                      {Date::literal("2026-03-02"), Decimal::literal("84000")}},
          .value = Decimal::literal("84000"),
          .official_before = StruckValue{Date::literal("2026-02-27"), Decimal::literal("83000")},
          .second_source = NamedPrice{"NK_BTCUSD_NY2", Decimal::literal("84010")},
          .coverage = Coverage{{5, 6, 7}, {"coinbase", "kraken"}, {}, FeedsOfWindow{{"coinbase"}, {}}}};
}

CheckResult result_of(const PricingEvidence& evidence, PricingCheckKind kind,
                      const PricingCheckRule& rule = {}) {
  for (const auto& check : check_price(rule, evidence)) {
    if (check.kind == kind) return check.result;
  }
  ADD_FAILURE() << "check is missing";
  return CheckResult::kNotMeasured;
}

TEST(PricingChecks, AllPassForAGoodPriceAndCarryTheirEvidence) {
  const auto checks = check_price({}, good());
  EXPECT_TRUE(all_passed(checks));
  ASSERT_EQ(checks.size(), 8U);
  EXPECT_EQ(checks[2], (PricingCheck{PricingCheckKind::kSecondSource, CheckResult::kPassed, "at most 0.005",
                                     "0.000119033448399000119", "84000 against 84010 of NK_BTCUSD_NY2"}));
  for (const auto& check : checks) {
    EXPECT_FALSE(check.threshold.empty());
    EXPECT_FALSE(check.evidence.empty());
    EXPECT_FALSE(check.measured.empty());
  }
}

TEST(PricingChecks, WhatCannotBeMeasuredHasNotPassed) {
  PricingEvidence nothing;
  nothing.valuation = kValuation;
  const auto checks = check_price({}, nothing);
  ASSERT_EQ(checks.size(), 8U);
  for (const auto& check : checks) {
    EXPECT_EQ(check.result, CheckResult::kNotMeasured) << describe(check.kind);
    EXPECT_FALSE(check.evidence.empty());
  }
  EXPECT_FALSE(all_passed(checks));
}

TEST(PricingChecks, FeedsThatAreNotWholeFailAndARateThatDoesNotSayHasNotPassed) {
  auto evidence = good();
  evidence.coverage->feeds = FeedsOfWindow{};
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kFeedsWhole), CheckResult::kPassed) << "trades of files";
  evidence.coverage->feeds = FeedsOfWindow{{"coinbase"}, {{"kraken", "it has never delivered", true}}};
  EXPECT_EQ(check_price({}, evidence).back(),
            (PricingCheck{PricingCheckKind::kFeedsWhole, CheckResult::kFailed, "at most 0 that are not whole",
                          "1", "kraken: it has never delivered"}));
  evidence.coverage->feeds.reset();
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kFeedsWhole), CheckResult::kNotMeasured);
}

TEST(PricingChecks, StaleAtOneNanosecondBeyondTheBoundAndFromTheFuture) {
  auto evidence = good();
  evidence.price->at = kValuation - Duration::hours(1);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kStale), CheckResult::kPassed);
  evidence.price->at = kValuation - Duration::hours(1) - Duration::from_ns(1);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kStale), CheckResult::kFailed);
  evidence.price->at = kValuation + Duration::from_ns(1);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kStale), CheckResult::kFailed);
}

TEST(PricingChecks, UnchangedSecondSourceAndYesterdayFailBeyondTheirBounds) {
  auto evidence = good();
  for (auto& strike : evidence.strikes) strike.value = Decimal::of(84000);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kUnchanged), CheckResult::kPassed);
  evidence.strikes.insert(evidence.strikes.begin(), {Date::literal("2026-02-26"), Decimal::of(84000)});
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kUnchanged), CheckResult::kFailed);
  evidence = good();
  evidence.second_source->value = Decimal::of(80000);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kSecondSource), CheckResult::kFailed);
  evidence.official_before->value = Decimal::of(70000);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kYesterday), CheckResult::kPassed) << "20% exactly";
  evidence.official_before->value = Decimal::of(69999);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kYesterday), CheckResult::kFailed);
}

TEST(PricingChecks, CoverageFailsByPartitionVenueAndMinute) {
  auto evidence = good();
  evidence.coverage->partition_trades[1] = 0;
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kThinPartitions), CheckResult::kFailed);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kThinPartitions, {.thin_partitions_max = 1}),
            CheckResult::kPassed);
  evidence.coverage->venues_counted.pop_back();
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kVenueCount), CheckResult::kFailed);
  evidence.coverage->missing_minutes.assign(12, kValuation);
  EXPECT_EQ(result_of(evidence, PricingCheckKind::kMissingMinutes), CheckResult::kFailed);
  const auto checks = check_price({}, evidence);
  EXPECT_NE(checks[6].evidence.find("and 2 more"), std::string::npos);
  EXPECT_EQ(checks[4].evidence, "partitions 2 with 0");
}

TEST(Coverage, OfARateCountsVenuesThatWereNotScreenedAway) {
  Rate rate;
  rate.partitions.resize(2);
  rate.partitions[0].trades = 3;
  rate.venues.resize(3);
  rate.venues[0].trades = 3;
  rate.venues[1].trades = 9;
  rate.venues[1].excluded = true;
  const Window window{kValuation.ns() - 120'000'000'000, kValuation.ns(), 2};
  const std::vector<std::int64_t> times{window.start_ns + 5};
  const auto coverage = coverage_of(rate, {"a", "b", "c"}, window, times);
  EXPECT_EQ(coverage.partition_trades, (std::vector<std::uint64_t>{3, 0}));
  EXPECT_EQ(coverage.venues_counted, std::vector<std::string>{"a"});
  EXPECT_EQ(coverage.missing_minutes, std::vector<Instant>{kValuation - Duration::minutes(1)});
}

RC_GTEST_PROP(MissingMinutesProperty, AreThoseThatNoTimeFallsInto, ()) {
  const std::int64_t minutes = *rc::gen::inRange<std::int64_t>(1, 30);
  const Window window{kValuation.ns(), kValuation.ns() + minutes * 60'000'000'000, 1};
  const auto offsets = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-100, 2'000));
  std::vector<std::int64_t> times;
  std::set<std::int64_t> seen;
  for (const int seconds : offsets) {
    times.push_back(window.start_ns + seconds * std::int64_t{1'000'000'000});
    if (seconds >= 0 && seconds < minutes * 60) seen.insert(seconds / 60);
  }
  const auto missing = missing_minutes(window, times);
  RC_ASSERT(missing.size() + seen.size() == static_cast<std::size_t>(minutes));
  for (const Instant start : missing) RC_ASSERT(!seen.contains((start - kValuation).ns() / 60'000'000'000));
}

}  // namespace
}  // namespace navkeeper::pricing
