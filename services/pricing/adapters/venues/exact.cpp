#include "services/pricing/adapters/venues/exact.h"

#include <array>
#include <string>

#include "common/base/ensure.h"

namespace navkeeper::pricing::venues {
namespace {

constexpr std::int64_t kMantissaEnd = 1'000'000'000'000'000'000;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible
/// low-level date algorithms", days_from_civil), for years from 1970.
constexpr std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = y / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
static_assert(days_of(1970, 1, 1) == 0);
static_assert(days_of(2000, 3, 1) == 11017);

constexpr std::int64_t days_in(std::int64_t year, std::int64_t month) {
  constexpr std::array<std::int64_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

/// `count` digits at `at`, or -1.
std::int64_t digits(const char* at, int count) {
  std::int64_t value = 0;
  for (int i = 0; i < count; ++i) {
    if (!is_digit(at[i])) return -1;
    value = value * 10 + (at[i] - '0');
  }
  return value;
}

/// Decimals read before the exponent is known.
constexpr std::int32_t kPlacesMax = 120;

/// At most Exact::kDigits decimals, where the others are zeros.
ExactError shorten(std::int64_t& mantissa, std::int32_t& scale) {
  for (; scale > Exact::kDigits; --scale) {
    if (mantissa % 10 != 0) return ExactError::kTooManyDigits;
    mantissa /= 10;
  }
  return ExactError::kNone;
}

/// Applies "e-5" to what was read; the mantissa is below 10^18.
ExactError apply_exponent(const char* at, const char* end, std::int64_t& mantissa, std::int32_t& scale) {
  bool negative = false;
  if (at != end && (*at == '-' || *at == '+')) negative = *at++ == '-';
  if (at == end) return ExactError::kMalformed;
  std::int32_t exponent = 0;
  for (; at != end; ++at) {
    if (!is_digit(*at)) return ExactError::kMalformed;
    if (exponent < 10'000) exponent = exponent * 10 + (*at - '0');
  }
  if (mantissa == 0) {
    scale = 0;
    return ExactError::kNone;
  }
  if (exponent > 100) return ExactError::kTooManyDigits;
  scale += negative ? exponent : -exponent;
  for (; scale < 0; ++scale) {
    if (mantissa >= kMantissaEnd / 10) return ExactError::kTooManyDigits;
    mantissa *= 10;
  }
  return shorten(mantissa, scale);
}

}  // namespace

ExactError read_exact(std::string_view text, Exact& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  bool negative = false;
  if (at != end && *at == '-') {
    negative = true;
    ++at;
  }
  std::int64_t mantissa = 0;
  std::int32_t scale = 0;
  const char* const whole = at;
  for (; at != end && is_digit(*at); ++at) {
    if (mantissa >= kMantissaEnd / 10) return ExactError::kTooManyDigits;
    mantissa = mantissa * 10 + (*at - '0');
  }
  if (at == whole) return ExactError::kMalformed;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    for (; at != end && is_digit(*at); ++at) {
      if (mantissa >= kMantissaEnd / 10 || scale == kPlacesMax) {
        if (*at != '0') return ExactError::kTooManyDigits;
        continue;  // A zero that is written but says nothing.
      }
      mantissa = mantissa * 10 + (*at - '0');
      ++scale;
    }
    if (at == fraction) return ExactError::kMalformed;
  }
  if (at != end) {
    if (*at != 'e' && *at != 'E') return ExactError::kMalformed;
    const ExactError error = apply_exponent(at + 1, end, mantissa, scale);
    if (error != ExactError::kNone) return error;
  } else if (shorten(mantissa, scale) != ExactError::kNone) {
    return ExactError::kTooManyDigits;
  }
  out.mantissa = negative ? -mantissa : mantissa;
  out.scale = scale;
  return ExactError::kNone;
}

std::optional<std::uint64_t> read_unsigned(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::optional<std::int64_t> read_utc(std::string_view text) {
  if (text.size() < 20 || text.size() > 30 || text.back() != 'Z') return std::nullopt;
  const char* const t = text.data();
  if (t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':') return std::nullopt;
  const std::int64_t year = digits(t, 4);
  const std::int64_t month = digits(t + 5, 2);
  const std::int64_t day = digits(t + 8, 2);
  const std::int64_t hour = digits(t + 11, 2);
  const std::int64_t minute = digits(t + 14, 2);
  const std::int64_t second = digits(t + 17, 2);
  if (year < 1970 || year > 2261 || month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
    return std::nullopt;
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  std::int64_t nanoseconds = 0;
  if (text.size() > 20) {
    const int places = static_cast<int>(text.size()) - 21;
    if (t[19] != '.' || places < 1) return std::nullopt;
    nanoseconds = digits(t + 20, places);
    if (nanoseconds < 0) return std::nullopt;
    for (int i = places; i < 9; ++i) nanoseconds *= 10;
  }
  return (days_of(year, month, day) * 86'400 + hour * 3'600 + minute * 60 + second) * 1'000'000'000 +
         nanoseconds;
}

std::string to_utc_ms(std::int64_t ns) {
  ENSURE(ns >= 0);
  const std::int64_t ms = ns / 1'000'000;
  const std::int64_t day_number = ms / 86'400'000;
  std::int64_t rest = ms % 86'400'000;
  // civil_from_days of the same source.
  const std::int64_t z = day_number + 719468;
  const std::int64_t era = z / 146097;
  const std::int64_t day_of_era = z - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto padded = [](std::int64_t value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width - text.size(), '0') + text;
  };
  std::string text = padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T";
  text += padded(rest / 3'600'000, 2) + ":";
  rest %= 3'600'000;
  text += padded(rest / 60'000, 2) + ":";
  rest %= 60'000;
  return text + padded(rest / 1'000, 2) + "." + padded(rest % 1'000, 3) + "Z";
}

}  // namespace navkeeper::pricing::venues
