#include "common/money/decimal.h"

#include "common/money/wide.h"

namespace navkeeper::money {
namespace {

using wide::Wide;

constexpr int kExponentMax = 1000;  // far outside what 38 digits allow; stops silly exponents early

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

/// The coefficient when it fits a 128-bit integer, for the short way round.
std::optional<Int128> small(const Decimal& value) {
  const auto& limbs = value.magnitude_limbs();
  if (limbs[2] != 0 || limbs[3] != 0 || (limbs[1] >> 63) != 0) return std::nullopt;
  const auto magnitude = static_cast<Int128>((Uint128{limbs[1]} << 64) | limbs[0]);
  return value.is_negative() ? -magnitude : magnitude;
}

constexpr int kPowerOf64 = 18;  ///< 10^18 is the greatest that 63 bits hold
constexpr std::array<std::int64_t, kPowerOf64 + 1> kPowers = [] {
  std::array<std::int64_t, kPowerOf64 + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

std::optional<Int128> scaled_up(Int128 value, int places) {
  if (value == 0) return value;
  for (; places > 0; places -= kPowerOf64) {
    const std::int64_t power = kPowers[static_cast<std::size_t>(std::min(places, kPowerOf64))];
    if (value >= INT64_MIN && value <= INT64_MAX)
      value *= power;  // below 2^123
    else if (__builtin_mul_overflow(value, Int128{power}, &value))
      return std::nullopt;
  }
  return value;
}

/// Cuts trailing zeros after the point; the magnitude is not zero.
template <class Magnitude>
int without_zeros(Magnitude& magnitude, int scale) {
  while (scale > 0 && magnitude % 10 == 0) {
    magnitude /= 10;
    --scale;
  }
  return scale;
}

/// The parts of [+-]digits[.digits][(e|E)[+-]digits].
struct Written {
  bool negative = false;
  std::string_view before;
  std::string_view after;
  int exponent = 0;
};

base::Result<Written, DecimalError> take_apart(std::string_view text) {
  if (text.empty()) return DecimalError::kEmpty;
  Written written;
  std::size_t at = 0;
  if (text[at] == '+' || text[at] == '-') written.negative = text[at++] == '-';
  written.before = text.substr(at, digits_at(text, at));
  at += written.before.size();
  if (at < text.size() && text[at] == '.') {
    ++at;
    written.after = text.substr(at, digits_at(text, at));
    at += written.after.size();
  }
  if (written.before.empty() && written.after.empty()) return DecimalError::kMalformed;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool minus = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) minus = text[at++] == '-';
    const std::size_t count = digits_at(text, at);
    if (count == 0) return DecimalError::kMalformed;
    for (std::size_t i = at; i < at + count; ++i) {
      written.exponent = std::min(written.exponent * 10 + (text[i] - '0'), kExponentMax);
    }
    if (minus) written.exponent = -written.exponent;
    at += count;
  }
  if (at != text.size()) return DecimalError::kMalformed;
  return written;
}

}  // namespace

std::string_view describe(DecimalError error) {
  switch (error) {
    case DecimalError::kEmpty:
      return "is empty";
    case DecimalError::kMalformed:
      return "is not a decimal number";
    case DecimalError::kTooManyDigits:
      return "has more than 38 digits before or after the point";
  }
  ENSURE(false);
}

Decimal Decimal::from_limbs(const std::array<std::uint64_t, 4>& magnitude, bool negative, int scale) {
  ENSURE(scale >= 0 && scale <= kScaleMax);
  Decimal result;
  result.limbs_ = magnitude;
  result.scale_ = static_cast<std::uint8_t>(scale);
  result.negative_ = negative;
  return result;
}

