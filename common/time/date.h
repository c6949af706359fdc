#pragma once
// Date: a civil day of the proleptic Gregorian calendar, without a zone. Years 0000 to 9999; arithmetic that
// would leave them throws std::overflow_error.
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/time/instant.h"

namespace navkeeper::time {

enum class Weekday { kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday, kSunday };
/// "Monday".
std::string_view describe(Weekday weekday);

constexpr bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
/// `month` from 1 to 12.
constexpr int days_in_month(int year, int month) {
  return month == 2                                                ? (is_leap_year(year) ? 29 : 28)
         : (month == 4 || month == 6 || month == 9 || month == 11) ? 30
                                                                   : 31;
}

class Date {
 public:
  constexpr Date() = default;  ///< 1970-01-01
  /// Days since 1970-01-01.
  static Date from_days(std::int64_t days);
  /// The day, or nothing when it does not exist (2023-02-29, month 13, year 10000).
  static std::optional<Date> of(int year, int month, int day);
  /// Reads exactly "YYYY-MM-DD".
  static std::optional<Date> parse(std::string_view text) noexcept;
  /// For constants of our own: the text must be right (ENSURE).
  static Date literal(std::string_view text);

  constexpr std::int32_t days() const { return days_; }
  int year() const;
  int month() const;  ///< 1 to 12
  int day() const;    ///< 1 to 31
  Weekday weekday() const;
  bool is_weekend() const { return weekday() >= Weekday::kSaturday; }
  Date start_of_month() const;
  Date end_of_month() const;
  /// Midnight UTC at its start; throws std::overflow_error outside the range of Instant.
  Instant utc_midnight() const;
  std::string to_string() const;  ///< "2023-09-05"

  constexpr auto operator<=>(const Date&) const = default;
  friend Date operator+(Date date, std::int64_t days);
  friend Date operator-(Date date, std::int64_t days);
  /// Days from b to a: positive when a is later.
  friend constexpr std::int64_t operator-(Date a, Date b) { return std::int64_t{a.days_} - b.days_; }
  Date& operator++() { return *this = *this + 1; }

 private:
  explicit constexpr Date(std::int32_t days) : days_(days) {}
  std::int32_t days_ = 0;
};

/// The UTC day that holds `instant`.
Date utc_date(Instant instant);

}  // namespace navkeeper::time

template <>
struct std::hash<navkeeper::time::Date> {
  std::size_t operator()(navkeeper::time::Date date) const noexcept {
    return std::hash<std::int32_t>{}(date.days());
  }
};
