// NAV errors: severity at its limits, effects by order, netting; against a second, naive reckoning in cents.
#include "services/nav/domain/nav_error.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/nav/domain/check_thresholds.h"
#include "services/nav/domain/contingent_nav.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;

Decimal dec(std::string_view text) { return Decimal::literal(text); }
Rational rat(std::string_view text) { return Rational(dec(text)); }

const ErrorTerms kTerms{dec("0.01"), dec("0.005"), dec("10")};

ComparedDay day(const char* date, const char* wrong, const char* correct,
                std::vector<DealtOrder> orders = {}) {
  ComparedDay compared;
  compared.date = time::Date::literal(date);
  compared.wrong_version = 1;
  compared.correct_version = 2;
  compared.wrong = rat(wrong);
  compared.correct = rat(correct);
  compared.shares = dec("1000000");
  compared.orders = std::move(orders);
  return compared;
}
DealtOrder creation(const char* id, const char* shares) {
  return {id, "AP", OrderSide::kCreation, dec(shares)};
}
DealtOrder redemption(const char* id, const char* shares) {
  return {id, "AP", OrderSide::kRedemption, dec(shares)};
}

TEST(NavError, ACentAShareIsAnErrorAndLessIsNone) {
  EXPECT_EQ(severity_of(kTerms, rat("25.01"), rat("25")), ErrorSeverity::kError);
  EXPECT_EQ(severity_of(kTerms, rat("24.99"), rat("25")), ErrorSeverity::kError);
  EXPECT_EQ(severity_of(kTerms, rat("25.0099999999"), rat("25")), ErrorSeverity::kNone);
}

TEST(NavError, HalfAPerCentOfTheCorrectNavIsMaterialAndOnlyIfItIsACentToo) {
  EXPECT_EQ(severity_of(kTerms, rat("20.1"), rat("20")), ErrorSeverity::kMaterial);
  EXPECT_EQ(severity_of(kTerms, rat("20.0999999"), rat("20")), ErrorSeverity::kError);
  // 0.5% of the wrong one would be reached, of the correct one it is not.
  EXPECT_EQ(severity_of(kTerms, rat("19.9"), rat("20")), ErrorSeverity::kMaterial);
  EXPECT_EQ(severity_of(kTerms, rat("1.009"), rat("1")), ErrorSeverity::kNone);
}

// facts/funds.md 1.2: index against principal market of the same day (BTC 2025-03-31, ETH 2025-09-30),
// and 1.7: a wrong day count (1/365 for 1/366 on 0.95%) never matters, a wrong minute of bitcoin does.
TEST(NavError, PublishedCasesFallWhereTheyShould) {
  EXPECT_EQ(severity_of(kTerms, rat("82.98275"), rat("82.44502")), ErrorSeverity::kMaterial);
  EXPECT_EQ(severity_of(kTerms, rat("41.3176"), rat("41.6161")), ErrorSeverity::kMaterial);
  const Rational base = rat("25");
  const Rational fee_365 = base * rat("0.0095") / rat("365");
  const Rational fee_366 = base * rat("0.0095") / rat("366");
  EXPECT_EQ(severity_of(kTerms, base - fee_365, base - fee_366), ErrorSeverity::kNone);
}

