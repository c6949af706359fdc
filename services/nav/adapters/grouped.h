#pragma once
// Numbers as people read them.
#include <string>
#include <string_view>

#include "common/money/decimal.h"

namespace navkeeper::nav {

/// "1234567.89" as "1,234,567.89"; what is no plain decimal is given back as it is.
std::string grouped(std::string_view decimal);
/// The same of a value, with at least so many decimals and more where it needs them: 12.5 as "12.50" with 2,
/// so that the points of a column stand below each other.
std::string grouped(const money::Decimal& value, int decimals_min);
constexpr int kDollarDecimals = 2;
constexpr int kPerShareDecimals = 4;  ///< of a NAV per share where funds with other terms share a table

}  // namespace navkeeper::nav
