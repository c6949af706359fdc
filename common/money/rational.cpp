#include "common/money/rational.h"

#include <algorithm>

#include "common/money/big_integer.h"
#include "common/money/wide.h"

namespace navkeeper::money {

/// In lowest terms; denominator > 0.
struct Rational::Value {
  BigInteger numerator = 0;
  BigInteger denominator = 1;
};

namespace {

/// As many decimals as a Decimal's 256 bits could need, before and after the point.
constexpr int kDecimalsMax = 4096;

BigInteger scaled_quotient(const BigInteger& numerator, const BigInteger& denominator, int decimals,
                           Rounding rounding) {
  ENSURE(decimals >= -kDecimalsMax && decimals <= kDecimalsMax);
  if (decimals >= 0) {
    return wide::divide<BigInteger>(numerator * wide::power_of_ten<BigInteger>(decimals), denominator,
                                    rounding);
  }
  return wide::divide<BigInteger>(numerator, denominator * wide::power_of_ten<BigInteger>(-decimals),
                                  rounding);
}

BigInteger integer_of(const std::string& text) {
  // Leading zeros would make the library read the digits as octal.
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  ENSURE(text.size() > sign);
  const std::size_t first = std::min(text.find_first_not_of('0', sign), text.size() - 1);
  const BigInteger magnitude(text.substr(first));
  return sign == 1 ? BigInteger(-magnitude) : magnitude;
}

}  // namespace

Rational::Rational() : value_(std::make_unique<Value>()) {}
Rational::Rational(std::unique_ptr<Value> value) : value_(std::move(value)) {
  if (value_->denominator == 0) throw DivisionByZero("division by zero");
  if (value_->denominator < 0) {
    value_->denominator = -value_->denominator;
    value_->numerator = -value_->numerator;
  }
  const BigInteger divisor = boost::multiprecision::gcd(value_->numerator, value_->denominator);
  if (divisor > 1) {
    value_->numerator /= divisor;
    value_->denominator /= divisor;
  }
}
Rational::Rational(const Decimal& value)
    : Rational(std::make_unique<Value>(
          Value{wide::coefficient<BigInteger>(value), wide::power_of_ten<BigInteger>(value.scale())})) {}

Rational Rational::of(Int128 numerator, Int128 denominator) {
  return Rational(std::make_unique<Value>(Value{BigInteger(numerator), BigInteger(denominator)}));
}

Rational Rational::of_integers(const std::string& numerator, const std::string& denominator) {
  return Rational(std::make_unique<Value>(Value{integer_of(numerator), integer_of(denominator)}));
}

Rational::Rational(const Rational& other) : value_(std::make_unique<Value>(*other.value_)) {}
Rational::Rational(Rational&& other) noexcept = default;
Rational& Rational::operator=(const Rational& other) {
  if (this != &other) value_ = std::make_unique<Value>(*other.value_);
  return *this;
}
Rational& Rational::operator=(Rational&& other) noexcept = default;
Rational::~Rational() = default;

bool Rational::is_zero() const { return value_->numerator == 0; }
bool Rational::is_negative() const { return value_->numerator < 0; }
Rational Rational::abs() const { return is_negative() ? Rational() - *this : *this; }

Rational operator+(const Rational& a, const Rational& b) {
  return Rational(std::make_unique<Rational::Value>(Rational::Value{
      a.value_->numerator * b.value_->denominator + b.value_->numerator * a.value_->denominator,
      a.value_->denominator * b.value_->denominator}));
}

Rational operator-(const Rational& a, const Rational& b) {
  return Rational(std::make_unique<Rational::Value>(Rational::Value{
      a.value_->numerator * b.value_->denominator - b.value_->numerator * a.value_->denominator,
      a.value_->denominator * b.value_->denominator}));
}

Rational operator*(const Rational& a, const Rational& b) {
  return Rational(std::make_unique<Rational::Value>(Rational::Value{
      a.value_->numerator * b.value_->numerator, a.value_->denominator * b.value_->denominator}));
}

Rational operator/(const Rational& a, const Rational& b) {
  return Rational(std::make_unique<Rational::Value>(Rational::Value{
      a.value_->numerator * b.value_->denominator, a.value_->denominator * b.value_->numerator}));
}

std::strong_ordering operator<=>(const Rational& a, const Rational& b) {
  const BigInteger left = a.value_->numerator * b.value_->denominator;
  const BigInteger right = b.value_->numerator * a.value_->denominator;
  if (left == right) return std::strong_ordering::equal;
  return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool operator==(const Rational& a, const Rational& b) {
  return a.value_->numerator == b.value_->numerator && a.value_->denominator == b.value_->denominator;
}

Decimal Rational::rounded(int decimals, Rounding rounding) const {
  return wide::to_decimal<BigInteger>(
      scaled_quotient(value_->numerator, value_->denominator, decimals, rounding), decimals);
}

std::string Rational::to_fixed(int decimals, Rounding rounding) const {
  ENSURE(decimals >= 0);
  BigInteger scaled = scaled_quotient(value_->numerator, value_->denominator, decimals, rounding);
  const bool negative = scaled < 0;
  if (negative) scaled = -scaled;
  return wide::place_point(scaled.str(), negative, decimals);
}

std::string Rational::to_quotient_string() const {
  std::string text = to_unrounded_string();
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Rational::to_unrounded_string() const { return to_fixed(kQuotientDecimals, Rounding::kDown); }

std::string Rational::to_fraction_string() const {
  return value_->numerator.str() + "/" + value_->denominator.str();
}

std::optional<Rational> Rational::parse_fraction(std::string_view text) {
  constexpr std::size_t kDigitsMax = 4096;
  const auto is_digits = [](std::string_view part) {
    return !part.empty() && part.size() <= kDigitsMax &&
           part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view numerator = text.substr(0, slash);
  const std::string_view denominator = text.substr(slash + 1);
  const std::size_t sign = numerator.starts_with('-') ? 1 : 0;
  if (!is_digits(numerator.substr(sign)) || !is_digits(denominator)) return std::nullopt;
  if (denominator.find_first_not_of('0') == std::string_view::npos) return std::nullopt;
  Rational value = of_integers(std::string(numerator), std::string(denominator));
  if (value.to_fraction_string() != text) return std::nullopt;  // another spelling of it
  return value;
}

}  // namespace navkeeper::money
