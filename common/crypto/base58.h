#pragma once
// Base58Check, the spelling of legacy Bitcoin addresses and of BIP-32 keys: base 58 of payload and the first
// four bytes of its double SHA-256.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace navkeeper::crypto {

/// Longer texts are refused: decoding costs the square of the length, and the longest in use has 111
/// characters (BIP-32).
inline constexpr std::size_t kBase58TextMax = 256;

std::string to_base58check(std::span<const std::uint8_t> payload);

/// The payload without its checksum, or nothing when a character, the length or the checksum is wrong.
std::optional<base::Bytes> from_base58check(std::string_view text);

}  // namespace navkeeper::crypto
