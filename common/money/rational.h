#pragma once
// Rational: an exact quotient of two integers as wide as they get. For what is divided more than once before
// it is rounded: a mean of medians, a volume-weighted price, a net asset value per share.
#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/money/decimal.h"

namespace navkeeper::money {

class Rational {
 public:
  Rational();                      ///< zero
  Rational(const Decimal& value);  // NOLINT(google-explicit-constructor): every decimal is a rational
  static Rational of(Int128 numerator, Int128 denominator = 1);
  /// `numerator` and `denominator` in decimal digits with an optional minus sign, of any length.
  static Rational of_integers(const std::string& numerator, const std::string& denominator);
  Rational(const Rational& other);
  Rational(Rational&& other) noexcept;
  Rational& operator=(const Rational& other);
  Rational& operator=(Rational&& other) noexcept;
  ~Rational();

  bool is_zero() const;
  bool is_negative() const;
  Rational abs() const;

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  /// b zero throws DivisionByZero.
  friend Rational operator/(const Rational& a, const Rational& b);
  Rational& operator+=(const Rational& other) { return *this = *this + other; }
  friend std::strong_ordering operator<=>(const Rational& a, const Rational& b);
  friend bool operator==(const Rational& a, const Rational& b);

  /// Rounded once from the exact value; throws OverflowError when it does not fit a Decimal.
  Decimal rounded(int decimals, Rounding rounding) const;
  /// Rounded to `decimals` (0 or more) and written with exactly that many; of any size.
  std::string to_fixed(int decimals, Rounding rounding) const;
  /// The house's spelling of a quotient in an answer (contracts: "a quotient"): cut toward zero after 21
  /// decimals, trailing zeros dropped.
  std::string to_quotient_string() const;
  /// The same with all 21 decimals, for `..._unrounded`.
  std::string to_unrounded_string() const;
  /// "22/7", in lowest terms: the exact value, to be kept and read back.
  std::string to_fraction_string() const;
  /// What to_fraction_string() writes; nothing for any other text.
  static std::optional<Rational> parse_fraction(std::string_view text);

 private:
  struct Value;
  explicit Rational(std::unique_ptr<Value> value);
  std::unique_ptr<Value> value_;
};

constexpr int kQuotientDecimals = 21;

}  // namespace navkeeper::money
