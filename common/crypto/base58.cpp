#include "common/crypto/base58.h"

#include <algorithm>
#include <array>

#include "common/crypto/hash.h"

namespace navkeeper::crypto {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint8_t kNotADigit = 58;

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNotADigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

/// Multiplies the little-endian number in `digits` of base `base` by `factor` and adds `carry`.
void multiply_add(base::Bytes& digits, std::uint32_t base, std::uint32_t factor, std::uint32_t carry) {
  for (std::uint8_t& digit : digits) {
    carry += digit * factor;
    digit = static_cast<std::uint8_t>(carry % base);
    carry /= base;
  }
  for (; carry != 0; carry /= base) digits.push_back(static_cast<std::uint8_t>(carry % base));
}

}  // namespace

std::string to_base58check(std::span<const std::uint8_t> payload) {
  base::Bytes bytes(payload.begin(), payload.end());
  const Digest256 checksum = sha256d(payload);
  bytes.insert(bytes.end(), checksum.begin(), checksum.begin() + kChecksumBytes);
  base::Bytes digits;
  for (const std::uint8_t byte : bytes) multiply_add(digits, 58, 256, byte);
  const auto first = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
  std::string text(static_cast<std::size_t>(first - bytes.begin()), kAlphabet[0]);
  std::for_each(digits.rbegin(), digits.rend(), [&](std::uint8_t digit) { text += kAlphabet[digit]; });
  return text;
}

std::optional<base::Bytes> from_base58check(std::string_view text) {
  if (text.size() > kBase58TextMax) return std::nullopt;
  base::Bytes number;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNotADigit) return std::nullopt;
    multiply_add(number, 256, 58, digit);
  }
  const std::size_t zeros = std::min(text.find_first_not_of(kAlphabet[0]), text.size());
  base::Bytes bytes(zeros, 0);
  bytes.insert(bytes.end(), number.rbegin(), number.rend());
  if (bytes.size() < kChecksumBytes) return std::nullopt;
  const std::size_t length = bytes.size() - kChecksumBytes;
  const Digest256 checksum = sha256d(std::span(bytes).first(length));
  if (!std::equal(checksum.begin(), checksum.begin() + kChecksumBytes,
                  bytes.begin() + static_cast<std::ptrdiff_t>(length)))
    return std::nullopt;
  bytes.resize(length);
  return bytes;
}

}  // namespace navkeeper::crypto
