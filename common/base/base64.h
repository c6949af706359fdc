#pragma once
// Base64 of RFC 4648 section 4: the standard alphabet, always padded. Strict, so that each value has exactly
// one spelling: no white space, no missing padding, no stray bits behind the last byte.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace navkeeper::base {

std::string to_base64(std::span<const std::uint8_t> bytes);

/// The bytes that `text` spells, or nothing when it is not their one spelling.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace navkeeper::base
