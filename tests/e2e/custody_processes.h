#pragma once
// The sandbox and a home with both its custodians as processes, for tests of custody.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <thread>

#include "common/http/client.h"
#include "common/json/value.h"
#include "tests/support/process.h"

namespace navkeeper {

namespace fs = std::filesystem;
using tests::Ended;

inline constexpr std::chrono::seconds kPatience{120};

class SandboxProcess {
 public:
  explicit SandboxProcess(const std::vector<std::string>& more = {}) : log_(folder_.path() / "sandbox.log") {
    std::vector<std::string> words{tests::navkeeper_executable().string(), "sandbox", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    process_ = std::make_unique<tests::Background>(words, std::map<std::string, std::string>{}, log_);
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
      if (auto answer = json::parse(tests::read_file(log_)); answer.has_value()) {
        world_ = std::move(*answer);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("the sandbox did not start: " + tests::read_file(log_));
  }
  const json::Value& world() const { return world_; }
  std::string of(const std::string& custodian, const char* key) const {
    for (const json::Value& one : world_.find("custodians")->as_array()) {
      if (one.find("custodian")->as_string() == custodian) return one.find(key)->as_string();
    }
    throw std::runtime_error("no custodian " + custodian);
  }
  void post(const std::string& path, const std::string& body) const {
    http::Client control({.base_url = world_.find("control")->as_string()});
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.path = path;
    request.body = body;
    ASSERT_EQ(control.send(request).status, 201);
  }
  void fault(const std::string& custodian, const std::string& kind, int seconds) const {
    post("/sandbox/v1/custodians/faults", R"({"custodian":")" + custodian + R"(","kind":")" + kind +
                                              R"(","seconds":)" + std::to_string(seconds) + "}");
  }

 private:
  tests::TemporaryFolder folder_;
  fs::path log_;
  std::unique_ptr<tests::Background> process_;
  json::Value world_;
};

/// A home with a database and a configuration that names both custodians of a sandbox.
class Home {
 public:
  /// `more`: lines of the configuration behind the custodians'; `each`: further lines of each custodian's
  /// table.
  explicit Home(const SandboxProcess& sandbox, const std::string& ca_file = "", const std::string& more = "",
                const std::string& each = "") {
    std::string config = "[services.custody]\nport = 0\n[custody]\nsync_seconds = 1\n";
    for (const char* name : {"crypto_com", "coinbase_prime"}) {
      const std::string file = folder_.write(
          std::string(name) + ".toml", "key = \"" + sandbox.of(name, "key") + "\"\nsecret = \"" +
                                           sandbox.of(name, "secret") + "\"\n" +
                                           (name == std::string("coinbase_prime")
                                                ? "passphrase = \"" + sandbox.of(name, "passphrase") + "\"\n"
                                                : ""));
      ::chmod(file.c_str(), 0600);
      config += "[[custody.custodians]]\nname = \"" + std::string(name) + "\"\nprotocol = \"" + name +
                "\"\nfund = \"BTCETH\"\ncredentials_file = \"" + file + "\"\naccount = \"" +
                sandbox.of(name, "account") + "\"\nbase_url = \"" + sandbox.of(name, "url") +
                "\"\nactivating_in_staked = \"apart\"\n";
      if (name == std::string("crypto_com")) config += "staked_in_total = \"apart\"\n";
      if (!ca_file.empty()) config += "ca_file = \"" + ca_file + "\"\n";
      config += each;
    }
    config_ = folder_.write("navkeeper.toml", config + more);
    const Ended made = run({"db", "init"});
    if (made.exit_code != 0) throw std::runtime_error("db init: " + made.err);
  }
  ~Home() { run({"db", "stop"}); }

  Ended run(const std::vector<std::string>& more, const std::string& actor = "") const {
    return tests::run_process(words(more, actor), environment());
  }
  std::vector<std::string> words(const std::vector<std::string>& more, const std::string& actor = "") const {
    std::vector<std::string> all{tests::navkeeper_executable().string()};
    if (!config_.empty() && more.front() != "db") all.insert(all.end(), {"--config", config_});
    if (!actor.empty()) all.insert(all.end(), {"--as", actor});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", (folder_.path() / "var").string()}};
  }
  std::string token(const std::string& actor) const {
    std::string text = tests::read_file(folder_.path() / "var" / "tokens" / actor);
    while (text.ends_with('\n')) text.pop_back();
    return text;
  }
  const fs::path& path() const { return folder_.path(); }
  std::string write(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }

 private:
  tests::TemporaryFolder folder_;
  std::string config_;
};

/// Where the service listens, by its own log.
inline std::string listening_url(const fs::path& log) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    const std::string text = tests::read_file(log);
    const std::size_t url = text.find("\"url\":\"");
    const std::size_t end_of_url = url == std::string::npos ? url : text.find('"', url + 7);
    if (end_of_url != std::string::npos) return text.substr(url + 7, end_of_url - url - 7);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error("serve does not listen: " + tests::read_file(log));
}

inline json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.has_value() ? std::move(*value) : json::Value();
}

inline std::string chain_node_url(const json::Value& world, const std::string& node) {
  for (const json::Value& one : world.find("chains")->find("nodes")->as_array()) {
    if (one.find("node")->as_string() == node) return one.find("url")->as_string();
  }
  throw std::runtime_error("no node " + node);
}

/// [custody.chains] with all the sandbox's nodes, two a chain.
inline std::string chain_nodes_config(const json::Value& world) {
  const auto node = [&](const std::string& chain, const std::string& name, const std::string& more) {
    return "[[custody.chains." + chain + ".nodes]]\nname = \"" + name + "\"\nurl = \"" +
           chain_node_url(world, name) + "\"\n" + more;
  };
  const json::Value& chains = *world.find("chains");
  std::string text =
      "[custody.chains.bitcoin]\ngenesis = \"" + chains.find("bitcoin_genesis")->as_string() + "\"\n" +
      node("bitcoin", "esplora", "kind = \"esplora\"\n") +
      node("bitcoin", "bitcoind", "kind = \"bitcoind\"\n") +
      "[custody.chains.ethereum]\nvalidators = [\"500001\", \"500002\", \"500003\", \"500004\", "
      "\"500005\"]\n" +
      "[[custody.chains.ethereum.tokens]]\nasset = \"CRO\"\ncontract = \"" +
      chains.find("token_contract")->as_string() + "\"\ndecimals = 8\nbalances_position = 0\n";
  for (const char* number : {"", "_2"})
    text += node("ethereum", std::string("execution") + number,
                 "beacon_url = \"" + chain_node_url(world, std::string("beacon") + number) + "\"\n");
  for (const char* chain : {"cronos_pos", "cronos_evm"}) {
    const std::string name = chain == std::string("cronos_pos") ? "cronos" : "cronos_evm";
    text += node(chain, name, "") + node(chain, name + "_2", "");
  }
  return text;
}

/// One of the world's addresses on a chain.
inline std::string chain_address(const json::Value& world, const std::string& chain, std::size_t number) {
  return world.find("chains")->find("addresses")->find(chain)->as_array().at(number).as_string();
}

}  // namespace navkeeper
