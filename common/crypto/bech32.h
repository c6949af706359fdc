#pragma once
// Bech32 (BIP-173) and bech32m (BIP-350): a human-readable part, "1", data in groups of five bits, a
// checksum.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace navkeeper::crypto {

enum class Bech32Kind { kBech32, kBech32m };

/// What BIP-173 allows. Cosmos keys are longer and say so.
inline constexpr std::size_t kBech32TextMax = 90;

struct Bech32Text {
  Bech32Kind kind{};
  std::string prefix;  ///< the human-readable part in lower case, 1 to 83 characters from 33 to 126
  base::Bytes words;   ///< five bits each, without the checksum
  bool operator==(const Bech32Text&) const = default;
};

/// Nothing when the text is mixed case, too long, or its checksum is of neither kind.
std::optional<Bech32Text> parse_bech32(std::string_view text, std::size_t text_max = kBech32TextMax);

/// In lower case. Nothing when the prefix or a word is not allowed, or the text were longer than `text_max`.
std::optional<std::string> write_bech32(const Bech32Text& text, std::size_t text_max = kBech32TextMax);

/// Eight-bit bytes in groups of five, the last padded with zeros.
base::Bytes to_words(std::span<const std::uint8_t> bytes);
/// The reverse; nothing when more than four bits are padding or one of them is not zero (BIP-173).
std::optional<base::Bytes> from_words(std::span<const std::uint8_t> words);

}  // namespace navkeeper::crypto
