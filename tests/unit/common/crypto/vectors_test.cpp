// Hashes, signatures and encodings against every published vector of them, each file in the mode it is for.
// The numbers of vectors are asserted, so that a shorter file does not pass unseen.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/crypto/base58.h"
#include "common/crypto/bech32.h"
#include "common/crypto/bip32.h"
#include "common/crypto/hash.h"
#include "common/crypto/secp256k1.h"
#include "tests/support/vectors.h"

namespace navkeeper::crypto {
namespace {

using tests::bytes;
using tests::hex;
using tests::member;
using tests::shared_vectors;
using tests::text;

TEST(Vectors, KeccakOfCosmjs) {
  const auto file = shared_vectors("vectors/cosmjs/keccak.json");
  SKIP_WITHOUT(file, "cosmjs/keccak.json");
  const auto& cases = member(*file, "keccak256").as_array();
  EXPECT_EQ(cases.size(), 268U);
  for (const auto& one : cases) EXPECT_EQ(base::to_hex(keccak256(bytes(one, "in"))), text(one, "out"));
}

TEST(Vectors, RipemdOfCosmjs) {
  const auto file = shared_vectors("vectors/cosmjs/ripemd.json");
  SKIP_WITHOUT(file, "cosmjs/ripemd.json");
  const auto& cases = member(*file, "ripemd160").as_array();
  EXPECT_EQ(cases.size(), 76U);
  for (const auto& one : cases) EXPECT_EQ(base::to_hex(ripemd160(bytes(one, "in"))), text(one, "out"));
}

TEST(Vectors, ShaOfCosmjs) {
  const auto file = shared_vectors("vectors/cosmjs/sha.json");
  SKIP_WITHOUT(file, "cosmjs/sha.json");
  const auto& cases = member(*file, "sha256").as_array();
  EXPECT_EQ(cases.size(), 390U);
  for (const auto& one : cases) EXPECT_EQ(base::to_hex(sha256(bytes(one, "in"))), text(one, "out"));
}

TEST(Vectors, HashesOfEthers) {
  const auto file = shared_vectors("vectors/ethers/hashes.json");
  SKIP_WITHOUT(file, "ethers/hashes.json");
  EXPECT_EQ(file->as_array().size(), 257U);
  for (const auto& one : file->as_array()) {
    const base::Bytes data = bytes(one, "data");
    EXPECT_EQ("0x" + base::to_hex(sha256(data)), text(one, "sha256"));
    EXPECT_EQ("0x" + base::to_hex(ripemd160(data)), text(one, "ripemd160"));
    EXPECT_EQ("0x" + base::to_hex(keccak256(data)), text(one, "keccak256"));
  }
}

TEST(Vectors, HmacOfEthers) {
  const auto file = shared_vectors("vectors/ethers/hmac.json");
  SKIP_WITHOUT(file, "ethers/hmac.json");
  int sha256_cases = 0;
  int sha512_cases = 0;
  for (const auto& one : file->as_array()) {
    const base::Bytes key = bytes(one, "key");
    const base::Bytes data = bytes(one, "data");
    if (text(one, "algorithm") == "sha256") {
      ++sha256_cases;
      EXPECT_EQ("0x" + base::to_hex(hmac_sha256(key, data)), text(one, "hmac"));
    } else if (!key.empty()) {
      ++sha512_cases;
      EXPECT_EQ("0x" + base::to_hex(hmac_sha512(key, data)), text(one, "hmac"));
    }
  }
  EXPECT_GT(sha256_cases, 0);
  EXPECT_GT(sha512_cases, 0);
}

struct Tally {
  int valid = 0;
  int invalid = 0;
};

/// Every test of a Wycheproof file through `verify(key, digest, signature bytes)`.
template <class Verify>
Tally wycheproof(const json::Value& file, const Verify& verify) {
  Tally tally;
  for (const auto& group : member(file, "testGroups").as_array()) {
    const auto key = PublicKey::parse(bytes(member(group, "publicKey"), "uncompressed"));
    EXPECT_TRUE(key);
    if (!key) continue;
    for (const auto& one : member(group, "tests").as_array()) {
      const bool valid = text(one, "result") == "valid";
      ++(valid ? tally.valid : tally.invalid);
      EXPECT_EQ(verify(*key, sha256(bytes(one, "msg")), bytes(one, "sig")), valid)
          << member(one, "tcId").as_number() << " " << text(one, "comment");
    }
  }
  return tally;
}

TEST(Vectors, WycheproofPlainEcdsaInDer) {
  const auto file = shared_vectors("vectors/wycheproof/ecdsa_secp256k1_sha256_test.json");
  SKIP_WITHOUT(file, "wycheproof/ecdsa_secp256k1_sha256_test.json");
  const Tally tally =
      wycheproof(*file, [](const PublicKey& key, const Digest256& digest, const base::Bytes& encoded) {
        const auto signature = parse_der(encoded);
        return signature && verify_ecdsa(key, digest, *signature, SRule::kAny);
      });
  EXPECT_EQ(tally.valid, 168);
  EXPECT_EQ(tally.invalid, 308);
}

TEST(Vectors, WycheproofPlainEcdsaInP1363) {
  const auto file = shared_vectors("vectors/wycheproof/ecdsa_secp256k1_sha256_p1363_test.json");
  SKIP_WITHOUT(file, "wycheproof/ecdsa_secp256k1_sha256_p1363_test.json");
  const Tally tally =
      wycheproof(*file, [](const PublicKey& key, const Digest256& digest, const base::Bytes& encoded) {
        const auto signature = parse_p1363(encoded);
        return signature && verify_ecdsa(key, digest, *signature, SRule::kAny);
      });
  EXPECT_EQ(tally.valid, 167);
  EXPECT_EQ(tally.invalid, 85);
}

TEST(Vectors, WycheproofBitcoinEcdsa) {
  const auto file = shared_vectors("vectors/wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json");
  SKIP_WITHOUT(file, "wycheproof/ecdsa_secp256k1_sha256_bitcoin_test.json");
  const Tally tally =
      wycheproof(*file, [](const PublicKey& key, const Digest256& digest, const base::Bytes& encoded) {
        const auto signature = parse_der(encoded);
        return signature && verify_ecdsa(key, digest, *signature, SRule::kLow);
      });
  EXPECT_EQ(tally.valid, 162);
  EXPECT_EQ(tally.invalid, 301);
}

TEST(Vectors, DerSignaturesOfBip322Js) {
  const auto file = shared_vectors("vectors/bip322-js/signature.json");
  SKIP_WITHOUT(file, "bip322-js/signature.json");
  EXPECT_EQ(member(*file, "valid").as_array().size(), 7U);
  for (const auto& one : member(*file, "valid").as_array()) {
    base::Bytes encoded = bytes(one, "hex");
    encoded.pop_back();  // the hash type
    const auto signature = parse_der(encoded);
    ASSERT_TRUE(signature) << text(one, "hex");
    const json::Value& raw = member(one, "raw");
    EXPECT_EQ(base::to_hex(signature->r_s), text(raw, "r") + text(raw, "s"));
  }
  const auto& invalid = member(*file, "invalid").as_array();
  EXPECT_EQ(invalid.size(), 17U);
  int bad_encodings = 0;
  for (const auto& one : invalid) {
    base::Bytes encoded = bytes(one, "hex");
    encoded.pop_back();
    // The last two are right DER with a wrong hash type: the reader of scripts refuses those.
    if (one.find("hashType") != nullptr) continue;
    ++bad_encodings;
    EXPECT_FALSE(parse_der(encoded)) << text(one, "exception");
  }
  EXPECT_EQ(bad_encodings, 15);
}

void expect_strings(const json::Value& file, Bech32Kind kind, std::size_t valid, std::size_t invalid) {
  EXPECT_EQ(member(file, "valid_strings").as_array().size(), valid);
  for (const auto& one : member(file, "valid_strings").as_array()) {
    const auto parsed = parse_bech32(one.as_string());
    ASSERT_TRUE(parsed) << one.as_string();
    EXPECT_EQ(parsed->kind, kind);
    std::string lower = one.as_string();
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    EXPECT_EQ(write_bech32(*parsed), lower);
  }
  EXPECT_EQ(member(file, "invalid_strings").as_array().size(), invalid);
  for (const auto& one : member(file, "invalid_strings").as_array()) {
    std::string string = text(one, "string");
    const std::string prefix = text(one, "prefix_byte");
    const std::string suffix = text(one, "suffix_byte");
    if (!prefix.empty()) string.insert(0, 1, static_cast<char>(hex(prefix)[0]));
    if (!suffix.empty()) string += static_cast<char>(hex(suffix)[0]);
    const auto parsed = parse_bech32(string);
    EXPECT_FALSE(parsed && parsed->kind == kind) << string << ": " << text(one, "reason");
  }
}

TEST(Vectors, StringsOfBip173) {
  const auto file = shared_vectors("vectors/bips/bip-0173_test-vectors.extracted.json");
  SKIP_WITHOUT(file, "bip-0173");
  expect_strings(*file, Bech32Kind::kBech32, 7, 12);
}

TEST(Vectors, StringsOfBip350) {
  const auto file = shared_vectors("vectors/bips/bip-0350_test-vectors.extracted.json");
  SKIP_WITHOUT(file, "bip-0350");
  expect_strings(*file, Bech32Kind::kBech32m, 7, 14);
}

base::Bytes words_of(const json::Value& one) {
  base::Bytes words;
  for (const auto& word : member(one, "words").as_array()) {
    words.push_back(static_cast<std::uint8_t>(std::stoi(word.as_number())));
  }
  return words;
}

std::size_t limit_of(const json::Value& one) {
  const json::Value* limit = one.find("limit");
  return limit == nullptr ? kBech32TextMax : std::stoul(limit->as_number());
}

void expect_fixtures(const json::Value& fixtures, Bech32Kind kind, std::size_t valid, std::size_t invalid) {
  EXPECT_EQ(member(fixtures, "valid").as_array().size(), valid);
  for (const auto& one : member(fixtures, "valid").as_array()) {
    const auto parsed = parse_bech32(text(one, "string"), limit_of(one));
    ASSERT_TRUE(parsed) << text(one, "string");
    EXPECT_EQ(parsed->kind, kind);
    EXPECT_EQ(parsed->words, words_of(one));
    if (one.find("hex") != nullptr) {
      EXPECT_EQ(from_words(parsed->words), bytes(one, "hex"));
      EXPECT_EQ(to_words(bytes(one, "hex")), parsed->words);
    }
  }
  EXPECT_EQ(member(fixtures, "invalid").as_array().size(), invalid);
  for (const auto& one : member(fixtures, "invalid").as_array()) {
    if (one.find("words") != nullptr) {
      EXPECT_FALSE(write_bech32({kind, text(one, "prefix"), words_of(one)}, limit_of(one)))
          << text(one, "exception");
      continue;
    }
    std::string string = text(one, "string");
    if (one.find("stringHex") != nullptr) {
      const base::Bytes raw = bytes(one, "stringHex");
      string.assign(raw.begin(), raw.end());
    }
    const auto parsed = parse_bech32(string, limit_of(one));
    EXPECT_FALSE(parsed && parsed->kind == kind) << text(one, "exception");
  }
}

TEST(Vectors, FixturesOfBitcoinjsBech32) {
  const auto file = shared_vectors("vectors/bitcoinjs/bech32_fixtures.json");
  SKIP_WITHOUT(file, "bitcoinjs/bech32_fixtures.json");
  expect_fixtures(member(*file, "bech32"), Bech32Kind::kBech32, 6, 17);
  expect_fixtures(member(*file, "bech32m"), Bech32Kind::kBech32m, 8, 22);
  const auto& invalid = member(member(*file, "fromWords"), "invalid").as_array();
  EXPECT_EQ(invalid.size(), 2U);
  for (const auto& one : invalid) EXPECT_FALSE(from_words(words_of(one))) << text(one, "exception");
}

/// From every public key of a chain to its unhardened child, where both are published.
TEST(Vectors, ChainsOfBip32) {
  const auto file = shared_vectors("vectors/bips/bip-0032_test-vectors.extracted.json");
  SKIP_WITHOUT(file, "bip-0032");
  int chains = 0;
  int derived = 0;
  for (const auto& seed : member(*file, "valid").as_array()) {
    std::string parent_path;
    std::string parent;
    for (const auto& chain : member(seed, "chains").as_array()) {
      ++chains;
      const auto key = ExtendedPublicKey::parse(text(chain, "xpub"));
      ASSERT_FALSE(key.has_error()) << text(chain, "path");
      EXPECT_EQ(key->to_string(), text(chain, "xpub"));
      EXPECT_TRUE(ExtendedPublicKey::parse(text(chain, "xprv")).has_error());
      const std::string path = text(chain, "path");
      if (!parent.empty() && path.starts_with(parent_path + "/")) {
        const std::string step = path.substr(parent_path.size() + 1);
        const auto indices = parse_watch_only_path(step);
        EXPECT_EQ(indices.has_error(), step.find_first_of("'Hh") != std::string::npos) << path;
        if (!indices.has_error()) {
          ++derived;
          const auto child = ExtendedPublicKey::parse(parent)->descendant(*indices);
          ASSERT_FALSE(child.has_error());
          EXPECT_EQ(child->to_string(), text(chain, "xpub")) << path;
        }
      }
      parent_path = path;
      parent = text(chain, "xpub");
    }
  }
  EXPECT_EQ(chains, 17);
  EXPECT_EQ(derived, 6);  // three in vector 1, three in vector 2
  EXPECT_EQ(member(*file, "invalid").as_array().size(), 16U);
  for (const auto& one : member(*file, "invalid").as_array()) {
    EXPECT_TRUE(ExtendedPublicKey::parse(text(one, "key")).has_error()) << text(one, "reason");
  }
}

TEST(Vectors, FixturesOfBitcoinjsBip32) {
  const auto file = shared_vectors("vectors/bitcoinjs/bip32_fixtures.json");
  SKIP_WITHOUT(file, "bitcoinjs/bip32_fixtures.json");
  int keys = 0;
  int derived = 0;
  for (const auto& tree : member(*file, "valid").as_array()) {
    if (text(tree, "network") != "bitcoin") continue;  // Litecoin's versions are not ours
    std::string parent = text(member(tree, "master"), "base58");
    const auto check = [&](const json::Value& node) {
      ++keys;
      const auto key = ExtendedPublicKey::parse(text(node, "base58"));
      ASSERT_FALSE(key.has_error());
      EXPECT_EQ(base::to_hex(key->key().compressed()), text(node, "pubKey"));
      EXPECT_EQ(base::to_hex(key->fingerprint()), text(node, "fingerprint"));
      EXPECT_EQ(base::to_hex(hash160(key->key().compressed())), text(node, "identifier"));
    };
    check(member(tree, "master"));
    for (const auto& child : member(tree, "children").as_array()) {
      check(child);
      if (child.find("hardened") == nullptr && !parent.empty()) {
        ++derived;
        const auto index = static_cast<std::uint32_t>(std::stoul(member(child, "m").as_number()));
        EXPECT_EQ(ExtendedPublicKey::parse(parent)->child(index)->to_string(), text(child, "base58"));
      }
      parent = text(child, "base58");
    }
  }
  EXPECT_GE(keys, 15);
  EXPECT_GE(derived, 4);
  const json::Value& invalid = member(*file, "invalid");
  EXPECT_EQ(member(invalid, "fromBase58").as_array().size(), 13U);
  for (const auto& one : member(invalid, "fromBase58").as_array()) {
    EXPECT_TRUE(ExtendedPublicKey::parse(text(one, "string")).has_error()) << text(one, "exception");
  }
  for (const auto& one : member(invalid, "derivePath").as_array()) {
    const json::Value& path = member(one, "derivationPath");
    if (path.kind() != json::Kind::kString) continue;
    EXPECT_TRUE(parse_watch_only_path(path.as_string()).has_error());
  }
}

}  // namespace
}  // namespace navkeeper::crypto
