#include "common/time/instant.h"

#include <stdexcept>

#include "common/base/ensure.h"
#include "common/time/civil.h"
#include "common/time/date.h"

namespace navkeeper::time {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

}  // namespace

void throw_time_overflow() { throw std::overflow_error("a time is outside the range of 64-bit nanoseconds"); }

Instant Instant::literal(std::string_view rfc3339) {
  const auto instant = parse_rfc3339(rfc3339);
  ENSURE(instant.has_value());
  return *instant;
}

std::string Instant::to_string() const {
  std::int64_t seconds = ns_ / kNsPerSecond;
  std::int64_t fraction = ns_ % kNsPerSecond;
  if (fraction < 0) {
    fraction += kNsPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) {
    second_of_day += kSecondsPerDay;
    --days;
  }
  const auto [year, month, day] = civil::civil_from_days(static_cast<std::int32_t>(days));
  const auto of_day = static_cast<unsigned>(second_of_day);
  char text[] = "0000-00-00T00:00:00.000000000Z";
  civil::put_digits(text, static_cast<unsigned>(year), 4);
  civil::put_digits(text + 5, static_cast<unsigned>(month), 2);
  civil::put_digits(text + 8, static_cast<unsigned>(day), 2);
  civil::put_digits(text + 11, of_day / 3600, 2);
  civil::put_digits(text + 14, of_day / 60 % 60, 2);
  civil::put_digits(text + 17, of_day % 60, 2);
  std::size_t length = 19;
  if (fraction != 0) {
    civil::put_digits(text + 20, static_cast<unsigned>(fraction), 9);
    length = 29;
    while (text[length - 1] == '0') --length;
  }
  text[length++] = 'Z';
  return std::string(text, length);
}

std::optional<Instant> parse_rfc3339(std::string_view text) noexcept {
  // Shortest: 2023-09-05T16:00:00Z. Longest: nine fraction digits and an offset.
  if (text.size() < 20 || text.size() > 35) return std::nullopt;
  const char* at = text.data();
  const char* const end = at + text.size();

  // The fourteen digits are checked together: `wrong` gets a bit above the low four from any that is none (a
  // digit plus six stays below sixteen), so that an ordinary row takes one branch here.
  unsigned wrong = 0;
  const auto two = [&wrong](const char* digits) {
    const unsigned tens = civil::digit(digits[0]);
    const unsigned ones = civil::digit(digits[1]);
    wrong |= tens | (tens + 6) | ones | (ones + 6);
    return tens * 10 + ones;
  };
  const unsigned century = two(at);
  const unsigned of_century = two(at + 2);
  const unsigned month = two(at + 5);
  const unsigned day = two(at + 8);
  const unsigned hour = two(at + 11);
  const unsigned minute = two(at + 14);
  const unsigned second = two(at + 17);
  if (wrong > 15 || at[4] != '-' || at[7] != '-' || at[13] != ':' || at[16] != ':' ||
      (at[10] != 'T' && at[10] != 't' && at[10] != ' ') || month - 1 > 11 || hour > 23 || minute > 59 ||
      second > 59) {
    return std::nullopt;
  }
  const int year = static_cast<int>(century * 100 + of_century);
  if (day == 0 || day > static_cast<unsigned>(days_in_month(year, static_cast<int>(month))))
    return std::nullopt;
  at += 19;

  std::int64_t fraction_ns = 0;
  if (*at == '.') {
    static constexpr std::int64_t kNsPerUnit[] = {0,      100'000'000, 10'000'000, 1'000'000, 100'000,
                                                  10'000, 1'000,       100,        10,        1};
    const char* const first = ++at;
    std::int64_t digits = 0;
    for (; at != end && civil::digit(*at) <= 9; ++at) digits = digits * 10 + civil::digit(*at);
    const auto count = at - first;  // 15 at most, by the text's length
    if (count == 0 || count > 9 || at == end) return std::nullopt;
    fraction_ns = digits * kNsPerUnit[count];
  }

  std::int64_t offset_seconds = 0;
  if (*at == 'Z' || *at == 'z') {
    if (end - at != 1) return std::nullopt;
  } else {
    if ((*at != '+' && *at != '-') || end - at != 6 || at[3] != ':') return std::nullopt;
    const unsigned offset_hour = civil::two_digits(at + 1);
    const unsigned offset_minute = civil::two_digits(at + 4);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_seconds = static_cast<std::int64_t>(offset_hour) * 3600 + offset_minute * 60;
    if (*at == '-') offset_seconds = -offset_seconds;
  }

  const std::int64_t days = civil::days_from_civil(year, static_cast<int>(month), static_cast<int>(day));
  const std::int64_t seconds = days * kSecondsPerDay + hour * 3600 + minute * 60 + second - offset_seconds;
  // In 128 bits, because the earliest instant's whole seconds alone lie below the range.
  const __int128 ns = static_cast<__int128>(seconds) * kNsPerSecond + fraction_ns;
  if (ns < INT64_MIN || ns > INT64_MAX) return std::nullopt;
  return Instant::from_ns(static_cast<std::int64_t>(ns));
}

}  // namespace navkeeper::time
