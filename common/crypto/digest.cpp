#include "common/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <climits>

#include "common/base/bytes.h"
#include "common/base/ensure.h"

namespace navkeeper::crypto {
namespace {

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Looked up once: OpenSSL 3 otherwise searches its providers at every call.
const EVP_MD* sha256_method() {
  static const EVP_MD* const kMethod = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  ENSURE(kMethod != nullptr);
  return kMethod;
}

}  // namespace

struct Sha256::State {
  State() : context(EVP_MD_CTX_new()) { ENSURE(context != nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void start() { ENSURE(EVP_DigestInit_ex(context, sha256_method(), nullptr) == 1); }
  EVP_MD_CTX* context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->start(); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::uint8_t> data) {
  ENSURE(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1);
  return *this;
}

Sha256& Sha256::update(std::string_view data) { return update(as_bytes(data)); }

Digest256 Sha256::finish() {
  Digest256 digest{};
  unsigned length = 0;
  ENSURE(EVP_DigestFinal_ex(state_->context, digest.data(), &length) == 1 && length == digest.size());
  state_->start();
  return digest;
}

Digest256 sha256(std::span<const std::uint8_t> data) {
  Digest256 digest{};
  unsigned length = 0;
  ENSURE(EVP_Digest(data.data(), data.size(), digest.data(), &length, sha256_method(), nullptr) == 1);
  ENSURE(length == digest.size());
  return digest;
}

Digest256 sha256(std::string_view data) { return sha256(as_bytes(data)); }

std::string sha256_hex(std::string_view data) { return base::to_hex(sha256(data)); }

Digest256 hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data) {
  ENSURE(key.size() <= INT_MAX);
  // OpenSSL reads a null key as "the key of last time", so an empty one still needs an address.
  const std::uint8_t nothing = 0;
  const void* const key_bytes = key.empty() ? &nothing : key.data();
  Digest256 digest{};
  unsigned length = 0;
  ENSURE(HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), data.data(), data.size(), digest.data(),
              &length) != nullptr);
  ENSURE(length == digest.size());
  return digest;
}

Digest256 hmac_sha256(std::string_view key, std::string_view data) {
  return hmac_sha256(as_bytes(key), as_bytes(data));
}

bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace navkeeper::crypto
