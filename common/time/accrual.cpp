#include "common/time/accrual.h"

#include <algorithm>
#include <string>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::time {
namespace {

/// The last day that a strike of `date` accrues, under a rule that looks forward.
Date forward_end(const Calendar& calendar, AccrualRule rule, Date date) {
  const Date end = calendar.next_business_day(date) - 1;
  return rule == AccrualRule::kForwardMonthEnd ? std::min(end, date.end_of_month()) : end;
}

}  // namespace

std::string_view describe(AccrualRule rule) {
  switch (rule) {
    case AccrualRule::kForward:
      return "forward";
    case AccrualRule::kBackward:
      return "backward";
    case AccrualRule::kForwardMonthEnd:
      return "forward_month_end";
  }
  ENSURE(false);
}

std::optional<AccrualRule> parse_accrual_rule(std::string_view word) {
  for (const AccrualRule rule :
       {AccrualRule::kForward, AccrualRule::kBackward, AccrualRule::kForwardMonthEnd}) {
    if (describe(rule) == word) return rule;
  }
  return std::nullopt;
}

base::Checked<AccrualDays> accrual_days(const Calendar& calendar, AccrualRule rule, Date date,
                                        std::optional<Date> inception) {
  return base::checked([&] {
    if (!calendar.is_business_day(date)) {
      base::refuse("calendar " + calendar.name(), date.to_string() + " is no business day");
    }
    if (inception && date < *inception) {
      base::refuse("accrual", date.to_string() + " is before the fund's inception " + inception->to_string());
    }
    AccrualDays days{date, date};
    switch (rule) {
      case AccrualRule::kForward:
        days.last = forward_end(calendar, rule, date);
        break;
      case AccrualRule::kBackward:
        days.first = calendar.previous_business_day(date) + 1;
        break;
      case AccrualRule::kForwardMonthEnd:
        // Only a strike in a new month can find days that its predecessor left at the month's end; for any
        // other the predecessor ended the day before, so the table is not asked for a day before its first.
        if (date.start_of_month() != date) {
          const Date before = date - 1;
          if (!calendar.is_business_day(before)) {
            const Date previous = calendar.previous_business_day(date);
            days.first = forward_end(calendar, rule, previous) + 1;
          }
        }
        days.last = forward_end(calendar, rule, date);
        break;
    }
    if (inception) days.first = std::max(days.first, *inception);
    return days;
  });
}

}  // namespace navkeeper::time
