#include "common/time/accrual.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <numeric>

#include "common/time/day_count.h"

namespace navkeeper::time {
namespace {

std::string accrued(AccrualRule rule, std::string_view date, std::optional<Date> inception = std::nullopt) {
  const auto days = accrual_days(Calendar::exchange(), rule, Date::literal(date), inception);
  if (days.has_error()) return days.error().message();
  return days->first.to_string().substr(5) + ".." + days->last.to_string().substr(5) + " " +
         std::to_string(days->count());
}

TEST(AccrualDays, ForwardTakesTheWeekendOnFriday) {
  EXPECT_EQ(accrued(AccrualRule::kForward, "2026-03-12"), "03-12..03-12 1");
  EXPECT_EQ(accrued(AccrualRule::kForward, "2026-03-13"), "03-13..03-15 3");
  EXPECT_EQ(accrued(AccrualRule::kForward, "2026-04-02"), "04-02..04-05 4");  // before Good Friday
}

TEST(AccrualDays, BackwardTakesTheWeekendOnMonday) {
  EXPECT_EQ(accrued(AccrualRule::kBackward, "2026-03-13"), "03-13..03-13 1");
  EXPECT_EQ(accrued(AccrualRule::kBackward, "2026-03-16"), "03-14..03-16 3");
  EXPECT_EQ(accrued(AccrualRule::kBackward, "2026-04-06"), "04-03..04-06 4");
}

TEST(AccrualDays, CutAtMonthEndLeavesTheNextMonthsDaysToTheNextStrike) {
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-01-30"), "01-30..01-31 2");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-02-02"), "02-01..02-02 2");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-02-27"), "02-27..02-28 2");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-03-02"), "03-01..03-02 2");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-03-13"), "03-13..03-15 3");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-03-16"), "03-16..03-16 1");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-12-31"), "12-31..12-31 1");
  EXPECT_EQ(accrued(AccrualRule::kForwardMonthEnd, "2026-06-01"), "06-01..06-01 1");  // 05-29 took 05-31
}

TEST(AccrualDays, BeforeInceptionAreNobodys) {
  const Date monday = Date::literal("2026-03-16");
  EXPECT_EQ(accrued(AccrualRule::kBackward, "2026-03-16", monday), "03-16..03-16 1");
  EXPECT_EQ(accrued(AccrualRule::kBackward, "2026-03-17", monday), "03-17..03-17 1");
  EXPECT_EQ(accrued(AccrualRule::kForward, "2026-03-13", monday),
            "accrual: 2026-03-13 is before the fund's inception 2026-03-16");
}

TEST(AccrualDays, OfAClosedOrUncoveredDayAreRefused) {
  EXPECT_EQ(accrued(AccrualRule::kForward, "2026-04-03"), "calendar exchange: 2026-04-03 is no business day");
  EXPECT_NE(accrued(AccrualRule::kForward, "2036-01-02").find("outside the table"), std::string::npos);
  EXPECT_NE(accrued(AccrualRule::kForward, "2035-12-31").find("outside the table"), std::string::npos);
}

TEST(AccrualDays, EveryCalendarDayIsAccruedExactlyOnceUnderEveryRule) {
  EXPECT_TRUE(rc::check("a partition of the days", [] {
    const AccrualRule rule =
        *rc::gen::element(AccrualRule::kForward, AccrualRule::kBackward, AccrualRule::kForwardMonthEnd);
    const Calendar* base =
        *rc::gen::element(&Calendar::exchange(), &Calendar::bank(), &Calendar::reference_rate());
    // A year, with closings that no rule foresees thrown in, several days long and over month ends too.
    const Date start = Date::literal("2020-02-01") + *rc::gen::inRange(0, 5000);
    std::map<Date, CalendarDay> closed;
    for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
      const Date first = start + *rc::gen::inRange(0, 370);
      for (int length = *rc::gen::inRange(1, 6), k = 0; k < length; ++k) {
        closed.insert_or_assign(first + k, CalendarDay{first + k, DayKind::kHoliday, std::nullopt, "Closed"});
      }
    }
    std::vector<CalendarDay> exceptions;
    for (const auto& [date, day] : closed) exceptions.push_back(day);
    const Calendar calendar = base->with_exceptions(exceptions);

    std::map<Date, int> times;
    for (Date date = start; date < start + 370; ++date) {
      if (!calendar.is_business_day(date)) continue;
      const auto days = accrual_days(calendar, rule, date);
      RC_ASSERT(days.has_value());
      RC_ASSERT(days->first <= days->last);
      RC_ASSERT(days->first <= date && date <= days->last);
      if (rule == AccrualRule::kForwardMonthEnd) RC_ASSERT(days->last <= date.end_of_month());
      if (rule == AccrualRule::kForward) RC_ASSERT(days->first == date);
      if (rule == AccrualRule::kBackward) RC_ASSERT(days->last == date);
      for (Date day = days->first; day <= days->last; ++day) ++times[day];
    }
    RC_ASSERT(!times.empty());
    for (Date day = times.begin()->first; day <= times.rbegin()->first; ++day) RC_ASSERT(times[day] == 1);
    RC_ASSERT(times.rbegin()->first - times.begin()->first >= 340);
  }));
}

