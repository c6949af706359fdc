#include "services/custody/domain/signed_message.h"

#include <algorithm>

#include "common/base/base64.h"
#include "common/base/ensure.h"
#include "common/crypto/hash.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/bitcoin_transaction.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kCompactBytes = 65;
constexpr std::uint8_t kHeaderMin = 27;
constexpr std::uint8_t kHeaderMax = 42;
constexpr std::string_view kEthereumPrefix =
    "\x19"
    "Ethereum Signed Message:\n";

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<Verdict> refuse_length(std::string_view message) {
  if (message.size() > kMessageBytesMax) return inconclusive("the message is longer than 1 MiB");
  return std::nullopt;
}

Verdict signature_valid() { return valid("the signature is valid"); }
Verdict recovered_other() {
  return invalid("invalid signature: it is over another message or by the key of another address");
}

OutputKind kind_of(SignmessageKey key) {
  switch (key) {
    case SignmessageKey::kUncompressedP2pkh:
    case SignmessageKey::kCompressedP2pkh:
      return OutputKind::kP2pkh;
    case SignmessageKey::kP2shP2wpkh:
      return OutputKind::kP2sh;
    case SignmessageKey::kP2wpkh:
      return OutputKind::kP2wpkh;
  }
  ENSURE(false);
}

BitcoinOutput output_for(SignmessageKey kind, const crypto::PublicKey& key) {
  switch (kind) {
    case SignmessageKey::kUncompressedP2pkh:
      return p2pkh(key.uncompressed());
    case SignmessageKey::kCompressedP2pkh:
      return p2pkh(key.compressed());
    case SignmessageKey::kP2shP2wpkh:
      return p2sh(p2wpkh(key).script());
    case SignmessageKey::kP2wpkh:
      return p2wpkh(key);
  }
  ENSURE(false);
}

}  // namespace

crypto::Digest256 signmessage_digest(std::string_view message, std::string_view magic) {
  base::Bytes preimage;
  append_bytes(preimage, as_bytes(magic));
  append_with_length(preimage, as_bytes(message));
  return crypto::sha256d(preimage);
}

std::optional<SignmessageSignature> parse_signmessage(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kCompactBytes || bytes[0] < kHeaderMin || bytes[0] > kHeaderMax) return std::nullopt;
  const int header = bytes[0] - kHeaderMin;
  return SignmessageSignature{static_cast<SignmessageKey>(header / 4), header % 4,
                              *crypto::parse_p1363(bytes.subspan(1))};
}

Verdict verify_signmessage(const BitcoinAddress& address, std::string_view message,
                           std::string_view signature) {
  if (auto refusal = refuse_length(message)) return std::move(*refusal);
  const auto bytes = base::from_base64(signature);
  if (!bytes) return invalid("error decoding signature as base64");
  const auto parsed = parse_signmessage(*bytes);
  if (!parsed) return invalid("a signmessage signature is 65 bytes with a header from 27 to 42 (BIP-137)");
  if (address.output.kind == OutputKind::kP2wsh || address.output.kind == OutputKind::kP2tr ||
      address.output.kind == OutputKind::kUnknownWitness)
    return invalid("signmessage has no form for " + std::string(describe(address.output.kind)) +
                   " addresses: BIP-322 has");
  if (kind_of(parsed->key) != address.output.kind)
    return invalid("the header of the signature says another kind of address (BIP-137)");
  const auto key = crypto::recover_ecdsa(signmessage_digest(message), parsed->ecdsa, parsed->recovery_id,
                                         crypto::SRule::kLow);
  if (!key) return invalid("invalid signature: no key can have made it, or its s is high");
  if (output_for(parsed->key, *key) != address.output) return recovered_other();
  return signature_valid();
}

crypto::Digest256 personal_sign_digest(std::string_view message) {
  std::string preimage(kEthereumPrefix);
  preimage += std::to_string(message.size());
  preimage += message;
  return crypto::keccak256(preimage);
}

Verdict verify_personal_sign(const EthereumAddress& address, std::string_view message,
                             std::string_view signature) {
  if (auto refusal = refuse_length(message)) return std::move(*refusal);
  const auto bytes = base::from_hex(signature.starts_with("0x") ? signature.substr(2) : signature);
  if (!bytes || bytes->size() != kPersonalSignBytes)
    return invalid("a personal_sign signature is 65 bytes in hexadecimal: r, s, v");
  const std::uint8_t v = bytes->back();
  const int recovery_id = v >= kPersonalSignHeader ? v - kPersonalSignHeader : v;
  if (recovery_id > 1) return invalid("v must be 27, 28, 0 or 1");
  const auto parsed = crypto::parse_p1363(std::span(*bytes).first(kPersonalSignBytes - 1));
  ENSURE(parsed.has_value());
  const auto key =
      crypto::recover_ecdsa(personal_sign_digest(message), *parsed, recovery_id, crypto::SRule::kLow);
  if (!key) return invalid("invalid signature: no key can have made it, or its s is high (EIP-2)");
  if (EthereumAddress::of(*key) != address) return recovered_other();
  return signature_valid();
}

std::string adr36_sign_document(std::string_view signer, std::string_view message) {
  std::string document =
      R"({"account_number":"0","chain_id":"","fee":{"amount":[],"gas":"0"},"memo":"","msgs":[)"
      R"({"type":"sign/MsgSignData","value":{"data":")";
  document += base::to_base64(as_bytes(message));
  document += R"(","signer":")";
  document += signer;
  document += R"("}}],"sequence":"0"})";
  return document;
}

Verdict verify_adr36(const CosmosAddress& address, std::string_view message,
                     const Adr36Signature& signature) {
  if (auto refusal = refuse_length(message)) return std::move(*refusal);
  if (address.role != CosmosRole::kAccount)
    return invalid("accounts sign messages: give the cro1 address of the same key");
  if (signature.public_key.size() != 33)
    return invalid("a Cosmos public key is 33 bytes: 02 or 03 and the x coordinate");
  const auto key = crypto::PublicKey::parse(signature.public_key);
  if (!key) return invalid("the public key is not on the curve");
  if (CosmosAddress::of(*key) != address) return invalid("the public key is not the address's");
  const auto parsed = crypto::parse_p1363(signature.r_s);
  if (!parsed) return invalid("a Cosmos signature is 64 bytes: r and s");
  const crypto::Digest256 digest = crypto::sha256(adr36_sign_document(address.to_string(), message));
  if (!crypto::verify_ecdsa(*key, digest, *parsed, crypto::SRule::kLow))
    return invalid("invalid signature: it was not made by this key over this message, or its s is high");
  return signature_valid();
}

}  // namespace navkeeper::custody
