// Decimal against an independent reference: Boost's unbounded integers and rationals, used directly.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/money/big_integer.h"
#include "common/money/decimal.h"
#include "common/money/rational.h"
#include "common/money/split.h"

namespace navkeeper::money {
namespace {

using Reference = boost::multiprecision::cpp_rational;

BigInteger ten_to(int power) {
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(power));
}

/// A random decimal text with up to `digits` digits on each side, often with zeros and nines.
rc::Gen<std::string> decimal_text(int digits) {
  return rc::gen::exec([digits] {
    const auto side = [&](int least) {
      const int count = *rc::gen::inRange(least, digits + 1);
      std::string text;
      for (int i = 0; i < count; ++i) {
        const int kind = *rc::gen::inRange(0, 4);
        text.push_back(kind == 0 ? '0' : kind == 1 ? '9' : static_cast<char>('0' + *rc::gen::inRange(0, 10)));
      }
      return text;
    };
    std::string text = *rc::gen::arbitrary<bool>() ? "-" : "";
    text += side(1);
    const std::string after = side(0);
    if (!after.empty()) text += "." + after;
    return text;
  });
}

Reference reference_of(const std::string& text) {
  std::string digits;
  int scale = -1;
  for (const char c : text) {
    if (c == '.') {
      scale = 0;
    } else {
      digits.push_back(c);
      if (scale >= 0) ++scale;
    }
  }
  const bool negative = digits[0] == '-';
  digits.erase(0, digits.find_first_not_of("-0"));
  if (digits.empty()) digits = "0";
  const BigInteger whole(digits);
  return Reference(negative ? BigInteger(-whole) : whole, ten_to(std::max(scale, 0)));
}

Reference reference_of(const Decimal& value) { return reference_of(value.to_string()); }

/// Nearest multiple of 10^-decimals by the definition of each rounding, with floor as the only primitive.
Reference reference_rounded(const Reference& value, int decimals, Rounding rounding) {
  const Reference unit = decimals >= 0 ? Reference(1, ten_to(decimals)) : Reference(ten_to(-decimals), 1);
  const Reference scaled = value / unit;
  BigInteger below = numerator(scaled) / denominator(scaled);
  if (Reference(below) > scaled) below -= 1;
  if (Reference(below) == scaled) return value;
  const BigInteger above = below + 1;
  const Reference middle = Reference(below) + Reference(1, 2);
  const bool negative = value < 0;
  const auto pick = [&]() -> BigInteger {
    switch (rounding) {
      case Rounding::kDown:
        return negative ? above : below;
      case Rounding::kUp:
        return negative ? below : above;
      case Rounding::kFloor:
        return below;
      case Rounding::kCeiling:
        return above;
      case Rounding::kHalfUp:
        if (scaled == middle) return negative ? below : above;
        return scaled < middle ? below : above;
      case Rounding::kHalfEven:
        if (scaled == middle) return below % 2 == 0 ? below : above;
        return scaled < middle ? below : above;
    }
    return 0;
  };
  return Reference(pick()) * unit;
}

Rounding any_rounding() {
  return *rc::gen::element(Rounding::kDown, Rounding::kUp, Rounding::kHalfUp, Rounding::kHalfEven,
                           Rounding::kFloor, Rounding::kCeiling);
}

TEST(DecimalProperty, TextRoundTrips) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = *decimal_text(38);
    const Decimal value = Decimal::literal(text);
    RC_ASSERT(reference_of(value) == reference_of(text));
    RC_ASSERT(Decimal::literal(value.to_string()) == value);
  }));
}

TEST(DecimalProperty, SumsProductsAndOrderAgreeWithTheReference) {
  EXPECT_TRUE(rc::check([] {
    const std::string a = *decimal_text(18);
    const std::string b = *decimal_text(18);
    const Decimal x = Decimal::literal(a);
    const Decimal y = Decimal::literal(b);
    RC_ASSERT(reference_of(x + y) == Reference(reference_of(a) + reference_of(b)));
    RC_ASSERT(reference_of(x - y) == Reference(reference_of(a) - reference_of(b)));
    RC_ASSERT(reference_of(x * y) == Reference(reference_of(a) * reference_of(b)));
    RC_ASSERT((x < y) == (reference_of(a) < reference_of(b)));
    RC_ASSERT((x == y) == (reference_of(a) == reference_of(b)));
  }));
}

TEST(DecimalProperty, WideSumsAgreeOrOverflow) {
  EXPECT_TRUE(rc::check([] {
    const std::string a = *decimal_text(38);
    const std::string b = *decimal_text(38);
    try {
      const Decimal sum = Decimal::literal(a) + Decimal::literal(b);
      RC_ASSERT(reference_of(sum) == Reference(reference_of(a) + reference_of(b)));
      const Decimal product = Decimal::literal(a) * Decimal::literal(b);
      RC_ASSERT(reference_of(product) == Reference(reference_of(a) * reference_of(b)));
    } catch (const OverflowError&) {
      const Reference product = reference_of(a) * reference_of(b);
      RC_ASSERT(boost::multiprecision::msb(BigInteger(abs(numerator(product)) + 1)) +
                    boost::multiprecision::msb(BigInteger(denominator(product))) >
                200U);
    }
  }));
}

TEST(DecimalProperty, EveryRoundingAgreesWithItsDefinition) {
  EXPECT_TRUE(rc::check([] {
    const std::string a = *decimal_text(20);
    const std::string b = *decimal_text(20);
    const int decimals = *rc::gen::inRange(-5, 25);
    const Rounding rounding = any_rounding();
    const Decimal x = Decimal::literal(a);
    const Decimal y = Decimal::literal(b);
    RC_ASSERT(reference_of(x.rounded(decimals, rounding)) ==
              reference_rounded(reference_of(a), decimals, rounding));
    RC_ASSERT(reference_of(multiply(x, y, decimals, rounding)) ==
              reference_rounded(reference_of(a) * reference_of(b), decimals, rounding));
    if (y.is_zero()) return;
    RC_ASSERT(reference_of(divide(x, y, decimals, rounding)) ==
              reference_rounded(reference_of(a) / reference_of(b), decimals, rounding));
    RC_ASSERT(reference_of((Rational(x) / Rational(y)).rounded(decimals, rounding)) ==
              reference_rounded(reference_of(a) / reference_of(b), decimals, rounding));
  }));
}

TEST(SplitProperty, PartsAddUpAndOnlyTheOwnerIsOffByMoreThanAUnit) {
  EXPECT_TRUE(rc::check([] {
    const Decimal total = Decimal::literal(*decimal_text(15));
    const auto count = *rc::gen::inRange<std::size_t>(1, 12);
    std::vector<Decimal> weights;
    for (std::size_t i = 0; i < count; ++i) weights.push_back(Decimal::of(*rc::gen::inRange(0, 1000)));
    weights[0] += Decimal::of(1);
    const auto owner = *rc::gen::inRange<std::size_t>(0, count);
    const int decimals = *rc::gen::inRange(0, 10);
    const auto parts = split(total, weights, decimals, owner);
    Decimal sum;
    for (const Decimal& part : parts) sum += part;
    RC_ASSERT(sum == total);
    for (std::size_t i = 0; i < count; ++i) {
      if (i != owner) RC_ASSERT(parts[i].scale() <= decimals);
    }
  }));
}

}  // namespace
}  // namespace navkeeper::money
