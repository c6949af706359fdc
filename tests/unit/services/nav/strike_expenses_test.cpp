// A strike's expenses over a month, against figures worked out in another way.
#include "services/nav/domain/carried_correction.h"

#include <gtest/gtest.h>

#include "tests/unit/services/nav/nav_fixture.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;
using money::Rational;
using time::Date;

/// Strikes each exchange day of `from` to `to` on bases that rise by 1,000,000 a strike; what one leaves, the
/// next takes up.
std::vector<std::pair<Date, ExpenseFigures>> live(const FundDefinition& fund, const char* from,
                                                  const char* to) {
  std::vector<std::pair<Date, ExpenseFigures>> lived;
  ResolvedExpenses resolved;
  const time::Calendar calendar = fund.calendar();
  Decimal base = dec("100000000");
  for (Date date = Date::literal(from); date <= Date::literal(to); ++date) {
    if (!calendar.is_business_day(date)) continue;
    if (!resolved.month.empty() && resolved.month.front().strike.month() != date.month())
      resolved.month.clear();
    ExpenseDay day;
    day.strike = date;
    day.days = time::accrual_days(calendar, fund.policies.accrual_rule, date, fund.inception).value();
    day.net_assets = base;
    const auto figures = accrue_strike(fund, resolved, day, {});
    EXPECT_FALSE(figures.has_error()) << figures.error().message();
    resolved.carried = figures->carried;
    resolved.month.push_back({date, base});
    lived.emplace_back(date, *figures);
    base += dec("1000000");
  }
  return lived;
}

TEST(AccrueStrike, AnAverageOfTheMonthComesToTheMeanOfItsCalendarDaysAndBeginsAnewWithTheNext) {
  FundDefinition fund = test_fund();
  fund.policies.fees[0].base = policy::BaseKind::kAverageNetAssets;
  fund.policies.fees[0].accrual_rule = time::AccrualRule::kForwardMonthEnd;
  const auto lived = live(fund, "2026-02-02", "2026-03-02");
  // By hand: each calendar day of February has the base of the strike that accrues it.
  Rational sum;
  Decimal booked;
  const time::Calendar calendar = fund.calendar();
  Decimal base = dec("100000000");
  for (const auto& [date, figures] : lived) {
    if (date.month() == 2) {
      const auto days =
          time::accrual_days(calendar, time::AccrualRule::kForwardMonthEnd, date, fund.inception).value();
      sum += Rational(base) * Rational::of(days.count());
      booked += figures.total;
    }
    base += dec("1000000");
  }
  const Rational mean = sum / Rational::of(28);
  EXPECT_EQ(lived[lived.size() - 2].second.fees[0].line.base, mean);
  EXPECT_EQ(booked,
            (mean * Rational(dec("0.0095")) * Rational::of(28, 365)).rounded(2, money::Rounding::kHalfUp));
  const ExpenseFigures& march = lived.back().second;  // the 1st and the 2nd
  EXPECT_EQ(march.total, (Rational(dec("119000000")) * Rational(dec("0.0095")) * Rational::of(2, 365))
                             .rounded(2, money::Rounding::kHalfUp));
}

TEST(AccrueStrike, UnderALimitTheFundNeverBearsMoreAndTheEntriesBalance) {
  FundDefinition fund = test_fund();
  policy::ExpenseCap limit;
  limit.from = Date::literal("2026-01-02");
  limit.to = Date::literal("2026-12-31");
  limit.annual_rate = dec("0.005");
  limit.recoupment_months = 36;
  fund.policies.limits.push_back(limit);
  Decimal borne;
  for (const auto& [date, figures] : live(fund, "2026-01-05", "2026-03-31")) {
    borne += figures.total;
    ASSERT_TRUE(figures.limit.has_value());
    EXPECT_LE(borne, figures.limit->allowed) << date.to_string();
    EXPECT_GE(borne, figures.limit->allowed - dec("0.02")) << date.to_string();
    for (const policy::EntryDraft& entry : figures.entries) {
      EXPECT_TRUE(policy::balances(entry));
      EXPECT_EQ(entry.book_date, date + 1);
    }
    EXPECT_FALSE(figures.carried.limit.recoupable.empty());
  }
}

