#include "common/crypto/secp256k1.h"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_recovery.h>
#include <secp256k1_schnorrsig.h>

#include <algorithm>
#include <cstring>

#include "common/base/ensure.h"

namespace navkeeper::crypto {

static_assert(sizeof(secp256k1_pubkey) == 64);

/// The one place where the library's own form of a key goes in and out.
struct LibraryAccess {
  static secp256k1_pubkey out(const PublicKey& key) {
    secp256k1_pubkey point;
    std::memcpy(&point, key.opaque_.data(), sizeof point);
    return point;
  }
  static PublicKey in(const secp256k1_pubkey& point) {
    PublicKey key;
    std::memcpy(key.opaque_.data(), &point, sizeof point);
    return key;
  }
};

namespace {

constexpr std::size_t kCompressedBytes = 33;
constexpr std::size_t kUncompressedBytes = 65;
constexpr std::size_t kScalarBytes = 32;
/// SEQUENCE, its length, and an INTEGER's tag and length twice, each INTEGER of at least one byte.
constexpr std::size_t kDerBytesMin = 8;
/// The same with two integers of 33 bytes.
constexpr std::size_t kDerBytesMax = 72;

/// Enough for everything that has no secret (libsecp256k1, secp256k1.h: verification, parsing, tweaks).
const secp256k1_context* context() { return secp256k1_context_static; }

template <std::size_t size>
std::array<std::uint8_t, size> serialised(const secp256k1_pubkey& point, unsigned flags) {
  std::array<std::uint8_t, size> bytes{};
  std::size_t length = size;
  ENSURE(secp256k1_ec_pubkey_serialize(context(), bytes.data(), &length, &point, flags) == 1 &&
         length == size);
  return bytes;
}

/// Takes one INTEGER of DER off the front of `der` into the 32 bytes at `out`.
bool take_integer(std::span<const std::uint8_t>& der, std::uint8_t* out) {
  if (der.size() < 3 || der[0] != 0x02) return false;
  const std::size_t length = der[1];
  if (length == 0 || length > kScalarBytes + 1 || der.size() - 2 < length) return false;
  auto value = der.subspan(2, length);
  der = der.subspan(2 + length);
  if ((value[0] & 0x80) != 0) return false;                                       // negative
  if (value.size() > 1 && value[0] == 0 && (value[1] & 0x80) == 0) return false;  // padded
  if (value.size() > kScalarBytes) {
    if (value[0] != 0) return false;  // above 2^256
    value = value.subspan(1);
  }
  std::copy(value.begin(), value.end(), out + (kScalarBytes - value.size()));
  return true;
}

std::optional<secp256k1_ecdsa_signature> in_range(const EcdsaSignature& signature) {
  secp256k1_ecdsa_signature parsed;
  if (secp256k1_ecdsa_signature_parse_compact(context(), &parsed, signature.r_s.data()) != 1)
    return std::nullopt;
  return parsed;
}

}  // namespace

std::optional<PublicKey> PublicKey::parse(std::span<const std::uint8_t> encoded) {
  const bool compressed = encoded.size() == kCompressedBytes && (encoded[0] == 0x02 || encoded[0] == 0x03);
  const bool uncompressed = encoded.size() == kUncompressedBytes && encoded[0] == 0x04;
  if (!compressed && !uncompressed) return std::nullopt;
  secp256k1_pubkey point;
  if (secp256k1_ec_pubkey_parse(context(), &point, encoded.data(), encoded.size()) != 1) return std::nullopt;
  return LibraryAccess::in(point);
}

std::optional<PublicKey> PublicKey::from_x_only(std::span<const std::uint8_t> x) {
  if (x.size() != kScalarBytes) return std::nullopt;
  std::array<std::uint8_t, kCompressedBytes> encoded{0x02};
  std::copy(x.begin(), x.end(), encoded.begin() + 1);
  return parse(encoded);
}

std::array<std::uint8_t, 33> PublicKey::compressed() const {
  return serialised<kCompressedBytes>(LibraryAccess::out(*this), SECP256K1_EC_COMPRESSED);
}

std::array<std::uint8_t, 65> PublicKey::uncompressed() const {
  return serialised<kUncompressedBytes>(LibraryAccess::out(*this), SECP256K1_EC_UNCOMPRESSED);
}

std::array<std::uint8_t, 32> PublicKey::x_only() const {
  const auto encoded = compressed();
  std::array<std::uint8_t, kScalarBytes> x{};
  std::copy(encoded.begin() + 1, encoded.end(), x.begin());
  return x;
}

bool PublicKey::has_even_y() const { return compressed()[0] == 0x02; }

std::optional<PublicKey> PublicKey::plus(const Digest256& tweak) const {
  secp256k1_pubkey point = LibraryAccess::out(*this);
  if (secp256k1_ec_pubkey_tweak_add(context(), &point, tweak.data()) != 1) return std::nullopt;
  return LibraryAccess::in(point);
}

std::optional<EcdsaSignature> parse_der(std::span<const std::uint8_t> der) {
  if (der.size() < kDerBytesMin || der.size() > kDerBytesMax) return std::nullopt;
  if (der[0] != 0x30 || der[1] != der.size() - 2) return std::nullopt;
  auto rest = der.subspan(2);
  EcdsaSignature signature;
  if (!take_integer(rest, signature.r_s.data())) return std::nullopt;
  if (!take_integer(rest, signature.r_s.data() + kScalarBytes)) return std::nullopt;
  if (!rest.empty()) return std::nullopt;
  return signature;
}

std::optional<EcdsaSignature> parse_p1363(std::span<const std::uint8_t> bytes) {
  EcdsaSignature signature;
  if (bytes.size() != signature.r_s.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), signature.r_s.begin());
  return signature;
}

