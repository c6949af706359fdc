#pragma once
// Which calendar days a strike accrues. Every rule accrues each calendar day exactly once over consecutive
// strikes; they differ in which strike, and so on which day's base.
//
// - forward: the strike of T accrues T to the day before the next business day. Friday takes Fri, Sat, Sun.
//
// - backward: the strike of T accrues the day after the previous business day to T. Monday takes Sat, Sun,
//   Mon.
//
// - forward_month_end: like forward, but never past the end of T's month; the days of the next month up to
//   the next strike are accrued by that one. Friday the 30th of a 31-day month takes the 30th and the 31st,
//   Monday the 2nd takes the 1st and the 2nd. So at a month's end the books hold exactly the month's days.
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/refusal.h"
#include "common/time/calendar.h"
#include "common/time/date.h"

namespace navkeeper::time {

enum class AccrualRule { kForward, kBackward, kForwardMonthEnd };
std::string_view describe(AccrualRule rule);
std::optional<AccrualRule> parse_accrual_rule(std::string_view word);

/// Consecutive calendar days, both included; empty when `last` is before `first`.
struct AccrualDays {
  Date first;
  Date last;
  std::int32_t count() const { return last < first ? 0 : static_cast<std::int32_t>(last - first) + 1; }
  bool operator==(const AccrualDays&) const = default;
};

/// The days that the strike of `date` accrues. `inception` is the fund's first day: earlier days are
/// nobody's. Refused: a date that is no business day, a date or a neighbouring business day outside the
/// calendar, a date before inception.
base::Checked<AccrualDays> accrual_days(const Calendar& calendar, AccrualRule rule, Date date,
                                        std::optional<Date> inception = std::nullopt);

}  // namespace navkeeper::time
