#pragma once
// Instant: a point in time, and Duration: a span of it, both whole nanoseconds in 64 bits.
//
// An instant counts nanoseconds since 1970-01-01T00:00:00Z without leap seconds (POSIX time), so it reaches
// from 1677-09-21 to 2262-04-11. Arithmetic that would leave that range throws std::overflow_error; it never
// wraps.
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace navkeeper::time {

[[noreturn]] void throw_time_overflow();

/// A span of time in nanoseconds, either sign.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration from_ns(std::int64_t ns) { return Duration(ns); }
  static constexpr Duration milliseconds(std::int64_t count) { return scaled(count, 1'000'000); }
  static constexpr Duration seconds(std::int64_t count) { return scaled(count, 1'000'000'000); }
  static constexpr Duration minutes(std::int64_t count) { return scaled(count, 60'000'000'000); }
  static constexpr Duration hours(std::int64_t count) { return scaled(count, 3'600'000'000'000); }

  constexpr std::int64_t ns() const { return ns_; }
  constexpr auto operator<=>(const Duration&) const = default;

  friend constexpr Duration operator+(Duration a, Duration b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.ns_, b.ns_, &sum)) throw_time_overflow();
    return Duration(sum);
  }
  friend constexpr Duration operator-(Duration a, Duration b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.ns_, b.ns_, &difference)) throw_time_overflow();
    return Duration(difference);
  }
  friend constexpr Duration operator*(Duration a, std::int64_t times) { return scaled(a.ns_, times); }

 private:
  explicit constexpr Duration(std::int64_t ns) : ns_(ns) {}
  static constexpr Duration scaled(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) throw_time_overflow();
    return Duration(product);
  }
  std::int64_t ns_ = 0;
};

class Instant {
 public:
  constexpr Instant() = default;  ///< the epoch
  static constexpr Instant from_ns(std::int64_t ns_since_epoch) { return Instant(ns_since_epoch); }
  /// For constants of our own: the text must be RFC 3339 (ENSURE).
  static Instant literal(std::string_view rfc3339);
  static constexpr Instant earliest() { return Instant(INT64_MIN); }
  static constexpr Instant latest() { return Instant(INT64_MAX); }

  constexpr std::int64_t ns() const { return ns_; }
  constexpr auto operator<=>(const Instant&) const = default;

  friend constexpr Instant operator+(Instant a, Duration b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.ns_, b.ns(), &sum)) throw_time_overflow();
    return Instant(sum);
  }
  friend constexpr Instant operator-(Instant a, Duration b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.ns_, b.ns(), &difference)) throw_time_overflow();
    return Instant(difference);
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(a.ns_, b.ns_, &difference)) throw_time_overflow();
    return Duration::from_ns(difference);
  }

  /// RFC 3339 in UTC: "2023-09-05T16:00:00Z"; a fraction only when it is not zero, without trailing zeros:
  /// "2023-09-05T16:00:00.25Z". parse_rfc3339 reads it back to the same instant.
  std::string to_string() const;

 private:
  explicit constexpr Instant(std::int64_t ns) : ns_(ns) {}
  std::int64_t ns_ = 0;
};

/// Reads RFC 3339 section 5.6: date, one of `T`, `t` or a space, time, an optional fraction of one to nine
/// digits, and `Z`, `z` or an offset of at most 23:59 either way. Nothing when it is anything else, a date
/// that does not exist, a second 60 (no trade feed has leap seconds, and POSIX time cannot hold one), or an
/// instant outside the 64-bit range. Allocates nothing.
std::optional<Instant> parse_rfc3339(std::string_view text) noexcept;

}  // namespace navkeeper::time

template <>
struct std::hash<navkeeper::time::Instant> {
  std::size_t operator()(navkeeper::time::Instant instant) const noexcept {
    return std::hash<std::int64_t>{}(instant.ns());
  }
};
