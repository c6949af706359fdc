#pragma once
// The dynamic cap on what one price level may weigh in the real-time index, so that a single huge order
// cannot carry it. Winsorised mean plus a multiple of the winsorised sample standard deviation of the sizes
// of the first levels on both sides of the consolidated book (facts on pricing, 1.3: first 10 + 10, a quarter
// winsorised on each side, 3 deviations).
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/money/decimal.h"

namespace navkeeper::pricing {

struct SizeCapRule {
  std::size_t levels_per_side = 10;
  std::int64_t winsorised_ppm = 250'000;    ///< part replaced on each side, parts per million, below 500,000
  std::int64_t deviations_ppm = 3'000'000;  ///< multiple of the standard deviation, parts per million
  bool operator==(const SizeCapRule&) const = default;
};

/// The cap in lots, cut to whole lots: exactly floor(mean + k * sd), because floor((S + y) / n) = floor((S +
/// floor(y)) / n) for whole S and n, so the only root taken is an integer one, rounded down. `lots` are the
/// sample, in any order, each positive and below 2^55 (ENSURE), 1 to 2 * levels_per_side of them; of a single
/// one the cap is its size.
std::int64_t order_size_cap(std::span<const std::int64_t> lots, const SizeCapRule& rule);

}  // namespace navkeeper::pricing
