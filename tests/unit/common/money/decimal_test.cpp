#include "common/money/decimal.h"

#include <gtest/gtest.h>

#include "common/money/split.h"
#include "common/money/units.h"

namespace navkeeper::money {
namespace {

Decimal dec(std::string_view text) { return Decimal::literal(text); }
DecimalError error_of(std::string_view text) { return Decimal::parse(text).error(); }
const std::string k38Nines(38, '9');

TEST(DecimalParse, ReadsPlainAndExponentForms) {
  EXPECT_EQ(dec("25770.87").to_string(), "25770.87");
  EXPECT_EQ(dec("3.844E-5").to_string(), "0.00003844");
  EXPECT_EQ(dec("1.5e+3").to_string(), "1500");
  EXPECT_EQ(dec(".5").to_string(), "0.5");
  EXPECT_EQ(dec("5.").to_string(), "5");
  EXPECT_EQ(dec("+7").to_string(), "7");
  EXPECT_EQ(dec("007.500").to_string(), "7.5");
  EXPECT_EQ(dec("-0.00").to_string(), "0");
  EXPECT_EQ(dec("-0"), dec("0"));
}

TEST(DecimalParse, RefusesWhatIsNotADecimal) {
  EXPECT_EQ(error_of(""), DecimalError::kEmpty);
  for (const char* text :
       {" 1", "1 ", "1,5", "0x10", "1e", "1e+", ".", "-", "1.2.3", "nan", "inf", "--1", "1e5.0", "１"}) {
    EXPECT_EQ(error_of(text), DecimalError::kMalformed) << text;
  }
}

TEST(DecimalParse, TakesThirtyEightDigitsOnEachSideAndNoMore) {
  const std::string widest = k38Nines + "." + k38Nines;
  EXPECT_EQ(dec(widest).to_string(), widest);
  EXPECT_EQ(dec("-" + widest).to_string(), "-" + widest);
  EXPECT_EQ(error_of(k38Nines + "9"), DecimalError::kTooManyDigits);
  EXPECT_EQ(error_of("0." + k38Nines + "9"), DecimalError::kTooManyDigits);
  EXPECT_EQ(error_of(std::string(400, '1')), DecimalError::kTooManyDigits);
  EXPECT_EQ(error_of("1e38"), DecimalError::kTooManyDigits);
  EXPECT_EQ(dec("1e37").to_string(), "1" + std::string(37, '0'));
  EXPECT_EQ(error_of("1e-39"), DecimalError::kTooManyDigits);
  EXPECT_EQ(dec("1e-38").to_string(), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(error_of("1e99999999999999999999"), DecimalError::kTooManyDigits);
  EXPECT_EQ(dec("0e99999999999999999999"), Decimal{});
}

TEST(DecimalRounding, EachNamedRoundingOnBothSidesOfZero) {
  struct Case {
    Rounding rounding;
    const char* of_2_5;
    const char* of_minus_2_5;
    const char* of_3_5;
    const char* of_2_51;
  };
  const Case cases[] = {{Rounding::kDown, "2", "-2", "3", "2"},   {Rounding::kUp, "3", "-3", "4", "3"},
                        {Rounding::kHalfUp, "3", "-3", "4", "3"}, {Rounding::kHalfEven, "2", "-2", "4", "3"},
                        {Rounding::kFloor, "2", "-3", "3", "2"},  {Rounding::kCeiling, "3", "-2", "4", "3"}};
  for (const Case& c : cases) {
    EXPECT_EQ(dec("2.5").rounded(0, c.rounding).to_string(), c.of_2_5) << to_string(c.rounding);
    EXPECT_EQ(dec("-2.5").rounded(0, c.rounding).to_string(), c.of_minus_2_5) << to_string(c.rounding);
    EXPECT_EQ(dec("3.5").rounded(0, c.rounding).to_string(), c.of_3_5) << to_string(c.rounding);
    EXPECT_EQ(dec("2.51").rounded(0, c.rounding).to_string(), c.of_2_51) << to_string(c.rounding);
    EXPECT_EQ(rounding_from(to_string(c.rounding)), c.rounding);
  }
  EXPECT_EQ(rounding_from("bankers"), std::nullopt);
}

TEST(DecimalRounding, NegativeDecimalsRoundBeforeThePoint) {
  EXPECT_EQ(dec("3153657499").rounded(-3, Rounding::kHalfUp).to_string(), "3153657000");
  EXPECT_EQ(dec("499.999").rounded(-3, Rounding::kHalfUp).to_string(), "0");
  EXPECT_EQ(dec("500").rounded(-3, Rounding::kHalfUp).to_string(), "1000");
}

TEST(DecimalArithmetic, IsExactAndNormalised) {
  EXPECT_EQ(dec("0.1") + dec("0.2"), dec("0.3"));
  EXPECT_EQ((dec("1.50") + dec("0.50")).scale(), 0);
  EXPECT_EQ(dec("600") * dec("84000.00"), dec("50400000"));
  EXPECT_EQ(dec("1") - dec("1"), Decimal{});
  EXPECT_LT(dec("-1"), dec("-0.999"));
  EXPECT_GT(dec("1e-38"), Decimal{});
  EXPECT_LT(dec("9.99"), dec("10"));
}

TEST(DecimalArithmetic, OverflowIsAnError) {
  const Decimal widest = dec(k38Nines + "." + k38Nines);
  EXPECT_THROW(static_cast<void>(widest * widest), OverflowError);
  EXPECT_THROW(static_cast<void>(dec("1e-38") * dec("1e-38") * dec("0.1")), OverflowError);
  EXPECT_EQ(multiply(widest, dec("1"), 2, Rounding::kDown).to_string(), k38Nines + ".99");
}

TEST(DecimalDivision, RoundsOnceFromTheExactQuotient) {
  EXPECT_EQ(divide(dec("1"), dec("3"), 4, Rounding::kHalfUp).to_string(), "0.3333");
  EXPECT_EQ(divide(dec("-2"), dec("3"), 4, Rounding::kHalfUp).to_string(), "-0.6667");
  EXPECT_EQ(divide(dec("1"), dec("-8"), 2, Rounding::kHalfEven).to_string(), "-0.12");
  EXPECT_EQ(mul_div(dec("83980000"), dec("0.0285"), dec("365"), 2, Rounding::kHalfUp).to_string(), "6557.34");
  EXPECT_THROW(static_cast<void>(divide(dec("1"), Decimal{}, 2, Rounding::kDown)), DivisionByZero);
}

TEST(DecimalText, FixedKeepsItsDecimals) {
  EXPECT_EQ(dec("25770.8").to_fixed(2), "25770.80");
  EXPECT_EQ(Decimal{}.to_fixed(3), "0.000");
  EXPECT_EQ(dec("-0.05").to_fixed(2), "-0.05");
}

TEST(UnitsOfAnAsset, ConvertExactlyOrNotAtAll) {
  EXPECT_EQ(Units::from(dec("0.00000001"), 8), Units(1));
  EXPECT_EQ(Units::from(dec("0.000000001"), 8), std::nullopt);
  EXPECT_EQ(Units::from(dec("12.5"), 18)->to_decimal(18), dec("12.5"));
  const Units largest(~(Int128{1} << 127));
  EXPECT_THROW(static_cast<void>(largest + Units(1)), OverflowError);
  EXPECT_THROW(static_cast<void>(-(-largest - Units(1))), OverflowError);
  EXPECT_EQ(to_string(largest.count()), "170141183460469231731687303715884105727");
}

TEST(Split, TheRemainderHasAnOwnerAndThePartsAddUp) {
  const std::vector<Decimal> weights{dec("1"), dec("1"), dec("1")};
  const auto parts = split(dec("100"), weights, 2, 1);
  EXPECT_EQ(parts[0], dec("33.33"));
  EXPECT_EQ(parts[1], dec("33.34"));
  EXPECT_EQ(parts[2], dec("33.33"));
}

}  // namespace
}  // namespace navkeeper::money
