#include "common/time/day_count.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::time {
namespace {

std::int32_t year_days_hundredths(DayCount day_count, int year) {
  switch (day_count) {
    case DayCount::kActual365:
      return 36'500;
    case DayCount::kActualYear:
      return is_leap_year(year) ? 36'600 : 36'500;
    case DayCount::kActual365_25:
      return 36'525;
  }
  ENSURE(false);
}

}  // namespace

std::string_view describe(DayCount day_count) {
  switch (day_count) {
    case DayCount::kActual365:
      return "act/365";
    case DayCount::kActualYear:
      return "act/365_or_366";
    case DayCount::kActual365_25:
      return "act/365.25";
  }
  ENSURE(false);
}

std::optional<DayCount> parse_day_count(std::string_view word) {
  for (const DayCount day_count : {DayCount::kActual365, DayCount::kActualYear, DayCount::kActual365_25}) {
    if (describe(day_count) == word) return day_count;
  }
  return std::nullopt;
}

std::vector<YearPart> year_parts(DayCount day_count, Date first, Date last) {
  std::vector<YearPart> parts;
  while (first <= last) {
    const int year = first.year();
    const Date end = std::min(last, *Date::of(year, 12, 31));
    parts.push_back(
        {year, static_cast<std::int32_t>(end - first) + 1, year_days_hundredths(day_count, year)});
    if (end == last) break;
    first = end + 1;
  }
  return parts;
}

}  // namespace navkeeper::time
