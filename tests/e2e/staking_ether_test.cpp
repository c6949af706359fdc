// Staking of ether as processes: the sandbox's beacon and execution nodes, `staking sync`, what is shown of
// it and what the routes answer. The world runs a hundred times as fast, so that an epoch is four seconds.
#include <signal.h>

#include <set>

#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

constexpr const char* kSpeed = "96";
constexpr const char* kSlashed = "520009";

class EtherStaking : public ::testing::Test {
 protected:
  EtherStaking() {
    const json::Value& chains = *sandbox_.world().find("chains");
    const std::string owner = chains.find("fleet_address")->as_string();
    first_epoch_ = std::stoull(chains.find("fleet_first_epoch")->as_string());
    std::string config =
        "[services.staking]\nport = 0\n[staking]\nsync_seconds = 86400\n[[staking.ethereum]]\nname = "
        "\"ether\"\nfund = "
        "\"BTCETH\"\ntotal_active_ether = \"34000000\"\nfrom_epoch = " +
        std::to_string(first_epoch_ + 2) + "\nwithdrawal_addresses = [\"" + owner +
        "\"]\nfee_recipients = [\"" + owner + "\"]\nvalidators = [";
    // Two of them are no validators yet: 520011's deposit comes, 520012's is lost.
    for (const json::Value& one : chains.find("fleet")->as_array())
      config += (config.ends_with('[') ? "\"" : ", \"") +
                one.find(one.find("index")->as_string() < "520011" ? "index" : "pubkey")->as_string() + "\"";
    config += "]\n";
    for (const char* node : {"beacon", "beacon_2"})
      config += "[[staking.ethereum.nodes]]\nname = \"" + std::string(node) + "\"\nurl = \"" +
                chain_node_url(sandbox_.world(), node) + "\"\n";
    for (const char* node : {"execution", "execution_2"})
      config += "[[staking.ethereum.execution]]\nname = \"" + std::string(node) + "\"\nurl = \"" +
                chain_node_url(sandbox_.world(), node) + "\"\n";
    config_ = home_.write("staking.toml", config);
  }

  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> all{tests::navkeeper_executable().string(), "--config", config_, "--as",
                                 "operator"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Ended run(const std::vector<std::string>& more) const {
    return tests::run_process(words(more), home_.environment());
  }
  Ended sync() const { return run({"staking", "sync", "--json"}); }
  std::string shown() const { return run({"staking", "show", "BTCETH", "--json"}).out; }
  std::string height_shown() const {
    const json::Value answer = parsed(shown());
    return answer.find("readings")->as_array().at(0).find("state")->find("height")->as_string();
  }
  void fault(const std::string& node, const std::string& kind) const {
    sandbox_.post("/sandbox/v1/chains/faults",
                  R"({"node":")" + node + R"(","kind":")" + kind + R"(","seconds":86400})");
  }
  void clear_faults() const {
    http::Client control({.base_url = sandbox_.world().find("control")->as_string()});
    http::ClientRequest request;
    request.method = http::Method::kDelete;
    request.path = "/sandbox/v1/chains/faults";
    ASSERT_EQ(control.send(request).status, 200);
  }
  /// Every roll-forward, none with a difference; the kinds that they name.
  std::set<std::string> tied_kinds() const {
    const Ended rolled = run({"staking", "rollforward", "BTCETH", "--json"});
    EXPECT_EQ(rolled.exit_code, 0) << rolled.err;
    std::set<std::string> kinds;
    const json::Value answer = parsed(rolled.out);
    EXPECT_GT(answer.find("roll_forwards")->as_array().size(), 100U);
    for (const json::Value& each : answer.find("roll_forwards")->as_array()) {
      EXPECT_TRUE(each.find("tied")->as_boolean()) << each.find("place")->as_string();
      for (const json::Value& line : each.find("lines")->as_array())
        kinds.insert(line.find("kind")->as_string());
    }
    return kinds;
  }
  /// Since its record began, as `staking measures` says.
  bool has_missed_proposals() const {
    const json::Value answer = parsed(run({"staking", "measures", "BTCETH", "--json"}).out);
    for (const json::Value& one : answer.find("performance")->as_array()) {
      const int proposals = std::stoi(one.find("proposals_missed")->as_number());
      if (proposals == 0) continue;
      EXPECT_TRUE(one.find("proposals_told")->as_boolean());
      // Who is silent misses one attestation an epoch and few proposals; how much of it was read by now is
      // time's.
      EXPECT_GT(std::stoi(one.find("attestations_missed")->as_number()), proposals);
      return true;
    }
    return false;
  }
  /// Syncs until `is_true` of what is shown.
  bool eventually(const std::function<bool(const std::string&)>& is_true) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
      const Ended synced = sync();
      EXPECT_EQ(synced.exit_code, 0) << synced.out << synced.err;
      if (synced.exit_code != 0 || is_true(shown())) return synced.exit_code == 0;
      std::this_thread::sleep_for(std::chrono::seconds(2));
    }
    return false;
  }

  SandboxProcess sandbox_{{"--speed", kSpeed}};
  Home home_{sandbox_};
  std::uint64_t first_epoch_ = 0;
  std::string config_;
};

