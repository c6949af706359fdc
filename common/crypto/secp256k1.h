#pragma once
// Public keys and signatures on the curve secp256k1 (SEC 2, section 2.4.1), checked by libsecp256k1. Only
// public values: no private key ever enters this folder, and nothing here needs constant time.
//
// There are two rules for an ECDSA signature and each source of signatures names its own: SRule::kAny is
// plain ECDSA (FIPS 186-4), SRule::kLow is what Bitcoin (BIP-146), Ethereum (EIP-2) and the Cosmos SDK
// accept, so that one signature has one encoding.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "common/crypto/digest.h"

namespace navkeeper::crypto {

/// A point of the curve other than infinity.
class PublicKey {
 public:
  /// Reads SEC 1 section 2.3.4: 33 bytes that begin with 02 or 03, or 65 that begin with 04. The hybrid
  /// prefixes 06 and 07 are refused (STRICTENC of BIP-62).
  static std::optional<PublicKey> parse(std::span<const std::uint8_t> encoded);
  /// The point with that x and an even y (BIP-340, lift_x).
  static std::optional<PublicKey> from_x_only(std::span<const std::uint8_t> x);

  std::array<std::uint8_t, 33> compressed() const;
  std::array<std::uint8_t, 65> uncompressed() const;
  /// The x coordinate (BIP-340).
  std::array<std::uint8_t, 32> x_only() const;
  bool has_even_y() const;

  /// This point plus `tweak` times the generator (BIP-32 CKDpub, BIP-341). Nothing when `tweak` is not below
  /// the group's order or the sum is infinity.
  std::optional<PublicKey> plus(const Digest256& tweak) const;

  bool operator==(const PublicKey& other) const { return compressed() == other.compressed(); }

 private:
  friend struct LibraryAccess;
  PublicKey() = default;
  std::array<std::uint8_t, 64> opaque_{};  ///< libsecp256k1's own form
};

/// r and s, 32 bytes each, big-endian: the order of SEC 1, of IEEE P1363 and of Cosmos. They may be out of
/// range: such a signature is never valid.
struct EcdsaSignature {
  std::array<std::uint8_t, 64> r_s{};
  bool operator==(const EcdsaSignature&) const = default;
};

/// Strict DER (BIP-66): no BER length, no padding, nothing behind it.
std::optional<EcdsaSignature> parse_der(std::span<const std::uint8_t> der);
/// IEEE P1363: exactly 64 bytes.
std::optional<EcdsaSignature> parse_p1363(std::span<const std::uint8_t> bytes);

enum class SRule {
  kAny,  ///< both s and n − s are valid
  kLow,  ///< s must be at most n / 2
};

bool has_low_s(const EcdsaSignature& signature);
bool verify_ecdsa(const PublicKey& key, const Digest256& digest, const EcdsaSignature& signature, SRule rule);
/// The key that made the signature, or nothing. `recovery_id` is 0 to 3 (SEC 1 section 4.1.6).
std::optional<PublicKey> recover_ecdsa(const Digest256& digest, const EcdsaSignature& signature,
                                       int recovery_id, SRule rule);

/// BIP-340. `x` is the 32-byte key, `signature` 64 bytes; other lengths are never valid.
bool verify_schnorr(std::span<const std::uint8_t> x, const Digest256& message,
                    std::span<const std::uint8_t> signature);

}  // namespace navkeeper::crypto
