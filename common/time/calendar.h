#pragma once
// Calendars are tables, several and apart: `exchange` (NYSE and NYSE Arca), `settlement` (US securities),
// `bank` (Federal Reserve), `reference_rate` and `custodian` (every day). Each is made from rules plus dated
// exceptions for 2020 to 2035; the rules and their sources stand in calendars.cpp. A fund adds exceptions of
// its own.
//
// Every function that takes a date throws base::Refused for one that the table does not cover, naming
// calendar and date: nothing is guessed. So do those whose answer would lie outside.
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/date.h"
#include "common/time/zone.h"

namespace navkeeper::time {

enum class DayKind {
  kBusiness,  ///< open, closing at the usual time
  kHalfDay,   ///< open, closing early: a business day
  kWeekend,   ///< closed, no holiday
  kHoliday,   ///< closed, scheduled or not
};
std::string_view describe(DayKind kind);

/// A day that differs from what its weekday says, or (exceptions) from what the rules say.
struct CalendarDay {
  Date date;
  DayKind kind = DayKind::kHoliday;
  std::optional<TimeOfDay> close;  ///< local; half days only
  std::string name;                ///< "Good Friday", "Day after Thanksgiving"; never empty
  bool operator==(const CalendarDay&) const = default;
};

class Calendar {
 public:
  /// A table from `first` to `last`, both covered. `close` is the usual local closing time of a calendar
  /// whose days close. `weekends_open`: Saturday and Sunday are business days unless `days` says otherwise.
  /// Of two entries for one date the later in `days` stands. Refused: an entry outside the table, one without
  /// a name, a half day without a closing time before the usual one.
  Calendar(std::string name, Date first, Date last, std::optional<TimeOfDay> close, bool weekends_open,
           std::span<const CalendarDay> days);

  static const Calendar& exchange();
  static const Calendar& settlement();
  static const Calendar& bank();
  static const Calendar& reference_rate();
  static const Calendar& custodian();
  /// By its name in a fund's file: "exchange", "settlement", "bank", "reference_rate", "custodian"; or null.
  static const Calendar* find(std::string_view name);

  /// The same calendar with dated exceptions on top: an unscheduled closing (kHoliday), an extra half day, a
  /// day open after all (kBusiness). Refused as by the constructor, and two exceptions for one date.
  Calendar with_exceptions(std::span<const CalendarDay> exceptions) const;

  const std::string& name() const { return name_; }
  Date first() const { return first_; }
  Date last() const { return last_; }
  bool covers(Date date) const { return first_ <= date && date <= last_; }

  DayKind kind(Date date) const;
  bool is_business_day(Date date) const;
  /// Why the day is special, empty for an ordinary one: "Thanksgiving Day", "Christmas Eve".
  std::string_view day_name(Date date) const;
  /// Local closing time of a business day; nothing on a closed day and for a calendar that never closes.
  std::optional<TimeOfDay> close(Date date) const;

  Date next_business_day(Date date) const;      ///< the first one after `date`
  Date previous_business_day(Date date) const;  ///< the last one before `date`
  Date on_or_after(Date date) const;            ///< `date` itself when it is one
  Date on_or_before(Date date) const;
  /// `count` business days on from `date`, or back when negative; with 0, `date` itself, which must then be
  /// one.
  Date add_business_days(Date date, int count) const;
  /// Business days from `from` to `to`, both included; 0 when `to` is earlier.
  int count_business_days(Date from, Date to) const;

  /// Every listed day (holidays, half days, exceptions) in order, for printing.
  std::vector<CalendarDay> listed_days() const;

 private:
  struct Days {
    std::vector<DayKind> kinds;  ///< a day each, from first_
    std::map<Date, CalendarDay> listed;
  };
  void check_covers(Date date) const;
  void put(Days& days, const CalendarDay& day) const;

  std::string name_;
  Date first_;
  Date last_;
  std::optional<TimeOfDay> close_;
  bool weekends_open_;
  std::shared_ptr<const Days> days_;  ///< of all copies: a strike copies its fund's calendar several times
};

}  // namespace navkeeper::time
