// The parsers of addresses, keys and signatures on any bytes, one target each (NAVKEEPER_FUZZ_CUSTODY): what
// they read, writing gives again; what they refuse says why; no made-up signature is ever valid.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/base64.h"
#include "common/base/ensure.h"
#include "common/crypto/base58.h"
#include "common/crypto/bech32.h"
#include "common/crypto/bip32.h"
#include "common/crypto/secp256k1.h"
#include "services/custody/adapters/wallet_answer.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/script_template.h"
#include "services/custody/domain/signed_message.h"

namespace navkeeper::custody {
namespace {

using Data = std::span<const std::uint8_t>;

[[maybe_unused]] std::string_view text_of(Data data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

[[maybe_unused]] void base58(Data data) {
  if (const auto payload = crypto::from_base58check(text_of(data)))
    ENSURE(crypto::to_base58check(*payload) == text_of(data));
  const auto key = crypto::ExtendedPublicKey::parse(text_of(data));
  if (!key.has_error()) ENSURE(key->to_string() == text_of(data));
  const auto path = crypto::parse_watch_only_path(text_of(data));
  ENSURE(!path.has_error() || !path.error().rule.empty());
}

[[maybe_unused]] void bech32(Data data) {
  const auto parsed = crypto::parse_bech32(text_of(data), 200);
  if (parsed) ENSURE(crypto::parse_bech32(*crypto::write_bech32(*parsed, 200), 200) == parsed);
  const auto bitcoin = BitcoinAddress::parse(text_of(data));
  if (!bitcoin.has_error()) ENSURE(*BitcoinAddress::parse(bitcoin->to_string()) == *bitcoin);
  const auto cosmos = CosmosAddress::parse(text_of(data));
  if (!cosmos.has_error()) ENSURE(*CosmosAddress::parse(cosmos->to_string()) == *cosmos);
  const auto ethereum = EthereumAddress::parse(text_of(data));
  if (!ethereum.has_error()) ENSURE(*EthereumAddress::parse(ethereum->to_string()) == *ethereum);
}

[[maybe_unused]] void der(Data data) {
  if (const auto signature = crypto::parse_der(data)) {
    ENSURE(data.size() >= 8 && data.size() <= 72);
    const auto key = crypto::PublicKey::from_x_only(crypto::sha256("key"));
    if (key) ENSURE(!crypto::verify_ecdsa(*key, crypto::sha256("fuzz"), *signature, crypto::SRule::kAny));
  }
  if (const auto key = crypto::PublicKey::parse(data))
    ENSURE(crypto::PublicKey::parse(key->compressed()) == key);
  if (const auto bytes = base::from_base64(text_of(data))) ENSURE(base::to_base64(*bytes) == text_of(data));
}

/// A made-up signature for an address of each kind, the first byte choosing address and variant.
[[maybe_unused]] void bip322(Data data) {
  if (data.empty()) return;
  const Data rest = data.subspan(1);
  const auto transaction = parse_transaction(rest);
  if (!transaction.has_error()) {
    ENSURE(transaction->inputs.empty() || *parse_transaction(transaction->serialised()) == *transaction);
  }
  const auto witness = parse_witness(rest);
  if (!witness.has_error()) ENSURE(*parse_witness(serialise_witness(*witness)) == *witness);
  const auto psbt = parse_finished_psbt(rest);
  ENSURE(psbt.has_error() || psbt->spent.size() == psbt->transaction.inputs.size());
  static_cast<void>(pushes_of(rest));
  static_cast<void>(match_multisig(rest));
  static_cast<void>(match_time_lock(rest, 33));
  const auto key = crypto::PublicKey::parse(
      base::from_hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798").value());
  const BitcoinOutput outputs[] = {p2pkh(key->compressed()),    p2wpkh(*key), *p2tr(*key),
                                   p2sh(p2wpkh(*key).script()), p2wsh(rest),  p2sh(rest)};
  const std::string_view prefixes[] = {"smp", "ful", "pof", ""};
  const BitcoinAddress address{BitcoinNetwork::kMainnet, outputs[data[0] % 6]};
  const std::string signature = std::string(prefixes[data[0] / 6 % 4]) + base::to_base64(rest);
  const Verdict verdict = verify_bip322(address, "fuzz", signature);
  ENSURE(!verdict.valid() && !verdict.reason.empty());
  ENSURE(!verify_signmessage(address, "fuzz", base::to_base64(rest)).valid());
}

[[maybe_unused]] void adr36(Data data) {
  const auto answer = parse_wallet_answer(text_of(data));
  if (answer.has_error()) {
    ENSURE(!answer.error().rule.empty());
    return;
  }
  const CosmosAddress address{CosmosRole::kAccount, {}};
  ENSURE(!verify_adr36(address, "fuzz", *answer).valid());
}

}  // namespace
}  // namespace navkeeper::custody

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  navkeeper::custody::NAVKEEPER_FUZZ_CUSTODY({data, size});
  return 0;
}
