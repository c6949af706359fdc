#pragma once
// Bitcoin addresses and the output scripts that they stand for. Sources: BIP-13 (P2SH), BIP-141 and BIP-173
// (P2WPKH, P2WSH), BIP-341 and BIP-350 (P2TR), BIP-84 (the chain of P2WPKH addresses of an account).
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/refusal.h"
#include "common/crypto/bip32.h"
#include "common/crypto/hash.h"
#include "common/crypto/secp256k1.h"

namespace navkeeper::custody {

enum class BitcoinNetwork { kMainnet, kTestnet };

enum class OutputKind {
  kP2pkh,           ///< hash160 of a public key
  kP2sh,            ///< hash160 of a script
  kP2wpkh,          ///< witness version 0, hash160 of a compressed public key
  kP2wsh,           ///< witness version 0, SHA-256 of a script
  kP2tr,            ///< witness version 1, an x-only output key
  kUnknownWitness,  ///< a witness program that later rules may give a meaning (BIP-141)
};
std::string_view describe(OutputKind kind);  ///< "P2PKH", …

/// An output script that has an address.
struct BitcoinOutput {
  OutputKind kind{};
  std::uint8_t witness_version = 0;  ///< 0 to 16; 0 for the kinds without witness
  base::Bytes program;               ///< the hash or the key: 20 or 32 bytes, 2 to 40 when unknown

  base::Bytes script() const;
  bool operator==(const BitcoinOutput&) const = default;
};

struct BitcoinAddress {
  BitcoinNetwork network{};
  BitcoinOutput output;

  /// Refused: anything whose checksum, version, length or network is not right.
  static base::Checked<BitcoinAddress> parse(std::string_view text);
  /// The one spelling in use: lower case for bech32.
  std::string to_string() const;
  bool operator==(const BitcoinAddress&) const = default;
};

/// The output whose script this is; nothing when it has no address.
std::optional<BitcoinOutput> output_of_script(std::span<const std::uint8_t> script);

BitcoinOutput p2pkh(std::span<const std::uint8_t> encoded_public_key);
BitcoinOutput p2wpkh(const crypto::PublicKey& key);
BitcoinOutput p2sh(std::span<const std::uint8_t> redeem_script);
BitcoinOutput p2wsh(std::span<const std::uint8_t> witness_script);
/// The key path alone, tweaked by no script (BIP-86). Nothing in the one case in 2^128 that has no key.
std::optional<BitcoinOutput> p2tr(const crypto::PublicKey& internal_key);

/// BIP-84: address `index` of an account's receiving (false) or change (true) chain. The account key is a
/// zpub (vpub on testnet); its version decides the network.
base::Checked<BitcoinAddress> bip84_address(const crypto::ExtendedPublicKey& account, bool change,
                                            std::uint32_t index);
/// `count` addresses from `first` on, at half the cost each; an index without a key (BIP-32: one in 2^127)
/// refuses all.
base::Checked<std::vector<BitcoinAddress>> bip84_addresses(const crypto::ExtendedPublicKey& account,
                                                           bool change, std::uint32_t first,
                                                           std::uint32_t count);

}  // namespace navkeeper::custody