FundDefinition limited_fund() {
  FundDefinition fund = test_fund();
  policy::ExpenseCap limit;
  limit.from = Date::literal("2026-01-02");
  limit.to = Date::literal("2026-12-31");
  limit.annual_rate = dec("0.013");
  fund.policies.limits.push_back(limit);
  return fund;
}

ExpenseFigures strike_once(const FundDefinition& fund, const ResolvedExpenses& resolved, const char* date) {
  ExpenseDay day;
  day.strike = Date::literal(date);
  day.days =
      time::accrual_days(fund.calendar(), fund.policies.accrual_rule, day.strike, fund.inception).value();
  day.net_assets = dec("100000000");
  const auto figures = accrue_strike(fund, resolved, day, {});
  EXPECT_FALSE(figures.has_error()) << figures.error().message();
  return *figures;
}

TEST(AccrueStrike, AnExpenseReversedLeavesTheLimitThoughItWasTheOnlyOneOfItsType) {
  const FundDefinition fund = limited_fund();
  ResolvedExpenses resolved;
  ResolvedExpenses control;
  resolved.incurred[policy::ExpenseType::kAudit] = dec("200000.00");
  const ExpenseFigures with = strike_once(fund, resolved, "2026-01-05");
  EXPECT_GT(with.limit->reimbursement, dec("190000"));
  resolved = {};  // its reversal: the type has no expense left
  resolved.carried = with.carried;
  control.carried = strike_once(fund, control, "2026-01-05").carried;
  const ExpenseFigures after = strike_once(fund, resolved, "2026-01-06");
  const ExpenseFigures never = strike_once(fund, control, "2026-01-06");
  EXPECT_EQ(after.limit->expenses, never.limit->expenses);
  EXPECT_EQ(after.limit->reimbursement, -with.limit->reimbursement);
}

TEST(AccrueStrike, ALimitOfALaterDefinitionBeginsAfterOneWithoutLimits) {
  const FundDefinition fund = limited_fund();
  FundDefinition without = fund;
  without.policies.limits.clear();
  ResolvedExpenses resolved;
  resolved.carried = strike_once(fund, resolved, "2026-01-05").carried;
  const ExpenseFigures gap = strike_once(without, resolved, "2026-01-06");
  EXPECT_FALSE(gap.limit.has_value());
  resolved.carried = gap.carried;
  const ExpenseFigures again = strike_once(fund, resolved, "2026-01-07");
  ASSERT_TRUE(again.limit.has_value());
  // Two days of the limit, 100,000,000 x 0.013 / 365 each.
  EXPECT_EQ(again.limit->allowed, dec("7123.28"));
}

TEST(AccrueStrike, AnExpenseTheAdviserBearsTakesNothingFromNetAssets) {
  FundDefinition fund = test_fund();
  policy::ExpenseRule custody = test_fee("custody fee");
  custody.type = policy::ExpenseType::kCustody;
  fund.policies.fees.push_back(custody);
  const auto lived = live(fund, "2026-01-05", "2026-01-05");
  const ExpenseFigures& figures = lived.front().second;
  ASSERT_EQ(figures.fees.size(), 2U);
  EXPECT_EQ(figures.fees[0].line.payer, policy::Payer::kAdviser);
  EXPECT_EQ(figures.total, figures.fees[1].line.net);
  EXPECT_EQ(policy::sum_of(figures.entries[0], policy::kAdviserReceivable, "USD"), figures.fees[0].line.net);
}

