#pragma once
// Watch-only hierarchical keys (BIP-32): from an extended public key to its children, never to a private key.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/refusal.h"
#include "common/crypto/secp256k1.h"

namespace navkeeper::crypto {

/// What the four version bytes say (BIP-32; SLIP-132 for the y, z, u and v forms).
enum class KeyVersion { kXpub, kYpub, kZpub, kTpub, kUpub, kVpub };

/// Children from this index on are hardened: only the private key can make them.
inline constexpr std::uint32_t kHardened = 0x80000000;

class ExtendedPublicKey {
 public:
  /// Refuses a private key (it has no place here), an unknown version, a key that is no point of the curve,
  /// and a depth of zero with a parent or an index.
  static base::Checked<ExtendedPublicKey> parse(std::string_view text);

  /// CKDpub. Refused when `index` is hardened, at depth 255, and in the one case in 2^127 in which BIP-32
  /// says to go on with the next index.
  base::Checked<ExtendedPublicKey> child(std::uint32_t index) const;
  /// The child at the end of a path such as {0, 7}.
  base::Checked<ExtendedPublicKey> descendant(const std::vector<std::uint32_t>& path) const;

  std::string to_string() const;
  const PublicKey& key() const { return key_; }
  KeyVersion version() const { return version_; }
  std::uint8_t depth() const { return depth_; }
  /// The first four bytes of hash160 of the key.
  std::array<std::uint8_t, 4> fingerprint() const;

 private:
  explicit ExtendedPublicKey(const PublicKey& key) : key_(key) {}
  KeyVersion version_{};
  std::uint8_t depth_ = 0;
  std::array<std::uint8_t, 4> parent_{};
  std::uint32_t index_ = 0;
  std::array<std::uint8_t, 32> chain_code_{};
  PublicKey key_;
};

/// "0/7", "m/0/7" or "m": decimal indices below 2^31. A hardened one is refused with the reason.
base::Checked<std::vector<std::uint32_t>> parse_watch_only_path(std::string_view path);

}  // namespace navkeeper::crypto
