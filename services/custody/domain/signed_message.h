#pragma once
// The older message signatures, each by the address whose key can be recovered from it or that is given with
// it: Bitcoin's signmessage (headers by BIP-137), Ethereum's personal_sign (EIP-191, version 0x45), Cosmos
// (ADR-36). All take low s only. The message is taken byte by byte.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"
#include "services/custody/domain/verdict.h"

namespace navkeeper::custody {

/// The prefix of Bitcoin's signmessage, its own length in front.
inline constexpr std::string_view kBitcoinMagic =
    "\x18"
    "Bitcoin Signed Message:\n";

/// SHA-256d of `magic`, the message's length as a compact size, and the message.
crypto::Digest256 signmessage_digest(std::string_view message, std::string_view magic = kBitcoinMagic);

/// What the first byte of a signmessage signature says (BIP-137).
enum class SignmessageKey {
  kUncompressedP2pkh,  ///< 27 to 30
  kCompressedP2pkh,    ///< 31 to 34
  kP2shP2wpkh,         ///< 35 to 38
  kP2wpkh,             ///< 39 to 42
};
struct SignmessageSignature {
  SignmessageKey key{};
  int recovery_id = 0;
  crypto::EcdsaSignature ecdsa;
};
/// 65 bytes with a header from 27 to 42; else nothing.
std::optional<SignmessageSignature> parse_signmessage(std::span<const std::uint8_t> bytes);

/// `signature` is base64 of 65 bytes. The header must say the kind of the address: that another kind of the
/// same key were meant is never assumed.
Verdict verify_signmessage(const BitcoinAddress& address, std::string_view message,
                           std::string_view signature);

/// Of a personal_sign signature: r, s, v; v is this or one more, or 0 or 1 for the same.
inline constexpr std::size_t kPersonalSignBytes = 65;
inline constexpr std::uint8_t kPersonalSignHeader = 27;

/// Keccak-256 of "\x19Ethereum Signed Message:\n", the message's length in decimal, and the message.
crypto::Digest256 personal_sign_digest(std::string_view message);
/// `signature` is hexadecimal of 65 bytes (r, s, v), with or without 0x; v is 27, 28, 0 or 1. Accounts that
/// are contracts sign otherwise (ERC-1271) and cannot be checked without their chain: for them this says
/// invalid whenever the recovered key is not theirs.
Verdict verify_personal_sign(const EthereumAddress& address, std::string_view message,
                             std::string_view signature);

/// What a Cosmos wallet answers: the signer's key and r ‖ s.
struct Adr36Signature {
  base::Bytes public_key;  ///< 33 bytes
  base::Bytes r_s;         ///< 64 bytes
};
/// The amino JSON that is signed: keys sorted, chain id empty (as Keplr checks; the text of ADR-36 differs),
/// numbers "0", one sign/MsgSignData.
std::string adr36_sign_document(std::string_view signer, std::string_view message);
Verdict verify_adr36(const CosmosAddress& address, std::string_view message, const Adr36Signature& signature);

}  // namespace navkeeper::custody
