#pragma once
// Private keys, for tests only: what is verified must first be signed by somebody. Uses libsecp256k1
// directly, so that a mistake of common/crypto is not made twice.
#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "common/base/bytes.h"
#include "common/crypto/secp256k1.h"

namespace navkeeper::tests {

class Signer {
 public:
  /// The key SHA-256("navkeeper test key" ‖ number): anyone can make it again.
  explicit Signer(std::uint64_t number);
  /// A private key of 32 bytes that is in range (else it throws).
  explicit Signer(std::span<const std::uint8_t> secret);

  crypto::PublicKey key() const;
  crypto::EcdsaSignature ecdsa(const crypto::Digest256& digest) const;
  std::pair<crypto::EcdsaSignature, int> recoverable(const crypto::Digest256& digest) const;
  /// BIP-340 with the key as it is.
  std::array<std::uint8_t, 64> schnorr(const crypto::Digest256& digest) const;
  /// The signer of the taproot output key for this internal key without scripts (BIP-86).
  Signer taproot() const;

  /// The same signature with s replaced by n − s.
  static crypto::EcdsaSignature with_other_s(const crypto::EcdsaSignature& signature);
  static base::Bytes der(const crypto::EcdsaSignature& signature);

 private:
  std::array<std::uint8_t, 32> secret_{};
};

}  // namespace navkeeper::tests
