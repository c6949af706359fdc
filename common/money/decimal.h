#pragma once
// Decimal: an exact decimal number, for prices, rates, quantities and dollars. No binary floating point
// anywhere.
//
// Value = coefficient / 10^scale; coefficient a signed 256-bit integer (|coefficient| < 2^256), scale 0
// to 76. Always kept normalised: no trailing zeros after the point, zero has scale 0 and no sign, so equal
// values are equal objects. Addition, subtraction and multiplication are exact; whatever does not fit throws
// OverflowError. Losing decimals and dividing happen only in functions that name a Rounding; their
// intermediates are held in 1024 bits.
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/money/overflow.h"
#include "common/money/rounding.h"

namespace navkeeper::money {

using Int128 = __int128;
using Uint128 = unsigned __int128;

/// Why a text is not a decimal, tried in this order.
enum class DecimalError {
  kEmpty,          ///< nothing there
  kMalformed,      ///< not [+-]digits[.digits][(e|E)[+-]digits], with a digit before or after the point
  kTooManyDigits,  ///< more than 38 digits before or after the point, as written or once the exponent is
                   ///< applied
};
std::string_view describe(DecimalError error);

class Decimal {
 public:
  static constexpr int kDigitsBefore = 38;  ///< what a text may have before the point
  static constexpr int kDigitsAfter = 38;   ///< and after it
  static constexpr int kScaleMax = 76;

  Decimal() = default;  ///< zero
  /// coefficient / 10^scale; 0 <= scale <= 76.
  static Decimal of(Int128 coefficient, int scale = 0);
  /// Reads a decimal from outside: plain or with an exponent (3.844E-5). A leading plus sign is read too.
  static base::Result<Decimal, DecimalError> parse(std::string_view text);
  /// For constants of our own: the text must be right (ENSURE).
  static Decimal literal(std::string_view text);

  bool is_zero() const { return scale_ == 0 && limbs_ == std::array<std::uint64_t, 4>{}; }
  bool is_negative() const { return negative_; }
  bool is_positive() const { return !negative_ && !is_zero(); }
  /// Decimals after the point that the value needs: 12.5 has 1, 1200 has 0.
  int scale() const { return scale_; }

  /// Without exponent and without trailing zeros: "12.5", "-0.00001", "1200", "0".
  std::string to_string() const;
  /// With exactly `decimals` decimals, 0 or more: "12.50". The value must not need more of them (ENSURE):
  /// round first.
  std::string to_fixed(int decimals) const;

  /// Rounded to `decimals` decimals; negative ones round before the point (-3: to thousands).
  Decimal rounded(int decimals, Rounding rounding) const;

  /// value * 10^decimals when that is a whole number that fits 128 bits; else nothing.
  std::optional<Int128> to_units(int decimals) const;

  Decimal operator-() const;
  Decimal abs() const { return negative_ ? -*this : *this; }
  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
  Decimal& operator-=(const Decimal& other) { return *this = *this - other; }

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) = default;

  /// Magnitude of the coefficient, least significant limb first: for conversions inside common/money.
  const std::array<std::uint64_t, 4>& magnitude_limbs() const { return limbs_; }
  static Decimal from_limbs(const std::array<std::uint64_t, 4>& magnitude, bool negative, int scale);

 private:
  std::array<std::uint64_t, 4> limbs_{};
  std::uint8_t scale_ = 0;
  bool negative_ = false;
};

/// a * b, rounded once from the exact product.
Decimal multiply(const Decimal& a, const Decimal& b, int decimals, Rounding rounding);
/// a / b, rounded once from the exact quotient; b zero throws DivisionByZero.
Decimal divide(const Decimal& a, const Decimal& b, int decimals, Rounding rounding);
/// a * b / c, rounded once from the exact quotient.
Decimal mul_div(const Decimal& a, const Decimal& b, const Decimal& c, int decimals, Rounding rounding);

}  // namespace navkeeper::money
