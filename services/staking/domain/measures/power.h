#pragma once
// A power with a fractional exponent, for annual rates: (1 + r) to the power of year / elapsed.
#include "common/money/decimal.h"

namespace navkeeper::staking::measures {

/// base ^ (numerator / denominator), half-even at `decimals` (0 to 30). base > 0, denominator > 0 (ENSURE).
/// Computed as exp(x ln base) in integers with 100 decimals, so that the error before the rounding is below
/// 1e-60: an exact power comes out exact. Throws money::OverflowError where the result is above 1e40 or the
/// exponent above 1e6.
money::Decimal power(const money::Decimal& base, std::int64_t numerator, std::int64_t denominator,
                     int decimals);

}  // namespace navkeeper::staking::measures
