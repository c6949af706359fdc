#pragma once
// Exact: a decimal as a venue wrote it, taken from the text of the token and never through binary floating
// point.
//
// Value = mantissa / 10^scale, |mantissa| < 10^18, 0 <= scale <= 18. It is not normalised: the digits stay
// those on the wire ("0.10000000" has mantissa 10000000 and scale 8), because Kraken's checksum is computed
// over them. Comparisons are by value.
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/money/decimal.h"

namespace navkeeper::pricing::venues {

struct Exact {
  static constexpr int kDigits = 18;

  std::int64_t mantissa = 0;
  std::int32_t scale = 0;

  bool is_zero() const { return mantissa == 0; }
  bool is_positive() const { return mantissa > 0; }
  money::Decimal decimal() const { return money::Decimal::of(mantissa, scale); }

  friend std::strong_ordering operator<=>(const Exact& a, const Exact& b) {
    if (a.scale == b.scale) return a.mantissa <=> b.mantissa;
    return a.scale < b.scale ? raised(a, b.scale - a.scale) <=> money::Int128{b.mantissa}
                             : money::Int128{a.mantissa} <=> raised(b, a.scale - b.scale);
  }
  friend bool operator==(const Exact& a, const Exact& b) { return (a <=> b) == 0; }

 private:
  /// 18 digits times 10^18 fit in 128 bits.
  static money::Int128 raised(const Exact& number, std::int32_t places) {
    money::Int128 value = number.mantissa;
    for (; places > 0; --places) value *= 10;
    return value;
  }
};

/// Why a token is not such a number.
enum class ExactError { kNone, kMalformed, kTooManyDigits };

/// Reads [-]digits[.digits][(e|E)[+-]digits] with a digit before and after the point. Leading zeros are read,
/// since venues that send decimals as strings pad some of them. Digits beyond 18, or decimals beyond 18 once
/// the exponent is applied, are kTooManyDigits unless they are zeros.
ExactError read_exact(std::string_view text, Exact& out);

/// A whole number of at most 20 digits below 2^64, without sign, or nothing.
std::optional<std::uint64_t> read_unsigned(std::string_view text);

/// Nanoseconds since the epoch, of "2023-09-25T07:49:37.708706Z": date, `T`, time, an optional fraction of
/// one to nine digits, `Z`. Years 1970 to 2261. Nothing when it is anything else. The fixed form makes it
/// several times faster than the general reader of common/time, with which it agrees (tested).
std::optional<std::int64_t> read_utc(std::string_view text);

/// The same instant in RFC 3339 with milliseconds, rounded down: what the REST interfaces take. Not negative.
std::string to_utc_ms(std::int64_t ns);

}  // namespace navkeeper::pricing::venues
