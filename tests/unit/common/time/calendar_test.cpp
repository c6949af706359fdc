// The tables against what the exchange and the Federal Reserve published, year by year.
#include "common/time/calendar.h"

#include <gtest/gtest.h>

#include <map>

#include "common/base/refuse.h"

namespace navkeeper::time {
namespace {

/// "MM-DD" of every listed day of that kind in the year, blank separated.
std::string listed(const Calendar& calendar, int year, DayKind kind) {
  std::string text;
  for (const CalendarDay& day : calendar.listed_days()) {
    if (day.date.year() != year || day.kind != kind) continue;
    if (!text.empty()) text += ' ';
    text += day.date.to_string().substr(5);
  }
  return text;
}

struct Published {
  int year;
  const char* closed;
  const char* half;
};

TEST(ExchangeCalendar, HolidaysAndEarlyClosesAreThoseThatNyseGroupAnnounced) {
  // NYSE Group's yearly announcements of holidays and early closings (2020 to 2028).
  const Published years[] = {
      {2020, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"},
      {2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", "11-26"},
      {2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", "11-25"},
      {2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"},
      {2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"},
      {2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25", "07-03 11-28 12-24"},
      {2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25", "11-27 12-24"},
      {2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", "11-26"},
      {2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"},
  };
  for (const auto& [year, closed, half] : years) {
    EXPECT_EQ(listed(Calendar::exchange(), year, DayKind::kHoliday), closed) << year;
    EXPECT_EQ(listed(Calendar::exchange(), year, DayKind::kHalfDay), half) << year;
  }
}

TEST(ExchangeCalendar, TradingDaysPerYearAreThePublishedCounts) {
  const std::map<int, int> published = {{2020, 253}, {2021, 252}, {2022, 251}, {2023, 250},
                                        {2024, 252}, {2025, 250}, {2026, 251}, {2027, 251}};
  for (const auto& [year, days] : published) {
    EXPECT_EQ(Calendar::exchange().count_business_days(*Date::of(year, 1, 1), *Date::of(year, 12, 31)), days)
        << year;
  }
}

TEST(ExchangeCalendar, TheLastDayOfAYearIsOpenWhenNewYearIsASaturday) {
  EXPECT_EQ(Calendar::exchange().kind(Date::literal("2021-12-31")), DayKind::kBusiness);
  EXPECT_EQ(Calendar::exchange().kind(Date::literal("2027-12-31")), DayKind::kBusiness);
  EXPECT_EQ(Calendar::exchange().next_business_day(Date::literal("2021-12-31")), Date::literal("2022-01-03"));
}

TEST(ExchangeCalendar, ClosesAtThirteenOnHalfDaysAndNotAtAllOnClosedOnes) {
  const Calendar& exchange = Calendar::exchange();
  EXPECT_EQ(exchange.close(Date::literal("2026-11-27")), TimeOfDay::literal("13:00"));
  EXPECT_EQ(exchange.close(Date::literal("2026-11-25")), TimeOfDay::literal("16:00"));
  EXPECT_EQ(exchange.close(Date::literal("2026-11-26")), std::nullopt);
  EXPECT_EQ(exchange.close(Date::literal("2026-11-28")), std::nullopt);
  EXPECT_EQ(exchange.day_name(Date::literal("2026-11-26")), "Thanksgiving Day");
  EXPECT_EQ(exchange.day_name(Date::literal("2026-07-03")), "Independence Day (observed)");
  EXPECT_EQ(exchange.day_name(Date::literal("2025-01-09")), "National Day of Mourning for President Carter");
  EXPECT_EQ(exchange.day_name(Date::literal("2026-11-25")), "");
}

TEST(ExchangeCalendar, EveryYearClosesNineToElevenDaysAndNeverThreeWeekdaysRunning) {
  const Calendar& exchange = Calendar::exchange();
  for (int year = 2020; year <= 2035; ++year) {
    int closed = 0;
    for (Date day = *Date::of(year, 1, 1); day.year() == year; ++day) {
      if (exchange.kind(day) == DayKind::kHoliday) {
        ++closed;
        EXPECT_FALSE(day.is_weekend()) << day.to_string();
      }
    }
    EXPECT_GE(closed, 9) << year;
    EXPECT_LE(closed, 11) << year;
  }
  for (Date day = exchange.first(); day + 5 < exchange.last(); ++day) {
    EXPECT_LE(exchange.on_or_after(day) - day, 4) << day.to_string();
  }
}

TEST(BankCalendar, IsTheFederalReservesSchedule) {
  // The Federal Reserve Banks' holiday schedules: Saturday holidays are not moved, Sunday ones are.
  const Published years[] = {
      {2021, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25", ""},
      {2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26", ""},
      {2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25", ""},
      {2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25", ""},
      {2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25", ""},
      {2026, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25", ""},
      {2027, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25", ""},
  };
  for (const auto& [year, closed, half] : years) {
    EXPECT_EQ(listed(Calendar::bank(), year, DayKind::kHoliday), closed) << year;
    EXPECT_EQ(listed(Calendar::bank(), year, DayKind::kHalfDay), half) << year;
  }
  EXPECT_TRUE(Calendar::bank().is_business_day(Date::literal("2026-04-03")));  // Good Friday
  EXPECT_TRUE(
      Calendar::bank().is_business_day(Date::literal("2021-06-18")));  // the first Juneteenth: a Saturday
}

TEST(SettlementCalendar, RestsOnColumbusAndVeteransDayWhileTheExchangeTrades) {
  for (const char* text : {"2026-10-12", "2026-11-11", "2024-10-14", "2024-11-11"}) {
    EXPECT_TRUE(Calendar::exchange().is_business_day(Date::literal(text))) << text;
    EXPECT_FALSE(Calendar::settlement().is_business_day(Date::literal(text))) << text;
  }
  // Veterans Day on a Saturday is kept by neither.
  EXPECT_TRUE(Calendar::settlement().is_business_day(Date::literal("2023-11-10")));
  EXPECT_TRUE(Calendar::settlement().is_business_day(Date::literal("2025-01-09")));
  EXPECT_EQ(Calendar::settlement().add_business_days(Date::literal("2026-10-09"), 1),
            Date::literal("2026-10-13"));
}

TEST(SettlementCalendar, NeverSettlesOnAScheduledHolidayOfTheExchangeNorOnOneOfTheBanks) {
  for (Date day = Calendar::settlement().first(); day <= Calendar::settlement().last(); ++day) {
    if (!Calendar::settlement().is_business_day(day)) continue;
    EXPECT_TRUE(Calendar::bank().is_business_day(day)) << day.to_string();
    if (day != Date::literal("2025-01-09")) {
      EXPECT_TRUE(Calendar::exchange().is_business_day(day)) << day.to_string();
    }
  }
}

TEST(EverydayCalendars, AreOpenOnEveryDay) {
  for (const Calendar* calendar : {&Calendar::reference_rate(), &Calendar::custodian()}) {
    EXPECT_EQ(calendar->count_business_days(calendar->first(), calendar->last()), 5844);
    EXPECT_EQ(calendar->close(Date::literal("2026-12-25")), std::nullopt);
  }
}

TEST(Calendar, IsFoundByName) {
  for (const char* name : {"exchange", "settlement", "bank", "reference_rate", "custodian"}) {
    ASSERT_NE(Calendar::find(name), nullptr) << name;
    EXPECT_EQ(Calendar::find(name)->name(), name);
  }
  EXPECT_EQ(Calendar::find("NYSE"), nullptr);
}

TEST(Calendar, RefusesADateOutsideItsTable) {
  const Calendar& exchange = Calendar::exchange();
  for (const char* text : {"2019-12-31", "2036-01-01"}) {
    const Date date = Date::literal(text);
    EXPECT_THROW((void)exchange.kind(date), base::Refused);
    EXPECT_THROW((void)exchange.is_business_day(date), base::Refused);
    EXPECT_THROW((void)exchange.day_name(date), base::Refused);
    EXPECT_THROW((void)exchange.close(date), base::Refused);
    EXPECT_THROW((void)exchange.next_business_day(date), base::Refused);
    EXPECT_THROW((void)exchange.previous_business_day(date), base::Refused);
    EXPECT_THROW((void)exchange.add_business_days(date, 1), base::Refused);
    EXPECT_THROW((void)exchange.count_business_days(date, date), base::Refused);
  }
  EXPECT_THROW((void)exchange.next_business_day(exchange.last()), base::Refused);
  EXPECT_THROW((void)exchange.previous_business_day(Date::literal("2020-01-02")), base::Refused);
}

TEST(Calendar, StepsOverWeekendsAndHolidaysBothWays) {
  const Calendar& exchange = Calendar::exchange();
  EXPECT_EQ(exchange.next_business_day(Date::literal("2026-04-02")), Date::literal("2026-04-06"));
  EXPECT_EQ(exchange.previous_business_day(Date::literal("2026-04-06")), Date::literal("2026-04-02"));
  EXPECT_EQ(exchange.on_or_after(Date::literal("2026-04-03")), Date::literal("2026-04-06"));
  EXPECT_EQ(exchange.on_or_before(Date::literal("2026-04-05")), Date::literal("2026-04-02"));
  EXPECT_EQ(exchange.on_or_before(Date::literal("2026-04-02")), Date::literal("2026-04-02"));
  EXPECT_EQ(exchange.add_business_days(Date::literal("2026-04-02"), 2), Date::literal("2026-04-07"));
  EXPECT_EQ(exchange.add_business_days(Date::literal("2026-04-07"), -2), Date::literal("2026-04-02"));
  EXPECT_EQ(exchange.add_business_days(Date::literal("2026-04-03"), 1), Date::literal("2026-04-06"));
  EXPECT_EQ(exchange.add_business_days(Date::literal("2026-04-02"), 0), Date::literal("2026-04-02"));
  EXPECT_THROW((void)exchange.add_business_days(Date::literal("2026-04-03"), 0), base::Refused);
  EXPECT_EQ(exchange.count_business_days(Date::literal("2026-04-06"), Date::literal("2026-04-02")), 0);
}

TEST(Calendar, TakesDatedExceptionsWithoutChangingTheTableItCameFrom) {
  const CalendarDay storm[] = {
      {Date::literal("2026-06-10"), DayKind::kHoliday, std::nullopt, "Hurricane"},
      {Date::literal("2026-06-11"), DayKind::kHalfDay, TimeOfDay::literal("12:00"), "Late power failure"},
      {Date::literal("2026-04-03"), DayKind::kBusiness, std::nullopt, "Open after all"},
  };
  const Calendar changed = Calendar::exchange().with_exceptions(storm);
  EXPECT_FALSE(changed.is_business_day(storm[0].date));
  EXPECT_EQ(changed.day_name(storm[0].date), "Hurricane");
  EXPECT_EQ(changed.close(storm[1].date), TimeOfDay::literal("12:00"));
  EXPECT_EQ(changed.close(storm[2].date), TimeOfDay::literal("16:00"));
  EXPECT_TRUE(Calendar::exchange().is_business_day(storm[0].date));
}

TEST(Calendar, RefusesExceptionsThatMakeNoSense) {
  const auto refused = [](std::vector<CalendarDay> days) {
    EXPECT_THROW((void)Calendar::exchange().with_exceptions(days), base::Refused);
  };
  const Date day = Date::literal("2026-06-10");
  refused({{day, DayKind::kHoliday, std::nullopt, ""}});
  refused({{day, DayKind::kHalfDay, std::nullopt, "No time"}});
  refused({{day, DayKind::kHalfDay, TimeOfDay::literal("16:00"), "Not early"}});
  refused({{day, DayKind::kHoliday, TimeOfDay::literal("13:00"), "Closed at a time"}});
  refused({{Date::literal("2036-06-10"), DayKind::kHoliday, std::nullopt, "Too late"}});
  refused({{day, DayKind::kHoliday, std::nullopt, "Once"}, {day, DayKind::kBusiness, std::nullopt, "Twice"}});
  const CalendarDay half[] = {{day, DayKind::kHalfDay, TimeOfDay::literal("13:00"), "Half"}};
  EXPECT_THROW((void)Calendar::bank().with_exceptions(half), base::Refused);
}

}  // namespace
}  // namespace navkeeper::time