TEST(NavError, OrdersOfAMaterialDayAreReprocessedAboveTheMinimumAndOthersAreNetted) {
  const ErrorReport report = assess_errors(
      kTerms, {day("2026-03-10", "20.2", "20",
                   {creation("a", "10000"), redemption("b", "20000"), creation("c", "10")}),
               day("2026-03-11", "20.05", "20", {creation("d", "10000"), redemption("e", "30000")}),
               day("2026-03-12", "20.001", "20", {creation("f", "10000")})});
  EXPECT_EQ(report.severity, ErrorSeverity::kMaterial);
  EXPECT_EQ(report.first->to_string(), "2026-03-10");
  EXPECT_EQ(report.last->to_string(), "2026-03-11");
  EXPECT_EQ(report.days[0].orders[0].effect, dec("2000"));
  EXPECT_EQ(report.days[0].orders[1].effect, dec("-4000"));
  EXPECT_EQ(report.days[0].orders[1].treatment, OrderTreatment::kReprocessed);
  EXPECT_EQ(report.days[0].orders[2].treatment, OrderTreatment::kNetted);  // 2 dollars
  EXPECT_EQ(report.days[2].orders[0].treatment, OrderTreatment::kNone);
  EXPECT_EQ(report.reprocessed, dec("6000"));
  EXPECT_EQ(report.gains, dec("502"));
  EXPECT_EQ(report.losses, dec("1500"));
  EXPECT_EQ(report.compensated, dec("998"));
  EXPECT_TRUE(report.kept.is_zero());
  EXPECT_EQ(report.days[0].net_assets, dec("200000"));
}

TEST(NavError, ANetGainStaysInTheFund) {
  const ErrorReport report = assess_errors(
      kTerms, {day("2026-03-10", "20.05", "20", {creation("a", "10000"), redemption("b", "1000")})});
  EXPECT_EQ(report.severity, ErrorSeverity::kError);
  EXPECT_EQ(report.kept, dec("450"));
  EXPECT_TRUE(report.compensated.is_zero());
}

TEST(NavError, WhatTheCorrectNavLacksStillCountsWithTheError) {
  // Fourteen cents of the day and nine tenths of a cent that came late: half a per cent only together.
  ComparedDay told = day("2026-03-10", "29.04", "28.9", {creation("a", "10000")});
  EXPECT_EQ(assess_errors(kTerms, {told}).severity, ErrorSeverity::kError);
  told.lacks = dec("-9000");
  const ErrorReport report = assess_errors(kTerms, {told});
  EXPECT_EQ(report.severity, ErrorSeverity::kMaterial);
  EXPECT_EQ(report.days[0].difference, rat("0.149"));
  EXPECT_EQ(report.days[0].net_assets, dec("149000"));
  EXPECT_EQ(report.days[0].orders[0].effect, dec("1490"));
}

TEST(NavError, WhereTheSharesDifferTheEffectIsThatOfTheNetAssets) {
  ComparedDay undone = day("2026-03-16", "57.8", "28.9");
  undone.wrong_shares = dec("500000");
  const ErrorReport report = assess_errors(kTerms, {undone});
  EXPECT_EQ(report.severity, ErrorSeverity::kMaterial);
  EXPECT_EQ(report.days[0].net_assets, dec("0"));
}

TEST(NavError, NoErrorHasNoPeriod) {
  const ErrorReport report = assess_errors(kTerms, {day("2026-03-10", "20", "20", {creation("a", "10000")})});
  EXPECT_FALSE(report.first.has_value());
  EXPECT_EQ(report.severity, ErrorSeverity::kNone);
}

