// BIP-322 against every vector of the document's two files, and its rules one by one.
#include <gtest/gtest.h>

#include "common/base/base64.h"
#include "services/custody/domain/bip322.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::member;
using tests::shared_vectors;
using tests::text;

// BIP-322, "Message signing".
constexpr const char* kAddress = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l";
constexpr const char* kHelloSignature =
    "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/"
    "sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=";

BitcoinAddress address_of(const std::string& spelled) {
  const auto parsed = BitcoinAddress::parse(spelled);
  EXPECT_FALSE(parsed.has_error()) << spelled;
  return *parsed;
}

Verdict verify(const std::string& address, const std::string& message, const std::string& signature) {
  return verify_bip322(address_of(address), message, signature);
}

TEST(Bip322, HelloWorldOfTheDocumentIsValidAndNothingNearIt) {
  const Verdict verdict = verify(kAddress, "Hello World", kHelloSignature);
  EXPECT_TRUE(verdict.valid()) << verdict.reason;
  EXPECT_FALSE(verdict.time_lock);
  EXPECT_TRUE(verdict.claimed_outputs.empty());
  EXPECT_EQ(verify(kAddress, "Hello World", std::string(kHelloSignature).substr(3)).control, Control::kValid)
      << "without a prefix the simple variant is assumed";
  EXPECT_EQ(verify(kAddress, "Hello World!", kHelloSignature).control, Control::kInvalid);
  EXPECT_EQ(verify("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "Hello World", kHelloSignature).control,
            Control::kInvalid);
  for (const char* prefix : {"ful", "pof"}) {
    EXPECT_EQ(verify(kAddress, "Hello World", prefix + std::string(kHelloSignature).substr(3)).control,
              Control::kInvalid);
  }
}

TEST(Bip322, HashesOfTheDocument) {
  // BIP-322, "Message hashing" and "Transaction Hashes".
  EXPECT_EQ(base::to_hex(bip322_message_hash("")),
            "c90c269c4f8fcbe6880f72a721ddfbf1914268a794cbb21cfafee13770ae19f1");
  const Transaction to_spend = bip322_to_spend("Hello World", address_of(kAddress).output);
  EXPECT_EQ(shown(to_spend.id()), "b79d196740ad5217771c1098fc4a4b51e0535c32236c71f1ea4d61a2d603352b");
  EXPECT_EQ(shown(bip322_to_sign(to_spend).id()),
            "88737ae86f2077145f93cc4b153ae9a1cb8d56afa511988c149c5c8c9d93bddf");
}

void expect_hashes(const json::Value& one) {
  const BitcoinAddress address = address_of(text(one, "address"));
  const Transaction to_spend = bip322_to_spend(text(one, "message"), address.output);
  EXPECT_EQ(base::to_hex(bip322_message_hash(text(one, "message"))), text(one, "message_hash"));
  EXPECT_EQ(shown(to_spend.id()), text(one, "to_spend_tx_hash"));
  EXPECT_EQ(shown(bip322_to_sign(to_spend).id()), text(one, "to_sign_tx_hash"));
}

/// All signatures of a vector; a bit changed anywhere in one is never valid.
int expect_valid(const json::Value& one) {
  int signatures = 0;
  const BitcoinAddress address = address_of(text(one, "address"));
  for (const auto& each : member(one, "bip322_signatures").as_array()) {
    ++signatures;
    const std::string& signature = each.as_string();
    const Verdict verdict = verify_bip322(address, text(one, "message"), signature);
    EXPECT_TRUE(verdict.valid()) << text(one, "type") << ": " << verdict.reason;
    if (one.find("lock_time") != nullptr) {
      EXPECT_TRUE(verdict.time_lock);
      const TimeLock lock = verdict.time_lock.value_or(TimeLock{});
      EXPECT_EQ(std::to_string(lock.lock_time), member(one, "lock_time").as_number());
      EXPECT_EQ(std::to_string(lock.sequence), member(one, "sequence").as_number());
    }
    const bool prefixed =
        signature.starts_with("smp") || signature.starts_with("ful") || signature.starts_with("pof");
    const std::string prefix = prefixed ? signature.substr(0, 3) : "";
    auto bytes = base::from_base64(signature.substr(prefix.size()));
    EXPECT_TRUE(bytes);
    for (std::size_t i = 0; bytes && i < bytes->size(); ++i) {
      const auto mask = static_cast<std::uint8_t>(1U << i % 8);
      (*bytes)[i] ^= mask;
      EXPECT_FALSE(verify_bip322(address, text(one, "message"), prefix + base::to_base64(*bytes)).valid())
          << text(one, "type") << ", byte " << i;
      (*bytes)[i] ^= mask;
    }
  }
  return signatures;
}

void expect_error(const json::Value& one) {
  const Verdict verdict = verify(text(one, "address"), text(one, "message"), text(one, "signature"));
  EXPECT_EQ(verdict.control, Control::kInvalid) << text(one, "description");
  EXPECT_NE(verdict.reason.find(text(one, "error_substr")), std::string::npos)
      << text(one, "description") << ": " << verdict.reason;
}

TEST(Vectors, Bip322Basic) {
  const auto file = shared_vectors("vectors/bips/bip-0322_basic-test-vectors.json");
  SKIP_WITHOUT(file, "bip-0322 basic");
  EXPECT_EQ(member(*file, "tx_hashes").as_array().size(), 3U);
  for (const auto& one : member(*file, "tx_hashes").as_array()) expect_hashes(one);
  EXPECT_EQ(member(*file, "simple").as_array().size(), 4U);
  int signatures = 0;
  for (const auto& one : member(*file, "simple").as_array()) signatures += expect_valid(one);
  EXPECT_EQ(signatures, 6);
  EXPECT_EQ(member(*file, "error").as_array().size(), 8U);
  for (const auto& one : member(*file, "error").as_array()) expect_error(one);
}

TEST(Vectors, Bip322Generated) {
  const auto file = shared_vectors("vectors/bips/bip-0322_generated-test-vectors.json");
  SKIP_WITHOUT(file, "bip-0322 generated");
  const std::pair<const char*, int> kinds[] = {{"simple", 4}, {"full", 10}, {"proof_of_funds", 3}};
  for (const auto& [kind, count] : kinds) {
    int signatures = 0;
    for (const auto& one : member(*file, kind).as_array()) signatures += expect_valid(one);
    EXPECT_EQ(signatures, count) << kind;
  }
  EXPECT_EQ(member(*file, "error").as_array().size(), 28U);
  for (const auto& one : member(*file, "error").as_array()) expect_error(one);
}

TEST(Vectors, Bip322ProofsOfFundsListTheirOutputs) {
  const auto file = shared_vectors("vectors/bips/bip-0322_generated-test-vectors.json");
  SKIP_WITHOUT(file, "bip-0322 generated");
  for (const auto& one : member(*file, "proof_of_funds").as_array()) {
    const Verdict verdict = verify(text(one, "address"), text(one, "message"),
                                   member(one, "bip322_signatures").as_array()[0].as_string());
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const auto& group : member(one, "additional_inputs").as_array()) {
      for (const auto& input : group.as_array())
        wanted.emplace_back(member(input, "value").as_number(), text(input, "pk_script"));
    }
    std::vector<std::pair<std::string, std::string>> listed;
    for (const ClaimedOutput& output : verdict.claimed_outputs)
      listed.emplace_back(std::to_string(output.value_satoshi), base::to_hex(output.script_pubkey));
    EXPECT_EQ(listed, wanted);
    EXPECT_FALSE(listed.empty());
  }
}

}  // namespace
}  // namespace navkeeper::custody
