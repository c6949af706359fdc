#pragma once
// Day counts: what part of a year some days are, exactly. A fee is base x annual rate x days / days of the
// year (facts: 1/365, or 1/366 in a leap year, of the NAV on that day; 365.25 is in use too).
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/time/date.h"

namespace navkeeper::time {

enum class DayCount {
  kActual365,     ///< "act/365": every year has 365 days
  kActualYear,    ///< "act/365_or_366": 366 for days that lie in a leap year
  kActual365_25,  ///< "act/365.25"
};
std::string_view describe(DayCount day_count);
std::optional<DayCount> parse_day_count(std::string_view word);

/// Days of one calendar year and what a year counts: the fraction is `days` / (`year_days_hundredths` / 100),
/// exactly; as a decimal the denominator is money::Decimal::of(year_days_hundredths, 2).
struct YearPart {
  int year = 0;
  std::int32_t days = 0;                  ///< at least 1
  std::int32_t year_days_hundredths = 0;  ///< 36500, 36600 or 36525
  bool operator==(const YearPart&) const = default;
};

/// The days `first` to `last`, both included, a part per calendar year that they touch, oldest first; none
/// when `last` is before `first`.
std::vector<YearPart> year_parts(DayCount day_count, Date first, Date last);

}  // namespace navkeeper::time
