// What addresses and signatures cost here, against the bare libraries in the same run: each bare one makes
// the library calls that the task cannot do without and nothing else (no checks of ours, no text, no types).
// ./dev bench custody prints addresses and signatures per second.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <vector>

#include "common/base/base64.h"
#include "common/base/ensure.h"
#include "common/crypto/bip32.h"
#include "common/crypto/hash.h"
#include "services/custody/domain/bip322.h"
#include "services/custody/domain/signature_hash.h"
#include "services/custody/domain/signed_message.h"
#include "tests/support/signer.h"

namespace navkeeper::custody {
namespace {

using tests::Signer;

constexpr std::uint32_t kAddresses = 200;
constexpr std::uint64_t kSigners = 200;

// BIP-84, "Test vectors": account 0.
constexpr const char* kAccount =
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2"
    "AGut"
    "ZYs";

void count(benchmark::State& state, std::size_t each) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(each));
}

void addresses_ours(benchmark::State& state) {
  const auto account = crypto::ExtendedPublicKey::parse(kAccount);
  for (auto unused : state) {
    static_cast<void>(unused);
    const auto addresses = bip84_addresses(*account, false, 0, kAddresses);
    for (const BitcoinAddress& address : *addresses) benchmark::DoNotOptimize(address.to_string());
  }
  count(state, kAddresses);
}

/// HMAC-SHA-512, the tweak, the key's 33 bytes, SHA-256 and RIPEMD-160: no parent's fingerprint, no bech32.
void addresses_bare(benchmark::State& state) {
  const secp256k1_context* context = secp256k1_context_static;
  const auto encoded = crypto::ExtendedPublicKey::parse(kAccount)->child(0)->key().compressed();
  secp256k1_pubkey parent;
  ENSURE(secp256k1_ec_pubkey_parse(context, &parent, encoded.data(), encoded.size()) == 1);
  const std::array<std::uint8_t, 32> chain_code{};
  EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD* const ripemd = EVP_MD_fetch(nullptr, "RIPEMD160", nullptr);
  for (auto unused : state) {
    static_cast<void>(unused);
    for (std::uint32_t i = 0; i < kAddresses; ++i) {
      std::array<std::uint8_t, 37> data{};
      std::copy(encoded.begin(), encoded.end(), data.begin());
      data[36] = static_cast<std::uint8_t>(i);
      std::array<std::uint8_t, 64> digest{};
      unsigned length = 0;
      HMAC(EVP_sha512(), chain_code.data(), 32, data.data(), data.size(), digest.data(), &length);
      secp256k1_pubkey child = parent;
      benchmark::DoNotOptimize(secp256k1_ec_pubkey_tweak_add(context, &child, digest.data()));
      std::array<std::uint8_t, 33> key{};
      std::size_t size = key.size();
      secp256k1_ec_pubkey_serialize(context, key.data(), &size, &child, SECP256K1_EC_COMPRESSED);
      EVP_Digest(key.data(), key.size(), digest.data(), &length, sha256, nullptr);
      EVP_Digest(digest.data(), 32, digest.data(), &length, ripemd, nullptr);
      benchmark::DoNotOptimize(digest);
    }
  }
  EVP_MD_free(ripemd);
  EVP_MD_free(sha256);
  count(state, kAddresses);
}

struct EcdsaCase {
  std::array<std::uint8_t, 33> key;
  crypto::Digest256 digest;
  base::Bytes der;
};

std::vector<EcdsaCase> ecdsa_cases() {
  std::vector<EcdsaCase> cases;
  for (std::uint64_t i = 0; i < kSigners; ++i) {
    const Signer signer(i);
    const auto digest = crypto::sha256(std::to_string(i));
    cases.push_back({signer.key().compressed(), digest, Signer::der(signer.ecdsa(digest))});
  }
  return cases;
}

void ecdsa_ours(benchmark::State& state) {
  const auto cases = ecdsa_cases();
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const EcdsaCase& one : cases) {
      ENSURE(crypto::verify_ecdsa(*crypto::PublicKey::parse(one.key), one.digest, *crypto::parse_der(one.der),
                                  crypto::SRule::kLow));
    }
  }
  count(state, cases.size());
}

