// Keys, signatures and encodings: values typed from public documents, so that they are checked without any
// vector file, and properties.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/base/base64.h"
#include "common/crypto/base58.h"
#include "common/crypto/bech32.h"
#include "common/crypto/bip32.h"
#include "common/crypto/hash.h"
#include "common/crypto/secp256k1.h"
#include "tests/support/signer.h"
#include "tests/support/vectors.h"

namespace navkeeper::crypto {
namespace {

using tests::hex;
using tests::Signer;

// SEC 2 section 2.4.1: the generator and the group's order.
constexpr const char* kGenerator = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

Digest256 digest_of(std::string_view digits) {
  const base::Bytes decoded = hex(digits);
  Digest256 digest{};
  std::copy(decoded.begin(), decoded.end(), digest.begin());
  return digest;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Hashes, GiveThePublishedDigests) {
  // Ethereum yellow paper, appendix H: the hash of nothing.
  EXPECT_EQ(base::to_hex(keccak256("")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  // RIPEMD-160's own page (Bosselaers): "", "abc".
  EXPECT_EQ(base::to_hex(ripemd160({})), "9c1185a5c5e9fc54612808977ee8f548b2258d31");
  EXPECT_EQ(base::to_hex(ripemd160(as_bytes("abc"))), "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  // BIP-322, "Message hashing".
  EXPECT_EQ(base::to_hex(tagged_hash("BIP0322-signed-message", as_bytes("Hello World"))),
            "f0eb03b1a75ac6d9847f55c624a99169b5dccba2a31f5b23bea77ba270de0a7a");
  // RFC 4231, test case 2.
  EXPECT_EQ(base::to_hex(hmac_sha512(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

TEST(PublicKey, OnlyTheTwoEncodingsOfSecAreRead) {
  const base::Bytes compressed = hex(kGenerator);
  const auto key = PublicKey::parse(compressed);
  ASSERT_TRUE(key);
  EXPECT_EQ(base::to_hex(key->compressed()), kGenerator);
  const auto uncompressed = key->uncompressed();
  EXPECT_EQ(PublicKey::parse(uncompressed), key);
  base::Bytes hybrid(uncompressed.begin(), uncompressed.end());
  hybrid[0] = 0x06;
  EXPECT_FALSE(PublicKey::parse(hybrid)) << "STRICTENC refuses the hybrid form";
  hybrid[0] = 0x07;
  EXPECT_FALSE(PublicKey::parse(hybrid));
  EXPECT_FALSE(PublicKey::parse({}));
  EXPECT_FALSE(PublicKey::parse(std::span(compressed).first(32)));
  // BIP-32, test vector 5: x = 7 is not on the curve.
  EXPECT_FALSE(PublicKey::parse(hex("020000000000000000000000000000000000000000000000000000000000000007")));
}

TEST(PublicKey, TweaksOutOfRangeAndInfinityAreRefused) {
  const auto key = PublicKey::parse(hex(kGenerator));
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->plus(digest_of(kOrder)));
  Digest256 order_less_one = digest_of(kOrder);
  order_less_one.back() -= 1;  // G + (n − 1) G is infinity
  EXPECT_FALSE(key->plus(order_less_one));
  EXPECT_EQ(key->plus(Digest256{}), key);
}

TEST(Schnorr, FirstVectorsOfBip340Hold) {
  // bip-0340/test-vectors.csv, index 0 (valid) and index 6 (R has no even y).
  const base::Bytes key = hex("F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9");
  const base::Bytes good =
      hex("E907831F80848D1069A5371B402410364BDF1C5F8307B0084C55F1CE2DCA8215"
          "25F66A4A85EA8B71E482A74F382D2CE5EBEEE8FDB2172F477DF4900D310536C0");
  EXPECT_TRUE(verify_schnorr(key, Digest256{}, good));
  EXPECT_FALSE(verify_schnorr(
      hex("DFF1D77F2A671C5F36183726DB2341BE58FEAE1DA2DECED843240F7B502BA659"),
      digest_of("243F6A8885A308D313198A2E03707344A4093822299F31D0082EFA98EC4E6C89"),
      hex("FFF97BD5755EEEA420453A14355235D382F6472F8568A18B2F057A14602975563CC27944640AC607CD107AE10923D9EF"
          "7A73C643E166BE5EBEAFA34B1AC553E2")));
  EXPECT_FALSE(verify_schnorr(key, Digest256{}, std::span(good).first(63)));
  EXPECT_FALSE(verify_schnorr(std::span(key).first(31), Digest256{}, good));
}

TEST(Ecdsa, AnyFlippedBitOfSignatureDigestOrKeyNeverVerifies) {
  EXPECT_TRUE(rc::check("flip", [] {
    const Signer signer(*rc::gen::arbitrary<std::uint64_t>());
    const Digest256 digest = sha256(*rc::gen::arbitrary<std::string>());
    const EcdsaSignature signature = signer.ecdsa(digest);
    RC_ASSERT(verify_ecdsa(signer.key(), digest, signature, SRule::kLow));
    const auto bit = *rc::gen::inRange<std::size_t>(0, 512);
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    EcdsaSignature bent = signature;
    bent.r_s[bit / 8] ^= mask;
    RC_ASSERT(!verify_ecdsa(signer.key(), digest, bent, SRule::kAny));
    Digest256 other = digest;
    other[bit / 8 % 32] ^= mask;
    RC_ASSERT(!verify_ecdsa(signer.key(), other, signature, SRule::kAny));
    auto encoded = signer.key().compressed();
    encoded[bit / 8 % 33] ^= mask;
    const auto key = PublicKey::parse(encoded);
    RC_ASSERT(!key || !verify_ecdsa(*key, digest, signature, SRule::kAny));
  }));
}

TEST(Ecdsa, AHighSIsValidOnlyWherePlainEcdsaIsMeant) {
  const Signer signer(7);
  const Digest256 digest = sha256("high s");
  const EcdsaSignature low = signer.ecdsa(digest);
  const EcdsaSignature high = Signer::with_other_s(low);
  EXPECT_TRUE(has_low_s(low));
  EXPECT_FALSE(has_low_s(high));
  EXPECT_TRUE(verify_ecdsa(signer.key(), digest, high, SRule::kAny));
  EXPECT_FALSE(verify_ecdsa(signer.key(), digest, high, SRule::kLow));
  EXPECT_EQ(parse_der(Signer::der(high)), high);
  EXPECT_FALSE(verify_ecdsa(signer.key(), digest, EcdsaSignature{}, SRule::kAny));
}

TEST(Ecdsa, RecoveryGivesTheSignersKey) {
  EXPECT_TRUE(rc::check("recover", [] {
    const Signer signer(*rc::gen::arbitrary<std::uint64_t>());
    const Digest256 digest = sha256(*rc::gen::arbitrary<std::string>());
    const auto [signature, id] = signer.recoverable(digest);
    RC_ASSERT(recover_ecdsa(digest, signature, id, SRule::kLow) == signer.key());
    RC_ASSERT(recover_ecdsa(digest, signature, id ^ 1, SRule::kLow) != signer.key());
    RC_ASSERT(!recover_ecdsa(digest, Signer::with_other_s(signature), id, SRule::kLow));
  }));
  EXPECT_FALSE(recover_ecdsa(Digest256{}, EcdsaSignature{}, 4, SRule::kAny));
  EXPECT_FALSE(recover_ecdsa(Digest256{}, EcdsaSignature{}, -1, SRule::kAny));
}

TEST(Der, EachSignatureHasOneEncoding) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const EcdsaSignature signature = Signer(*rc::gen::arbitrary<std::uint64_t>()).ecdsa(sha256("der"));
    const base::Bytes encoded = Signer::der(signature);
    RC_ASSERT(parse_der(encoded) == signature);
    const auto longer = encoded.size() + 1;
    base::Bytes padded = encoded;
    padded.resize(longer);
    RC_ASSERT(!parse_der(padded));
    RC_ASSERT(!parse_der(std::span(encoded).first(encoded.size() - 1)));
  }));
  EXPECT_FALSE(parse_der({}));
}

TEST(Base58, RoundTripsAndNoticesAnyChangedCharacter) {
  // Bitcoin wiki, Base58Check: the address of hash160 zero; the zero bytes at the front stay.
  EXPECT_EQ(to_base58check(base::Bytes(21, 0)), "1111111111111111111114oLvT2");
  EXPECT_TRUE(rc::check("round trip", [](const base::Bytes& payload) {
    const std::string text = to_base58check(payload);
    RC_ASSERT(from_base58check(text) == payload || text.size() > kBase58TextMax);
    std::string bent = text;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    bent[at] = bent[at] == 'z' ? 'y' : 'z';
    RC_ASSERT(from_base58check(bent) != payload);
  }));
  EXPECT_FALSE(from_base58check(""));
  EXPECT_FALSE(from_base58check("0OIl"));
  EXPECT_FALSE(from_base58check(std::string(kBase58TextMax + 1, '1')));
}

TEST(Bech32, RoundTripsAndNoticesAnyFourChangedCharacters) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const auto payload = *rc::gen::container<base::Bytes>(20, rc::gen::arbitrary<std::uint8_t>());
    const auto kind = *rc::gen::element(Bech32Kind::kBech32, Bech32Kind::kBech32m);
    const auto text = write_bech32({kind, "bc", to_words(payload)});
    RC_ASSERT(text.has_value());
    RC_ASSERT(from_words(parse_bech32(*text)->words) == payload);
    std::string bent = *text;
    for (int i = 0; i < 4; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(3, text->size());
      bent[at] = *rc::gen::elementOf(std::string("qpzry9x8gf2tvdw0s3jn54khce6mua7l"));
    }
    const auto parsed = parse_bech32(bent);
    RC_ASSERT(bent == *text || !parsed || parsed->kind != kind);
  }));
}

