#include "common/crypto/bip32.h"

#include <algorithm>
#include <charconv>

#include "common/crypto/base58.h"
#include "common/crypto/hash.h"

namespace navkeeper::crypto {
namespace {

// version 4, depth 1, parent 4, index 4, chain code 32, key 33
constexpr std::size_t kPayloadBytes = 78;
constexpr std::size_t kDepthAt = 4;
constexpr std::size_t kParentAt = 5;
constexpr std::size_t kIndexAt = 9;
constexpr std::size_t kChainCodeAt = 13;
constexpr std::size_t kKeyAt = 45;

struct NamedVersion {
  KeyVersion version;
  std::uint32_t public_bytes;
  std::uint32_t private_bytes;
};

constexpr NamedVersion kVersions[] = {
    {KeyVersion::kXpub, 0x0488B21E, 0x0488ADE4}, {KeyVersion::kYpub, 0x049D7CB2, 0x049D7878},
    {KeyVersion::kZpub, 0x04B24746, 0x04B2430C}, {KeyVersion::kTpub, 0x043587CF, 0x04358394},
    {KeyVersion::kUpub, 0x044A5262, 0x044A4E28}, {KeyVersion::kVpub, 0x045F1CF6, 0x045F18BC},
};

std::uint32_t big_endian(std::span<const std::uint8_t> bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         bytes[3];
}

void append_big_endian(base::Bytes& bytes, std::uint32_t number) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

base::Refusal refused(std::string rule) { return {"", std::move(rule)}; }

base::Checked<KeyVersion> version_of(std::uint32_t bytes) {
  for (const NamedVersion& known : kVersions) {
    if (bytes == known.public_bytes) return known.version;
    if (bytes == known.private_bytes)
      return refused("this is a private key: only public keys are read here, and whoever saw it can spend");
  }
  return refused("the version of the extended key is not known");
}

}  // namespace

base::Checked<ExtendedPublicKey> ExtendedPublicKey::parse(std::string_view text) {
  const auto decoded = from_base58check(text);
  if (!decoded) return refused("an extended key is not base58 with a right checksum");
  const std::span<const std::uint8_t> payload(*decoded);
  if (payload.size() != kPayloadBytes) return refused("an extended key has 78 bytes");
  const auto version = version_of(big_endian(payload));
  if (version.has_error()) return version.error();
  const auto key = PublicKey::parse(payload.subspan(kKeyAt));
  if (!key) return refused("the extended key holds no point of the curve");
  ExtendedPublicKey parsed(*key);
  parsed.version_ = *version;
  parsed.depth_ = payload[kDepthAt];
  std::copy_n(payload.begin() + kParentAt, 4, parsed.parent_.begin());
  parsed.index_ = big_endian(payload.subspan(kIndexAt));
  std::copy_n(payload.begin() + kChainCodeAt, 32, parsed.chain_code_.begin());
  if (parsed.depth_ == 0 && (parsed.index_ != 0 || parsed.parent_ != std::array<std::uint8_t, 4>{}))
    return refused("an extended key of depth 0 has neither parent nor index");
  return parsed;
}

base::Checked<ExtendedPublicKey> ExtendedPublicKey::child(std::uint32_t index) const {
  if (index >= kHardened) return refused("a hardened child needs the private key");
  if (depth_ == 255) return refused("a key at depth 255 has no children");
  const auto encoded = key_.compressed();
  base::Bytes data(encoded.begin(), encoded.end());
  append_big_endian(data, index);
  const Digest512 digest = hmac_sha512(chain_code_, data);
  Digest256 tweak{};
  std::copy_n(digest.begin(), 32, tweak.begin());
  const auto point = key_.plus(tweak);
  if (!point) return refused("this index has no key (BIP-32): go on with the next one");
  ExtendedPublicKey derived(*point);
  derived.version_ = version_;
  derived.depth_ = static_cast<std::uint8_t>(depth_ + 1);
  derived.parent_ = fingerprint();
  derived.index_ = index;
  std::copy_n(digest.begin() + 32, 32, derived.chain_code_.begin());
  return derived;
}

base::Checked<ExtendedPublicKey> ExtendedPublicKey::descendant(const std::vector<std::uint32_t>& path) const {
  ExtendedPublicKey at = *this;
  for (const std::uint32_t index : path) {
    const auto next = at.child(index);
    if (next.has_error()) return next.error();
    at = *next;
  }
  return at;
}

std::string ExtendedPublicKey::to_string() const {
  const auto* const version =
      std::find_if(std::begin(kVersions), std::end(kVersions),
                   [&](const NamedVersion& known) { return known.version == version_; });
  base::Bytes payload;
  append_big_endian(payload, version->public_bytes);
  payload.push_back(depth_);
  payload.insert(payload.end(), parent_.begin(), parent_.end());
  append_big_endian(payload, index_);
  payload.insert(payload.end(), chain_code_.begin(), chain_code_.end());
  const auto encoded = key_.compressed();
  payload.insert(payload.end(), encoded.begin(), encoded.end());
  return to_base58check(payload);
}

std::array<std::uint8_t, 4> ExtendedPublicKey::fingerprint() const {
  const Digest160 identifier = hash160(key_.compressed());
  std::array<std::uint8_t, 4> first{};
  std::copy_n(identifier.begin(), first.size(), first.begin());
  return first;
}

base::Checked<std::vector<std::uint32_t>> parse_watch_only_path(std::string_view path) {
  std::vector<std::uint32_t> indices;
  std::string_view rest = path;
  if (rest == "m") return indices;
  if (rest.starts_with("m/")) rest.remove_prefix(2);
  while (true) {
    const auto slash = rest.find('/');
    std::string_view part = rest.substr(0, slash);
    if (part.ends_with('\'') || part.ends_with('h'))
      return refused("a hardened step needs the private key: give the extended key of that account");
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (part.empty() || error != std::errc{} || end != part.data() + part.size() || index >= kHardened)
      return refused("a path is decimal indices below 2147483648 with slashes between them: 0/7");
    indices.push_back(index);
    if (slash == std::string_view::npos) return indices;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace navkeeper::crypto