bool has_low_s(const EcdsaSignature& signature) {
  const auto parsed = in_range(signature);
  return parsed && secp256k1_ecdsa_signature_normalize(context(), nullptr, &*parsed) == 0;
}

bool verify_ecdsa(const PublicKey& key, const Digest256& digest, const EcdsaSignature& signature,
                  SRule rule) {
  auto parsed = in_range(signature);
  if (!parsed) return false;
  // The library verifies low s only; the result says whether s had been high.
  const bool was_high = secp256k1_ecdsa_signature_normalize(context(), &*parsed, &*parsed) == 1;
  if (was_high && rule == SRule::kLow) return false;
  const secp256k1_pubkey point = LibraryAccess::out(key);
  return secp256k1_ecdsa_verify(context(), &*parsed, digest.data(), &point) == 1;
}

std::optional<PublicKey> recover_ecdsa(const Digest256& digest, const EcdsaSignature& signature,
                                       int recovery_id, SRule rule) {
  if (recovery_id < 0 || recovery_id > 3) return std::nullopt;
  if (rule == SRule::kLow && !has_low_s(signature)) return std::nullopt;
  secp256k1_ecdsa_recoverable_signature parsed;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, signature.r_s.data(),
                                                          recovery_id) != 1) {
    return std::nullopt;
  }
  secp256k1_pubkey point;
  if (secp256k1_ecdsa_recover(context(), &point, &parsed, digest.data()) != 1) return std::nullopt;
  return LibraryAccess::in(point);
}

bool verify_schnorr(std::span<const std::uint8_t> x, const Digest256& message,
                    std::span<const std::uint8_t> signature) {
  if (x.size() != kScalarBytes || signature.size() != 2 * kScalarBytes) return false;
  secp256k1_xonly_pubkey key;
  if (secp256k1_xonly_pubkey_parse(context(), &key, x.data()) != 1) return false;
  return secp256k1_schnorrsig_verify(context(), signature.data(), message.data(), message.size(), &key) == 1;
}

}  // namespace navkeeper::crypto
