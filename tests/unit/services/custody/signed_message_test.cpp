// signmessage, personal_sign and ADR-36: constants from public documents, every shared vector, the negative
// ones too, and that any flipped bit never verifies.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "common/base/base64.h"
#include "common/crypto/base58.h"
#include "common/crypto/hash.h"
#include "services/custody/adapters/wallet_answer.h"
#include "services/custody/domain/signed_message.h"
#include "tests/support/signer.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::bytes;
using tests::hex;
using tests::member;
using tests::shared_vectors;
using tests::Signer;
using tests::text;

Verdict bitcoin(const std::string& address, const std::string& message, const std::string& signature) {
  return verify_signmessage(*BitcoinAddress::parse(address), message, signature);
}

// bitcoinjs-message's fixtures: the key 1 over "vires is numeris", one signature a kind of address.
constexpr const char* kMessage = "vires is numeris";
constexpr const char* kSegwitSignature =
    "KF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=";
constexpr const char* kNestedSignature =
    "JF8nHqFr3K2UKYahhX3soVeoW8W1ECNbr0wfck7lzyXjCS5Q16Ek45zyBuy1Fiy9sTPKVgsqqOuPvbycuVSSVl8=";
constexpr const char* kSegwitAddress = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
constexpr const char* kNestedAddress = "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN";

TEST(Signmessage, EachHeaderIsForItsKindOfAddress) {
  EXPECT_TRUE(bitcoin(kSegwitAddress, kMessage, kSegwitSignature).valid());
  EXPECT_TRUE(bitcoin(kNestedAddress, kMessage, kNestedSignature).valid());
  EXPECT_EQ(bitcoin(kSegwitAddress, kMessage, kNestedSignature).control, Control::kInvalid);
  EXPECT_EQ(bitcoin(kNestedAddress, kMessage, kSegwitSignature).control, Control::kInvalid);
  EXPECT_EQ(bitcoin(kSegwitAddress, "vires", kSegwitSignature).control, Control::kInvalid);
  const std::string taproot = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
  EXPECT_EQ(bitcoin(taproot, kMessage, kSegwitSignature).control, Control::kInvalid);
  for (const char* bad : {"", "not base64!", "AAAA"}) {
    EXPECT_EQ(bitcoin(kSegwitAddress, kMessage, bad).control, Control::kInvalid);
  }
}

TEST(Signmessage, DigestCountsLongMessagesInACompactSize) {
  // bitcoinjs-message's fixture for the empty message.
  EXPECT_EQ(base::to_hex(signmessage_digest("")),
            "80e795d4a4caadd7047af389d9f7f220562feb6196032e2131e10563352c4bcc");
  const std::string message(300, 'x');
  const std::string preimage = std::string(kBitcoinMagic) + std::string("\xfd\x2c\x01", 3) + message;
  EXPECT_EQ(signmessage_digest(message),
            crypto::sha256d({reinterpret_cast<const std::uint8_t*>(preimage.data()), preimage.size()}));
}

TEST(Vectors, BitcoinjsMessage) {
  const auto file = shared_vectors("vectors/bitcoinjs/bitcoinjs-message_fixtures.json");
  SKIP_WITHOUT(file, "bitcoinjs-message_fixtures.json");
  const json::Value& magics = member(*file, "networks");
  const json::Value& good = member(*file, "valid");
  EXPECT_EQ(member(good, "signature").as_array().size(), 7U);
  for (const auto& one : member(good, "signature").as_array()) {
    const auto parsed = parse_signmessage(bytes(one, "hex"));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(base::to_hex(parsed->ecdsa.r_s), text(one, "signature"));
    EXPECT_EQ(std::to_string(parsed->recovery_id), member(one, "recovery").as_number());
    EXPECT_EQ(parsed->key == SignmessageKey::kCompressedP2pkh, member(one, "compressed").as_boolean());
  }
  EXPECT_EQ(member(good, "magicHash").as_array().size(), 5U);
  for (const auto& one : member(good, "magicHash").as_array()) {
    const std::string magic = text(magics, text(one, "network").c_str());
    EXPECT_EQ(base::to_hex(signmessage_digest(text(one, "message"), magic)), text(one, "magicHash"));
  }
  const json::Value& bad = member(*file, "invalid");
  EXPECT_EQ(member(bad, "signature").as_array().size(), 3U);
  for (const auto& one : member(bad, "signature").as_array())
    EXPECT_FALSE(parse_signmessage(bytes(one, "hex"))) << text(one, "exception");
  EXPECT_EQ(member(bad, "verify").as_array().size(), 4U);
  for (const auto& one : member(bad, "verify").as_array()) {
    EXPECT_EQ(bitcoin(text(one, "address"), text(one, "message"), text(one, "signature")).control,
              Control::kInvalid)
        << text(one, "description");
  }
}