TEST(AccrueStrike, APayerThatChangesOnAWeekendBearsTheWeekendsDaysThoughTheyAreFridaysStrike) {
  FundDefinition fund = test_fund();
  policy::ExpenseRule custody = test_fee("custody fee");
  custody.type = policy::ExpenseType::kCustody;
  for (const auto scope : {policy::RoundingScope::kEachStrike, policy::RoundingScope::kCumulative}) {
    custody.rounding_scope = scope;
    fund.policies.fees = {test_fund().policies.fees[0], custody};
    fund.policies.payer_changes = {
        {policy::ExpenseType::kCustody, policy::Payer::kFund, Date::literal("2026-01-31")}};
    const auto lived = live(fund, "2026-01-30", "2026-01-30");
    const ExpenseFigures& figures = lived.front().second;
    ASSERT_EQ(figures.fees.size(), 3U);
    const policy::ExpenseLine& adviser = figures.fees[0].line;
    const policy::ExpenseLine& own = figures.fees[1].line;
    EXPECT_EQ(adviser.payer, policy::Payer::kAdviser);
    EXPECT_EQ(adviser.days.count(), 1);
    EXPECT_EQ(own.payer, policy::Payer::kFund);
    EXPECT_EQ(own.days.first, Date::literal("2026-01-31"));
    EXPECT_EQ(own.days.last, Date::literal("2026-02-01"));
    EXPECT_EQ(figures.total, own.net + figures.fees[2].line.net);
    EXPECT_NE(figures.entries[0].source_id, figures.entries[1].source_id);
    // The parts come to what one line would have been.
    fund.policies.payer_changes.clear();
    const auto whole = live(fund, "2026-01-30", "2026-01-30").front().second.fees[0].line;
    EXPECT_EQ(adviser.exact_net + own.exact_net, whole.exact_net);
    EXPECT_LE((adviser.net + own.net - whole.net).abs(), dec("0.01"));
  }
}

TEST(CheckPolicies, RefusesWhatCouldNotBeCarriedFromStrikeToStrike) {
  FundDefinition fund = test_fund();
  fund.policies.fees[0].base = policy::BaseKind::kAverageNetAssets;
  EXPECT_NE(check_policies(fund.policies, fund.inception)->rule.find("forward_month_end"), std::string::npos);
  fund = test_fund();
  fund.policies.offering_costs.push_back({"Offering", dec("1000"), fund.inception});
  EXPECT_NE(check_policies(fund.policies, fund.inception)->rule.find("adviser bears offering costs"),
            std::string::npos);
}

/// A fund with a fee on the month's average, one rounded cumulatively and a limit, whose days are struck and
/// restated one by one; `booked` is what the books got of all of it.
struct RestatedLife {
  explicit RestatedLife(const FundDefinition& fund_) : fund(fund_) {}
  void strike(const char* text, const char* base, const char* incurred = "0") {
    const Date date = Date::literal(text);
    ResolvedExpenses resolved;
    const auto before = days.lower_bound(date);
    if (before != days.begin()) {
      const Version& last = std::prev(before)->second.back();
      std::vector<FurtherVersion> further;
      for (const auto& [struck, at] : order) {
        if (struck <= last.number || at.first >= std::prev(before)->first || at.second == 0) continue;
        const auto& versions = days.at(at.first);
        further.push_back({versions[at.second - 1].summary, versions[at.second].summary});
      }
      resolved.carried = corrected(fund.policies, last.summary.carried, further);
    }
    for (auto day = days.begin(); day != before; ++day)
      if (day->first.month() == date.month())
        resolved.month.push_back({day->first, day->second.back().summary.fee_base});
    resolved.incurred[policy::ExpenseType::kAudit] = dec(incurred);
    ExpenseDay day;
    day.strike = date;
    day.days = time::accrual_days(fund.calendar(), fund.policies.accrual_rule, date, fund.inception).value();
    day.net_assets = dec(base);
    const auto figures = accrue_strike(fund, resolved, day, {});
    ASSERT_FALSE(figures.has_error()) << figures.error().message();
    Version version{{}, *figures, ++strikes};
    version.summary.valuation_date = date;
    version.summary.fee_base = day.net_assets;
    version.summary.carried_before = resolved.carried;
    version.summary.carried = figures->carried;
    order[strikes] = {date, days[date].size()};
    days[date].push_back(version);
  }
  Decimal booked(const std::string& fee) const {
    Decimal sum;
    for (const auto& [date, versions] : days)
      for (const FeeLine& line : versions.back().figures.fees)
        if (line.line.name == fee) sum += line.line.net;
    return sum;
  }
  Decimal reimbursed() const {
    Decimal sum;
    for (const auto& [date, versions] : days)
      if (versions.back().figures.limit) sum += versions.back().figures.limit->reimbursement;
    return sum;
  }
  struct Version {
    NavSummary summary;
    ExpenseFigures figures;
    int number;
  };
  FundDefinition fund;
  std::map<Date, std::vector<Version>> days;
  std::map<int, std::pair<Date, std::size_t>> order;  ///< by number of the strike
  int strikes = 0;
};

