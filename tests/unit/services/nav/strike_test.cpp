// plan_strike, the tax step, the pure strike in both orders, the change since the last NAV, the checks.
#include "services/nav/domain/strike.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/nav/domain/checks.h"
#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {
namespace {

using time::Date;
using time::Instant;

std::string plan_refusal(const FundDefinition& fund, const char* date, const char* now) {
  const auto plan = plan_strike(fund, Date::literal(date), Instant::literal(now));
  EXPECT_TRUE(plan.has_error());
  return plan.has_error() ? plan.error().message() : "";
}

TEST(PlanStrike, AFridayIsValuedAtFourInNewYorkAndAccruesItsWeekend) {
  const StrikePlan plan =
      plan_strike(test_fund(), Date::literal("2026-01-09"), Instant::literal("2026-01-09T21:00:00Z")).value();
  EXPECT_EQ(plan.valued_at, Instant::literal("2026-01-09T21:00:00Z"));
  EXPECT_EQ(plan.accrual_days.count(), 3);
}

TEST(Strike, AWeekendAcrossIntoALeapYearTakesEachDayByItsOwnYear) {
  ResolvedStrike resolved = test_strike();
  resolved.plan =
      plan_strike(test_fund(), Date::literal("2027-12-31"), Instant::literal("2028-01-01T00:00:00Z")).value();
  const StrikeFigures figures = strike(resolved).value();
  const auto years = money::Rational::of(1, 365) + money::Rational::of(2, 366);
  EXPECT_EQ(figures.expenses.total,
            (money::Rational(figures.nav.fee_base) * money::Rational(dec("0.0095")) * years)
                .rounded(2, money::Rounding::kHalfUp));
}

TEST(PlanStrike, RefusesTheWrongDayAndTheWrongHour) {
  const FundDefinition fund = test_fund();
  EXPECT_NE(plan_refusal(fund, "2026-01-01", "2026-02-01T00:00:00Z").find("inception"), std::string::npos);
  EXPECT_NE(plan_refusal(fund, "2026-01-10", "2026-02-01T00:00:00Z").find("not a business day"),
            std::string::npos);
  EXPECT_NE(plan_refusal(fund, "2026-01-19", "2026-02-01T00:00:00Z").find("Martin Luther King"),
            std::string::npos);
  EXPECT_NE(plan_refusal(fund, "2040-01-03", "2026-02-01T00:00:00Z").find("calendar"), std::string::npos);
  EXPECT_NE(plan_refusal(fund, "2026-01-09", "2026-01-09T20:59:59Z").find("before its valuation time"),
            std::string::npos);
}

TEST(Strike, ValuesTheStartOfTheDayAtItsPricesAndTakesTheFeeFromTheBaseBeforeIt) {
  const StrikeFigures figures = strike(test_strike()).value();
  // 600 x 84,000 + 12,000 x 2,800 + 25,000 - 45,000; 3 days of 0.95% on it
  EXPECT_EQ(figures.nav.fee_base, dec("83980000"));
  EXPECT_EQ(figures.expenses.total, dec("6557.34"));
  EXPECT_EQ(figures.nav.net_assets, dec("83973442.66"));
  EXPECT_EQ(figures.nav.nav_per_share, dec("24.9921"));
}

TEST(Strike, AMissingRateAndAFundWithoutSharesAreRefusedByName) {
  ResolvedStrike resolved = test_strike();
  resolved.positions[1].price.reset();
  EXPECT_EQ(
      strike(resolved).error().message(),
      "ETH: no price for 2026-01-09: navkeeper prices strike ETH --date 2026-01-09 --as OPERATOR makes it");
  resolved = test_strike();
  resolved.books.shares = dec("0");
  EXPECT_NE(strike(resolved).error().message().find("no shares outstanding"), std::string::npos);
}

TEST(Strike, UnderIca1940PendingOrdersDoNotCount) {
  ResolvedStrike resolved = test_strike();
  const StrikeFigures before = strike(resolved).value();
  resolved.books.pending = {{model::AssetId::literal("BTC"), dec("10"), dec("0")}};
  resolved.books.pending_shares = dec("10000");
  EXPECT_EQ(strike(resolved)->nav.nav_per_share_exact, before.nav.nav_per_share_exact);
  EXPECT_EQ(strike(resolved)->shares, before.shares);
}

TEST(Strike, UnderEtp1933PendingOrdersCountInCoinsAndSharesBeforeTheFee) {
  ResolvedStrike resolved = test_strike();
  resolved.definition.act = Act::kEtp1933;
  resolved.definition.tax.status = TaxStatus::kGrantorTrust;
  resolved.books.pending = {{model::AssetId::literal("BTC"), dec("10"), dec("2")},
                            {model::AssetId::literal("ETH"), dec("0"), dec("100")}};
  resolved.books.pending_shares = dec("20000");
  const StrikeFigures figures = strike(resolved).value();
  EXPECT_EQ(figures.nav.total_assets, dec("84865000"));  // + 10 x 84,000
  EXPECT_EQ(figures.nav.fee_base, dec("84372000"));      // - 2 x 84,000 - 100 x 2,800 - 45,000
  EXPECT_EQ(figures.shares, dec("3380000"));
}

TaxTerms corporation() {
  TaxTerms terms;
  terms.status = TaxStatus::kCCorp;
  terms.federal_rate = dec("0.21");
  terms.state_rate = dec("0.055");
  terms.valuation_allowance = dec("1");
  return terms;
}

TEST(ProvideTax, ARicProvidesNothing) {
  const TaxProvision tax = provide_tax({}, {}, {dec("1000"), {}, {}}, dec("10"), dec("500"));
  EXPECT_TRUE(tax.current_change.is_zero());
  EXPECT_TRUE(tax.deferred_change.is_zero());
}

TEST(ProvideTax, ACorporationProvidesForGainsRealisedAndNot) {
  // blended 0.21 + 0.055 x 0.79 = 0.25345
  const TaxProvision tax =
      provide_tax(corporation(), {}, {dec("1010"), dec("100"), dec("50")}, dec("10"), dec("2000"));
  EXPECT_EQ(tax.blended_rate, dec("0.25345"));
  EXPECT_EQ(tax.taxable, dec("1000"));
  EXPECT_EQ(tax.current, dec("253.45"));
  EXPECT_EQ(tax.current_change, dec("153.45"));
  EXPECT_EQ(tax.deferred, dec("506.9"));
  EXPECT_EQ(tax.deferred_change, dec("456.9"));
}

TEST(ProvideTax, ADeferredAssetIsRecognisedLessItsAllowance) {
  TaxTerms terms = corporation();
  const TaxPosition position{dec("-1000"), dec("0"), dec("0")};
  EXPECT_TRUE(provide_tax(terms, {}, position, {}, dec("-3000")).deferred.is_zero());
  terms.valuation_allowance = dec("0.25");
  const TaxProvision tax = provide_tax(terms, {}, position, {}, dec("-3000"));
  EXPECT_TRUE(tax.current.is_zero());
  EXPECT_EQ(tax.deferred_gross, dec("-1013.8"));
  EXPECT_EQ(tax.deferred, dec("-760.35"));
}

TEST(ProvideTax, CarriedLossesComeOffBeforeTaxAndAgainstTheDeferredOne) {
  TaxTerms terms = corporation();
  terms.loss_carryforward = dec("400");
  const TaxProvision tax = provide_tax(terms, {}, {dec("100"), {}, {}}, {}, dec("1000"));
  EXPECT_TRUE(tax.current.is_zero());
  EXPECT_EQ(tax.deferred, dec("177.42"));  // (1000 - 300) x 0.25345 = 177.415, half up
}

TEST(Strike, TheFeeDoesNotDependOnTodaysTaxAndTaxDeductsTodaysFee) {
  ResolvedStrike resolved = test_strike();
  const StrikeFigures ric = strike(resolved).value();
  resolved.definition.tax = corporation();
  const StrikeFigures corp = strike(resolved).value();
  EXPECT_EQ(corp.expenses.total, ric.expenses.total);
  EXPECT_EQ(corp.tax.taxable, -corp.expenses.total);
  EXPECT_EQ(corp.nav.net_assets, ric.nav.net_assets - corp.tax.current_change - corp.tax.deferred_change);
  EXPECT_TRUE(corp.tax.deferred.is_positive());
}

NavSummary any_summary() {
  const auto amount = [] { return money::Decimal::of(*rc::gen::inRange(-1'000'000'000, 1'000'000'000), 2); };
  NavSummary summary;
  for (const char* asset : {"BTC", "ETH", "CRO"}) {
    if (!*rc::gen::arbitrary<bool>()) continue;
    summary.positions.push_back({asset, money::Decimal::of(*rc::gen::inRange(0, 1'000'000), 3),
                                 money::Decimal::of(*rc::gen::inRange(1, 1'000'000), 2), amount()});
  }
  summary.net_assets = amount();
  summary.shares = money::Decimal::of(*rc::gen::inRange(1, 100'000));
  summary.expenses = amount();
  summary.tax_change = amount();
  summary.capital_total = amount();
  summary.income_total = amount();
  summary.expenses_total = amount();
  return summary;
}

TEST(ExplainChange, ItsPartsAddUpToTheDifferenceWhateverHappened) {
  ASSERT_TRUE(rc::check([] {
    const NavSummary before = any_summary();
    const NavSummary after = any_summary();
    const NavChange change = explain_change(before, after, {});
    RC_ASSERT(change.price + change.flows + change.income + change.fees + change.other_expenses + change.tax +
                  change.remainder ==
              after.net_assets - before.net_assets);
  }));
}

TEST(ExplainChange, APriceMoveACreationAndAFeeLeaveNoRemainder) {
  ResolvedStrike first = test_strike();
  const StrikeFigures first_figures = strike(first).value();
  ResolvedStrike second = test_strike();
  second.plan.valuation_date = Date::literal("2026-01-12");
  // A creation of the first day, priced at its NAV, and the first strike's fee are booked.
  second.positions[0].quantity += dec("2.5");
  second.books.shares += dec("10000");
  second.books.capital_total += dec("210000");
  second.books.liabilities[0].amount += first_figures.expenses.total;
  second.books.expenses_total += first_figures.expenses.total;
  second.positions[0].price->value = dec("85000");
  const StrikeFigures second_figures = strike(second).value();
  const NavChange change = explain_change(summary_of(first, first_figures),
                                          summary_of(second, second_figures), first.definition.terms);
  EXPECT_EQ(change.price, dec("602500"));
  EXPECT_EQ(change.flows, dec("210000"));
  EXPECT_EQ(change.fees, -second_figures.expenses.total);
  EXPECT_TRUE(change.other_expenses.is_zero());
  EXPECT_TRUE(change.remainder.is_zero()) << change.remainder.to_string();
}

CheckStatus status_of(const std::vector<Check>& checks, const std::string& name) {
  for (const Check& check : checks) {
    if (check.name == name) return check.status;
  }
  ADD_FAILURE() << "no check " << name;
  return CheckStatus::kFailed;
}

TEST(CheckNav, APriceThatJumpedFailsAndOneAtTheLimitPasses) {
  const ResolvedStrike before = test_strike();
  const NavSummary summary = summary_of(before, strike(before).value());
  ResolvedStrike now = test_strike();
  now.positions[0].price->value = dec("100800");  // 20% exactly
  EXPECT_EQ(status_of(check_nav(now, strike(now).value(), summary), "price_change BTC"),
            CheckStatus::kPassed);
  now.positions[0].price->value = dec("100800.01");
  EXPECT_EQ(status_of(check_nav(now, strike(now).value(), summary), "price_change BTC"),
            CheckStatus::kFailed);
}

TEST(CheckNav, TheOtherBasisIsCheckedAndItsAbsenceIsSaid) {
  ResolvedStrike resolved = test_strike();
  resolved.definition.assets[0].second_index = model::IndexId::literal("OTHER");
  EXPECT_EQ(status_of(check_nav(resolved, strike(resolved).value(), {}), "basis_deviation BTC"),
            CheckStatus::kUnavailable);
  resolved.positions[0].second_price = ResolvedPrice{model::IndexId::literal("OTHER"), dec("83000"), "h"};
  EXPECT_EQ(status_of(check_nav(resolved, strike(resolved).value(), {}), "basis_deviation BTC"),
            CheckStatus::kFailed);
  resolved.positions[0].second_price->value = dec("84100");
  EXPECT_EQ(status_of(check_nav(resolved, strike(resolved).value(), {}), "basis_deviation BTC"),
            CheckStatus::kPassed);
}

TEST(CheckNav, WhatNobodyAnswersIsUnavailable) {
  ResolvedStrike resolved = test_strike();
  const auto status = [&](const char* name) {
    return status_of(check_nav(resolved, strike(resolved).value(), {}), name);
  };
  EXPECT_EQ(status("custody_reconciled"), CheckStatus::kUnavailable);
  EXPECT_EQ(status("staking_rolled_forward"), CheckStatus::kPassed) << "nothing is staked";
  resolved.books.expenses.staked.emplace(resolved.definition.assets[0].asset, dec("1"));
  EXPECT_EQ(status("staking_rolled_forward"), CheckStatus::kUnavailable);
}

}  // namespace
}  // namespace navkeeper::nav