TEST(Vectors, BitcoinjsMessageVerifyAndSign) {
  const auto file = shared_vectors("vectors/bitcoinjs/bitcoinjs-message_fixtures.json");
  SKIP_WITHOUT(file, "bitcoinjs-message_fixtures.json");
  const json::Value& good = member(*file, "valid");
  int verified = 0;
  const auto expect = [&](const json::Value& one, const std::string& message) {
    ++verified;
    EXPECT_TRUE(bitcoin(text(one, "address"), message, text(one, "signature")).valid())
        << text(one, "address");
  };
  // The recovered key's address under Dogecoin's version, which has no address type here.
  const auto doge_address = [&](const json::Value& one) {
    ++verified;
    const auto parsed = parse_signmessage(*base::from_base64(text(one, "signature")));
    const std::string magic = text(member(*file, "networks"), "dogecoin");
    const auto key = crypto::recover_ecdsa(signmessage_digest(text(one, "message"), magic), parsed->ecdsa,
                                           parsed->recovery_id, crypto::SRule::kLow);
    base::Bytes payload{0x1e};
    const bool compressed = parsed->key == SignmessageKey::kCompressedP2pkh;
    const auto hash = compressed ? crypto::hash160(key->compressed()) : crypto::hash160(key->uncompressed());
    payload.insert(payload.end(), hash.begin(), hash.end());
    return crypto::to_base58check(payload);
  };
  EXPECT_EQ(member(good, "verify").as_array().size(), 2U);
  for (const auto& one : member(good, "verify").as_array()) {
    const std::string message = text(one, "message");
    if (text(one, "network") == "dogecoin") {
      EXPECT_EQ(doge_address(one), text(one, "address"));
      continue;
    }
    expect(one, message);
    expect(member(one, "compressed"), message);
    expect(member(member(one, "segwit"), "P2SH_P2WPKH"), message);
    expect(member(member(one, "segwit"), "P2WPKH"), message);
  }
  EXPECT_EQ(verified, 5);
  const crypto::PublicKey one_times_g =
      Signer(hex("0000000000000000000000000000000000000000000000000000000000000001")).key();
  const auto mainnet = [](const BitcoinOutput& output) {
    return BitcoinAddress{BitcoinNetwork::kMainnet, output}.to_string();
  };
  int made = 0;
  for (const auto& one : member(good, "sign").as_array()) {
    const std::string message = text(one, "message");
    if (text(one, "network") == "dogecoin") {
      base::Bytes payload{0x1e};
      const auto hash = crypto::hash160(one_times_g.uncompressed());
      payload.insert(payload.end(), hash.begin(), hash.end());
      EXPECT_EQ(doge_address(one), crypto::to_base58check(payload));
      continue;
    }
    const std::pair<BitcoinOutput, std::string> cases[] = {
        {p2pkh(one_times_g.uncompressed()), text(one, "signature")},
        {p2pkh(one_times_g.compressed()), text(member(one, "compressed"), "signature")},
        {p2sh(p2wpkh(one_times_g).script()), text(member(member(one, "segwit"), "P2SH_P2WPKH"), "signature")},
        {p2wpkh(one_times_g), text(member(member(one, "segwit"), "P2WPKH"), "signature")}};
    for (const auto& [output, signature] : cases) {
      ++made;
      EXPECT_TRUE(bitcoin(mainnet(output), message, signature).valid()) << signature;
    }
  }
  EXPECT_EQ(made, 4);
}

