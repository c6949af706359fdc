// What `custody verify` says about a signature, and the record of it.
#include <gtest/gtest.h>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/custody/adapters/verify_command.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::member;
using tests::text;

// BIP-322, "Message signing".
VerifyRequest hello() {
  return {
      .method = SignatureMethod::kBip322,
      .address = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
      .message = "Hello World",
      .signature =
          "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/"
          "sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
      .use = AddressUse::kSegregated};
}

TEST(CustodyVerify, SaysWhatASignatureProvesAndWhatNot) {
  const VerifyRequest request = hello();
  const Verdict verdict = verify(request);
  ASSERT_TRUE(verdict.valid());
  const auto json = json::parse(to_json(request, verdict));
  ASSERT_FALSE(json.has_error());
  EXPECT_EQ(text(*json, "state"), "valid");
  EXPECT_EQ(text(*json, "address_use"), "segregated");
  EXPECT_NE(text(*json, "does_not_prove").find("never a proof of completeness"), std::string::npos);
  const std::string shown = to_text(request, verdict);
  EXPECT_EQ(shown.rfind("valid: ", 0), 0U);
  EXPECT_NE(shown.find("What it does not prove: "), std::string::npos);
}

TEST(CustodyVerify, AnInvalidSignatureProvesNothing) {
  VerifyRequest request = hello();
  request.message += "!";
  const Verdict verdict = verify(request);
  EXPECT_EQ(verdict.control, Control::kInvalid);
  EXPECT_EQ(statement_of(verdict, request.use).proves.rfind("Nothing", 0), 0U);
  request.signature = "";
  EXPECT_EQ(verify(request).control, Control::kInvalid);
}

TEST(CustodyVerify, AnAddressThatCannotBeReadIsRefused) {
  for (const auto method : {SignatureMethod::kBip322, SignatureMethod::kSignmessage, SignatureMethod::kEip191,
                            SignatureMethod::kAdr36}) {
    VerifyRequest request = hello();
    request.method = method;
    request.address = "bc1qnonsense";
    EXPECT_THROW(static_cast<void>(verify(request)), base::Refused) << describe(method);
  }
}

TEST(CustodyVerify, AWalletsAnswerThatIsNoJsonIsAnInvalidSignature) {
  VerifyRequest request = hello();
  request.method = SignatureMethod::kAdr36;
  request.address = "cro1w508d6qejxtdg4y5r3zarvary0c5xw7kzxlrnf";
  EXPECT_EQ(verify(request).control, Control::kInvalid);
}

TEST(Statement, AnAddressOfATestNetworkIsSaidToBeOne) {
  const Verdict verdict = valid("the signature is valid");
  VerifyRequest request = hello();
  for (const auto& [address, is_test] : {std::pair{"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", true},
                                         std::pair{"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", true},
                                         std::pair{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", false}}) {
    request.address = address;
    EXPECT_EQ(to_text(request, verdict).find("TEST network") != std::string::npos, is_test) << address;
    EXPECT_EQ(to_json(request, verdict).find(R"("network":"test")") != std::string::npos, is_test) << address;
    EXPECT_EQ(
        statement_of(verdict, request.use, address).does_not_prove.find("test network") != std::string::npos,
        is_test)
        << address;
  }
}

TEST(Statement, OmnibusAndListedOutputsAreSaidToBeUnproven) {
  Verdict verdict = valid("the signature is valid");
  EXPECT_EQ(statement_of(verdict, AddressUse::kSegregated).does_not_prove.find("omnibus"), std::string::npos);
  EXPECT_NE(statement_of(verdict, AddressUse::kOmnibus).does_not_prove.find("omnibus"), std::string::npos);
  verdict.claimed_outputs.push_back({});
  EXPECT_NE(statement_of(verdict, AddressUse::kSegregated).does_not_prove.find("unspent"), std::string::npos);
  verdict.time_lock = TimeLock{0, 2016};
  EXPECT_NE(statement_of(verdict, AddressUse::kSegregated).proves.find("time lock"), std::string::npos);
}

TEST(Attestation, KeepsHashesOfWhatWasSignedAndTheStatement) {
  const VerifyRequest request = hello();
  const auto at = time::Instant::literal("2026-03-11T21:00:00Z");
  const Attestation record = attest(request.method, request.address, request.use, request.message,
                                    request.signature, verify(request), at);
  EXPECT_EQ(base::to_hex(record.message_sha256),
            "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e");
  EXPECT_EQ(record.verified_at, at);
  EXPECT_TRUE(record.verdict.valid());
  EXPECT_FALSE(record.statement.does_not_prove.empty());
}

TEST(Names, OfMethodsAndUsesAreReadBack) {
  for (const auto method : {SignatureMethod::kBip322, SignatureMethod::kSignmessage, SignatureMethod::kEip191,
                            SignatureMethod::kAdr36})
    EXPECT_EQ(signature_method(describe(method)), method);
  for (const auto use : {AddressUse::kNotStated, AddressUse::kSegregated, AddressUse::kOmnibus})
    EXPECT_EQ(address_use(describe(use)), use);
  EXPECT_FALSE(signature_method("pgp"));
  EXPECT_FALSE(address_use(""));
}

}  // namespace
}  // namespace navkeeper::custody
