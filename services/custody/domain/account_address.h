#pragma once
// Addresses of chains with accounts: Ethereum and Cronos EVM (EIP-55), Cronos POS (bech32 of the Cosmos SDK).
#include <array>
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "common/crypto/hash.h"
#include "common/crypto/secp256k1.h"

namespace navkeeper::custody {

/// 20 bytes: the last of the Keccak-256 of the uncompressed key without its prefix (yellow paper, appendix
/// F).
struct EthereumAddress {
  crypto::Digest160 bytes{};

  /// "0x" and 40 hexadecimal digits: all lower case, all upper case, or mixed with a right EIP-55 checksum.
  static base::Checked<EthereumAddress> parse(std::string_view text);
  static EthereumAddress of(const crypto::PublicKey& key);
  /// With the checksum of EIP-55.
  std::string to_string() const;
  bool operator==(const EthereumAddress&) const = default;
};

/// What a Cronos POS address is about (chain-main, config/prefix_mainnet.go).
enum class CosmosRole {
  kAccount,    ///< cro
  kValidator,  ///< crocncl: the operator of a validator
  kConsensus,  ///< crocnclcons: a validator's consensus key
};
std::string_view prefix_of(CosmosRole role);

/// 20 bytes: hash160 of the compressed key. An account and its validator differ only in the prefix.
struct CosmosAddress {
  CosmosRole role{};
  crypto::Digest160 bytes{};

  static base::Checked<CosmosAddress> parse(std::string_view text);
  /// The account of a secp256k1 key.
  static CosmosAddress of(const crypto::PublicKey& key);
  std::string to_string() const;
  bool operator==(const CosmosAddress&) const = default;
};

}  // namespace navkeeper::custody