Decimal Decimal::of(Int128 coefficient, int scale) {
  ENSURE(scale >= 0 && scale <= kScaleMax);
  if (coefficient == 0) return {};
  const bool negative = coefficient < 0;
  Uint128 magnitude =
      negative ? Uint128{0} - static_cast<Uint128>(coefficient) : static_cast<Uint128>(coefficient);
  if (magnitude <= UINT64_MAX) {
    auto low = static_cast<std::uint64_t>(magnitude);
    scale = without_zeros(low, scale);
    return from_limbs({low, 0, 0, 0}, negative, scale);
  }
  scale = without_zeros(magnitude, scale);
  return from_limbs(
      {static_cast<std::uint64_t>(magnitude), static_cast<std::uint64_t>(magnitude >> 64), 0, 0}, negative,
      scale);
}

base::Result<Decimal, DecimalError> Decimal::parse(std::string_view text) {
  const auto taken = take_apart(text);
  if (taken.has_error()) return taken.error();
  const Written& written = *taken;
  if (written.before.size() > kDigitsBefore || written.after.size() > kDigitsAfter)
    return DecimalError::kTooManyDigits;

  std::string digits;
  digits.reserve(written.before.size() + written.after.size());
  digits.append(written.before).append(written.after);
  std::size_t first = 0;
  while (first < digits.size() && digits[first] == '0') ++first;
  digits.erase(0, first);
  int scale = static_cast<int>(written.after.size()) - written.exponent;
  while (!digits.empty() && digits.back() == '0') {
    digits.pop_back();
    --scale;
  }
  if (digits.empty()) return Decimal{};
  const int digits_before = static_cast<int>(digits.size()) - scale;
  if (scale > kDigitsAfter || digits_before > kDigitsBefore) return DecimalError::kTooManyDigits;

  if (digits.size() <= kDigitsBefore && scale >= 0) {
    Int128 coefficient = 0;
    for (const char c : digits) coefficient = coefficient * 10 + (c - '0');
    return of(written.negative ? -coefficient : coefficient, scale);
  }
  const Wide magnitude(digits);
  return wide::to_decimal<Wide>(written.negative ? Wide(-magnitude) : magnitude, scale);
}

Decimal Decimal::literal(std::string_view text) {
  const auto parsed = parse(text);
  ENSURE(parsed.has_value());
  return *parsed;
}

std::string Decimal::to_string() const { return to_fixed(scale_); }

std::string Decimal::to_fixed(int decimals) const {
  ENSURE(decimals >= scale_);
  std::string digits;
  if (const auto coefficient = small(*this)) {
    auto rest = static_cast<Uint128>(*coefficient < 0 ? -*coefficient : *coefficient);
    do {
      digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
      rest /= 10;
    } while (rest != 0);
    std::reverse(digits.begin(), digits.end());
  } else {
    digits = wide::to_integer<Wide>(limbs_, false).str();
  }
  digits.append(static_cast<std::size_t>(decimals - scale_), '0');
  return wide::place_point(std::move(digits), negative_, decimals);
}

Decimal Decimal::rounded(int decimals, Rounding rounding) const {
  if (decimals >= scale_) return *this;
  const int dropped = scale_ - decimals;
  ENSURE(dropped <= 2 * kScaleMax);  // nothing above 10^77 to round to: a caller's bug
  const Wide quotient =
      wide::divide<Wide>(wide::coefficient<Wide>(*this), wide::power_of_ten<Wide>(dropped), rounding);
  return wide::to_decimal<Wide>(quotient, decimals);
}

std::optional<Int128> Decimal::to_units(int decimals) const {
  if (decimals < scale_) return std::nullopt;
  const auto coefficient = small(*this);
  if (!coefficient) return std::nullopt;
  return scaled_up(*coefficient, decimals - scale_);
}

Decimal Decimal::operator-() const {
  Decimal result = *this;
  if (!is_zero()) result.negative_ = !negative_;
  return result;
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale(), b.scale());
  if (const auto x = small(a), y = small(b); x && y) {
    const auto x_scaled = scaled_up(*x, scale - a.scale());
    const auto y_scaled = scaled_up(*y, scale - b.scale());
    Int128 sum = 0;
    if (x_scaled && y_scaled && !__builtin_add_overflow(*x_scaled, *y_scaled, &sum))
      return Decimal::of(sum, scale);
  }
  return wide::to_decimal<Wide>(wide::coefficient<Wide>(a) * wide::power_of_ten<Wide>(scale - a.scale()) +
                                    wide::coefficient<Wide>(b) * wide::power_of_ten<Wide>(scale - b.scale()),
                                scale);
}

