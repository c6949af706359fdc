// What a valuation policy names must be there on every day that it holds for.
#include <gtest/gtest.h>

#include "services/pricing/adapters/real_time_store.h"
#include "tests/db/prices_fixture.h"

namespace navkeeper::pricing {
namespace {

class PolicyFitTest : public PricesTest {
 protected:
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  std::string policy_refusal(const std::string& toml) {
    return refusal([&] { apply(toml); });
  }
  std::string definition_refusal(const std::string& toml) {
    return refusal([&] { define(toml); });
  }
};

TEST_F(PolicyFitTest, AnIndexThatIsNotDefinedIsRefusedByFieldAndRule) {
  EXPECT_EQ(policy_refusal(replaced(policy_toml("", "2026-04-01"), "\"NK_AAA\"", "\"NK_NONE\"")),
            "policy.toml: official_index: NK_NONE is not defined: navkeeper rates define FILE.toml first");
  EXPECT_EQ(policy_refusal(replaced(policy_toml("", "2026-04-01"), "\"NK_AAA_VWAP\"", "\"NK_NONE\"")),
            "policy.toml: second_index: NK_NONE is not defined: navkeeper rates define FILE.toml first");
  EXPECT_EQ(prices_.policies(kAsset).size(), 1U);
}

TEST_F(PolicyFitTest, AnIndexThatBeginsLaterOrEndsBeforeIsRefused) {
  define(index_toml("NK_LATER", "vwap", 1, 1, "effective_from = 2026-05-01\n"));
  define(index_toml("NK_ENDS", "vwap", 1, 1, "effective_from = 2020-01-01\neffective_to = 2026-06-30\n"));
  const auto with = [&](const std::string& index, const std::string& from) {
    return replaced(policy_toml("", from), "\"NK_AAA\"", "\"" + index + "\"");
  };
  EXPECT_EQ(policy_refusal(with("NK_LATER", "2026-04-30")),
            "policy.toml: official_index: NK_LATER is defined from 2026-05-01 on, the policy holds from "
            "2026-04-30 on");
  EXPECT_EQ(policy_refusal(with("NK_ENDS", "2026-04-01")),
            "policy.toml: official_index: NK_ENDS is defined from 2020-01-01 to 2026-06-30, the policy holds "
            "from 2026-04-01 on");
  apply(with("NK_LATER", "2026-05-01"));
}

TEST_F(PolicyFitTest, ARealTimeIndexIsNoneThatIsStruck) {
  service_pool("pricing").transact([](db::Transaction& transaction) {
    db::execute(transaction,
                "INSERT INTO real_time_definition (index_id, version, toml, hash, known_at_ns, actor) VALUES "
                "('NK_AAA_RT', 1, '', decode(repeat('00', 32), 'hex'), 0, 'ann')");
  });
  EXPECT_EQ(policy_refusal(replaced(policy_toml("", "2026-04-01"), "\"NK_AAA\"", "\"NK_AAA_RT\"")),
            "policy.toml: official_index: NK_AAA_RT is a real-time index; a policy needs one that is struck");
}

TEST_F(PolicyFitTest, ATokensCoinNeedsAPolicyOfItsOwnAndIsNoToken) {
  EXPECT_EQ(
      policy_refusal(replaced(kTokenPolicy, "coin = \"AAA\"", "coin = \"BBB\"")),
      "policy.toml: liquid_staking.coin: BBB is no coin with a valuation policy: navkeeper prices policy "
      "FILE.toml first");
  EXPECT_EQ(
      policy_refusal(replaced(kTokenPolicy, "effective_from = 2020-01-01", "effective_from = 2019-01-01")),
      "policy.toml: liquid_staking.coin: AAA has a policy from 2020-01-01 on, the token's holds from "
      "2019-01-01 on");
  apply(kTokenPolicy);
  const std::string second = replaced(replaced(kTokenPolicy, "asset = \"LSAAA\"", "asset = \"LSBBB\""),
                                      "\"LSAAA/USD\"", "\"LSBBB/USD\"");
  EXPECT_EQ(policy_refusal(replaced(second, "coin = \"AAA\"", "coin = \"LSAAA\"")),
            "policy.toml: liquid_staking.coin: LSAAA is a liquid-staking token itself");
}

TEST_F(PolicyFitTest, ADefinitionThatEndsWhileAPolicyNamesTheIndexIsRefused) {
  const std::string ends =
      index_toml("NK_AAA", "vwap", 1, 1, "effective_from = 2026-04-01\neffective_to = 2026-06-30\n");
  EXPECT_EQ(definition_refusal(ends),
            "index.toml: effective_to: the policy of AAA names NK_AAA as official_index from 2026-04-01 on");
  EXPECT_EQ(rates_.versions("NK_AAA").size(), 1U);
  define(index_toml("NK_NEXT", "vwap", 1, 1));
  apply(replaced(policy_toml("", "2026-07-01"), "\"NK_AAA\"", "\"NK_NEXT\""));
  define(ends);  // From July on no policy names it.
}

TEST_F(PolicyFitTest, ACoinsPolicyThatEndsWhileATokenNeedsItIsRefused) {
  apply(kTokenPolicy);
  EXPECT_EQ(policy_refusal(replaced(policy_toml("", "2026-04-01"), "effective_from = 2026-04-01",
                                    "effective_from = 2026-04-01\neffective_to = 2026-06-30")),
            "policy.toml: effective_to: the policy of LSAAA needs it as a coin from 2026-04-01 on");
}

}  // namespace
}  // namespace navkeeper::pricing