FundDefinition fund_of_averages() {
  FundDefinition fund = test_fund();
  fund.policies.fees[0].base = policy::BaseKind::kAverageNetAssets;
  fund.policies.fees[0].accrual_rule = time::AccrualRule::kForwardMonthEnd;
  policy::ExpenseRule cumulative = test_fee("cumulative fee");
  cumulative.rounding_scope = policy::RoundingScope::kCumulative;
  cumulative.accrual_rule = time::AccrualRule::kForwardMonthEnd;
  fund.policies.fees.push_back(cumulative);
  fund.policies.accrual_rule = time::AccrualRule::kForwardMonthEnd;
  policy::ExpenseCap limit;
  limit.from = Date::literal("2026-01-02");
  limit.to = Date::literal("2026-12-31");
  limit.annual_rate = dec("0.005");
  limit.recoupment_months = 36;
  fund.policies.limits.push_back(limit);
  return fund;
}

TEST(AccrueStrike, ARestatedDayIsChargedOnceThoughTheDaysBetweenWereNotRestatedWithIt) {
  RestatedLife straight(fund_of_averages());
  for (const char* date : {"2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05", "2026-02-06"})
    straight.strike(date, std::string(date) == "2026-02-03" ? "140000000" : "100000000");
  RestatedLife restated(fund_of_averages());
  for (const char* date : {"2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05"})
    restated.strike(date, "100000000");
  restated.strike("2026-02-03", "120000000");
  restated.strike("2026-02-03", "140000000");
  restated.strike("2026-02-06", "100000000");
  for (const char* fee : {"management fee", "cumulative fee"})
    EXPECT_EQ(restated.booked(fee), straight.booked(fee)) << fee;
  EXPECT_EQ(restated.reimbursed(), straight.reimbursed());
  const auto last = [](const RestatedLife& life) {
    return life.days.rbegin()->second.back().summary.carried;
  };
  EXPECT_EQ(last(restated).limit.expenses, last(straight).limit.expenses);
  EXPECT_EQ(last(restated).limit.allowed, last(straight).limit.allowed);
  const auto recoupable = [&](const RestatedLife& life) {
    Decimal sum;
    for (const auto& one : last(life).limit.recoupable) sum += one.amount;
    return sum;
  };
  EXPECT_EQ(recoupable(restated), recoupable(straight));
  // And when the days between follow after all, the next strike owes nothing twice either.
  restated.strike("2026-02-04", "100000000");
  restated.strike("2026-02-05", "100000000");
  for (RestatedLife* life : {&straight, &restated}) life->strike("2026-02-09", "100000000");
  for (const char* fee : {"management fee", "cumulative fee"})
    EXPECT_EQ(restated.booked(fee), straight.booked(fee)) << fee;
  EXPECT_EQ(restated.reimbursed(), straight.reimbursed());
}

TEST(AccrueStrike, AnExpenseThatARestatedDayNoLongerHasIsNotTakenBackTwice) {
  RestatedLife straight(fund_of_averages());
  RestatedLife restated(fund_of_averages());
  for (const char* date : {"2026-02-02", "2026-02-03", "2026-02-04"}) {
    straight.strike(date, "100000000");
    restated.strike(date, "100000000", std::string(date) == "2026-02-02" ? "0" : "20000");
  }
  restated.strike("2026-02-03", "100000000", "0");
  for (RestatedLife* life : {&straight, &restated}) life->strike("2026-02-05", "100000000");
  EXPECT_EQ(restated.reimbursed(), straight.reimbursed());
}

}  // namespace
}  // namespace navkeeper::nav