TEST(Base64, HasOneSpellingForEachValue) {
  // RFC 4648 section 10.
  EXPECT_EQ(base::to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base::to_base64(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(base::to_base64(as_bytes("fooba")), "Zm9vYmE=");
  EXPECT_TRUE(rc::check("round trip", [](const base::Bytes& payload) {
    RC_ASSERT(base::from_base64(base::to_base64(payload)) == payload);
  }));
  EXPECT_EQ(base::from_base64(""), base::Bytes{});
  for (const char* bad :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zg== ", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm-_"}) {
    EXPECT_FALSE(base::from_base64(bad)) << bad;
  }
}

TEST(Bip32, ChildrenOfThePublicKeyAreThoseOfTheDocument) {
  // BIP-32, test vector 2: m and m/0.
  const auto root = ExtendedPublicKey::parse(
      "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8U"
      "B7"
      "WEGuduB");
  ASSERT_FALSE(root.has_error());
  EXPECT_EQ(
      root->child(0)->to_string(),
      "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgF"
      "xHmwMkQTPH");
  EXPECT_EQ(root->depth(), 0);
  EXPECT_EQ(root->version(), KeyVersion::kXpub);
}

TEST(Bip32, WhatNeedsAPrivateKeyIsRefused) {
  const auto root = ExtendedPublicKey::parse(
      "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8U"
      "B7"
      "WEGuduB");
  ASSERT_FALSE(root.has_error());
  EXPECT_TRUE(root->child(kHardened).has_error());
  EXPECT_TRUE(parse_watch_only_path("m/84'/0").has_error());
  EXPECT_TRUE(parse_watch_only_path("0h").has_error());
  for (const char* bad : {"", "/", "0/", "m/", "-1", "+1", "2147483648", "0//1", "m/m", "1 "}) {
    EXPECT_TRUE(parse_watch_only_path(bad).has_error()) << bad;
  }
  EXPECT_EQ(*parse_watch_only_path("m/0/7"), (std::vector<std::uint32_t>{0, 7}));
  EXPECT_TRUE(parse_watch_only_path("m")->empty());
}

}  // namespace
}  // namespace navkeeper::crypto
