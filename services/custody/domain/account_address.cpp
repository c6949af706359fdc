#include "services/custody/domain/account_address.h"

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/ensure.h"
#include "common/crypto/bech32.h"

namespace navkeeper::custody {
namespace {

constexpr CosmosRole kRoles[] = {CosmosRole::kAccount, CosmosRole::kValidator, CosmosRole::kConsensus};
constexpr std::size_t kAddressBytes = 20;

base::Refusal refused(std::string rule) { return {"", std::move(rule)}; }

bool is_upper(char c) { return c >= 'A' && c <= 'F'; }
bool is_lower(char c) { return c >= 'a' && c <= 'f'; }

}  // namespace

base::Checked<EthereumAddress> EthereumAddress::parse(std::string_view text) {
  if (!text.starts_with("0x") || text.size() != 2 + 2 * kAddressBytes)
    return refused("an Ethereum address is 0x and 40 hexadecimal digits");
  const std::string_view digits = text.substr(2);
  const auto bytes = base::from_hex(digits);
  if (!bytes) return refused("an Ethereum address is 0x and 40 hexadecimal digits");
  EthereumAddress address;
  std::copy(bytes->begin(), bytes->end(), address.bytes.begin());
  const bool mixed = std::any_of(digits.begin(), digits.end(), is_upper) &&
                     std::any_of(digits.begin(), digits.end(), is_lower);
  if (mixed && address.to_string() != text)
    return refused("the capitals of the address are not its checksum (EIP-55): a digit is wrong");
  return address;
}

EthereumAddress EthereumAddress::of(const crypto::PublicKey& key) {
  const auto encoded = key.uncompressed();
  const crypto::Digest256 digest = crypto::keccak256(std::span(encoded).subspan(1));
  EthereumAddress address;
  std::copy(digest.end() - kAddressBytes, digest.end(), address.bytes.begin());
  return address;
}

std::string EthereumAddress::to_string() const {
  std::string digits = base::to_hex(bytes);
  const crypto::Digest256 hash = crypto::keccak256(digits);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15U;
    if (is_lower(digits[i]) && nibble >= 8) digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
  }
  return "0x" + digits;
}

std::string_view prefix_of(CosmosRole role) {
  switch (role) {
    case CosmosRole::kAccount:
      return "cro";
    case CosmosRole::kValidator:
      return "crocncl";
    case CosmosRole::kConsensus:
      return "crocnclcons";
  }
  ENSURE(false);
}

base::Checked<CosmosAddress> CosmosAddress::parse(std::string_view text) {
  const auto parsed = crypto::parse_bech32(text);
  if (!parsed || parsed->kind != crypto::Bech32Kind::kBech32)
    return refused("a Cronos POS address is bech32 with a right checksum");
  const auto* const role = std::find_if(std::begin(kRoles), std::end(kRoles),
                                        [&](CosmosRole known) { return prefix_of(known) == parsed->prefix; });
  if (role == std::end(kRoles))
    return refused("Cronos POS addresses begin with cro1, crocncl1 or crocnclcons1, not " + parsed->prefix +
                   "1");
  const auto bytes = crypto::from_words(parsed->words);
  if (!bytes || bytes->size() != kAddressBytes) return refused("a Cronos POS address of a key has 20 bytes");
  CosmosAddress address{*role, {}};
  std::copy(bytes->begin(), bytes->end(), address.bytes.begin());
  return address;
}

CosmosAddress CosmosAddress::of(const crypto::PublicKey& key) {
  return {CosmosRole::kAccount, crypto::hash160(key.compressed())};
}

std::string CosmosAddress::to_string() const {
  const auto written = crypto::write_bech32(
      {crypto::Bech32Kind::kBech32, std::string(prefix_of(role)), crypto::to_words(bytes)});
  ENSURE(written.has_value());
  return *written;
}

}  // namespace navkeeper::custody
