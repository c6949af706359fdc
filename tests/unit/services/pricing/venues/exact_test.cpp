// The reading of numbers and times against the general readers of common/money and common/time.
#include "services/pricing/adapters/venues/exact.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "common/time/instant.h"

namespace navkeeper::pricing::venues {
namespace {

Exact exact(std::string_view text) {
  Exact number;
  EXPECT_EQ(read_exact(text, number), ExactError::kNone) << text;
  return number;
}

ExactError error_of(std::string_view text) {
  Exact number;
  return read_exact(text, number);
}

TEST(ReadExact, KeepsTheDigitsThatWereWritten) {
  EXPECT_EQ(exact("0.10000000").mantissa, 10'000'000);
  EXPECT_EQ(exact("0.10000000").scale, 8);
  EXPECT_EQ(exact("42980.85").mantissa, 4'298'085);
  EXPECT_EQ(exact("-3").mantissa, -3);
  EXPECT_EQ(exact("000123.5").mantissa, 1'235);
}

TEST(ReadExact, ReadsExponentsAsVenuesWriteThem) {
  EXPECT_EQ(exact("3.844E-5"), exact("0.00003844"));
  EXPECT_EQ(exact("6.303e-5").decimal(), money::Decimal::literal("0.00006303"));
  EXPECT_EQ(exact("1.5e+3"), exact("1500"));
  EXPECT_EQ(exact("0e-99").mantissa, 0);
  EXPECT_EQ(exact("0.0000000000000000001e5"), exact("0.00000000000001"));
  EXPECT_EQ(exact("0." + std::string(150, '0')).mantissa, 0);
  EXPECT_EQ(error_of("0." + std::string(150, '0') + "1e150"), ExactError::kTooManyDigits);
}

TEST(ReadExact, NumbersThatDifferOnlyInHowTheyAreWrittenAreEqual) {
  EXPECT_EQ(exact("1.0"), exact("1.000"));
  EXPECT_LT(exact("0.999999999999999999"), exact("1"));
  EXPECT_GT(exact("999999999999999999"), exact("999999999999999998.0"));
}

TEST(ReadExact, RefusesWhatIsNoDecimal) {
  for (const std::string_view text :
       {"",   "-",  "+1",  ".5",       "5.",   "1e",   "1e+", "1.2.3",    "0x10",  "1,5",
        " 1", "1 ", "NaN", "Infinity", "null", "true", "{",   "1\\u0030", "1e5e5", "--1"}) {
    EXPECT_EQ(error_of(text), ExactError::kMalformed) << text;
  }
}

TEST(ReadExact, RefusesWhatDoesNotFitAndNeverRounds) {
  EXPECT_EQ(error_of("1234567890123456789"), ExactError::kTooManyDigits);
  EXPECT_EQ(error_of("0.0000000000000000001"), ExactError::kTooManyDigits);
  EXPECT_EQ(error_of("1e-19"), ExactError::kTooManyDigits);
  EXPECT_EQ(error_of("1e18"), ExactError::kTooManyDigits);
  EXPECT_EQ(error_of("1e999999999999"), ExactError::kTooManyDigits);
  EXPECT_EQ(exact("1.0000000000000000000000").decimal(), money::Decimal::literal("1"));
  EXPECT_EQ(exact("10e-19").decimal(), money::Decimal::literal("0.000000000000000001"));
}

RC_GTEST_PROP(ReadExact, AgreesWithTheGeneralDecimal, ()) {
  const auto whole =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(1, 12), rc::gen::inRange('0', ':'));
  const auto fraction =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 12), rc::gen::inRange('0', ':'));
  const auto exponent = *rc::gen::inRange(-12, 12);
  std::string text = whole;
  if (!fraction.empty()) text += "." + fraction;
  if (exponent != 0) text += "e" + std::to_string(exponent);
  Exact number;
  const ExactError error = read_exact(text, number);
  const auto general = money::Decimal::parse(text);
  RC_ASSERT(error != ExactError::kMalformed);
  if (error == ExactError::kNone) {
    RC_ASSERT(number.decimal() == *general);
  }
}

RC_GTEST_PROP(ReadExact, OrdersAsTheGeneralDecimalDoes, ()) {
  const auto number = [] {
    Exact made;
    made.mantissa = *rc::gen::inRange<std::int64_t>(-999'999'999'999'999'999, 1'000'000'000'000'000'000);
    made.scale = *rc::gen::inRange(0, 19);
    return made;
  };
  const Exact a = number();
  const Exact b = number();
  RC_ASSERT((a <=> b) == (a.decimal() <=> b.decimal()));
}

TEST(ReadUnsigned, StopsAtTheEndOf64Bits) {
  EXPECT_EQ(read_unsigned("18446744073709551615"), UINT64_MAX);
  EXPECT_FALSE(read_unsigned("18446744073709551616"));
  EXPECT_FALSE(read_unsigned("-1"));
  EXPECT_FALSE(read_unsigned("1.0"));
  EXPECT_FALSE(read_unsigned(""));
}

RC_GTEST_PROP(ReadUtc, AgreesWithTheGeneralReader, ()) {
  const auto two = [](int end) {
    const int value = *rc::gen::inRange(0, end);
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  std::string text = std::to_string(*rc::gen::inRange(1970, 2262)) + "-" + two(14) + "-" + two(33) + "T" +
                     two(25) + ":" + two(61) + ":" + two(60);
  const auto fraction =
      *rc::gen::container<std::string>(*rc::gen::inRange<std::size_t>(0, 10), rc::gen::inRange('0', ':'));
  if (!fraction.empty()) text += "." + fraction;
  text += "Z";
  const auto fast = read_utc(text);
  const auto general = time::parse_rfc3339(text);
  RC_ASSERT(fast.has_value() == general.has_value());
  if (fast) {
    RC_ASSERT(*fast == general->ns());
  }
}

TEST(ReadUtc, RefusesOtherForms) {
  for (const std::string_view text :
       {"", "2023-09-25", "2023-09-25T07:49:37", "2023-09-25 07:49:37Z", "2023-09-25T07:49:37.Z",
        "2023-09-25T07:49:37.1234567890Z", "2023-09-25T07:49:37+00:00", "2023-02-29T00:00:00Z",
        "2023-9-25T07:49:37.00Z", "1969-12-31T23:59:59Z"}) {
    EXPECT_FALSE(read_utc(text)) << text;
  }
}

RC_GTEST_PROP(ToUtcMs, IsReadBackToTheSameMillisecond, ()) {
  const auto ms = *rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000);
  RC_ASSERT(read_utc(to_utc_ms(ms * 1'000'000 + 999'999)) == ms * 1'000'000);
}

}  // namespace
}  // namespace navkeeper::pricing::venues
