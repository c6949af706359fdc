// `navkeeper custody verify` as a process: what it prints and how it ends.
#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;
using tests::TemporaryFolder;

// BIP-322, "Message signing".
constexpr const char* kAddress = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l";
constexpr const char* kSignature =
    "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/"
    "sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=";

Ended verify(const std::vector<std::string>& more) {
  std::vector<std::string> words{tests::navkeeper_executable().string(), "custody", "verify"};
  words.insert(words.end(), more.begin(), more.end());
  return tests::run_process(words);
}

TEST(CustodyVerify, ValidIsExitCode0AndSaysWhatIsNotProven) {
  const TemporaryFolder folder;
  const std::string message = folder.write("message", "Hello World");
  const std::string signature = folder.write("signature", std::string(kSignature) + "\n");
  const Ended ended = verify({"--method", "bip322", "--address", kAddress, "--message-file", message,
                              "--signature-file", signature, "--address-use", "omnibus"});
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.out.rfind("valid: ", 0), 0U) << ended.out;
  EXPECT_NE(ended.out.find("never a proof of completeness"), std::string::npos);
  EXPECT_NE(ended.out.find("omnibus"), std::string::npos);
}

TEST(CustodyVerify, InvalidIsExitCode1WithTheReasonOnStandardOutput) {
  // A line end that was not signed.
  const TemporaryFolder folder;
  const std::string message = folder.write("message", "Hello World\n");
  const Ended ended = verify({"--method", "bip322", "--address", kAddress, "--message-file", message,
                              "--signature", kSignature, "--json"});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_NE(ended.out.find(R"("state":"invalid")"), std::string::npos) << ended.out;
}

TEST(CustodyVerify, WhatIsNotUnderstoodIsInconclusiveAndExitCode1) {
  // P2WSH of the script OP_1, which anybody may spend: witness of that script alone.
  const Ended ended = verify({"--method", "bip322", "--address",
                              "bc1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsq2gp3gp", "--message",
                              "", "--signature", "smpAQFR", "--json"});
  EXPECT_EQ(ended.exit_code, 1) << ended.err;
  EXPECT_NE(ended.out.find(R"("state":"inconclusive")"), std::string::npos) << ended.out;
}

TEST(CustodyVerify, RefusalsAndMisuseTellThemselvesApart) {
  const Ended refused =
      verify({"--method", "bip322", "--address", "nonsense", "--message", "", "--signature", "x"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_NE(refused.err.find("--address"), std::string::npos) << refused.err;
  EXPECT_EQ(verify({"--method", "pgp", "--address", kAddress, "--message", "", "--signature", "x"}).exit_code,
            2);
  EXPECT_EQ(verify({"--method", "bip322", "--address", kAddress, "--signature", "x"}).exit_code, 2);
  EXPECT_EQ(verify({"--method", "bip322", "--address", kAddress, "--message-file", "/nowhere/at/all",
                    "--signature", "x"})
                .exit_code,
            1);
}

}  // namespace
}  // namespace navkeeper
