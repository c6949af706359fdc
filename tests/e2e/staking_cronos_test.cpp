// Staking on Cronos POS and with a custodian as processes: the sandbox's nodes, custody served, `staking
// sync`, what is shown of it.
#include <signal.h>

#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

constexpr std::chrono::seconds kTwoBlocks{14};

class Staking {
 public:
  Staking(const SandboxProcess& sandbox, const Home& home, const std::string& custody_url) : home_(home) {
    folder_.write("custody.auth", "Bearer " + home.token("auditor") + "\n");
    ::chmod((folder_.path() / "custody.auth").c_str(), 0600);
    std::string config = "[[staking.cronos]]\nname = \"cronos\"\nfund = \"BTCETH\"\ndelegators = [\"" +
                         chain_address(sandbox.world(), "cronos_pos", 0) + "\"]\n";
    for (const char* node : {"cronos", "cronos_2"}) {
      const std::string url = chain_node_url(sandbox.world(), node);
      config += "[[staking.cronos.nodes]]\nname = \"" + std::string(node) + "\"\nurl = \"" + url +
                "\"\nrpc_url = \"" + url + "\"\n";
    }
    config +=
        "[[staking.custodian]]\nname = \"foris\"\nfund = \"BTCETH\"\ncustody_source = \"crypto_com\"\nurl = "
        "\"" +
        custody_url + "\"\nauthorization_file = \"" + (folder_.path() / "custody.auth").string() +
        "\"\n[[staking.custodian.tokens]]\nasset = \"CDCETH\"\ncoin = \"ETH\"\nkind = \"value_accruing\"\n";
    config_ = folder_.write("staking.toml", config);
  }

  Ended run(std::vector<std::string> more) const {
    std::vector<std::string> words{tests::navkeeper_executable().string(), "--config", config_, "--as",
                                   "operator"};
    words.insert(words.end(), more.begin(), more.end());
    return tests::run_process(words, home_.environment());
  }

 private:
  const Home& home_;
  tests::TemporaryFolder folder_;
  std::string config_;
};

TEST(CronosStaking, ADelegationIsReadExplainedAndTiedToTheLastUnit) {
  const SandboxProcess sandbox;
  const Home home(sandbox);
  ASSERT_EQ(home.run({"custody", "sync", "--source", "crypto_com"}, "operator").exit_code, 0);
  const fs::path log = home.path() / "serve.log";
  tests::Background serve(home.words({"serve", "custody"}), home.environment(), log);
  const Staking staking(sandbox, home, listening_url(log));
  const Ended first = staking.run({"staking", "sync", "--json"});
  ASSERT_EQ(first.exit_code, 0) << first.err << first.out;
  EXPECT_NE(first.out.find(R"("parameters_new":10)"), std::string::npos) << first.out;

  const std::string fund = chain_address(sandbox.world(), "cronos_pos", 0);
  sandbox.post("/sandbox/v1/chains/payments",
               R"({"chain":"cronos_pos","to":")" + fund + R"(","amount":"900000000000"})");
  std::this_thread::sleep_for(kTwoBlocks);
  sandbox.post("/sandbox/v1/chains/cronos_staking",
               R"({"act":"delegate","delegator":")" + fund + R"(","validator":1,"amount":"500000000007"})");
  sandbox.post("/sandbox/v1/chains/cronos_staking", R"({"act":"slash","validator":2,"fraction":"0.01"})");
  sandbox.post("/sandbox/v1/chains/cronos_staking", R"({"act":"jail","validator":2})");
  std::this_thread::sleep_for(kTwoBlocks);
  const Ended second = staking.run({"staking", "sync", "--json"});
  ASSERT_EQ(second.exit_code, 0) << second.err << second.out;
  const Ended rolled = staking.run({"staking", "rollforward", "BTCETH", "--source", "cronos", "--json"});
  ASSERT_EQ(rolled.exit_code, 0) << rolled.err << rolled.out;
  std::size_t tied = 0;
  const json::Value answer = parsed(rolled.out);
  for (const json::Value& each : answer.find("roll_forwards")->as_array()) {
    EXPECT_TRUE(each.find("tied")->as_boolean()) << rolled.out;
    ++tied;
  }
  EXPECT_GE(tied, 8U);
  for (const char* kind : {"delegate", "claim_dust", "reward_base", "slashing", "transfer_in"})
    EXPECT_NE(rolled.out.find('"' + std::string(kind) + '"'), std::string::npos) << kind << rolled.out;
  const Ended shown = staking.run({"staking", "show", "BTCETH", "--json"});
  EXPECT_NE(shown.out.find(R"("jailed")"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find(R"("verifiable":false)"), std::string::npos) << "the custodian's word";
  EXPECT_NE(shown.out.find(R"("state":"contingent")"), std::string::npos);

  sandbox.post("/sandbox/v1/chains/faults", R"({"node":"cronos_2","kind":"lie","seconds":600})");
  std::this_thread::sleep_for(kTwoBlocks);
  const Ended lied = staking.run({"staking", "sync", "--source", "cronos"});
  EXPECT_EQ(lied.exit_code, 1) << lied.out;
  EXPECT_NE(lied.out.find("tell otherwise of"), std::string::npos) << lied.out;
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
}

}  // namespace
}  // namespace navkeeper
