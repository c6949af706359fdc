#pragma once
// Local time to instant and back, by the name of a zone of the system's IANA database ("America/New_York",
// "UTC"). Right for the years 1970 to 2037, which the installed tables list change by change.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace date {
class time_zone;
}

namespace navkeeper::time {

/// A wall-clock time in whole seconds since local midnight, 00:00:00 to 23:59:59.
class TimeOfDay {
 public:
  constexpr TimeOfDay() = default;  ///< midnight
  /// Nothing when it is not a time of day.
  static std::optional<TimeOfDay> of(int hour, int minute, int second = 0);
  /// Reads exactly "HH:MM" or "HH:MM:SS"; 24:00 and second 60 are none.
  static std::optional<TimeOfDay> parse(std::string_view text) noexcept;
  /// For constants of our own: the text must be right (ENSURE).
  static TimeOfDay literal(std::string_view text);

  constexpr std::int32_t seconds() const { return seconds_; }
  int hour() const { return seconds_ / 3600; }
  int minute() const { return seconds_ / 60 % 60; }
  int second() const { return seconds_ % 60; }
  std::string to_string() const;  ///< "16:00", "16:00:30"
  constexpr auto operator<=>(const TimeOfDay&) const = default;

 private:
  std::int32_t seconds_ = 0;
};

/// Why a local time has no instant, tried in this order.
enum class ZoneError {
  kUnknownZone,  ///< no such name in the system's zone database
  kNonexistent,  ///< the clocks were put forward over it that day
  kOutOfRange,   ///< the instant does not fit 64 bits
};
std::string_view describe(ZoneError error);

/// What a zone's clocks and calendar show at an instant.
struct LocalTime {
  Date date;
  TimeOfDay time;
  std::int32_t ns = 0;              ///< nanoseconds within the second
  std::int32_t offset_seconds = 0;  ///< local minus UTC
};

/// A zone of the database; cheap to copy, valid for the life of the process.
class Zone {
 public:
  static base::Result<Zone, ZoneError> find(std::string_view name);
  /// For constants of our own: the zone must exist (ENSURE).
  static Zone literal(std::string_view name);

  std::string name() const;
  /// The instant at which the zone's clocks show `time` on `date`. A time that does not exist that day is
  /// refused; one that happens twice means the first.
  base::Result<Instant, ZoneError> to_instant(Date date, TimeOfDay time) const;
  LocalTime to_local(Instant instant) const;

 private:
  explicit Zone(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

/// Zone::find and Zone::to_instant in one.
base::Result<Instant, ZoneError> local_to_instant(Date date, TimeOfDay time, std::string_view zone);

}  // namespace navkeeper::time