TEST_F(EtherStaking, ALifeASlashingAndReorganisationsAreTiedAndAWrongNodeIsNotBelieved) {
  // The first reading is where the record begins; the second goes through the life of the fleet.
  const Ended first = sync();
  ASSERT_EQ(first.exit_code, 0) << first.err << first.out;
  EXPECT_EQ(height_shown(), std::to_string((first_epoch_ + 2) * 32));
  const Ended life = sync();
  ASSERT_EQ(life.exit_code, 0) << life.err << life.out;
  const std::set<std::string> kinds = tied_kinds();
  for (const char* kind :
       {"deposit_submitted", "deposit_applied", "deposit_lost", "withdrawal_sweep", "withdrawal_partial",
        "withdrawal_full", "consolidation_in", "consolidation_out", "moved_to_pending", "reward_attestation",
        "reward_proposal", "reward_sync", "reward_tips", "reward_mev"})
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  EXPECT_EQ(shown().find("not_believed"), std::string::npos) << shown();

  // A slashing, and blocks taken back before they are final.
  EXPECT_EQ(kinds.count("slashing"), 0U);
  sandbox_.post("/sandbox/v1/chains/slashings", R"({"validator":)" + std::string(kSlashed) + "}");
  sandbox_.post("/sandbox/v1/chains/reorganisations", R"({"chain":"ethereum","depth":8})");
  ASSERT_TRUE(eventually([](const std::string& text) {
    return text.find(R"("kind":"slashed","subject":")" + std::string(kSlashed)) != std::string::npos;
  }));
  EXPECT_TRUE(tied_kinds().contains("slashing"));
  const std::string after = shown();
  EXPECT_NE(after.find(R"("kind":"slashing_forecast")"), std::string::npos) << after;
  EXPECT_NE(after.find("slashed\""), std::string::npos);
  for (const char* never : {"not_believed", "not_tied", "contradiction", "wrong_fee_recipient"})
    EXPECT_EQ(after.find(never), std::string::npos) << never;

  // The fleet is away for ten epochs: missed duties and slots without a block stand in the figures.
  sandbox_.post("/sandbox/v1/chains/outages", R"({"slots":320})");
  ASSERT_TRUE(eventually([&](const std::string&) { return has_missed_proposals(); }));
  tied_kinds();

  // One node answers zeros, then leaves validators out: the other stands in, and it is said.
  for (const char* kind : {"zeros", "truncated"}) {
    fault("beacon", kind);
    std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ended one_wrong = sync();
    EXPECT_EQ(one_wrong.exit_code, 1) << one_wrong.out;
    EXPECT_NE(one_wrong.out.find(R"("outcome":"partly")"), std::string::npos) << one_wrong.out;
    clear_faults();
  }
  EXPECT_NE(shown().find("not_believed"), std::string::npos);
  // Both do: nothing is stored.
  const std::string before = height_shown();
  for (const char* kind : {"zeros", "truncated", "fork"}) {
    fault("all", kind);
    std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ended wrong = sync();
    EXPECT_NE(wrong.exit_code, 0) << kind << wrong.out;
    EXPECT_NE(wrong.out.find(R"("outcome":"failed")"), std::string::npos) << kind << wrong.out;
    EXPECT_EQ(height_shown(), before) << kind;
    clear_faults();
  }
  const Ended well_again = sync();
  EXPECT_EQ(well_again.exit_code, 0) << well_again.out;
  EXPECT_NE(height_shown(), before);
  tied_kinds();

  // The same over HTTP.
  const fs::path log = home_.path() / "serve.log";
  tests::Background serve(words({"serve", "staking"}), home_.environment(), log);
  http::Client client({.base_url = listening_url(log)});
  const auto get = [&](const std::string& what) {
    http::ClientRequest request;
    request.path = "/v1/staking/funds/BTCETH/" + what;
    http::set_bearer(request, base::Secret(home_.token("auditor")));
    const http::Response response = client.send(request);
    EXPECT_EQ(response.status, 200) << what << response.body;
    return response.body;
  };
  const std::string parameters = get("parameters");
  EXPECT_NE(parameters.find(R"("value":"electra")"), std::string::npos) << parameters;
  EXPECT_NE(parameters.find(R"("value":"fulu")"), std::string::npos) << parameters;
  EXPECT_NE(get("positions").find(kSlashed), std::string::npos);
  const std::string rewards = get("rewards");
  for (const char* kind : {"reward_attestation", "reward_tips", "reward_mev", "slashing", "penalty"})
    EXPECT_NE(rewards.find('"' + std::string(kind) + '"'), std::string::npos) << kind;
  EXPECT_EQ(get("rollforward").find(R"("tied":false)"), std::string::npos);
  EXPECT_NE(get("syncs").find(R"("outcome":"failed")"), std::string::npos);
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
}

}  // namespace
}  // namespace navkeeper
