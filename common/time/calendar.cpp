#include "common/time/calendar.h"

#include <set>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::time {

std::string_view describe(DayKind kind) {
  switch (kind) {
    case DayKind::kBusiness:
      return "business day";
    case DayKind::kHalfDay:
      return "half day";
    case DayKind::kWeekend:
      return "weekend";
    case DayKind::kHoliday:
      return "holiday";
  }
  ENSURE(false);
}

Calendar::Calendar(std::string name, Date first, Date last, std::optional<TimeOfDay> close,
                   bool weekends_open, std::span<const CalendarDay> days)
    : name_(std::move(name)), first_(first), last_(last), close_(close), weekends_open_(weekends_open) {
  if (last < first) base::refuse("calendar " + name_, "ends before it begins");
  Days table;
  table.kinds.reserve(static_cast<std::size_t>(last - first) + 1);
  for (Date date = first; date <= last; ++date) {
    table.kinds.push_back(!weekends_open_ && date.is_weekend() ? DayKind::kWeekend : DayKind::kBusiness);
  }
  for (const CalendarDay& day : days) put(table, day);
  days_ = std::make_shared<const Days>(std::move(table));
}

Calendar Calendar::with_exceptions(std::span<const CalendarDay> exceptions) const {
  Calendar result = *this;
  if (exceptions.empty()) return result;
  Days table = *days_;
  std::set<Date> seen;
  for (const CalendarDay& day : exceptions) {
    if (!seen.insert(day.date).second) {
      base::refuse("calendar " + name_, "two exceptions for " + day.date.to_string());
    }
    put(table, day);
  }
  result.days_ = std::make_shared<const Days>(std::move(table));
  return result;
}

void Calendar::put(Days& days, const CalendarDay& day) const {
  check_covers(day.date);
  const std::string where = "calendar " + name_ + ", " + day.date.to_string();
  if (day.name.empty()) base::refuse(where, "a listed day needs a name");
  if (day.kind == DayKind::kHalfDay) {
    if (!close_) base::refuse(where, "a half day in a calendar whose days do not close");
    if (!day.close || *day.close >= *close_) {
      base::refuse(where, "a half day needs a closing time before " + close_->to_string());
    }
  } else if (day.close) {
    base::refuse(where, "only a half day has a closing time of its own");
  }
  days.kinds[static_cast<std::size_t>(day.date - first_)] = day.kind;
  days.listed.insert_or_assign(day.date, day);
}

void Calendar::check_covers(Date date) const {
  if (covers(date)) return;
  base::refuse("calendar " + name_, date.to_string() + " is outside the table, which reaches from " +
                                        first_.to_string() + " to " + last_.to_string());
}

DayKind Calendar::kind(Date date) const {
  check_covers(date);
  return days_->kinds[static_cast<std::size_t>(date - first_)];
}

bool Calendar::is_business_day(Date date) const {
  const DayKind day = kind(date);
  return day == DayKind::kBusiness || day == DayKind::kHalfDay;
}

std::string_view Calendar::day_name(Date date) const {
  check_covers(date);
  const auto found = days_->listed.find(date);
  return found == days_->listed.end() ? std::string_view() : std::string_view(found->second.name);
}

std::optional<TimeOfDay> Calendar::close(Date date) const {
  switch (kind(date)) {
    case DayKind::kBusiness:
      return close_;
    case DayKind::kHalfDay:
      return days_->listed.at(date).close;
    case DayKind::kWeekend:
    case DayKind::kHoliday:
      return std::nullopt;
  }
  ENSURE(false);
}

Date Calendar::next_business_day(Date date) const {
  check_covers(date);
  return on_or_after(date + 1);
}

Date Calendar::previous_business_day(Date date) const {
  check_covers(date);
  return on_or_before(date - 1);
}

Date Calendar::on_or_after(Date date) const {
  while (!is_business_day(date)) ++date;
  return date;
}

Date Calendar::on_or_before(Date date) const {
  while (!is_business_day(date)) date = date - 1;
  return date;
}

Date Calendar::add_business_days(Date date, int count) const {
  if (count == 0 && !is_business_day(date)) {
    base::refuse("calendar " + name_, date.to_string() + " is no business day");
  }
  check_covers(date);
  for (; count > 0; --count) date = next_business_day(date);
  for (; count < 0; ++count) date = previous_business_day(date);
  return date;
}

int Calendar::count_business_days(Date from, Date to) const {
  check_covers(from);
  check_covers(to);
  int count = 0;
  for (Date date = from; date <= to; ++date) count += is_business_day(date) ? 1 : 0;
  return count;
}

std::vector<CalendarDay> Calendar::listed_days() const {
  std::vector<CalendarDay> days;
  days.reserve(days_->listed.size());
  for (const auto& [date, day] : days_->listed) days.push_back(day);
  return days;
}

}  // namespace navkeeper::time
