#include "services/nav/domain/policy/month.h"

#include <stdexcept>

#include "common/base/ensure.h"

namespace navkeeper::nav::policy {

time::Date months_after(time::Date date, int months) {
  ENSURE(months >= 0);
  const int month = date.year() * 12 + date.month() - 1 + months;
  if (const auto same_day = time::Date::of(month / 12, month % 12 + 1, date.day())) return *same_day;
  const auto first = time::Date::of(month / 12, month % 12 + 1, 1);
  if (!first) throw std::overflow_error("a date is outside the years 0000 to 9999");
  return first->end_of_month() + 1;
}

}  // namespace navkeeper::nav::policy
