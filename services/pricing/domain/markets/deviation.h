#pragma once
// How far a price is from a reference, exactly.
#include <cstdint>
#include <string>

#include "common/base/ensure.h"
#include "common/money/rational.h"

namespace navkeeper::pricing {

/// |price - reference| / reference; `reference` positive (ENSURE).
inline money::Rational deviation(const money::Rational& price, const money::Rational& reference) {
  ENSURE(!reference.is_negative() && !reference.is_zero());
  return (price - reference).abs() / reference;
}

/// Strictly above a threshold in parts per million.
inline bool exceeds(const money::Rational& deviation, std::int64_t threshold_ppm) {
  return deviation > money::Rational::of(threshold_ppm, 1'000'000);
}

/// "0.005": a threshold as it is shown beside a measured deviation.
inline std::string ppm_text(std::int64_t ppm) { return money::Decimal::of(ppm, 6).to_string(); }

}  // namespace navkeeper::pricing
