#include "tests/support/signer.h"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>
#include <secp256k1_schnorrsig.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "common/base/ensure.h"
#include "common/crypto/hash.h"

namespace navkeeper::tests {
namespace {

const secp256k1_context* context() {
  static const secp256k1_context* const kContext = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  return kContext;
}

secp256k1_ecdsa_signature parsed(const crypto::EcdsaSignature& signature) {
  secp256k1_ecdsa_signature out;
  ENSURE(secp256k1_ecdsa_signature_parse_compact(context(), &out, signature.r_s.data()) == 1);
  return out;
}

crypto::EcdsaSignature compact(const secp256k1_ecdsa_signature& signature) {
  crypto::EcdsaSignature out;
  ENSURE(secp256k1_ecdsa_signature_serialize_compact(context(), out.r_s.data(), &signature) == 1);
  return out;
}

secp256k1_keypair pair_of(const std::array<std::uint8_t, 32>& secret) {
  secp256k1_keypair pair;
  ENSURE(secp256k1_keypair_create(context(), &pair, secret.data()) == 1);
  return pair;
}

// The group's order (SEC 2 section 2.4.1).
constexpr std::array<std::uint8_t, 32> kOrder = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

}  // namespace

Signer::Signer(std::uint64_t number)
    : secret_(crypto::sha256("navkeeper test key" + std::to_string(number))) {
  ENSURE(secp256k1_ec_seckey_verify(context(), secret_.data()) == 1);
}

Signer::Signer(std::span<const std::uint8_t> secret) {
  if (secret.size() != secret_.size()) throw std::runtime_error("a private key has 32 bytes");
  std::copy(secret.begin(), secret.end(), secret_.begin());
  if (secp256k1_ec_seckey_verify(context(), secret_.data()) != 1)
    throw std::runtime_error("the private key is out of range");
}

crypto::PublicKey Signer::key() const {
  secp256k1_pubkey point;
  ENSURE(secp256k1_ec_pubkey_create(context(), &point, secret_.data()) == 1);
  std::array<std::uint8_t, 33> bytes{};
  std::size_t length = bytes.size();
  ENSURE(secp256k1_ec_pubkey_serialize(context(), bytes.data(), &length, &point, SECP256K1_EC_COMPRESSED) ==
         1);
  return crypto::PublicKey::parse(bytes).value();
}

crypto::EcdsaSignature Signer::ecdsa(const crypto::Digest256& digest) const {
  secp256k1_ecdsa_signature signature;
  ENSURE(secp256k1_ecdsa_sign(context(), &signature, digest.data(), secret_.data(), nullptr, nullptr) == 1);
  return compact(signature);
}

std::pair<crypto::EcdsaSignature, int> Signer::recoverable(const crypto::Digest256& digest) const {
  secp256k1_ecdsa_recoverable_signature signature;
  ENSURE(secp256k1_ecdsa_sign_recoverable(context(), &signature, digest.data(), secret_.data(), nullptr,
                                          nullptr) == 1);
  std::pair<crypto::EcdsaSignature, int> out{};
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), out.first.r_s.data(), &out.second,
                                                          &signature);
  return out;
}

std::array<std::uint8_t, 64> Signer::schnorr(const crypto::Digest256& digest) const {
  const secp256k1_keypair pair = pair_of(secret_);
  std::array<std::uint8_t, 64> signature{};
  ENSURE(secp256k1_schnorrsig_sign32(context(), signature.data(), digest.data(), &pair, nullptr) == 1);
  return signature;
}

Signer Signer::taproot() const {
  secp256k1_keypair pair = pair_of(secret_);
  const auto x = key().x_only();
  const crypto::Digest256 tweak = crypto::tagged_hash("TapTweak", x);
  ENSURE(secp256k1_keypair_xonly_tweak_add(context(), &pair, tweak.data()) == 1);
  std::array<std::uint8_t, 32> secret{};
  ENSURE(secp256k1_keypair_sec(context(), secret.data(), &pair) == 1);
  return Signer(secret);
}

crypto::EcdsaSignature Signer::with_other_s(const crypto::EcdsaSignature& signature) {
  crypto::EcdsaSignature other = signature;
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = kOrder[i] - signature.r_s[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    other.r_s[32 + i] = static_cast<std::uint8_t>(difference + 256 * borrow);
  }
  return other;
}

base::Bytes Signer::der(const crypto::EcdsaSignature& signature) {
  const secp256k1_ecdsa_signature in = parsed(signature);
  base::Bytes out(72);
  std::size_t length = out.size();
  ENSURE(secp256k1_ecdsa_signature_serialize_der(context(), out.data(), &length, &in) == 1);
  out.resize(length);
  return out;
}

}  // namespace navkeeper::tests