TEST(AccrualDays, CutAtMonthEndOnceAMonthIsOverItsDaysAreAllAccrued) {
  const Calendar& exchange = Calendar::exchange();
  std::map<int, int> accrued_in_month;  // by the month whose strikes took them
  for (Date date = Date::literal("2021-01-01"); date <= Date::literal("2034-12-31"); ++date) {
    if (!exchange.is_business_day(date)) continue;
    const auto days = accrual_days(exchange, AccrualRule::kForwardMonthEnd, date).value();
    accrued_in_month[date.year() * 12 + date.month() - 1] += days.count();
  }
  // Exact, except where the month begins with a closed day that its first strike takes: that is still the
  // same month.
  for (const auto& [month, days] : accrued_in_month) {
    EXPECT_EQ(days, days_in_month(month / 12, month % 12 + 1)) << month / 12 << '-' << month % 12 + 1;
  }
}

TEST(AccrualRule, WordsAreReadBack) {
  for (const auto rule : {AccrualRule::kForward, AccrualRule::kBackward, AccrualRule::kForwardMonthEnd}) {
    EXPECT_EQ(parse_accrual_rule(describe(rule)), rule);
  }
  EXPECT_FALSE(parse_accrual_rule("sideways").has_value());
}

TEST(YearParts, SplitAtNewYearWithTheDenominatorOfTheYearInWhichTheDaysLie) {
  const Date first = Date::literal("2023-12-30");
  const Date last = Date::literal("2024-01-02");
  EXPECT_EQ(year_parts(DayCount::kActual365, first, last),
            (std::vector<YearPart>{{2023, 2, 36'500}, {2024, 2, 36'500}}));
  EXPECT_EQ(year_parts(DayCount::kActualYear, first, last),
            (std::vector<YearPart>{{2023, 2, 36'500}, {2024, 2, 36'600}}));
  EXPECT_EQ(year_parts(DayCount::kActual365_25, first, last),
            (std::vector<YearPart>{{2023, 2, 36'525}, {2024, 2, 36'525}}));
  EXPECT_TRUE(year_parts(DayCount::kActual365, last, first).empty());
  EXPECT_EQ(year_parts(DayCount::kActual365, Date::literal("9999-12-31"), Date::literal("9999-12-31")).size(),
            1U);
}

TEST(YearParts, AddUpToTheDaysAndAWholeActualYearIsOne) {
  EXPECT_TRUE(rc::check("the days add up", [] {
    const DayCount day_count =
        *rc::gen::element(DayCount::kActual365, DayCount::kActualYear, DayCount::kActual365_25);
    const Date first = Date::literal("2019-01-01") + *rc::gen::inRange(0, 6000);
    const Date last = first + *rc::gen::inRange(0, 1500);
    // The naive way: a day at a time.
    std::map<int, int> naive;
    for (Date day = first; day <= last; ++day) ++naive[day.year()];
    const auto parts = year_parts(day_count, first, last);
    RC_ASSERT(parts.size() == naive.size());
    for (const YearPart& part : parts) RC_ASSERT(naive[part.year] == part.days);
  }));
  for (int year = 2020; year <= 2035; ++year) {
    const auto parts = year_parts(DayCount::kActualYear, *Date::of(year, 1, 1), *Date::of(year, 12, 31));
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].days * 100, parts[0].year_days_hundredths);
  }
}

TEST(DayCount, WordsAreReadBack) {
  for (const auto day_count : {DayCount::kActual365, DayCount::kActualYear, DayCount::kActual365_25}) {
    EXPECT_EQ(parse_day_count(describe(day_count)), day_count);
  }
  EXPECT_FALSE(parse_day_count("30/360").has_value());
}

}  // namespace
}  // namespace navkeeper::time
