#include "common/crypto/hash.h"

#include <cryptopp/keccak.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <climits>

#include "common/base/ensure.h"

namespace navkeeper::crypto {
namespace {

/// Looked up once: OpenSSL 3 otherwise searches its providers at every call.
const EVP_MD* ripemd160_method() {
  static const EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "RIPEMD160", nullptr);
  ENSURE(kMethod != nullptr);
  return kMethod;
}

}  // namespace

Digest256 keccak256(std::span<const std::uint8_t> data) {
  Digest256 digest{};
  CryptoPP::Keccak_256 keccak;
  keccak.Update(data.data(), data.size());
  keccak.Final(digest.data());
  return digest;
}

Digest256 keccak256(std::string_view data) {
  return keccak256({reinterpret_cast<const std::uint8_t*>(data.data()), data.size()});
}

Digest160 ripemd160(std::span<const std::uint8_t> data) {
  Digest160 digest{};
  unsigned length = 0;
  ENSURE(EVP_Digest(data.data(), data.size(), digest.data(), &length, ripemd160_method(), nullptr) == 1);
  ENSURE(length == digest.size());
  return digest;
}

Digest160 hash160(std::span<const std::uint8_t> data) { return ripemd160(sha256(data)); }

Digest256 sha256d(std::span<const std::uint8_t> data) { return sha256(sha256(data)); }

Digest256 tagged_hash(std::string_view tag, std::span<const std::uint8_t> data) {
  const Digest256 prefix = sha256(tag);
  return Sha256().update(prefix).update(prefix).update(data).finish();
}

Digest512 hmac_sha512(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data) {
  ENSURE(!key.empty() && key.size() <= INT_MAX);
  Digest512 digest{};
  unsigned length = 0;
  ENSURE(HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), digest.data(),
              &length) != nullptr);
  ENSURE(length == digest.size());
  return digest;
}

}  // namespace navkeeper::crypto
