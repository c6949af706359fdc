#pragma once
// Days of the proleptic Gregorian calendar to year, month, day and back, by the era arithmetic of Howard
// Hinnant, "chrono-Compatible Low-Level Date Algorithms". Shared by the parsers; everyone else uses Date.
#include <cstdint>

namespace navkeeper::time::civil {

struct Civil {
  int year;
  int month;
  int day;
};

/// Days since 1970-01-01; the date must exist and its year be 0 or later.
constexpr std::int32_t days_from_civil(int year, int month, int day) {
  const int shifted =
      month <= 2 ? year - 1 : year;  // years begin in March, so that a leap day is the last one
  const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int year_of_era = shifted - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr Civil civil_from_days(std::int32_t days) {
  const int shifted = days + 719468;
  const int era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int day_of_era = shifted - era * 146097;
  const int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int month_from_march = (5 * day_of_year + 2) / 153;
  const int day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

/// The digit, or a value above 9 when `c` is none.
constexpr unsigned digit(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }

/// Two digits at `text`, or a value above 99 when either is none.
constexpr unsigned two_digits(const char* text) {
  const unsigned tens = digit(text[0]);
  const unsigned ones = digit(text[1]);
  return (tens > 9 || ones > 9) ? 1000 : tens * 10 + ones;
}

/// Writes `value` at `to` with exactly `width` digits.
constexpr void put_digits(char* to, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

}  // namespace navkeeper::time::civil
