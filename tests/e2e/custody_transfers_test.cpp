// What the chains say of a fund's own addresses, stored with how sure it is; statements, transfers and
// roll-forwards over custodian and chain: processes against the sandbox.
#include <signal.h>

#include "common/crypto/digest.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

std::string addresses_config(const json::Value& world) {
  std::string text;
  for (const char* chain : {"bitcoin", "ethereum", "cronos_pos", "cronos_evm"}) {
    for (const std::size_t number : {0U, 1U}) {
      text += "[[custody.addresses]]\nfund = \"BTCETH\"\nchain = \"" + std::string(chain) +
              "\"\naddress = \"" + chain_address(world, chain, number) + "\"\nuse = \"segregated\"\n";
    }
  }
  return text;
}

/// The balances of the chains in an answer of `custody show --json`.
std::vector<json::Value> chain_balances(const json::Value& shown) {
  std::vector<json::Value> found;
  for (const json::Value& balance : shown.find("balances")->as_array()) {
    if (balance.find("source")->as_string().starts_with("chain:")) found.push_back(balance);
  }
  return found;
}

TEST(ChainSync, StoresWhatTheChainsSayOfTheFundsAddressesAndAnUnsureReadingAsUnsure) {
  const SandboxProcess sandbox;
  const Home home(sandbox, "", addresses_config(sandbox.world()) + chain_nodes_config(sandbox.world()));
  const Ended first = home.run({"custody", "sync", "--json"}, "operator");
  ASSERT_EQ(first.exit_code, 0) << first.err << first.out;
  EXPECT_EQ(parsed(first.out).find("syncs")->as_array().size(), 6U) << "two custodians, four chains";
  const Ended shown = home.run({"custody", "show", "BTCETH", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  const auto balances = chain_balances(parsed(shown.out));
  ASSERT_EQ(balances.size(), 10U) << "two addresses a chain, and a token on one";
  for (const json::Value& balance : balances) {
    EXPECT_EQ(balance.find("certainty")->as_string(), "agreed") << shown.out;
    EXPECT_TRUE(balance.find("doubts")->as_array().empty());
    EXPECT_NE(balance.find("block_height"), nullptr);
  }
  // What is stored is what the nodes are seen to say.
  const Ended asked = home.run({"custody", "chain", "show", balances.at(0).find("account")->as_string(),
                                "--chain", "bitcoin", "--json"});
  EXPECT_NE(asked.out.find("\"total\":\"" + balances.at(0).find("total")->as_string() + "\""),
            std::string::npos)
      << asked.out << shown.out;

  // A node that lies: stored, and never as sure.
  sandbox.post("/sandbox/v1/chains/faults", R"({"node":"esplora","kind":"lie","seconds":600})");
  const Ended lied = home.run({"custody", "sync", "--source", "chain:bitcoin", "--json"}, "operator");
  EXPECT_EQ(lied.exit_code, 1) << lied.out;
  EXPECT_NE(lied.out.find(R"("outcome":"partly")"), std::string::npos) << lied.out;
  const Ended after = home.run({"custody", "show", "BTCETH", "--source", "chain:bitcoin", "--json"});
  const auto unsure = chain_balances(parsed(after.out));
  ASSERT_EQ(unsure.size(), 2U) << after.out;
  for (const json::Value& balance : unsure) {
    EXPECT_EQ(balance.find("certainty")->as_string(), "unsure") << after.out;
    EXPECT_FALSE(balance.find("doubts")->as_array().empty());
  }
  EXPECT_NE(home.run({"custody", "show", "BTCETH"}).out.find("unsure"), std::string::npos);

  // Nobody answers: nothing is stored in its place.
  sandbox.post("/sandbox/v1/chains/faults", R"({"node":"all","kind":"wrong_chain","seconds":600})");
  const Ended nobody = home.run({"custody", "sync", "--source", "chain:cronos_pos", "--json"}, "operator");
  EXPECT_EQ(nobody.exit_code, 3) << nobody.out << nobody.err;
  const Ended kept = home.run({"custody", "show", "BTCETH", "--source", "chain:cronos_pos", "--json"});
  for (const json::Value& balance : chain_balances(parsed(kept.out)))
    EXPECT_EQ(balance.find("certainty")->as_string(), "agreed");
  EXPECT_EQ(home.run({"audit", "verify"}).exit_code, 0);
}

/// One index of Bitcoin, which knows the whole history of the fund's own two addresses.
std::string bitcoin_config(const json::Value& world) {
  std::string text;
  for (const std::size_t number : {0U, 1U})
    text += "[[custody.addresses]]\nfund = \"BTCETH\"\nchain = \"bitcoin\"\naddress = \"" +
            chain_address(world, "bitcoin", number) + "\"\nuse = \"segregated\"\n";
  return text + "[custody.chains.bitcoin]\ngenesis = \"" +
         world.find("chains")->find("bitcoin_genesis")->as_string() +
         "\"\n[[custody.chains.bitcoin.nodes]]\nname = \"esplora\"\nkind = \"esplora\"\nurl = \"" +
         chain_node_url(world, "esplora") + "\"\n";
}

std::string begin_of(time::Date day) { return day.to_string() + "T00:00:00Z"; }

TEST(ChainStatements, RollFromBlockToBlockWithoutADifferenceAndAreStoredWhole) {
  const SandboxProcess sandbox;
  const Home home(sandbox, "", bitcoin_config(sandbox.world()));
  const time::Date day = time::utc_date(time::SystemClock().now()) - 3;
  const auto sync = [&](time::Date at) {
    return home.run({"custody", "sync", "--source", "chain:bitcoin", "--at", begin_of(at), "--json"},
                    "operator");
  };
  for (const time::Date at : {day, day + 1}) {
    const Ended synced = sync(at);
    ASSERT_EQ(synced.exit_code, 0) << synced.err << synced.out;
    EXPECT_EQ(parsed(synced.out).find("syncs")->as_array().at(0).find("balances_new")->as_number(), "2");
  }
  // The chain's own transactions explain the change of the balance to the last satoshi.
  const std::vector<std::string> period{"--from", begin_of(day), "--to", begin_of(day + 1), "--json"};
  const auto with_period = [&](std::vector<std::string> words) {
    words.insert(words.end(), period.begin(), period.end());
    return home.run(words);
  };
  const Ended rolled = with_period({"custody", "rollforward", "BTCETH", "--source", "chain:bitcoin"});
  ASSERT_EQ(rolled.exit_code, 0) << rolled.err;
  const json::Value roll = parsed(rolled.out);
  ASSERT_EQ(roll.find("rows")->as_array().size(), 2U) << rolled.out;
  int flows = 0;
  for (const json::Value& row : roll.find("rows")->as_array()) {
    EXPECT_EQ(row.find("state")->as_string(), "even") << rolled.out;
    EXPECT_EQ(row.find("difference")->as_string(), "0");
    flows += std::stoi(row.find("flows")->as_number());
  }
  EXPECT_GT(flows, 0) << "a day without a payment shows nothing";

  const auto make = [&] {
    return home.run({"custody", "statements", "make", "BTCETH", "--from", day.to_string(), "--to",
                     day.to_string(), "--json"},
                    "operator");
  };
  const Ended made = make();
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const json::Value statements = parsed(made.out);
  ASSERT_EQ(statements.find("statements")->as_array().size(), 2U) << made.out;
  const json::Value again = parsed(make().out);
  EXPECT_TRUE(again.find("statements")->as_array().empty());
  for (const json::Value& one : statements.find("statements")->as_array()) {
    const std::string hash = one.find("sha256")->as_string();
    const Ended shown = home.run({"custody", "statements", "show", "BTCETH", hash});
    EXPECT_EQ(crypto::sha256_hex(shown.out), hash);
    EXPECT_EQ(parsed(shown.out).find("source")->as_string(), "chain:bitcoin");
  }
  EXPECT_EQ(home.run({"custody", "statements", "show", "BTCETH", std::string(64, '0')}).exit_code, 1);
  EXPECT_EQ(home.run({"custody", "statements", "make", "BTCETH", "--to", "2999-01-01"}, "operator").exit_code,
            1);
  EXPECT_EQ(with_period({"custody", "transfers", "BTCETH", "--known-at", "yesterday"}).exit_code, 2);

  // A block that is not final yet is not a valuation's.
  const Ended early = sync(time::utc_date(time::SystemClock().now()) + 1);
  EXPECT_EQ(early.exit_code, 3) << early.out;
  EXPECT_NE(early.out.find("final"), std::string::npos) << early.out;
}

TEST(Transfers, OfCustodianAndChainMeetByTheirPointsAndEverythingIsServed) {
  const SandboxProcess sandbox;
  std::string config = bitcoin_config(sandbox.world());
  // The first address is the account at the custodian.
  config.replace(config.find("use = "), 0,
                 "custodian = \"crypto_com\"\naccount = \"" + sandbox.of("crypto_com", "account") + "\"\n");
  const Home home(sandbox, "", config);
  ASSERT_EQ(home.run({"custody", "sync", "--source", "chain:bitcoin"}, "operator").exit_code, 0);
  const std::string address = chain_address(sandbox.world(), "bitcoin", 0);
  const Ended records =
      home.run({"custody", "show", "BTCETH", "--source", "chain:bitcoin", "--records", "transfer", "--json"});
  std::string newest_in;  // the amount of the newest payment to the address
  const json::Value seen = parsed(records.out);
  for (const json::Value& record : seen.find("records")->as_array()) {
    const json::Value& transfer = *record.find("document")->find("transfer");
    if (transfer.find("account")->as_string() == address && transfer.find("direction")->as_string() == "in")
      newest_in = transfer.find("amount")->as_string();
  }
  ASSERT_NE(newest_in, "") << records.out;
  // The same payment at the custodian, who tells no id before it has arrived.
  sandbox.post("/sandbox/v1/custodians/deposits", R"({"custodian":"crypto_com","coin":"BTC","amount":")" +
                                                      newest_in + R"(","transaction":"aa"})");
  ASSERT_EQ(home.run({"custody", "sync", "--source", "crypto_com"}, "operator").exit_code, 0);
  const time::Instant now = time::SystemClock().now();
  const std::string from = (now - time::Duration::hours(72)).to_string();
  const std::string to = (now + time::Duration::hours(1)).to_string();
  const Ended matched = home.run({"custody", "transfers", "BTCETH", "--from", from, "--to", to, "--json"});
  ASSERT_EQ(matched.exit_code, 0) << matched.err;
  int met = 0;
  const json::Value transfers = parsed(matched.out);
  for (const json::Value& transfer : transfers.find("transfers")->as_array()) {
    if (transfer.find("matched_by")->as_string() != "score") continue;
    ++met;
    EXPECT_GE(std::stoi(transfer.find("score")->as_number()), 45);
    EXPECT_EQ(transfer.find("amounts")->as_string(), "equal");
    EXPECT_EQ(transfer.find("facts")->as_array().size(), 2U);
    EXPECT_TRUE(transfer.find("missing")->as_array().empty()) << matched.out;
  }
  EXPECT_EQ(met, 1) << matched.out;

  // A signature of BIP-322's kind for some address, kept once.
  const std::vector<std::string> attest{"custody",
                                        "attest",
                                        "BTCETH",
                                        "--method",
                                        "bip322",
                                        "--address",
                                        "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l",
                                        "--message",
                                        "Hello World",
                                        "--signature",
                                        "smpAkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/"
                                        "ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a/sASECx/"
                                        "EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
                                        "--address-use",
                                        "segregated"};
  EXPECT_EQ(home.run(attest).exit_code, 2) << "nobody named";
  EXPECT_EQ(home.run(attest, "operator").exit_code, 0);
  EXPECT_EQ(home.run(attest, "operator").exit_code, 0);
  const json::Value kept = parsed(home.run({"custody", "attestations", "BTCETH", "--json"}).out);
  ASSERT_EQ(kept.find("attestations")->as_array().size(), 1U);

  // A reading of an earlier day: the job writes that day's statements.
  const std::string earlier = begin_of(time::utc_date(now) - 2);
  EXPECT_EQ(home.run({"custody", "sync", "--source", "chain:bitcoin", "--at", earlier}, "operator").exit_code,
            0);
  const fs::path log = home.path() / "serve.log";
  tests::Background serve(home.words({"serve", "custody"}), home.environment(), log);
  http::Client client({.base_url = listening_url(log)});
  const auto headers = [&](const char* actor, const char* key) {
    http::Headers all{{"Authorization", "Bearer " + home.token(actor)}};
    if (*key != '\0') all.set("Idempotency-Key", key);
    return all;
  };
  const std::string base = "/v1/custody/funds/BTCETH/";
  const auto get = [&](const std::string& path) {
    return client.send({.path = base + path, .headers = headers("auditor", "")});
  };
  const json::Value accounts = parsed(get("accounts").body);
  EXPECT_GE(accounts.find("accounts")->as_array().size(), 3U);
  const std::string period =
      "?from=" + begin_of(time::utc_date(now) - 2) + "&to=" + begin_of(time::utc_date(now));
  EXPECT_EQ(get("transfers" + period).status, 200);
  EXPECT_EQ(get("rollforward" + period).status, 200);
  EXPECT_EQ(get("transfers").status, 400) << "without a period";
  EXPECT_EQ(get("rollforward?from=" + begin_of(time::utc_date(now)) + "&to=2020-01-01T00:00:00Z").status,
            400);
  EXPECT_EQ(get("statements?from=2026-13-01").status, 400);
  std::size_t written = 0;
  for (const auto end = std::chrono::steady_clock::now() + kPatience;
       written == 0 && std::chrono::steady_clock::now() < end;
       std::this_thread::sleep_for(std::chrono::milliseconds(200)))
    written = parsed(get("statements?source=chain:bitcoin").body).find("statements")->as_array().size();
  EXPECT_EQ(written, 2U) << tests::read_file(log);
  EXPECT_EQ(get("statements/" + std::string(64, '0')).status, 404);
  EXPECT_EQ(parsed(get("attestations").body).find("attestations")->as_array().size(), 1U);
  const auto post = [&](const char* actor, const char* key, const std::string& body) {
    http::ClientRequest request{.path = base + "attestations", .headers = headers(actor, key)};
    request.method = http::Method::kPost;
    request.body = body;
    return client.send(request);
  };
  const std::string body =
      R"({"method":"eip191","address":"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed","message":"hello","signature":"0x00"})";
  EXPECT_EQ(post("operator", "", body).status, 400);
  EXPECT_EQ(post("auditor", "k1", body).status, 403);
  const http::Response first = post("operator", "k1", body);
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_NE(first.body.find(R"("state":"invalid")"), std::string::npos) << first.body;
  EXPECT_EQ(post("operator", "k1", body).body, first.body);
  EXPECT_EQ(
      post(
          "operator", "k1",
          R"({"method":"eip191","address":"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed","message":"another","signature":"0x00"})")
          .status,
      422);
  EXPECT_EQ(
      post("operator", "k2", R"({"method":"rot13","address":"a","message":"b","signature":"c"})").status,
      400);
  EXPECT_EQ(parsed(get("attestations").body).find("attestations")->as_array().size(), 2U);
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
  EXPECT_EQ(home.run({"audit", "verify"}).exit_code, 0);
}

