#include "common/money/units.h"

#include <algorithm>

namespace navkeeper::money {

std::optional<Units> Units::from(const Decimal& quantity, int asset_decimals) {
  const auto count = quantity.to_units(asset_decimals);
  if (!count) return std::nullopt;
  return Units(*count);
}

Units Units::operator-() const { return Units{} - *this; }

Units operator+(Units a, Units b) {
  Int128 sum = 0;
  if (__builtin_add_overflow(a.count_, b.count_, &sum))
    throw OverflowError("an amount needs more than 128 bits");
  return Units(sum);
}

Units operator-(Units a, Units b) {
  Int128 difference = 0;
  if (__builtin_sub_overflow(a.count_, b.count_, &difference))
    throw OverflowError("an amount needs more than 128 bits");
  return Units(difference);
}

std::string to_string(Int128 value) { return Decimal::of(value).to_string(); }

}  // namespace navkeeper::money
