#pragma once
// The named roundings. Every division and every loss of decimals in this project names one of them.
#include <optional>
#include <string_view>

namespace navkeeper::money {

enum class Rounding {
  kDown,      ///< toward zero (cut)
  kUp,        ///< away from zero
  kHalfUp,    ///< to the nearest, a half away from zero
  kHalfEven,  ///< to the nearest, a half to the even neighbour
  kFloor,     ///< toward minus infinity
  kCeiling,   ///< toward plus infinity
};

/// The word used in files: down, up, half_up, half_even, floor, ceiling.
std::string_view to_string(Rounding rounding);
std::optional<Rounding> rounding_from(std::string_view word);

}  // namespace navkeeper::money
