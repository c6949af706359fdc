#pragma once
// Whole numbers drawn from a place: the same seed and place give the same number on every machine, in
// whatever order they are asked for.
#include <cstdint>
#include <initializer_list>

namespace navkeeper::sandbox {

constexpr std::int64_t kMillion = 1'000'000;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  /// A stream of its own for each place, such as {seed, venue, pair, hour}.
  static Dice at(std::initializer_list<std::uint64_t> place) {
    std::uint64_t seed = 0;
    for (const std::uint64_t part : place) seed = mix(seed ^ (part + 0x9E3779B97F4A7C15ULL));
    return Dice(seed);
  }

  std::uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15ULL); }
  /// From low to high, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % (static_cast<std::uint64_t>(high - low) + 1));
  }

 private:
  static std::uint64_t mix(std::uint64_t value) {  // splitmix64's finaliser (Steele, Lea, Flood 2014)
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

/// `value` and `ppm` millionths of it more, rounded towards zero.
inline std::int64_t moved(std::int64_t value, std::int64_t ppm) { return value + value * ppm / kMillion; }

}  // namespace navkeeper::sandbox
