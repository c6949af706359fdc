#pragma once
// A small deterministic source of numbers: the same seed gives the same life on every machine and library.
#include <cstdint>

#include "common/base/ensure.h"
#include "common/money/decimal.h"

namespace navkeeper::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// From 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) {
    ENSURE(bound > 0);
    return next() % bound;
  }
  /// From low to high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    ENSURE(low <= high);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(unsigned of_thousand) { return below(1000) < of_thousand; }
  /// Up to `bound`, 1 at least, with as many significant bits as it likes: awkward ends are wanted.
  money::Int128 units(money::Int128 bound) {
    ENSURE(bound > 0);
    const auto wide = (static_cast<money::Uint128>(next()) << 64) | next();
    return 1 + static_cast<money::Int128>(wide % static_cast<money::Uint128>(bound));
  }

 private:
  std::uint64_t state_;
};

}  // namespace navkeeper::simulation
