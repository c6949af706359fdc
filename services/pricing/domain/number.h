#pragma once
// Number: a decimal of a trade row as it was read, small enough to be copied a hundred million times a
// second.
//
// Value = mantissa / 10^scale with at most 18 digits and 18 decimals; what needs more is in `wide` instead,
// which then points at a normalised decimal that outlives the number. A value has one of the two forms only
// (see from_decimal), so a small one never equals a wide one.
#include <cstdint>

#include "common/money/decimal.h"

namespace navkeeper::pricing {

struct Number {
  static constexpr int kDigits = 18;

  std::int64_t mantissa = 0;
  std::int32_t scale = 0;
  const money::Decimal* wide = nullptr;

  /// The small form when the value fits it; else one that points at `decimal`.
  static Number from_decimal(const money::Decimal& decimal) {
    if (decimal.scale() <= kDigits) {
      const auto units = decimal.to_units(decimal.scale());
      if (units && *units<kMantissaEnd&& * units> - kMantissaEnd) {
        return {static_cast<std::int64_t>(*units), decimal.scale(), nullptr};
      }
    }
    return {0, 0, &decimal};
  }

  money::Decimal to_decimal() const { return wide != nullptr ? *wide : money::Decimal::of(mantissa, scale); }
  bool is_positive() const { return wide != nullptr ? wide->is_positive() : mantissa > 0; }

  /// Equal in value, however it was written: 1.0 is 1.00.
  friend bool operator==(const Number& a, const Number& b) {
    if (a.wide != nullptr || b.wide != nullptr) {
      return a.wide != nullptr && b.wide != nullptr && *a.wide == *b.wide;
    }
    if (a.scale == b.scale) return a.mantissa == b.mantissa;
    return a.scale < b.scale ? scaled(a, b.scale - a.scale) == b.mantissa
                             : scaled(b, a.scale - b.scale) == a.mantissa;
  }

 private:
  static constexpr money::Int128 kMantissaEnd = 1'000'000'000'000'000'000;

  /// 18 digits times 10^18 fit in 128 bits.
  static money::Int128 scaled(const Number& number, std::int32_t places) {
    money::Int128 value = number.mantissa;
    for (; places > 0; --places) value *= 10;
    return value;
  }
};

}  // namespace navkeeper::pricing
