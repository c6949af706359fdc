#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/base/refusal.h"
#include "common/base/strong.h"

namespace navkeeper::base {
namespace {

TEST(Hex, RoundTripsEveryByte) {
  Bytes bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
}

TEST(Hex, OddLengthAndOtherCharactersAreRefused) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_FALSE(from_hex("0x"));
  EXPECT_EQ(from_hex("aBFf"), (Bytes{0xab, 0xff}));
}

TEST(Refusal, NamesThePlaceFromTheOutsideIn) {
  const Refusal refusal{"price", "is not positive"};
  EXPECT_EQ(refusal.within("positions[1]").within("fund.json").message(),
            "fund.json: positions[1]: price: is not positive");
  EXPECT_EQ((Refusal{"", "file is empty"}.within("a.csv").message()), "a.csv: file is empty");
}

TEST(Checked, HoldsAValueOrARefusal) {
  const Checked<int> value = 7;
  const Checked<int> refused = Refusal{"x", "y"};
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(*value, 7);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().rule, "y");
  EXPECT_THROW(static_cast<void>(refused.value()), std::logic_error);
}

TEST(EnsureDeathTest, AFailedConditionEndsTheProcessAndNamesItself) {
  EXPECT_DEATH(ENSURE(1 + 1 == 3), "1 \\+ 1 == 3 does not hold at .*base_test.cpp");
}

struct FundTag;
TEST(Strong, ComparesByValue) {
  using Fund = Strong<FundTag>;
  EXPECT_EQ(Fund{"A"}, Fund{"A"});
  EXPECT_LT(Fund{"A"}, Fund{"B"});
}

}  // namespace
}  // namespace navkeeper::base
