#pragma once
// Shared by the tests of the policies: short literals, an independent exact arithmetic, refusals by their
// text.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/money/big_integer.h"
#include "common/money/decimal.h"
#include "common/money/rounding.h"
#include "common/time/date.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav::policy {

using money::BigInteger;
using money::Decimal;
using money::Rounding;
using Exact = boost::multiprecision::cpp_rational;

inline Decimal dec(std::string_view text) { return Decimal::literal(text); }
inline time::Date day(std::string_view text) { return time::Date::literal(text); }

inline BigInteger ten_to(int power) {
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(power));
}

/// A decimal read digit by digit from its text.
inline Exact exact(const Decimal& value) {
  BigInteger digits = 0;
  int scale = 0;
  bool is_after_point = false;
  for (const char c : value.to_string()) {
    if (c == '-') continue;
    if (c == '.') {
      is_after_point = true;
      continue;
    }
    digits = digits * 10 + (c - '0');
    if (is_after_point) ++scale;
  }
  return Exact(value.is_negative() ? BigInteger(-digits) : digits, ten_to(scale));
}

inline Exact magnitude(const Exact& value) { return value < 0 ? Exact(-value) : value; }

/// Half a unit in the last of `decimals` places: what one rounding to the nearest may be off.
inline Exact half_unit(int decimals) { return Exact(BigInteger(1), 2 * ten_to(decimals)); }

/// The refusal's whole message; fails the test when there is none.
template <class T>
std::string message_of(const base::Checked<T>& result) {
  EXPECT_TRUE(result.has_error());
  return result.has_error() ? result.error().message() : std::string();
}

}  // namespace navkeeper::nav::policy
