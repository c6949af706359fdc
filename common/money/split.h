#pragma once
// Exact splits: the parts add up to the whole, and the remainder has a named owner.
#include <cstddef>
#include <span>
#include <vector>

#include "common/money/decimal.h"

namespace navkeeper::money {

/// Splits `total` in proportion to `weights` (none negative, not all zero: ENSURE). Each part is cut toward
/// zero to `decimals`; what is left over goes to the part at `remainder_owner`. The parts add up to `total`
/// exactly.
std::vector<Decimal> split(const Decimal& total, std::span<const Decimal> weights, int decimals,
                           std::size_t remainder_owner);

}  // namespace navkeeper::money
