#pragma once
// Conversions between Decimal and Boost's wide integers; for the .cpp files of this folder.
#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "common/base/ensure.h"
#include "common/money/decimal.h"

namespace navkeeper::money::wide {

namespace mp = boost::multiprecision;

/// 1024 bits on the stack, overflow thrown: holds every intermediate of two decimals' product over a third.
using Wide = mp::number<mp::cpp_int_backend<1024, 1024, mp::signed_magnitude, mp::checked, void>>;

template <class Integer>
Integer to_integer(const std::array<std::uint64_t, 4>& limbs, bool negative) {
  Integer value = 0;
  mp::import_bits(value, limbs.begin(), limbs.end(), 64, false);
  return negative ? Integer(-value) : value;
}

template <class Integer>
Integer coefficient(const Decimal& decimal) {
  return to_integer<Integer>(decimal.magnitude_limbs(), decimal.is_negative());
}

template <class Integer>
Integer power_of_ten(int exponent) {
  ENSURE(exponent >= 0);
  return mp::pow(Integer(10), static_cast<unsigned>(exponent));
}

/// numerator / denominator as a whole number, rounded once. denominator > 0.
template <class Integer>
Integer divide(const Integer& numerator, const Integer& denominator, Rounding rounding) {
  ENSURE(denominator > 0);
  const bool negative = numerator < 0;
  const Integer magnitude = negative ? Integer(-numerator) : numerator;
  Integer quotient;
  Integer remainder;
  mp::divide_qr(magnitude, denominator, quotient, remainder);
  bool up = false;
  if (remainder != 0) {
    const Integer twice = remainder * 2;
    switch (rounding) {
      case Rounding::kDown:
        break;
      case Rounding::kUp:
        up = true;
        break;
      case Rounding::kHalfUp:
        up = twice >= denominator;
        break;
      case Rounding::kHalfEven:
        up = twice > denominator || (twice == denominator && mp::bit_test(quotient, 0));
        break;
      case Rounding::kFloor:
        up = negative;
        break;
      case Rounding::kCeiling:
        up = !negative;
        break;
    }
  }
  if (up) quotient += 1;
  return negative ? Integer(-quotient) : quotient;
}

/// coefficient / 10^scale as a Decimal; scale may be negative or large. Throws OverflowError when it does not
/// fit.
template <class Integer>
Decimal to_decimal(Integer value, int scale) {
  if (value == 0) return Decimal{};
  const bool negative = value < 0;
  if (negative) value = Integer(-value);
  while (scale > 0) {
    Integer quotient;
    Integer remainder;
    mp::divide_qr(value, Integer(10), quotient, remainder);
    if (remainder != 0) break;
    value = quotient;
    --scale;
  }
  if (scale < 0) {
    value *= power_of_ten<Integer>(-scale);
    scale = 0;
  }
  if (scale > Decimal::kScaleMax || mp::msb(value) >= 256)
    throw OverflowError("a decimal needs more than 256 bits");
  std::array<std::uint64_t, 4> limbs{};
  mp::export_bits(value, limbs.begin(), 64, false);
  return Decimal::from_limbs(limbs, negative, scale);
}

/// Digits of an integer with the point put before the last `scale` of them, all of them kept.
inline std::string place_point(std::string digits, bool negative, int scale) {
  const auto places = static_cast<std::size_t>(scale);
  if (places > 0) {
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, 1, '.');
  }
  if (negative) digits.insert(0, 1, '-');
  return digits;
}

}  // namespace navkeeper::money::wide