void ecdsa_bare(benchmark::State& state) {
  const secp256k1_context* context = secp256k1_context_static;
  const auto cases = ecdsa_cases();
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const EcdsaCase& one : cases) {
      secp256k1_pubkey key;
      secp256k1_ecdsa_signature signature;
      ENSURE(secp256k1_ec_pubkey_parse(context, &key, one.key.data(), one.key.size()) == 1);
      ENSURE(secp256k1_ecdsa_signature_parse_der(context, &signature, one.der.data(), one.der.size()) == 1);
      ENSURE(secp256k1_ecdsa_verify(context, &signature, one.digest.data(), &key) == 1);
    }
  }
  count(state, cases.size());
}

struct Bip322Case {
  BitcoinAddress address;
  std::string signature;
};

/// P2WPKH, simple: one ECDSA signature each, so ecdsa_bare is its floor.
std::vector<Bip322Case> bip322_cases(std::string_view message) {
  std::vector<Bip322Case> cases;
  for (std::uint64_t i = 0; i < kSigners; ++i) {
    const Signer signer(i);
    const auto key = signer.key().compressed();
    const BitcoinOutput output = p2wpkh(signer.key());
    const Transaction to_spend = bip322_to_spend(message, output);
    const Transaction to_sign = bip322_to_sign(to_spend);
    const auto digest = segwit_signature_hash({to_sign, to_spend.outputs}, 0, p2pkh(key).script());
    const base::Bytes der = Signer::der(signer.ecdsa(digest));
    base::Bytes item = der;
    item.push_back(kSighashAll);
    const base::Bytes witness = serialise_witness({item, {key.begin(), key.end()}});
    Bip322Case one;
    one.address.network = BitcoinNetwork::kMainnet;
    one.address.output = output;
    one.signature = "smp" + base::to_base64(witness);
    cases.push_back(std::move(one));
  }
  return cases;
}

/// Everything: base64, both virtual transactions, the address's hash, the digest, the signature.
void bip322_ours(benchmark::State& state) {
  const std::string_view message = "The fund's addresses at 2026-03-11T21:00:00Z";
  const auto cases = bip322_cases(message);
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const Bip322Case& one : cases) ENSURE(verify_bip322(one.address, message, one.signature).valid());
  }
  count(state, cases.size());
}

struct RecoverableCase {
  EthereumAddress address;
  crypto::EcdsaSignature signature;
  int id;
  std::string text;
};

std::vector<RecoverableCase> recoverable_cases(std::string_view message) {
  std::vector<RecoverableCase> cases;
  for (std::uint64_t i = 0; i < kSigners; ++i) {
    const Signer signer(i);
    const auto [signature, id] = signer.recoverable(personal_sign_digest(message));
    const base::Bytes v{static_cast<std::uint8_t>(27 + id)};
    cases.push_back(
        {EthereumAddress::of(signer.key()), signature, id, base::to_hex(signature.r_s) + base::to_hex(v)});
  }
  return cases;
}

void personal_sign_ours(benchmark::State& state) {
  const std::string_view message = "The fund's addresses at 2026-03-11T21:00:00Z";
  const auto cases = recoverable_cases(message);
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const RecoverableCase& one : cases)
      ENSURE(verify_personal_sign(one.address, message, one.text).valid());
  }
  count(state, cases.size());
}

void recovery_bare(benchmark::State& state) {
  const secp256k1_context* context = secp256k1_context_static;
  const std::string_view message = "The fund's addresses at 2026-03-11T21:00:00Z";
  const auto cases = recoverable_cases(message);
  const auto digest = personal_sign_digest(message);
  for (auto unused : state) {
    static_cast<void>(unused);
    for (const RecoverableCase& one : cases) {
      secp256k1_ecdsa_recoverable_signature signature;
      secp256k1_pubkey key;
      ENSURE(secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature,
                                                                 one.signature.r_s.data(), one.id) == 1);
      ENSURE(secp256k1_ecdsa_recover(context, &key, &signature, digest.data()) == 1);
    }
  }
  count(state, cases.size());
}

BENCHMARK(addresses_bare);
BENCHMARK(addresses_ours);
BENCHMARK(ecdsa_bare);
BENCHMARK(ecdsa_ours);
BENCHMARK(bip322_ours);
BENCHMARK(recovery_bare);
BENCHMARK(personal_sign_ours);

}  // namespace
}  // namespace navkeeper::custody
