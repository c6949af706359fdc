// The five tables, 2020 to 2035, made from rules plus dated exceptions.
//
// exchange: NYSE Rule 7.2 and NYSE Arca Rule 7.2-E. A holiday on a Sunday is kept on Monday, one on a
// Saturday on Friday, except when that Friday ends a monthly or yearly accounting period: so no holiday on
// 31 December 2021 and 2027. Juneteenth since 2022. Early closes at 13:00, as in NYSE Group's yearly
// announcements: the day after Thanksgiving, 3 July when it and 4 July are weekdays, 24 December when it is
// an ordinary weekday.
//
// bank: the Federal Reserve Banks' holiday schedule. Sunday moves to Monday, Saturday does not move; open on
// Good Friday.
//
// settlement: DTCC. Closed on the exchange's scheduled holidays, and no settlement on the two bank holidays
// on which the exchange trades, Columbus and Veterans Day. An unscheduled closing of the exchange is taken
// not to stop settlement: for 9 January 2025 SIFMA's matrix shows Fedwire and the settlement of dollar bonds
// open; for equities that is an inference, which a fund can override by a dated exception.
//
// reference_rate, custodian: every day; two tables, because they need not stay alike.
#include <array>
#include <vector>

#include "common/time/calendar.h"
#include "common/time/civil.h"

namespace navkeeper::time {
namespace {

constexpr int kFirstYear = 2020;
constexpr int kLastYear = 2035;
constexpr int kJuneteenthSince =
    2022;  // law of 17 June 2021; the exchange's and the banks' schedules from 2022
constexpr std::string_view kColumbusDay = "Columbus Day";
constexpr std::string_view kVeteransDay = "Veterans Day";

Date civil_date(int year, int month, int day) {
  return Date::from_days(civil::days_from_civil(year, month, day));
}

/// The `nth` (from 1) such weekday of the month.
Date nth_weekday(int year, int month, Weekday weekday, int nth) {
  const Date first = civil_date(year, month, 1);
  const int ahead = (static_cast<int>(weekday) - static_cast<int>(first.weekday()) + 7) % 7;
  return first + ahead + 7 * (nth - 1);
}

Date last_monday_of_may(int year) {
  const Date last = civil_date(year, 5, 31);
  return last - static_cast<int>(last.weekday());
}

/// Western Easter Sunday: the anonymous Gregorian computus (Meeus, Astronomical Algorithms, chapter 8).
Date easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = b / 4;
  const int e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4;
  const int k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int from_march = h + l - 7 * m + 114;
  return civil_date(year, from_march / 31, from_march % 31 + 1);
}

/// A holiday as the statute has it, before anyone observes it on another day.
struct NamedDate {
  Date date;
  std::string_view name;
};

std::vector<NamedDate> statutory_holidays(int year) {
  std::vector<NamedDate> days = {
      {civil_date(year, 1, 1), "New Year's Day"},
      {nth_weekday(year, 1, Weekday::kMonday, 3), "Martin Luther King, Jr. Day"},
      {nth_weekday(year, 2, Weekday::kMonday, 3), "Washington's Birthday"},
      {last_monday_of_may(year), "Memorial Day"},
  };
  if (year >= kJuneteenthSince)
    days.push_back({civil_date(year, 6, 19), "Juneteenth National Independence Day"});
  days.push_back({civil_date(year, 7, 4), "Independence Day"});
  days.push_back({nth_weekday(year, 9, Weekday::kMonday, 1), "Labor Day"});
  days.push_back({nth_weekday(year, 10, Weekday::kMonday, 2), kColumbusDay});
  days.push_back({civil_date(year, 11, 11), kVeteransDay});
  days.push_back({nth_weekday(year, 11, Weekday::kThursday, 4), "Thanksgiving Day"});
  days.push_back({civil_date(year, 12, 25), "Christmas Day"});
  return days;
}

bool is_bank_only(std::string_view name) { return name == kColumbusDay || name == kVeteransDay; }

CalendarDay holiday(Date observed, const NamedDate& day) {
  std::string name(day.name);
  if (observed != day.date) name += " (observed)";
  return {observed, DayKind::kHoliday, std::nullopt, std::move(name)};
}

std::vector<CalendarDay> bank_holidays(int year) {
  std::vector<CalendarDay> days;
  for (const NamedDate& day : statutory_holidays(year)) {
    if (day.date.weekday() == Weekday::kSaturday) continue;
    days.push_back(holiday(day.date.weekday() == Weekday::kSunday ? day.date + 1 : day.date, day));
  }
  return days;
}

std::vector<CalendarDay> exchange_holidays(int year) {
  std::vector<CalendarDay> days;
  for (const NamedDate& day : statutory_holidays(year)) {
    if (is_bank_only(day.name)) continue;
    Date observed = day.date;
    if (day.date.weekday() == Weekday::kSunday) observed = day.date + 1;
    if (day.date.weekday() == Weekday::kSaturday) {
      observed = day.date - 1;
      if (observed == observed.end_of_month()) continue;
    }
    days.push_back(holiday(observed, day));
  }
  const Date good_friday = easter_sunday(year) - 2;
  days.push_back(holiday(good_friday, {good_friday, "Good Friday"}));
  return days;
}

std::vector<CalendarDay> exchange_half_days(int year) {
  const auto early = [](Date date, std::string name) {
    return CalendarDay{date, DayKind::kHalfDay, TimeOfDay::literal("13:00"), std::move(name)};
  };
  std::vector<CalendarDay> days;
  const Date independence_eve = civil_date(year, 7, 3);
  if (!independence_eve.is_weekend() && !(independence_eve + 1).is_weekend()) {
    days.push_back(early(independence_eve, "Day before Independence Day"));
  }
  days.push_back(early(nth_weekday(year, 11, Weekday::kThursday, 4) + 1, "Day after Thanksgiving"));
  // On a Friday it is the observed holiday of a Saturday's Christmas.
  const Date christmas_eve = civil_date(year, 12, 24);
  if (christmas_eve.weekday() < Weekday::kFriday) days.push_back(early(christmas_eve, "Christmas Eve"));
  return days;
}

/// What no rule says.
const std::vector<CalendarDay>& exchange_exceptions() {
  static const std::vector<CalendarDay> days = {
      {Date::literal("2025-01-09"), DayKind::kHoliday, std::nullopt,
       "National Day of Mourning for President Carter"},
  };
  return days;
}

template <class... OfYear>
std::vector<CalendarDay> every_year(OfYear... of_year) {
  std::vector<CalendarDay> days;
  const auto append = [&](std::vector<CalendarDay> more) {
    days.insert(days.end(), more.begin(), more.end());
  };
  for (int year = kFirstYear; year <= kLastYear; ++year) (append(of_year(year)), ...);
  return days;
}

Calendar table(std::string name, std::optional<TimeOfDay> close, bool weekends_open,
               const std::vector<CalendarDay>& days) {
  return Calendar(std::move(name), civil_date(kFirstYear, 1, 1), civil_date(kLastYear, 12, 31), close,
                  weekends_open, days);
}

}  // namespace

