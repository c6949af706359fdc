#pragma once
// e^-x without binary floating point, for the weights of the real-time index: the same bits on every machine.
//
// Fixed point with 63 binary places: a value w stands for w / 2^63, 0 to 1.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/money/decimal.h"

namespace navkeeper::pricing {

constexpr int kWeightBits = 63;
constexpr std::uint64_t kWeightOne = std::uint64_t{1} << kWeightBits;

/// e^-(numerator / denominator), cut: the true value lies in [w, w + 1) / 2^63. numerator >= 0, denominator >
/// 0 (ENSURE).
///
/// Taylor's series with 192 binary places of x / 2^m, m the halvings that bring it under 1/2, then squared m
/// times; x of 64 or more gives 0. The error before the cut is below 2^-170.
std::uint64_t exp_minus(money::Int128 numerator, money::Int128 denominator);

/// W(j) = sum of q^0 .. q^(j-1) for a fixed-point q, j from 0 to `count`, in units of 2^-63.
///
/// Each power is its predecessor times q, cut: power j is at most 2j units below the true one (q itself at
/// most one unit below, one more lost at each product), so W(j) is at most j^2 units below.
std::vector<money::Uint128> cumulative_weights(std::uint64_t q, std::size_t count);

}  // namespace navkeeper::pricing
