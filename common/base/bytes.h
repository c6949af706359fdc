#pragma once
// Bytes and their hexadecimal spelling.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace navkeeper::base {

using Bytes = std::vector<std::uint8_t>;

/// Lower-case hexadecimal, two characters a byte, no prefix.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// The bytes that `hex` spells (either case, no prefix), or nothing when it is not hexadecimal of even
/// length.
std::optional<Bytes> from_hex(std::string_view hex);

}  // namespace navkeeper::base