// A naive second reckoning: NAVs in ten-thousandths, shares whole, everything in integers.
RC_GTEST_PROP(NavErrorProperty, AgreesWithIntegersAndBalances, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 6);
  std::vector<ComparedDay> days;
  std::int64_t gains = 0;  // in millionths of a dollar times 100: see below
  std::int64_t losses = 0;
  std::int64_t redone = 0;
  bool is_material = false;
  bool is_error = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto correct = *rc::gen::inRange<std::int64_t>(10'000, 1'000'000);
    const auto apart = *rc::gen::inRange<std::int64_t>(-20'000, 20'000);
    const auto wrong = std::max<std::int64_t>(1, correct + apart);
    ComparedDay compared;
    compared.date = time::Date::literal("2026-03-02") + static_cast<int>(i);
    compared.wrong = Rational(Decimal::of(wrong, 4));
    compared.correct = Rational(Decimal::of(correct, 4));
    compared.shares = Decimal::of(1000);
    const std::int64_t size = wrong - correct;
    const bool error = std::abs(size) >= 100;
    const bool material = error && std::abs(size) * 200 >= correct;
    is_error = is_error || error;
    is_material = is_material || material;
    const auto orders = *rc::gen::inRange<std::size_t>(0, 4);
    for (std::size_t k = 0; k < orders; ++k) {
      const bool is_creation = *rc::gen::arbitrary<bool>();
      // A hundred shares at a time, so that the effect is whole cents: size/10000 x 100 x n = size x n
      // cents/100.
      const auto hundreds = *rc::gen::inRange<std::int64_t>(1, 500);
      compared.orders.push_back({std::to_string(k), "",
                                 is_creation ? OrderSide::kCreation : OrderSide::kRedemption,
                                 Decimal::of(hundreds * 100)});
      const std::int64_t cents = (is_creation ? size : -size) * hundreds;
      if (!error) continue;
      if (material && std::abs(cents) >= 1000)
        redone += std::abs(cents);
      else if (cents < 0)
        losses -= cents;
      else
        gains += cents;
    }
    days.push_back(std::move(compared));
  }
  const ErrorReport report = assess_errors(kTerms, days);
  RC_ASSERT(report.gains == Decimal::of(gains, 2));
  RC_ASSERT(report.losses == Decimal::of(losses, 2));
  RC_ASSERT(report.reprocessed == Decimal::of(redone, 2));
  RC_ASSERT(report.kept - report.compensated == report.net);
  RC_ASSERT(report.severity == (is_material ? ErrorSeverity::kMaterial
                                            : (is_error ? ErrorSeverity::kError : ErrorSeverity::kNone)));
  RC_ASSERT(report.first.has_value() == is_error);
}

TEST(CheckThresholds, TheNewestThatHoldsCountsAndWithoutOneTheDefault) {
  const auto from = [](const char* date, const char* value) {
    return CheckThreshold{"expected_nav", time::Date::literal(date), dec(value)};
  };
  const std::vector<CheckThreshold> dated{from("2026-03-01", "0.002"), from("2026-02-01", "0.003")};
  const auto on = [&](const char* date) {
    return threshold_on(dated, "expected_nav", time::Date::literal(date));
  };
  EXPECT_EQ(on("2026-01-31"), dec("0.005"));
  EXPECT_EQ(on("2026-02-01"), dec("0.003"));
  EXPECT_EQ(on("2026-03-01"), dec("0.002"));
  EXPECT_FALSE(check_thresholds(dated).has_value());
  EXPECT_TRUE(check_thresholds({from("2026-03-01", "1"), from("2026-03-01", "2")}).has_value());
  EXPECT_TRUE(check_thresholds({from("2026-03-01", "-1")}).has_value());
  EXPECT_NE(check_thresholds({{"no_such", {}, dec("1")}})->message().find("nav_against_rate"),
            std::string::npos);
}

TEST(ContingentNav, IsYesterdaysHoldingsAtTodaysPrices) {
  NavSummary before;
  before.valuation_date = time::Date::literal("2026-03-10");
  before.positions = {{"BTC", dec("2"), dec("80000"), dec("160000"), {}}};
  before.net_assets = dec("159900");  // 100 owed
  before.shares = dec("1000");
  const auto nav =
      contingent_nav({}, before, time::Date::literal("2026-03-11"), {{"BTC", dec("90000"), "index"}}, "x");
  ASSERT_TRUE(nav.has_value());
  EXPECT_EQ(nav->net_assets, dec("179900"));
  EXPECT_EQ(nav->nav_per_share, dec("179.9"));
  EXPECT_EQ(nav->other_net_assets, dec("-100"));
  EXPECT_TRUE(contingent_nav({}, before, time::Date::literal("2026-03-11"), {}, "x").has_error());
}

}  // namespace
}  // namespace navkeeper::nav