TEST(Signmessage, AnyFlippedBitNeverVerifies) {
  EXPECT_TRUE(rc::check("flip", [] {
    const Signer signer(*rc::gen::arbitrary<std::uint64_t>());
    const auto message = *rc::gen::arbitrary<std::string>();
    const BitcoinAddress address{BitcoinNetwork::kMainnet, p2wpkh(signer.key())};
    const auto [ecdsa, id] = signer.recoverable(signmessage_digest(message));
    base::Bytes signature{static_cast<std::uint8_t>(39 + id)};
    signature.insert(signature.end(), ecdsa.r_s.begin(), ecdsa.r_s.end());
    RC_ASSERT(verify_signmessage(address, message, base::to_base64(signature)).valid());
    const auto bit = *rc::gen::inRange<std::size_t>(0, signature.size() * 8);
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RC_ASSERT(!verify_signmessage(address, message, base::to_base64(signature)).valid());
  }));
}

// MetaMask/eth-sig-util, personal-sign.test.ts: "hello world" signed by the key 69…69.
constexpr const char* kHelloAddress = "0xbe93f9bacbcffc8ee6663f2647917ed7a20a57bb";
const std::string kHelloSignature =
    "0xce909e8ea6851bc36c007a0072d0524b07a3ff8d4e623aca4c71ca8e57250c4d0a3fc38fa8fbaaa81ead4b9f6bd03356b6f8bf"
    "18b"
    "ccad167d78891636e1d69561b";

Verdict ethereum(const std::string& address, const std::string& message, const std::string& signature) {
  return verify_personal_sign(*EthereumAddress::parse(address), message, signature);
}

TEST(PersonalSign, HelloWorldOfMetaMaskIsValid) {
  EXPECT_TRUE(ethereum(kHelloAddress, "hello world", kHelloSignature).valid());
  EXPECT_TRUE(ethereum(kHelloAddress, "hello world", kHelloSignature.substr(2)).valid());
  std::string zero_based = kHelloSignature;
  zero_based.replace(zero_based.size() - 2, 2, "00");
  EXPECT_TRUE(ethereum(kHelloAddress, "hello world", zero_based).valid()) << "v as 0 or 1";
  EXPECT_EQ(ethereum(kHelloAddress, "hello world\n", kHelloSignature).control, Control::kInvalid);
  EXPECT_EQ(ethereum("0xe0da1edcea030875cd0f199d96eb70f6ab78faf2", "hello world", kHelloSignature).control,
            Control::kInvalid);
  for (const char* v : {"1c", "1d", "02", "ff", "25"}) {
    std::string other = kHelloSignature;
    other.replace(other.size() - 2, 2, v);
    EXPECT_EQ(ethereum(kHelloAddress, "hello world", other).control, Control::kInvalid) << v;
  }
  for (const std::string& bad :
       {std::string(), std::string("0x"), kHelloSignature + "00", std::string(132, 'z')}) {
    EXPECT_EQ(ethereum(kHelloAddress, "hello world", bad).control, Control::kInvalid);
  }
}

TEST(Vectors, PersonalSignOfEthSigUtil) {
  const auto file = shared_vectors("vectors/eth/eip-191_personal_sign.extracted.json");
  SKIP_WITHOUT(file, "eip-191_personal_sign.extracted.json");
  EXPECT_EQ(member(*file, "vectors").as_array().size(), 4U);
  for (const auto& one : member(*file, "vectors").as_array()) {
    const base::Bytes raw = bytes(one, "message_hex");
    const std::string message(raw.begin(), raw.end());
    EXPECT_TRUE(ethereum(text(one, "address"), message, text(one, "signature")).valid())
        << text(one, "label");
    EXPECT_EQ(ethereum(text(one, "address"), message + "x", text(one, "signature")).control,
              Control::kInvalid);
    EXPECT_EQ(EthereumAddress::of(Signer(bytes(one, "private_key")).key()),
              *EthereumAddress::parse(text(one, "address")));
  }
}

