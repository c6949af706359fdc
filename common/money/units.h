#pragma once
// Units: a whole number of an asset's smallest unit (satoshi: 8 decimals, wei: 18, basecro: 8), 128 bits,
// signed: positive when the fund holds, negative when it owes or delivers. Arithmetic is checked.
#include <compare>
#include <optional>
#include <string>

#include "common/money/decimal.h"

namespace navkeeper::money {

class Units {
 public:
  Units() = default;
  explicit Units(Int128 count) : count_(count) {}
  /// Nothing when `quantity` has more decimals than the asset or does not fit.
  static std::optional<Units> from(const Decimal& quantity, int asset_decimals);

  Int128 count() const { return count_; }
  bool is_zero() const { return count_ == 0; }
  /// In whole coins: count / 10^asset_decimals, 0 to 38 decimals.
  Decimal to_decimal(int asset_decimals) const { return Decimal::of(count_, asset_decimals); }

  Units operator-() const;
  friend Units operator+(Units a, Units b);
  friend Units operator-(Units a, Units b);
  Units& operator+=(Units other) { return *this = *this + other; }
  Units& operator-=(Units other) { return *this = *this - other; }
  auto operator<=>(const Units&) const = default;

 private:
  Int128 count_ = 0;
};

std::string to_string(Int128 value);

}  // namespace navkeeper::money
