#pragma once
// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104, FIPS 198-1). A failure inside the cryptographic library is
// a bug or a broken installation and ends the process (ENSURE).
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace navkeeper::crypto {

using Digest256 = std::array<std::uint8_t, 32>;

Digest256 sha256(std::span<const std::uint8_t> data);
Digest256 sha256(std::string_view data);
/// Lower-case hexadecimal of sha256, the spelling of every hash that is stored or shown.
std::string sha256_hex(std::string_view data);

/// SHA-256 of data that comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& update(std::span<const std::uint8_t> data);
  Sha256& update(std::string_view data);
  /// The digest of what came so far; the object starts again empty.
  Digest256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data);
Digest256 hmac_sha256(std::string_view key, std::string_view data);

/// Whether the bytes are equal, in a time that depends on their number only.
bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace navkeeper::crypto