TEST(Transfers, TheBooksSideIsAskedOfNav) {
  const tests::TemporaryFolder folder;
  const std::map<std::string, std::string> environment{{"NAVKEEPER_HOME", (folder.path() / "home").string()}};
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, environment);
  };
  const std::string fund = (tests::source_dir() / "config" / "funds" / "btceth.toml").string();
  const std::string events = folder.write(
      "events.jsonl",
      R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8}],"shares":"0"})"
      "\n"
      R"({"id":"seed","date":"2026-01-02","event":"creation","shares":"100000","components":[{"asset":"BTC","quantity":"20","value":"1600000"}],"cash":"50000"})"
      "\n");
  ASSERT_EQ(run({"db", "init"}).exit_code, 0);
  const std::string any_port = folder.write("serve.toml", "[services.nav]\nport = 0\n");
  const fs::path log = folder.path() / "nav.log";
  // It knows pricing by a token, though nothing is asked of pricing here.
  auto with_token = environment;
  with_token["NAVKEEPER_TOKEN"] = tests::read_file(folder.path() / "home" / "tokens" / "operator");
  tests::Background nav({tests::navkeeper_executable().string(), "--config", any_port, "serve", "nav"},
                        with_token, log);
  const std::string config =
      folder.write("navkeeper.toml", "[services.nav]\nurl = \"" + listening_url(log) + "\"\n");
  ASSERT_EQ(run({"fund", "apply", fund, "--as", "operator"}).exit_code, 0);
  const std::vector<std::string> transfers{"--config",
                                           config,
                                           "--as",
                                           "auditor",
                                           "custody",
                                           "transfers",
                                           "BTCETH",
                                           "--from",
                                           "2026-01-01T00:00:00Z",
                                           "--to",
                                           "2026-01-31T00:00:00Z",
                                           "--books",
                                           "--json"};
  const Ended none = run(transfers);
  EXPECT_NE(none.out.find("has no books"), std::string::npos) << none.out << none.err;
  ASSERT_EQ(run({"books", "post", events, "--fund", "BTCETH", "--as", "operator"}).exit_code, 0);
  const Ended asked = run(transfers);
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  const json::Value view = parsed(asked.out);
  EXPECT_EQ(view.find("books_failure")->as_string(), "");
  ASSERT_EQ(view.find("transfers")->as_array().size(), 1U) << asked.out;
  const json::Value& transfer = view.find("transfers")->as_array().at(0);
  EXPECT_EQ(transfer.find("missing")->as_array().at(0).as_string(), "custodian");
  EXPECT_EQ(transfer.find("facts")->as_array().at(0).find("amount")->as_string(), "20");
  EXPECT_EQ(run({"custody", "transfers", "BTCETH", "--from", "2026-01-01T00:00:00Z", "--to",
                 "2026-01-31T00:00:00Z", "--books"})
                .exit_code,
            2)
      << "no configuration says where nav is";
  nav.signal(SIGTERM);
  EXPECT_EQ(nav.wait(kPatience), 0) << tests::read_file(log);
  static_cast<void>(run({"db", "stop"}));
}

}  // namespace
}  // namespace navkeeper