TEST(PersonalSign, AnyFlippedBitAndTheOtherSNeverVerify) {
  EXPECT_TRUE(rc::check("flip", [] {
    const Signer signer(*rc::gen::arbitrary<std::uint64_t>());
    const auto message = *rc::gen::arbitrary<std::string>();
    const EthereumAddress address = EthereumAddress::of(signer.key());
    const auto [ecdsa, id] = signer.recoverable(personal_sign_digest(message));
    const auto spelled = [](const crypto::EcdsaSignature& signature, int v) {
      return base::to_hex(signature.r_s) + base::to_hex(base::Bytes{static_cast<std::uint8_t>(v)});
    };
    RC_ASSERT(verify_personal_sign(address, message, spelled(ecdsa, 27 + id)).valid());
    RC_ASSERT(
        !verify_personal_sign(address, message, spelled(Signer::with_other_s(ecdsa), 27 + (id ^ 1))).valid());
    crypto::EcdsaSignature bent = ecdsa;
    const auto bit = *rc::gen::inRange<std::size_t>(0, 512);
    bent.r_s[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RC_ASSERT(!verify_personal_sign(address, message, spelled(bent, 27 + id)).valid());
  }));
}

// Keplr's document for the key 1 and the message "random" (generated/adr036_cro_vectors.json, first).
constexpr const char* kCosmosAddress = "cro1w508d6qejxtdg4y5r3zarvary0c5xw7kzxlrnf";
const base::Bytes kCosmosKey = hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
const base::Bytes kCosmosSignature =
    hex("cf503882c8b4e7aa61dd077a6567fa917fd671fb4419d0901507fb35a981613a212121567bc9d072ccd983350a3531d70e99"
        "8a37b1b3204f"
        "d07a8f3c24136d20");

TEST(Adr36, KeplrsSignatureIsValid) {
  const CosmosAddress address = *CosmosAddress::parse(kCosmosAddress);
  EXPECT_TRUE(verify_adr36(address, "random", {kCosmosKey, kCosmosSignature}).valid());
  EXPECT_EQ(verify_adr36(address, "Random", {kCosmosKey, kCosmosSignature}).control, Control::kInvalid);
  EXPECT_EQ(
      verify_adr36({CosmosRole::kValidator, address.bytes}, "random", {kCosmosKey, kCosmosSignature}).control,
      Control::kInvalid);
  EXPECT_EQ(verify_adr36(address, "random", {{}, kCosmosSignature}).control, Control::kInvalid);
  EXPECT_EQ(verify_adr36(address, "random", {kCosmosKey, {}}).control, Control::kInvalid);
  crypto::EcdsaSignature high = Signer::with_other_s(*crypto::parse_p1363(kCosmosSignature));
  EXPECT_EQ(verify_adr36(address, "random", {kCosmosKey, {high.r_s.begin(), high.r_s.end()}}).control,
            Control::kInvalid);
}

TEST(Vectors, Adr36OfKeplr) {
  const auto file = shared_vectors("generated/adr036_cro_vectors.json");
  SKIP_WITHOUT(file, "generated/adr036_cro_vectors.json");
  EXPECT_EQ(member(*file, "vectors").as_array().size(), 12U);
  for (const auto& one : member(*file, "vectors").as_array()) {
    const std::string document = adr36_sign_document(text(one, "signer"), text(one, "message_utf8"));
    EXPECT_EQ(document, text(one, "sign_bytes_utf8"));
    EXPECT_EQ(crypto::sha256_hex(document), text(one, "sign_bytes_sha256"));
    const CosmosAddress address = *CosmosAddress::parse(text(one, "signer"));
    Adr36Signature signature{bytes(one, "public_key_compressed_hex"), bytes(one, "signature_compact_hex")};
    EXPECT_TRUE(verify_adr36(address, text(one, "message_utf8"), signature).valid());
    for (std::size_t i = 0; i < signature.r_s.size(); ++i) {
      signature.r_s[i] ^= static_cast<std::uint8_t>(1U << i % 8);
      EXPECT_FALSE(verify_adr36(address, text(one, "message_utf8"), signature).valid()) << i;
      signature.r_s[i] ^= static_cast<std::uint8_t>(1U << i % 8);
    }
  }
}

/// The example printed in ADR-36 itself: neither is the key the signer's, nor the signature over the data.
TEST(Vectors, Adr36ExampleOfTheDocumentFails) {
  const auto file = shared_vectors("vectors/cosmos/adr-036_example.json");
  SKIP_WITHOUT(file, "cosmos/adr-036_example.json");
  const auto key = base::from_base64(text(*file, "pub_key_base64"));
  const auto signature = base::from_base64(text(*file, "signature_base64"));
  const auto data = base::from_base64(text(*file, "data_base64"));
  ASSERT_TRUE(key && signature && data);
  const std::string message(data->begin(), data->end());
  const auto point = crypto::PublicKey::parse(*key);
  ASSERT_TRUE(point);
  const CosmosAddress address = CosmosAddress::of(*point);
  EXPECT_EQ(verify_adr36(address, message, {*key, *signature}).control, Control::kInvalid);
  for (const std::string& signer : {text(*file, "signer"), address.to_string()}) {
    const crypto::Digest256 digest = crypto::sha256(adr36_sign_document(signer, message));
    EXPECT_FALSE(crypto::verify_ecdsa(*point, digest, *crypto::parse_p1363(*signature), crypto::SRule::kAny));
  }
  EXPECT_TRUE(CosmosAddress::parse(text(*file, "signer")).has_error()) << "cosmos1 is not a Cronos address";
}

/// A real mainnet transfer: its signature is over amino JSON in the same way.
TEST(Vectors, CronosTransferOnMainnet) {
  const auto file = shared_vectors("vectors/cosmos/cro_amino_send_real_tx.json");
  SKIP_WITHOUT(file, "cosmos/cro_amino_send_real_tx.json");
  const auto key = crypto::PublicKey::parse(bytes(*file, "public_key_hex"));
  ASSERT_TRUE(key);
  EXPECT_EQ(CosmosAddress::of(*key).to_string(), text(*file, "address"));
  const auto signature = crypto::parse_p1363(bytes(*file, "signature_compact_hex"));
  const crypto::Digest256 digest = crypto::sha256(text(*file, "sign_doc"));
  EXPECT_TRUE(crypto::verify_ecdsa(*key, digest, *signature, crypto::SRule::kLow));
  EXPECT_EQ(Signer(bytes(*file, "private_key")).ecdsa(digest), *signature) << "RFC 6979 makes it again";
}

TEST(WalletAnswer, IsReadAloneOrBesideItsDocument) {
  const std::string alone = R"({"pub_key":{"type":"tendermint/PubKeySecp256k1","value":")" +
                            base::to_base64(kCosmosKey) + R"("},"signature":")" +
                            base::to_base64(kCosmosSignature) + R"("})";
  for (const std::string& answer : {alone, R"({"signed":{"chain_id":""},"signature":)" + alone + "}"}) {
    const auto parsed = parse_wallet_answer(answer);
    ASSERT_FALSE(parsed.has_error()) << parsed.error().message();
    EXPECT_EQ(parsed->public_key, kCosmosKey);
    EXPECT_EQ(parsed->r_s, kCosmosSignature);
  }
  for (const char* bad :
       {"", "{}", "[]", R"({"signature":"AA=="})",
        R"({"pub_key":{"type":"other","value":""},"signature":""})",
        R"({"pub_key":{"type":"tendermint/PubKeySecp256k1","value":"?"},"signature":""})",
        R"({"pub_key":{"type":"tendermint/PubKeySecp256k1","value":""},"signature":"","more":1})"}) {
    EXPECT_TRUE(parse_wallet_answer(bad).has_error()) << bad;
  }
}

}  // namespace
}  // namespace navkeeper::custody