const Calendar& Calendar::exchange() {
  static const Calendar calendar =
      table("exchange", TimeOfDay::literal("16:00"), false, every_year(exchange_holidays, exchange_half_days))
          .with_exceptions(exchange_exceptions());
  return calendar;
}

const Calendar& Calendar::settlement() {
  static const Calendar calendar =
      table("settlement", std::nullopt, false, every_year(exchange_holidays, [](int year) {
              std::vector<CalendarDay> days;
              for (CalendarDay& day : bank_holidays(year)) {
                const std::string_view name = day.name;
                if (name.starts_with(kColumbusDay) || name.starts_with(kVeteransDay))
                  days.push_back(std::move(day));
              }
              return days;
            }));
  return calendar;
}

const Calendar& Calendar::bank() {
  static const Calendar calendar = table("bank", std::nullopt, false, every_year(bank_holidays));
  return calendar;
}

const Calendar& Calendar::reference_rate() {
  static const Calendar calendar = table("reference_rate", std::nullopt, true, {});
  return calendar;
}

const Calendar& Calendar::custodian() {
  static const Calendar calendar = table("custodian", std::nullopt, true, {});
  return calendar;
}

const Calendar* Calendar::find(std::string_view name) {
  for (const Calendar* calendar :
       std::array{&exchange(), &settlement(), &bank(), &reference_rate(), &custodian()}) {
    if (calendar->name() == name) return calendar;
  }
  return nullptr;
}

}  // namespace navkeeper::time
