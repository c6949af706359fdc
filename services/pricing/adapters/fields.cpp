#include "services/pricing/adapters/fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::pricing {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
/// Dates whose every instant fits 64 bits of nanoseconds, with a margin.
constexpr std::int32_t kDaysMin = -106'000;
constexpr std::int32_t kDaysMax = 106'000;

constexpr std::array<std::int64_t, 19> kPowers = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::int64_t digit(char c) { return c - '0'; }

/// digits[.digits][e[+-]digits] of at most 18 digits that stays within 18 decimals; false for all else, right
/// or wrong.
bool read_small(std::string_view text, Number& number) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::int64_t mantissa = 0;
  int digits = 0;
  int scale = 0;
  for (; at != end && is_digit(*at); ++at, ++digits) {
    if (digits == Number::kDigits) return false;
    mantissa = mantissa * 10 + digit(*at);
  }
  if (at != end && *at == '.') {
    ++at;
    for (; at != end && is_digit(*at); ++at, ++digits, ++scale) {
      if (digits == Number::kDigits) return false;
      mantissa = mantissa * 10 + digit(*at);
    }
  }
  if (digits == 0) return false;
  if (at != end) {
    if (*at != 'e' && *at != 'E') return false;
    ++at;
    const bool minus = at != end && *at == '-';
    if (at != end && (*at == '-' || *at == '+')) ++at;
    int exponent = 0;
    const auto count = end - at;
    if (count < 1 || count > 2) return false;
    for (; at != end; ++at) {
      if (!is_digit(*at)) return false;
      exponent = exponent * 10 + static_cast<int>(digit(*at));
    }
    scale += minus ? exponent : -exponent;
    if (scale > Number::kDigits || scale < -Number::kDigits) return false;
    if (scale < 0) {
      const std::int64_t power = kPowers[static_cast<std::size_t>(-scale)];
      if (mantissa >= kPowers[Number::kDigits] / power) return false;
      mantissa *= power;
      scale = 0;
    }
  }
  number = {mantissa, scale, nullptr};
  return true;
}

/// The one or two digits at `text`, or a negative number.
std::int64_t two_digits(const char* text) {
  if (!is_digit(text[0]) || !is_digit(text[1])) return -1;
  return digit(text[0]) * 10 + digit(text[1]);
}

/// 0.fraction of a second in nanoseconds; `text` has one to nine characters.
std::optional<std::int64_t> fraction_ns(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + digit(c);
  }
  return value * kPowers[9 - text.size()];
}

}  // namespace

NumberField read_number(std::string_view text, Number& number, money::Decimal& wide) {
  if (!read_small(text, number)) {
    const auto parsed = money::Decimal::parse(text);
    if (parsed.has_error()) {
      switch (parsed.error()) {
        case money::DecimalError::kEmpty:
          return NumberField::kMissing;
        case money::DecimalError::kMalformed:
          return NumberField::kMalformed;
        case money::DecimalError::kTooManyDigits:
          return NumberField::kTooManyDigits;
      }
    }
    wide = *parsed;
    number = Number::from_decimal(wide);
  }
  return number.is_positive() ? NumberField::kPositive : NumberField::kNotPositive;
}

std::optional<std::int64_t> TimeField::read_slowly(std::string_view text) {
  if (const auto instant = time::parse_rfc3339(text)) return instant->ns();
  // The calendar repeats after 400 years: a far time is looked at in the years 1700 to 2099 and moved back.
  constexpr int kEraYears = 400;
  constexpr int kFirstYear = 1700;
  constexpr std::int64_t kEraDays = 146'097;
  if (text.size() < 4 || !std::all_of(text.begin(), text.begin() + 4, is_digit)) return std::nullopt;
  const auto year = static_cast<int>(two_digits(text.data()) * 100 + two_digits(text.data() + 2));
  const int near_year = kFirstYear + ((year - kFirstYear) % kEraYears + kEraYears) % kEraYears;
  const auto near = time::parse_rfc3339(std::to_string(near_year) + std::string(text.substr(4)));
  if (!near) return std::nullopt;
  const money::Int128 ns =
      money::Int128{near->ns()} + money::Int128{(year - near_year) / kEraYears * kEraDays} * kDay;
  far_key_ = static_cast<std::uint64_t>(ns) * 0x9E3779B97F4A7C15U ^ static_cast<std::uint64_t>(ns >> 64);
  far_key_ |= 1;
  return ns < 0 ? INT64_MIN : INT64_MAX;
}

std::optional<std::int64_t> TimeField::read(std::string_view text) {
  // The usual shape, 2023-09-05T16:00:01.281719Z; everything else goes the long way.
  constexpr std::size_t kSecondsEnd = 19;
  far_key_ = 0;
  const auto slowly = [&] { return read_slowly(text); };
  if (text.size() < kSecondsEnd + 1 || text.back() != 'Z' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':') {
    return slowly();
  }
  std::uint64_t head = 0;
  std::uint16_t tail = 0;
  std::memcpy(&head, text.data(), 8);
  std::memcpy(&tail, text.data() + 8, 2);
  if (head != date_text_ || tail != date_tail_) {
    const auto date = time::Date::parse(text.substr(0, 10));
    if (!date || date->days() < kDaysMin || date->days() > kDaysMax) return slowly();
    date_text_ = head;
    date_tail_ = tail;
    date_ns_ = date->days() * kDay;
  }
  const std::int64_t hour = two_digits(text.data() + 11);
  const std::int64_t minute = two_digits(text.data() + 14);
  const std::int64_t second = two_digits(text.data() + 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
  std::int64_t ns = date_ns_ + ((hour * 60 + minute) * 60 + second) * kSecond;
  if (text.size() > kSecondsEnd + 1) {
    if (text[kSecondsEnd] != '.') return std::nullopt;
    const auto fraction = fraction_ns(text.substr(kSecondsEnd + 1, text.size() - kSecondsEnd - 2));
    if (!fraction) return std::nullopt;
    ns += *fraction;
  }
  return ns;
}

std::optional<std::int64_t> read_epoch_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  constexpr std::size_t kWholeDigitsMax = 10;  // up to the year 2286; the product below is checked
  if (whole.empty() || whole.size() > kWholeDigitsMax) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : whole) {
    if (!is_digit(c)) return std::nullopt;
    seconds = seconds * 10 + digit(c);
  }
  std::int64_t fraction = 0;
  if (point != std::string_view::npos) {
    const auto read = fraction_ns(text.substr(point + 1));
    if (!read) return std::nullopt;
    fraction = *read;
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kSecond, &ns) || __builtin_add_overflow(ns, fraction, &ns))
    return std::nullopt;
  return ns;
}

}  // namespace navkeeper::pricing
