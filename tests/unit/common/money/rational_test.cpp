#include "common/money/rational.h"

#include <gtest/gtest.h>

namespace navkeeper::money {
namespace {

TEST(RationalNumber, StaysExactThroughSeveralDivisions) {
  const Rational third = Rational::of(1) / Rational::of(3);
  EXPECT_EQ(third + third + third, Rational::of(1));
  EXPECT_EQ((Rational::of(1, 6) - Rational::of(1, 3)).to_quotient_string(), "-0.166666666666666666666");
  EXPECT_EQ(Rational::of(-1, -2), Rational(Decimal::literal("0.5")));
  EXPECT_THROW(static_cast<void>(third / Rational()), DivisionByZero);
}

TEST(RationalNumber, WritesAQuotientCutAfterTwentyOneDecimals) {
  EXPECT_EQ(Rational::of(77312615, 3000).to_unrounded_string(), "25770.871666666666666666666");
  EXPECT_EQ(Rational::of(5, 2).to_unrounded_string(), "2.500000000000000000000");
  EXPECT_EQ(Rational::of(5, 2).to_quotient_string(), "2.5");
  EXPECT_EQ(Rational::of(10).to_quotient_string(), "10");
  EXPECT_EQ(Rational().to_quotient_string(), "0");
}

TEST(RationalNumber, ReadsIntegersWithLeadingZerosAsDecimal) {
  EXPECT_EQ(Rational::of_integers("010", "09"), Rational::of(10, 9));
  EXPECT_EQ(Rational::of_integers("-0012", "4"), Rational::of(-3));
  EXPECT_EQ(Rational::of_integers("-000", "1"), Rational());
}

TEST(RationalNumber, RoundsOnce) {
  EXPECT_EQ(Rational::of(77312615, 3000).rounded(2, Rounding::kHalfEven).to_string(), "25770.87");
  EXPECT_EQ(Rational::of(1, 8).rounded(2, Rounding::kHalfEven).to_string(), "0.12");
  EXPECT_EQ(Rational::of(1, 8).rounded(2, Rounding::kHalfUp).to_string(), "0.13");
  EXPECT_EQ(Rational::of(-1, 2000).to_fixed(2, Rounding::kDown), "0.00");
  EXPECT_EQ(Rational::of(1499).rounded(-3, Rounding::kHalfUp).to_string(), "1000");
}

TEST(RationalNumber, OrdersByValue) {
  EXPECT_LT(Rational::of(1, 3), Rational::of(34, 100));
  EXPECT_GT(Rational::of(-1, 3), Rational::of(-34, 100));
}

TEST(Rational, AFractionIsReadBackAsItWasWrittenAndNoOtherSpellingIs) {
  const Rational value = Rational::of(-22, 14);
  EXPECT_EQ(value.to_fraction_string(), "-11/7");
  EXPECT_EQ(Rational::parse_fraction("-11/7"), value);
  EXPECT_EQ(Rational::parse_fraction("0/1"), Rational());
  for (const char* text : {"-22/14", "11", "/7", "11/", "11/0", "1/-7", "+1/7", " 1/7", "1/07", "a/b", ""})
    EXPECT_FALSE(Rational::parse_fraction(text).has_value()) << text;
}

}  // namespace
}  // namespace navkeeper::money
