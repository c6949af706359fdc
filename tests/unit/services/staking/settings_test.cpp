#include "services/staking/adapters/settings.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::staking {
namespace {

std::string why(const std::string& text) {
  try {
    const auto document = base::value_or_refuse(runtime::TomlDocument::parse(text, "navkeeper.toml"));
    read_settings(document.root().table("staking"), "/etc/navkeeper");
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "";
}

std::string cronos(const std::string& name, const std::string& delegator) {
  return "[[staking.cronos]]\nname = \"" + name + "\"\nfund = \"BTCETH\"\ndelegators = [\"" + delegator +
         "\"]\n[[staking.cronos.nodes]]\nname = \"n_" + name +
         "\"\nurl = \"http://127.0.0.1:1\"\nrpc_url = \"http://127.0.0.1:2\"\n";
}
std::string ethereum(const std::string& name, const std::string& validator) {
  return "[[staking.ethereum]]\nname = \"" + name + "\"\nfund = \"BTCETH\"\nvalidators = [\"" + validator +
         "\"]\nwithdrawal_addresses = [\"0x" + std::string(40, '1') + "\"]\nfee_recipients = [\"0x" +
         std::string(40, '1') + "\"]\n[[staking.ethereum.nodes]]\nname = \"n_" + name +
         "\"\nurl = \"http://127.0.0.1:1\"\n";
}
std::string custodian(const std::string& name, const std::string& source) {
  return "[[staking.custodian]]\nname = \"" + name + "\"\nfund = \"BTCETH\"\ncustody_source = \"" + source +
         "\"\nurl = \"http://127.0.0.1:1\"\n";
}

constexpr const char* kDelegator = "cro1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc58ey86d";

TEST(StakingSettings, AnAccountIsReadByOneSourceAlone) {
  const std::string delegator = kDelegator;
  EXPECT_EQ(why(ethereum("a", "500001") + ethereum("b", "500002")), "");
  EXPECT_NE(why(ethereum("a", "500001") + ethereum("b", "500001"))
                .find("validator 500001 is read by source a already"),
            std::string::npos);
  EXPECT_EQ(why(custodian("a", "crypto_com") + custodian("b", "coinbase_prime")), "");
  EXPECT_NE(why(custodian("a", "crypto_com") + custodian("b", "crypto_com"))
                .find("custodian crypto_com of BTCETH is read by source a already"),
            std::string::npos);
  EXPECT_EQ(why(cronos("a", delegator)), "");
  EXPECT_NE(why(cronos("a", delegator) + cronos("b", delegator))
                .find("delegator " + delegator + " is read by source a already"),
            std::string::npos);
}

}  // namespace
}  // namespace navkeeper::staking
