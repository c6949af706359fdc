#pragma once
// The hashes of the chains beside SHA-256 (digest.h). A failure inside the cryptographic library is a bug or
// a broken installation and ends the process (ENSURE).
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/crypto/digest.h"

namespace navkeeper::crypto {

using Digest160 = std::array<std::uint8_t, 20>;
using Digest512 = std::array<std::uint8_t, 64>;

/// Keccak-256 with the padding of the original submission, as Ethereum uses it (yellow paper appendix G); not
/// SHA3-256 of FIPS 202.
Digest256 keccak256(std::span<const std::uint8_t> data);
Digest256 keccak256(std::string_view data);

/// RIPEMD-160 (ISO/IEC 10118-3).
Digest160 ripemd160(std::span<const std::uint8_t> data);

/// RIPEMD-160 of SHA-256: public keys and scripts in Bitcoin addresses, accounts of the Cosmos SDK.
Digest160 hash160(std::span<const std::uint8_t> data);

/// SHA-256 of SHA-256: transaction ids, base58check, legacy signature hashes of Bitcoin.
Digest256 sha256d(std::span<const std::uint8_t> data);

/// BIP-340: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ data).
Digest256 tagged_hash(std::string_view tag, std::span<const std::uint8_t> data);

/// HMAC-SHA-512 (RFC 2104, FIPS 198-1), for BIP-32.
Digest512 hmac_sha512(std::span<const std::uint8_t> key, std::span<const std::uint8_t> data);

}  // namespace navkeeper::crypto
