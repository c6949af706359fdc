#include "common/time/zone.h"

#include <date/tz.h>

#include <chrono>
#include <stdexcept>

#include "common/base/ensure.h"
#include "common/time/civil.h"

namespace navkeeper::time {
namespace {

constexpr std::int32_t kSecondsPerDay = 86'400;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

std::optional<TimeOfDay> TimeOfDay::of(int hour, int minute, int second) {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  TimeOfDay time;
  time.seconds_ = hour * 3600 + minute * 60 + second;
  return time;
}

std::optional<TimeOfDay> TimeOfDay::parse(std::string_view text) noexcept {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  const unsigned hour = civil::two_digits(text.data());
  const unsigned minute = civil::two_digits(text.data() + 3);
  unsigned second = 0;
  if (text.size() == 8) {
    if (text[5] != ':') return std::nullopt;
    second = civil::two_digits(text.data() + 6);
  }
  return of(static_cast<int>(hour), static_cast<int>(minute), static_cast<int>(second));
}

TimeOfDay TimeOfDay::literal(std::string_view text) {
  const auto time = parse(text);
  ENSURE(time.has_value());
  return *time;
}

std::string TimeOfDay::to_string() const {
  std::string text = second() == 0 ? "00:00" : "00:00:00";
  civil::put_digits(text.data(), static_cast<unsigned>(hour()), 2);
  civil::put_digits(text.data() + 3, static_cast<unsigned>(minute()), 2);
  if (second() != 0) civil::put_digits(text.data() + 6, static_cast<unsigned>(second()), 2);
  return text;
}

std::string_view describe(ZoneError error) {
  switch (error) {
    case ZoneError::kUnknownZone:
      return "the time zone is unknown";
    case ZoneError::kNonexistent:
      return "the local time does not exist on that day (the clocks skip it)";
    case ZoneError::kOutOfRange:
      return "the instant is outside the range of 64-bit nanoseconds";
  }
  ENSURE(false);
}

base::Result<Zone, ZoneError> Zone::find(std::string_view name) {
  try {
    return Zone(date::locate_zone(name));
  } catch (const std::runtime_error&) {  // what the library throws for a name that its table does not hold
    return ZoneError::kUnknownZone;
  }
}

Zone Zone::literal(std::string_view name) {
  const auto zone = find(name);
  ENSURE(zone.has_value());
  return *zone;
}

std::string Zone::name() const { return zone_->name(); }

base::Result<Instant, ZoneError> Zone::to_instant(Date date, TimeOfDay time) const {
  const date::local_seconds local(
      std::chrono::seconds(std::int64_t{date.days()} * kSecondsPerDay + time.seconds()));
  const date::local_info info = zone_->get_info(local);
  if (info.result == date::local_info::nonexistent) return ZoneError::kNonexistent;
  // Unique, or ambiguous: `first` is then the offset before the clocks go back, so the earlier instant.
  const std::int64_t seconds = (local.time_since_epoch() - info.first.offset).count();
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kNsPerSecond, &ns)) return ZoneError::kOutOfRange;
  return Instant::from_ns(ns);
}

LocalTime Zone::to_local(Instant instant) const {
  std::int64_t seconds = instant.ns() / kNsPerSecond;
  std::int64_t ns = instant.ns() % kNsPerSecond;
  if (ns < 0) {
    ns += kNsPerSecond;
    --seconds;
  }
  const date::sys_info info = zone_->get_info(date::sys_seconds(std::chrono::seconds(seconds)));
  const std::int64_t local = seconds + info.offset.count();
  std::int64_t days = local / kSecondsPerDay;
  if (local % kSecondsPerDay < 0) --days;
  const int second_of_day = static_cast<int>(local - days * kSecondsPerDay);
  LocalTime shown;
  shown.date = Date::from_days(days);
  shown.time = *TimeOfDay::of(second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
  shown.ns = static_cast<std::int32_t>(ns);
  shown.offset_seconds = static_cast<std::int32_t>(info.offset.count());
  return shown;
}

base::Result<Instant, ZoneError> local_to_instant(Date date, TimeOfDay time, std::string_view zone) {
  const auto found = Zone::find(zone);
  if (found.has_error()) return found.error();
  return found->to_instant(date, time);
}

}  // namespace navkeeper::time
