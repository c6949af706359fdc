// `navkeeper custody chain show` as a process, against the chains of `navkeeper sandbox`.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "common/http/client.h"
#include "common/json/value.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

constexpr std::chrono::seconds kPatience{120};

class Chains : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto log = folder_.path() / "sandbox.log";
    sandbox_ = std::make_unique<tests::Background>(
        std::vector<std::string>{tests::navkeeper_executable().string(), "sandbox", "--json"},
        std::map<std::string, std::string>{}, log);
    const auto end = std::chrono::steady_clock::now() + kPatience;
    auto world = json::parse(tests::read_file(log));
    while (world.has_error() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      world = json::parse(tests::read_file(log));
    }
    ASSERT_FALSE(world.has_error()) << tests::read_file(log);
    world_ = std::move(*world);
    config_ = folder_.write("navkeeper.toml", config());
  }

  const json::Value& chains() const { return *world_.find("chains"); }
  std::string url(const std::string& node) const {
    for (const json::Value& one : chains().find("nodes")->as_array()) {
      if (one.find("node")->as_string() == node) return one.find("url")->as_string();
    }
    throw std::runtime_error("no node " + node);
  }
  std::string node(const std::string& chain, const std::string& name, const std::string& more = "") const {
    return "[[custody.chains." + chain + ".nodes]]\nname = \"" + name + "\"\nurl = \"" + url(name) + "\"\n" +
           more;
  }
  std::string config() const {
    std::string text =
        "[custody.chains.bitcoin]\ngenesis = \"" + chains().find("bitcoin_genesis")->as_string() + "\"\n" +
        node("bitcoin", "esplora", "kind = \"esplora\"\n") +
        node("bitcoin", "bitcoind", "kind = \"bitcoind\"\n") +
        "[custody.chains.ethereum]\nvalidators = [\"500001\", \"500002\", \"500003\", \"500004\", "
        "\"500005\"]\n" +
        "[[custody.chains.ethereum.tokens]]\nasset = \"CRO\"\ncontract = \"" +
        chains().find("token_contract")->as_string() + "\"\ndecimals = 8\nbalances_position = 0\n";
    for (const char* number : {"", "_2"})
      text += node("ethereum", std::string("execution") + number,
                   "beacon_url = \"" + url(std::string("beacon") + number) + "\"\n");
    text += node("cronos_pos", "cronos") + node("cronos_pos", "cronos_2");
    return text + node("cronos_evm", "cronos_evm") + node("cronos_evm", "cronos_evm_2");
  }
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
    http::Client control({.base_url = world_.find("control")->as_string()});
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.path = "/sandbox/v1/chains/faults";
    request.body = R"({"node":")" + node_name + R"(","kind":")" + kind + R"(","seconds":600})";
    ASSERT_EQ(control.send(request).status, 201);
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<tests::Background> sandbox_;
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
