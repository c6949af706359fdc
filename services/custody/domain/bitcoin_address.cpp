#include "services/custody/domain/bitcoin_address.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/crypto/base58.h"
#include "common/crypto/bech32.h"

namespace navkeeper::custody {
namespace {

constexpr std::uint8_t kOpDup = 0x76;
constexpr std::uint8_t kOpEqual = 0x87;
constexpr std::uint8_t kOpEqualVerify = 0x88;
constexpr std::uint8_t kOpHash160 = 0xa9;
constexpr std::uint8_t kOpCheckSig = 0xac;
constexpr std::uint8_t kOp1 = 0x51;
constexpr std::size_t kHash160Bytes = 20;
constexpr std::size_t kHash256Bytes = 32;
constexpr std::uint8_t kWitnessVersionMax = 16;
constexpr std::size_t kProgramMin = 2;
constexpr std::size_t kProgramMax = 40;

struct NetworkConstants {
  BitcoinNetwork network;
  std::uint8_t p2pkh_version;
  std::uint8_t p2sh_version;
  std::string_view prefix;
};

constexpr NetworkConstants kNetworks[] = {
    {BitcoinNetwork::kMainnet, 0x00, 0x05, "bc"},
    {BitcoinNetwork::kTestnet, 0x6f, 0xc4, "tb"},
};

const NetworkConstants& constants_of(BitcoinNetwork network) {
  return kNetworks[network == BitcoinNetwork::kMainnet ? 0 : 1];
}

base::Refusal refused(std::string rule) { return {"", std::move(rule)}; }

template <class Container>
base::Bytes copied(const Container& container) {
  return {container.begin(), container.end()};
}

OutputKind witness_kind(std::uint8_t version, std::size_t program_bytes) {
  if (version == 0) return program_bytes == kHash160Bytes ? OutputKind::kP2wpkh : OutputKind::kP2wsh;
  if (version == 1 && program_bytes == kHash256Bytes) return OutputKind::kP2tr;
  return OutputKind::kUnknownWitness;
}

base::Checked<BitcoinAddress> parse_segwit(BitcoinNetwork network, const crypto::Bech32Text& text) {
  if (text.words.empty()) return refused("the address holds no witness version");
  const std::uint8_t version = text.words[0];
  if (version > kWitnessVersionMax) return refused("witness versions end at 16");
  const auto wanted = version == 0 ? crypto::Bech32Kind::kBech32 : crypto::Bech32Kind::kBech32m;
  if (text.kind != wanted)
    return refused("the checksum must be bech32 for witness version 0 and bech32m for the others (BIP-350)");
  auto program = crypto::from_words(std::span(text.words).subspan(1));
  if (!program) return refused("the address ends in wrong padding");
  if (program->size() < kProgramMin || program->size() > kProgramMax)
    return refused("a witness program has 2 to 40 bytes");
  if (version == 0 && program->size() != kHash160Bytes && program->size() != kHash256Bytes)
    return refused("a witness program of version 0 has 20 or 32 bytes");
  const OutputKind kind = witness_kind(version, program->size());
  return BitcoinAddress{network, {kind, version, std::move(*program)}};
}

base::Checked<BitcoinAddress> parse_base58(std::string_view text) {
  const auto payload = crypto::from_base58check(text);
  if (!payload) return refused("it is neither base58 nor bech32 with a right checksum");
  if (payload->size() != 1 + kHash160Bytes) return refused("a base58 address has 21 bytes");
  const base::Bytes hash(payload->begin() + 1, payload->end());
  for (const NetworkConstants& known : kNetworks) {
    if (payload->front() == known.p2pkh_version)
      return BitcoinAddress{known.network, {OutputKind::kP2pkh, 0, hash}};
    if (payload->front() == known.p2sh_version)
      return BitcoinAddress{known.network, {OutputKind::kP2sh, 0, hash}};
  }
  return refused("the version of the address is not one of Bitcoin's");
}

}  // namespace

std::string_view describe(OutputKind kind) {
  switch (kind) {
    case OutputKind::kP2pkh:
      return "P2PKH";
    case OutputKind::kP2sh:
      return "P2SH";
    case OutputKind::kP2wpkh:
      return "P2WPKH";
    case OutputKind::kP2wsh:
      return "P2WSH";
    case OutputKind::kP2tr:
      return "P2TR";
    case OutputKind::kUnknownWitness:
      return "a witness program without meaning yet";
  }
  ENSURE(false);
}

base::Bytes BitcoinOutput::script() const {
  base::Bytes script;
  const auto push_program = [&] {
    script.push_back(static_cast<std::uint8_t>(program.size()));
    script.insert(script.end(), program.begin(), program.end());
  };
  switch (kind) {
    case OutputKind::kP2pkh:
      script = {kOpDup, kOpHash160};
      push_program();
      script.insert(script.end(), {kOpEqualVerify, kOpCheckSig});
      return script;
    case OutputKind::kP2sh:
      script = {kOpHash160};
      push_program();
      script.push_back(kOpEqual);
      return script;
    case OutputKind::kP2wpkh:
    case OutputKind::kP2wsh:
    case OutputKind::kP2tr:
    case OutputKind::kUnknownWitness:
      script = {static_cast<std::uint8_t>(witness_version == 0 ? 0 : kOp1 + witness_version - 1)};
      push_program();
      return script;
  }
  ENSURE(false);
}

base::Checked<BitcoinAddress> BitcoinAddress::parse(std::string_view text) {
  const auto bech32 = crypto::parse_bech32(text);
  if (!bech32) return parse_base58(text);
  for (const NetworkConstants& known : kNetworks) {
    if (bech32->prefix == known.prefix) return parse_segwit(known.network, *bech32);
  }
  return refused("Bitcoin addresses begin with bc1 or tb1, not " + bech32->prefix + "1");
}

std::string BitcoinAddress::to_string() const {
  const NetworkConstants& known = constants_of(network);
  if (output.kind == OutputKind::kP2pkh || output.kind == OutputKind::kP2sh) {
    base::Bytes payload{output.kind == OutputKind::kP2pkh ? known.p2pkh_version : known.p2sh_version};
    payload.insert(payload.end(), output.program.begin(), output.program.end());
    return crypto::to_base58check(payload);
  }
  base::Bytes words{output.witness_version};
  const base::Bytes program = crypto::to_words(output.program);
  words.insert(words.end(), program.begin(), program.end());
  const auto kind = output.witness_version == 0 ? crypto::Bech32Kind::kBech32 : crypto::Bech32Kind::kBech32m;
  const auto written = crypto::write_bech32({kind, std::string(known.prefix), words});
  ENSURE(written.has_value());
  return *written;
}

std::optional<BitcoinOutput> output_of_script(std::span<const std::uint8_t> script) {
  if (script.size() == 25 && script[2] == kHash160Bytes) {
    BitcoinOutput output{OutputKind::kP2pkh, 0, copied(script.subspan(3, kHash160Bytes))};
    if (std::ranges::equal(output.script(), script)) return output;
  }
  if (script.size() == 23 && script[1] == kHash160Bytes) {
    BitcoinOutput output{OutputKind::kP2sh, 0, copied(script.subspan(2, kHash160Bytes))};
    if (std::ranges::equal(output.script(), script)) return output;
  }
  if (script.size() < 2 + kProgramMin || script.size() > 2 + kProgramMax || script[1] != script.size() - 2)
    return std::nullopt;
  const bool numbered = script[0] >= kOp1 && script[0] < kOp1 + kWitnessVersionMax;
  if (script[0] != 0 && !numbered) return std::nullopt;
  const auto version = static_cast<std::uint8_t>(numbered ? script[0] - kOp1 + 1 : 0);
  base::Bytes program = copied(script.subspan(2));
  if (version == 0 && program.size() != kHash160Bytes && program.size() != kHash256Bytes) return std::nullopt;
  const OutputKind kind = witness_kind(version, program.size());
  return BitcoinOutput{kind, version, std::move(program)};
}

BitcoinOutput p2pkh(std::span<const std::uint8_t> encoded_public_key) {
  return {OutputKind::kP2pkh, 0, copied(crypto::hash160(encoded_public_key))};
}

BitcoinOutput p2wpkh(const crypto::PublicKey& key) {
  return {OutputKind::kP2wpkh, 0, copied(crypto::hash160(key.compressed()))};
}

BitcoinOutput p2sh(std::span<const std::uint8_t> redeem_script) {
  return {OutputKind::kP2sh, 0, copied(crypto::hash160(redeem_script))};
}

BitcoinOutput p2wsh(std::span<const std::uint8_t> witness_script) {
  return {OutputKind::kP2wsh, 0, copied(crypto::sha256(witness_script))};
}

std::optional<BitcoinOutput> p2tr(const crypto::PublicKey& internal_key) {
  const auto x = internal_key.x_only();
  const auto output_key = crypto::PublicKey::from_x_only(x)->plus(crypto::tagged_hash("TapTweak", x));
  if (!output_key) return std::nullopt;
  return BitcoinOutput{OutputKind::kP2tr, 1, copied(output_key->x_only())};
}

base::Checked<BitcoinAddress> bip84_address(const crypto::ExtendedPublicKey& account, bool change,
                                            std::uint32_t index) {
  const auto addresses = bip84_addresses(account, change, index, 1);
  if (addresses.has_error()) return addresses.error();
  return addresses->front();
}

base::Checked<std::vector<BitcoinAddress>> bip84_addresses(const crypto::ExtendedPublicKey& account,
                                                           bool change, std::uint32_t first,
                                                           std::uint32_t count) {
  using crypto::KeyVersion;
  if (account.version() != KeyVersion::kZpub && account.version() != KeyVersion::kVpub)
    return refused(
        "BIP-84 accounts are spelled zpub or vpub: another spelling may stand for other addresses");
  if (first >= crypto::kHardened || count > crypto::kHardened - first)
    return refused("the indices of addresses end at 2147483647");
  const auto chain = account.child(change ? 1U : 0U);
  if (chain.has_error()) return chain.error();
  const auto network =
      account.version() == KeyVersion::kZpub ? BitcoinNetwork::kMainnet : BitcoinNetwork::kTestnet;
  std::vector<BitcoinAddress> addresses;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto child = chain->child(first + i);
    if (child.has_error()) return child.error();
    addresses.push_back({network, p2wpkh(child->key())});
  }
  return addresses;
}

}  // namespace navkeeper::custody
