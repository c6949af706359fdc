// The fund never bears more than the limit, and the adviser never takes back more than it bore, nor too late.
#include "services/nav/domain/policy/expense_cap.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/nav/domain/policy/month.h"
#include "tests/unit/services/nav/policy/support.h"

namespace navkeeper::nav::policy {
namespace {

ExpenseCap cap(std::string_view rate, std::string_view from, std::string_view to,
               std::optional<int> months = 36) {
  return {day(from),
          day(to),
          dec(rate),
          time::DayCount::kActual365,
          {ExpenseType::kTaxes, ExpenseType::kInterest},
          months};
}

CappedDay a_day(std::string_view date, std::string_view net_assets, std::string_view audit) {
  return {day(date), dec(net_assets), {{ExpenseType::kAudit, dec(audit)}, {ExpenseType::kTaxes, dec("999")}}};
}

TEST(ExpenseCaps, ExcessOverTheLimitIsTheAdvisersAndTaxesStandOutside) {
  const auto caps = CapSchedule::of({cap("0.0365", "2026-01-01", "2026-12-31")}).value();
  const auto first = apply_cap(caps, {}, a_day("2026-01-01", "10000", "3"), 2026).value();
  EXPECT_EQ(first.reimbursement, dec("2"));  // a dollar a day is allowed
  EXPECT_EQ(sum_of(first.entry, kAdviserReceivable, "USD"), dec("2"));
  EXPECT_TRUE(balances(first.entry));
  const auto second = apply_cap(caps, first.position, a_day("2026-01-02", "10000", "0"), 2026).value();
  EXPECT_EQ(second.reimbursement, dec("-1"));  // the year's room has grown
  EXPECT_EQ(second.position.recoupable,
            (std::vector<RecoupableAmount>{{day("2026-01-01"), 2026, dec("1"), dec("0.0365"), 36}}));
}

TEST(ExpenseCaps, WhatWasBorneIsRecoupedInALaterYearWhileThereIsRoom) {
  const auto caps = CapSchedule::of({cap("0.0365", "2026-12-31", "2027-12-31")}).value();
  const auto borne = apply_cap(caps, {}, a_day("2026-12-31", "10000", "3"), 2026).value();
  const auto back = apply_cap(caps, borne.position, a_day("2027-01-01", "10000", "0.40"), 2027).value();
  EXPECT_EQ(back.recoupment, dec("0.6"));
  EXPECT_EQ(sum_of(back.entry, kRecoupmentPayable, "USD"), dec("-0.6"));
  EXPECT_EQ(back.position.recoupable.at(0).amount, dec("1.4"));
  // A late expense of the year is above the limit together with what was recouped: the adviser bears it.
  const auto late = apply_cap(caps, back.position, a_day("2027-01-02", "10000", "1.50"), 2027).value();
  EXPECT_EQ(late.reimbursement, dec("0.5"));
}

TEST(ExpenseCaps, TheLowerOfTodaysLimitAndTheLimitOfThatDayBoundsRecoupment) {
  const auto caps =
      CapSchedule::of({cap("0.0365", "2026-12-31", "2026-12-31"), cap("0.0730", "2027-01-01", "2027-12-31")})
          .value();
  const auto borne = apply_cap(caps, {}, a_day("2026-12-31", "10000", "9"), 2026).value();
  const auto back = apply_cap(caps, borne.position, a_day("2027-01-01", "10000", "0"), 2027).value();
  EXPECT_EQ(back.recoupment, dec("1"));  // 2 are allowed today, 1 was then
}

TEST(ExpenseCaps, ALimitThatRisesHandsNothingBackThatWasBorneUnderTheLowerOne) {
  for (const auto months : {std::optional<int>(), std::optional(36)}) {
    const auto caps = CapSchedule::of({cap("0.0365", "2026-01-01", "2026-01-01", months),
                                       cap("0.1095", "2026-01-02", "2026-12-31", months)})
                          .value();
    const auto borne = apply_cap(caps, {}, a_day("2026-01-01", "10000", "3"), 2026).value();
    EXPECT_EQ(borne.reimbursement, dec("2"));
    // Three dollars a day are allowed now; by the limit of the day it was borne a dollar is, and two were
    // spent.
    const auto risen = apply_cap(caps, borne.position, a_day("2026-01-02", "10000", "2"), 2026).value();
    EXPECT_EQ(risen.reimbursement, dec("0"));
    EXPECT_EQ(risen.recoupment, dec("0"));
    // A day under both limits gives back within the year, as under one limit.
    const auto back = apply_cap(caps, risen.position, a_day("2026-01-03", "10000", "0"), 2026).value();
    EXPECT_EQ(back.reimbursement, dec("0"));
    const auto more = apply_cap(caps, back.position, a_day("2026-01-04", "10000", "0"), 2026).value();
    EXPECT_EQ(more.reimbursement, dec("-1"));
  }
}

TEST(ExpenseCaps, TheWindowEndsOnItsDay) {
  const auto caps = CapSchedule::of({cap("0.0365", "2026-11-30", "2027-12-31", 1)}).value();
  auto decision = apply_cap(caps, {}, a_day("2026-11-30", "0", "5"), 2026).value();
  for (time::Date date = day("2026-12-01"); date <= day("2026-12-29"); ++date) {
    decision = apply_cap(caps, decision.position, {date, {}, {}}, 2026).value();
    EXPECT_TRUE(decision.expired.is_zero());
  }
  decision = apply_cap(caps, decision.position, {day("2026-12-30"), {}, {}}, 2026).value();
  EXPECT_EQ(decision.expired, dec("5"));
  EXPECT_TRUE(decision.position.recoupable.empty());
}

TEST(ExpenseCaps, BadLimitsAndDaysAreRefused) {
  EXPECT_EQ(message_of(CapSchedule::of(
                {cap("0.01", "2026-01-01", "2026-06-30"), cap("0.01", "2026-06-30", "2026-12-31")})),
            "expense cap from 2026-06-30: overlaps the limit before it");
  EXPECT_EQ(message_of(CapSchedule::of({cap("0", "2026-01-01", "2026-06-30")})),
            "expense cap from 2026-01-01: rate is not positive");
  EXPECT_EQ(message_of(CapSchedule::of({cap("0.01", "2026-01-01", "2025-06-30")})),
            "expense cap from 2026-01-01: ends before it begins");
  EXPECT_EQ(message_of(CapSchedule::of({cap("0.01", "2026-01-01", "2026-06-30", 0)})),
            "expense cap from 2026-01-01: the window of recoupment is not positive");
  const auto caps = CapSchedule::of({cap("0.01", "2026-01-01", "2026-06-30")}).value();
  const auto first = apply_cap(caps, {}, a_day("2026-01-01", "1", "1"), 2026).value();
  EXPECT_EQ(message_of(apply_cap(caps, first.position, a_day("2026-01-03", "1", "1"), 2026)),
            "expense cap on 2026-01-03: the day before it was not reckoned: the last one was 2026-01-01");
  EXPECT_EQ(message_of(apply_cap(caps, {}, a_day("2026-01-03", "-1", "1"), 2026)),
            "expense cap on 2026-01-03: net assets are negative");
}

TEST(ExpenseCaps, OverAnyYearsTheFundBearsAtMostTheLimitAndNothingIsRecoupedTwice) {
  EXPECT_TRUE(rc::check("limit holds after every day; borne = recouped + given back + expired + open", [] {
    const std::string rate = "0.0150";
    const auto caps =
        CapSchedule::of({cap(rate, "2026-01-01", "2029-12-31", *rc::gen::inRange(12, 25))}).value();
    CapPosition position;
    Decimal borne, given_back, recouped, expired;
    Decimal year_expenses, year_net;
    Exact year_allowed = 0;
    int year = 0;
    const int level = *rc::gen::inRange(1, 60);
    for (time::Date date = day("2026-11-01"); date < day("2028-03-01"); ++date) {
      if (date.year() != year) {
        year = date.year();
        year_expenses = year_net = {};
        year_allowed = 0;
      }
      CappedDay facts{date, Decimal::of(1'000'000), {}};
      if (date.days() % 7 == 0)
        facts.expenses[ExpenseType::kLegal] = Decimal::of(*rc::gen::inRange(0, level * 1000), 2);
      const auto decision = apply_cap(caps, position, facts, year).value();
      position = decision.position;
      RC_ASSERT(balances(decision.entry));
      for (const auto& [type, amount] : facts.expenses) year_expenses += amount;
      year_net += decision.recoupment - decision.reimbursement;
      year_allowed += exact(facts.net_assets) * exact(dec(rate)) / 365;
      RC_ASSERT(exact(year_expenses + year_net) <= year_allowed);
      if (decision.reimbursement.is_positive()) borne += decision.reimbursement;
      if (decision.reimbursement.is_negative()) given_back += -decision.reimbursement;
      recouped += decision.recoupment;
      expired += decision.expired;
      Decimal open;
      for (const RecoupableAmount& each : position.recoupable) open += each.amount;
      RC_ASSERT(borne == given_back + recouped + expired + open);
    }
  }));
}

}  // namespace
}  // namespace navkeeper::nav::policy
