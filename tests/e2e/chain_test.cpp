// `navkeeper custody chain show` as a process, against the chains of `navkeeper sandbox`.
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

class Chains : public ::testing::Test {
 protected:
  void SetUp() override {
    sandbox_ = std::make_unique<SandboxProcess>();
    world_ = sandbox_->world();
    config_ = folder_.write("navkeeper.toml", chain_nodes_config(world_));
  }

  const json::Value& chains() const { return *world_.find("chains"); }
  std::string address(const std::string& chain) const {
    return chains().find("addresses")->find(chain)->as_array()[0].as_string();
  }
  tests::Ended show(const std::string& chain, const std::string& of, bool json = true) const {
    std::vector<std::string> words{tests::navkeeper_executable().string(),
                                   "--config",
                                   config_,
                                   "custody",
                                   "chain",
                                   "show",
                                   of,
                                   "--chain",
                                   chain};
    if (json) words.emplace_back("--json");
    return tests::run_process(words, {{"NAVKEEPER_HOME", (folder_.path() / "home").string()}});
  }
  void fault(const std::string& node_name, const std::string& kind) const {
    sandbox_->post("/sandbox/v1/chains/faults",
                   R"({"node":")" + node_name + R"(","kind":")" + kind + R"(","seconds":600})");
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<SandboxProcess> sandbox_;
  json::Value world_;
  std::string config_;
};

TEST_F(Chains, AgreeUntilANodeIsWrong) {
  for (const char* chain : {"bitcoin", "ethereum", "cronos_pos", "cronos_evm"}) {
    const auto ended = show(chain, address(chain));
    EXPECT_EQ(ended.exit_code, 0) << chain << ended.err << ended.out;
    const auto answer = json::parse(ended.out);
    ASSERT_FALSE(answer.has_error()) << ended.out;
    EXPECT_EQ(answer->find("certainty")->as_string(), "agreed") << ended.out;
    EXPECT_EQ(answer->find("sources")->as_array().size(), 2U);
  }
  EXPECT_NE(show("ethereum", address("ethereum"), false).out.find("agreed: 0x"), std::string::npos);

  for (const auto& [chain, wrong] : {std::pair{"bitcoin", "esplora"},
                                     {"ethereum", "beacon_2"},
                                     {"cronos_pos", "cronos"},
                                     {"cronos_evm", "cronos_evm_2"}}) {
    fault(wrong, "lie");
    const auto ended = show(chain, address(chain));
    EXPECT_EQ(ended.exit_code, 1) << chain << ended.out;
    EXPECT_NE(ended.out.find(R"("certainty":"unsure")"), std::string::npos) << ended.out;
  }
  fault("all", "wrong_chain");
  const auto nobody = show("bitcoin", address("bitcoin"));
  EXPECT_EQ(nobody.exit_code, 3) << nobody.out;
  EXPECT_NE(nobody.out.find("another network"), std::string::npos);
}

TEST_F(Chains, BadQuestionsAreRefusedInOneLine) {
  const auto refused = [&](const std::string& chain, const std::string& of, std::string_view word) {
    const auto ended = show(chain, of);
    EXPECT_EQ(ended.exit_code, 1) << ended.out;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find(word), std::string::npos) << ended.err;
  };
  refused("bitcoin", address("ethereum"), "ADDRESS");
  refused("cronos_pos", address("bitcoin"), "ADDRESS");
  EXPECT_EQ(show("dogecoin", "x").exit_code, 2);
  config_ = folder_.write("bad.toml", "[custody.chains.bitcoin]\nconfirmations = 0\n");
  refused("bitcoin", address("bitcoin"), "confirmations");
  config_ = folder_.write(
      "bad.toml", "[[custody.chains.bitcoin.nodes]]\nname = \"a\"\nurl = \"ftp://x\"\nkind = \"esplora\"\n");
  refused("bitcoin", address("bitcoin"), "http");
  config_ = folder_.write("none.toml", "");
  EXPECT_EQ(show("bitcoin", address("bitcoin")).exit_code, 3) << "no node is configured";
}

}  // namespace
}  // namespace navkeeper
