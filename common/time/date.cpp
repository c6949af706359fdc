#include "common/time/date.h"

#include <stdexcept>

#include "common/base/ensure.h"
#include "common/time/civil.h"

namespace navkeeper::time {
namespace {

constexpr std::int32_t kFirstDay = civil::days_from_civil(0, 1, 1);
constexpr std::int32_t kLastDay = civil::days_from_civil(9999, 12, 31);
constexpr std::int64_t kNsPerDay = 86'400'000'000'000;

}  // namespace

std::string_view describe(Weekday weekday) {
  switch (weekday) {
    case Weekday::kMonday:
      return "Monday";
    case Weekday::kTuesday:
      return "Tuesday";
    case Weekday::kWednesday:
      return "Wednesday";
    case Weekday::kThursday:
      return "Thursday";
    case Weekday::kFriday:
      return "Friday";
    case Weekday::kSaturday:
      return "Saturday";
    case Weekday::kSunday:
      return "Sunday";
  }
  ENSURE(false);
}

Date Date::from_days(std::int64_t days) {
  if (days < kFirstDay || days > kLastDay)
    throw std::overflow_error("a date is outside the years 0000 to 9999");
  return Date(static_cast<std::int32_t>(days));
}

std::optional<Date> Date::of(int year, int month, int day) {
  if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
    return std::nullopt;
  }
  return Date(civil::days_from_civil(year, month, day));
}

std::optional<Date> Date::parse(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const unsigned century = civil::two_digits(text.data());
  const unsigned of_century = civil::two_digits(text.data() + 2);
  const unsigned month = civil::two_digits(text.data() + 5);
  const unsigned day = civil::two_digits(text.data() + 8);
  if (century > 99 || of_century > 99 || month > 12 || day > 31) return std::nullopt;
  return of(static_cast<int>(century * 100 + of_century), static_cast<int>(month), static_cast<int>(day));
}

Date Date::literal(std::string_view text) {
  const auto date = parse(text);
  ENSURE(date.has_value());
  return *date;
}

int Date::year() const { return civil::civil_from_days(days_).year; }
int Date::month() const { return civil::civil_from_days(days_).month; }
int Date::day() const { return civil::civil_from_days(days_).day; }

Weekday Date::weekday() const {
  // 1970-01-01 was a Thursday.
  const int since_monday = (days_ + 3) % 7;
  return static_cast<Weekday>(since_monday < 0 ? since_monday + 7 : since_monday);
}

Date Date::start_of_month() const {
  const auto [year, month, day] = civil::civil_from_days(days_);
  return Date(days_ - day + 1);
}

Date Date::end_of_month() const {
  const auto [year, month, day] = civil::civil_from_days(days_);
  return Date(days_ - day + days_in_month(year, month));
}

Instant Date::utc_midnight() const {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(std::int64_t{days_}, kNsPerDay, &ns)) throw_time_overflow();
  return Instant::from_ns(ns);
}

std::string Date::to_string() const {
  const auto [year, month, day] = civil::civil_from_days(days_);
  std::string text = "0000-00-00";
  civil::put_digits(text.data(), static_cast<unsigned>(year), 4);
  civil::put_digits(text.data() + 5, static_cast<unsigned>(month), 2);
  civil::put_digits(text.data() + 8, static_cast<unsigned>(day), 2);
  return text;
}

Date operator+(Date date, std::int64_t days) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(std::int64_t{date.days_}, days, &sum)) throw_time_overflow();
  return Date::from_days(sum);
}

Date operator-(Date date, std::int64_t days) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(std::int64_t{date.days_}, days, &difference)) throw_time_overflow();
  return Date::from_days(difference);
}

Date utc_date(Instant instant) {
  std::int64_t days = instant.ns() / kNsPerDay;
  if (instant.ns() % kNsPerDay < 0) --days;
  return Date::from_days(days);
}

}  // namespace navkeeper::time