Decimal operator-(const Decimal& a, const Decimal& b) { return a + -b; }

Decimal operator*(const Decimal& a, const Decimal& b) {
  const int scale = a.scale() + b.scale();
  if (const auto x = small(a), y = small(b); x && y && scale <= Decimal::kScaleMax) {
    Int128 product = 0;
    if (!__builtin_mul_overflow(*x, *y, &product)) return Decimal::of(product, scale);
  }
  return wide::to_decimal<Wide>(wide::coefficient<Wide>(a) * wide::coefficient<Wide>(b), scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a == b) return std::strong_ordering::equal;
  if (a.is_negative() != b.is_negative()) {
    return a.is_negative() ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const int scale = std::max(a.scale(), b.scale());
  const auto x = small(a);
  const auto y = small(b);
  if (x && y) {
    const auto x_scaled = scaled_up(*x, scale - a.scale());
    const auto y_scaled = scaled_up(*y, scale - b.scale());
    if (x_scaled && y_scaled) return *x_scaled <=> *y_scaled;
  }
  const Wide x_wide = wide::coefficient<Wide>(a) * wide::power_of_ten<Wide>(scale - a.scale());
  const Wide y_wide = wide::coefficient<Wide>(b) * wide::power_of_ten<Wide>(scale - b.scale());
  return x_wide < y_wide ? std::strong_ordering::less : std::strong_ordering::greater;
}

namespace {

/// numerator / (denominator * 10^scale), rounded once to `decimals`.
Decimal quotient(Wide numerator, Wide denominator, int scale, int decimals, Rounding rounding) {
  if (denominator == 0) throw DivisionByZero("division by zero");
  if (denominator < 0) {
    denominator = -denominator;
    numerator = -numerator;
  }
  const int shift = decimals - scale;
  if (shift >= 0) {
    numerator *= wide::power_of_ten<Wide>(shift);
  } else {
    denominator *= wide::power_of_ten<Wide>(-shift);
  }
  return wide::to_decimal<Wide>(wide::divide<Wide>(numerator, denominator, rounding), decimals);
}

}  // namespace

Decimal multiply(const Decimal& a, const Decimal& b, int decimals, Rounding rounding) {
  if (const auto x = small(a), y = small(b); x && y && a.scale() + b.scale() <= decimals) return a * b;
  return quotient(wide::coefficient<Wide>(a) * wide::coefficient<Wide>(b), 1, a.scale() + b.scale(), decimals,
                  rounding);
}

Decimal divide(const Decimal& a, const Decimal& b, int decimals, Rounding rounding) {
  return quotient(wide::coefficient<Wide>(a), wide::coefficient<Wide>(b), a.scale() - b.scale(), decimals,
                  rounding);
}

Decimal mul_div(const Decimal& a, const Decimal& b, const Decimal& c, int decimals, Rounding rounding) {
  return quotient(wide::coefficient<Wide>(a) * wide::coefficient<Wide>(b), wide::coefficient<Wide>(c),
                  a.scale() + b.scale() - c.scale(), decimals, rounding);
}

std::string_view to_string(Rounding rounding) {
  switch (rounding) {
    case Rounding::kDown:
      return "down";
    case Rounding::kUp:
      return "up";
    case Rounding::kHalfUp:
      return "half_up";
    case Rounding::kHalfEven:
      return "half_even";
    case Rounding::kFloor:
      return "floor";
    case Rounding::kCeiling:
      return "ceiling";
  }
  ENSURE(false);
}

std::optional<Rounding> rounding_from(std::string_view word) {
  for (const Rounding rounding : {Rounding::kDown, Rounding::kUp, Rounding::kHalfUp, Rounding::kHalfEven,
                                  Rounding::kFloor, Rounding::kCeiling}) {
    if (to_string(rounding) == word) return rounding;
  }
  return std::nullopt;
}

}  // namespace navkeeper::money
