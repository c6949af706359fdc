#include "common/crypto/bech32.h"

#include <algorithm>
#include <array>

namespace navkeeper::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kChecksumWords = 6;
constexpr std::size_t kPrefixMax = 83;
constexpr std::uint32_t kBech32Constant = 1;            // BIP-173
constexpr std::uint32_t kBech32mConstant = 0x2bc830a3;  // BIP-350
constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                     0x2a1462b3};

std::uint32_t constant_of(Bech32Kind kind) {
  return kind == Bech32Kind::kBech32 ? kBech32Constant : kBech32mConstant;
}

/// One step of the checksum, the remainder of a polynomial division over GF(32) (BIP-173).
std::uint32_t step(std::uint32_t state, std::uint8_t word) {
  const std::uint32_t top = state >> 25;
  state = (state & 0x1ffffff) << 5 ^ word;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    if ((top >> i & 1U) != 0) state ^= kGenerator[i];
  }
  return state;
}

std::uint32_t checksum_state(std::string_view prefix, std::span<const std::uint8_t> words) {
  std::uint32_t state = 1;
  for (const char c : prefix)
    state = step(state, static_cast<std::uint8_t>(static_cast<unsigned char>(c) >> 5));
  state = step(state, 0);
  for (const char c : prefix) state = step(state, static_cast<std::uint8_t>(c & 31));
  for (const std::uint8_t word : words) state = step(state, word);
  return state;
}

bool prefix_allowed(std::string_view prefix) {
  return !prefix.empty() && prefix.size() <= kPrefixMax &&
         std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= 33 && c <= 126; });
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::optional<std::string> in_lower_case(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_upper) && std::any_of(text.begin(), text.end(), is_lower))
    return std::nullopt;
  std::string lower(text);
  for (char& c : lower) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::optional<Bech32Text> parse_bech32(std::string_view text, std::size_t text_max) {
  if (text.size() > text_max) return std::nullopt;
  const auto lower = in_lower_case(text);
  if (!lower) return std::nullopt;
  const auto separator = lower->rfind('1');
  if (separator == std::string::npos || lower->size() - separator - 1 < kChecksumWords) return std::nullopt;
  Bech32Text parsed{.kind = {}, .prefix = lower->substr(0, separator), .words = {}};
  if (!prefix_allowed(parsed.prefix)) return std::nullopt;
  for (const char c : std::string_view(*lower).substr(separator + 1)) {
    const auto word = kAlphabet.find(c);
    if (word == std::string_view::npos) return std::nullopt;
    parsed.words.push_back(static_cast<std::uint8_t>(word));
  }
  const std::uint32_t state = checksum_state(parsed.prefix, parsed.words);
  if (state != kBech32Constant && state != kBech32mConstant) return std::nullopt;
  parsed.kind = state == kBech32Constant ? Bech32Kind::kBech32 : Bech32Kind::kBech32m;
  parsed.words.resize(parsed.words.size() - kChecksumWords);
  return parsed;
}

std::optional<std::string> write_bech32(const Bech32Text& text, std::size_t text_max) {
  const auto prefix = in_lower_case(text.prefix);
  if (!prefix || !prefix_allowed(*prefix)) return std::nullopt;
  if (prefix->size() + 1 + text.words.size() + kChecksumWords > text_max) return std::nullopt;
  if (std::any_of(text.words.begin(), text.words.end(), [](std::uint8_t word) { return word > 31; }))
    return std::nullopt;
  std::uint32_t state = checksum_state(*prefix, text.words);
  for (std::size_t i = 0; i < kChecksumWords; ++i) state = step(state, 0);
  state ^= constant_of(text.kind);
  std::string written = *prefix + '1';
  for (const std::uint8_t word : text.words) written += kAlphabet[word];
  for (std::size_t i = 0; i < kChecksumWords; ++i)
    written += kAlphabet[state >> 5 * (kChecksumWords - 1 - i) & 31U];
  return written;
}

base::Bytes to_words(std::span<const std::uint8_t> bytes) {
  base::Bytes words;
  words.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8 | byte) & 0xFFFU;
    for (held += 8; held >= 5; held -= 5) words.push_back(bits >> (held - 5) & 31U);
  }
  if (held > 0) words.push_back(bits << (5 - held) & 31U);
  return words;
}

std::optional<base::Bytes> from_words(std::span<const std::uint8_t> words) {
  base::Bytes bytes;
  bytes.reserve(words.size() * 5 / 8);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t word : words) {
    if (word > 31) return std::nullopt;
    bits = (bits << 5 | word) & 0xFFFU;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> held));
  }
  if (held > 4 || (bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace navkeeper::crypto
