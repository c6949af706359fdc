// Coins out and stakes as processes against the simulated custodians and chains: proposed, approved by two
// others, sent once whatever becomes of the answer, followed to the end; over HTTP too, and killed meanwhile.
#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "common/json/write.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

constexpr const char* kPolicy =
    R"({"kind":"policy","id":"2026-12","cooling_off_seconds":1,"lapses_after_seconds":86400,"limits":[)"
    R"({"asset":"CRO","movement":"withdrawal","role":"maker","per_movement":"1000","per_day":"5000"},)"
    R"({"asset":"CRO","movement":"withdrawal","role":"approver","per_movement":"1000","per_day":"5000"},)"
    R"({"asset":"ETH","movement":"stake","role":"maker","per_movement":"64","per_day":"640"},)"
    R"({"asset":"ETH","movement":"stake","role":"approver","per_movement":"64","per_day":"640"}]})";

std::string cro_address(const SandboxProcess& sandbox) {
  return chain_address(sandbox.world(), "cronos_pos", 2);
}

/// A home whose rules are in force, with an address "ap" on Cronos POS that cooled off.
class Desk {
 public:
  Desk() : home(sandbox, "", "", "timeout_seconds = 1\n") {
    propose("policy.json", kPolicy);
    decide("approve-rule", {"policy", "2026-12"});
    propose("ap.json", R"({"kind":"destination","id":"ap","name":"an AP","asset":"CRO","address":")" +
                           cro_address(sandbox) + "\"}");
    decide("approve-rule", {"destination", "ap"});
    std::this_thread::sleep_for(std::chrono::milliseconds(1'200));
  }
  Ended propose(const std::string& file, const std::string& content) const {
    const Ended ended =
        home.run({"custody", "movements", "propose", "BTCETH", home.write(file, content)}, "maker");
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended;
  }
  void decide(const std::string& verb, const std::vector<std::string>& what) const {
    for (const char* who : {"approver", "second-approver"}) {
      std::vector<std::string> words{"custody", "movements", verb, "BTCETH"};
      words.insert(words.end(), what.begin(), what.end());
      const Ended ended = home.run(words, who);
      EXPECT_EQ(ended.exit_code, 0) << ended.err;
    }
  }
  static std::string withdrawal(const std::string& id, const std::string& amount) {
    return R"({"kind":"withdrawal","id":")" + id + R"(","custodian":"crypto_com","asset":"CRO","amount":")" +
           amount + R"(","destination":"ap","reason":"redemption"})";
  }
  void approved(const std::string& id, const std::string& content) const {
    propose(id + ".json", content);
    decide("approve", {id});
  }
  Ended pass() const { return home.run({"custody", "movements", "run", "BTCETH", "--json"}, "operator"); }
  json::Value movements() const {
    return parsed(home.run({"custody", "movements", "list", "BTCETH", "--json"}).out);
  }
  json::Value movement(const std::string& id) const {
    const json::Value all = movements();
    for (const json::Value& one : all.find("movements")->as_array()) {
      if (one.find("id")->as_string() == id) return one;
    }
    return {};
  }
  std::string state(const std::string& id) const { return movement(id).find("state")->as_string(); }
  /// Passes until it is in that state.
  void until(const std::string& id, const std::string& wanted) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    Ended last;
    while (state(id) != wanted && std::chrono::steady_clock::now() < end) last = pass();
    EXPECT_EQ(state(id), wanted) << id << " " << last.out << last.err;
  }
  /// All that is under way at the custodians ends well, and we hear of it.
  void complete(const std::string& id) const {
    for (const char* custodian : {"crypto_com", "coinbase_prime"})
      sandbox.post("/sandbox/v1/custodians/completions",
                   R"({"custodian":")" + std::string(custodian) + "\"}");
    until(id, "confirmed");
  }
  /// How often the custodian's history, freshly read, holds each of our ids.
  std::map<std::string, int> told() const {
    EXPECT_EQ(home.run({"custody", "sync"}, "operator").exit_code, 0);
    const std::string records =
        home.run({"custody", "show", "BTCETH", "--records", "transfer", "--json"}).out;
    std::map<std::string, int> found;
    const json::Value all = movements();
    for (const json::Value& one : all.find("movements")->as_array()) {
      const std::string id = one.find("client_id")->as_string();
      std::set<std::string> keys;  // of records that carry it
      const json::Value document = parsed(records);
      for (const json::Value& record : document.find("records")->as_array()) {
        if (json::to_compact(record).find(id) != std::string::npos)
          keys.insert(record.find("key")->as_string());
      }
      found[one.find("id")->as_string()] = static_cast<int>(keys.size());
    }
    return found;
  }

  const SandboxProcess sandbox;
  const Home home;
};

TEST(Movements, AreApprovedByTwoOthersSentOnceWhateverBecomesOfTheAnswerAndFollowedToTheirEnd) {
  const Desk desk;
  // Two others, and nothing before.
  desk.propose("w-1.json", Desk::withdrawal("w-1", "12.5"));
  const auto approve = [&](const char* who) {
    return desk.home.run({"custody", "movements", "approve", "BTCETH", "w-1"}, who);
  };
  EXPECT_EQ(approve("maker").exit_code, 1);
  EXPECT_EQ(approve("approver").exit_code, 0);
  EXPECT_NE(approve("approver").out.find("nothing changed"), std::string::npos);
  EXPECT_EQ(desk.pass().exit_code, 0);
  EXPECT_EQ(desk.state("w-1"), "approved_once");
  EXPECT_EQ(approve("second-approver").exit_code, 0);
  // Above the limit, to nobody's address, of nobody's custodian.
  for (
      const auto& [text, why] :
      {std::pair{Desk::withdrawal("x", "1000.5"), "above the limit"},
       {R"({"kind":"withdrawal","id":"x","custodian":"crypto_com","asset":"CRO","amount":"1","destination":"nobody","reason":"r"})",
        "not whitelisted"},
       {R"({"kind":"stake","id":"x","custodian":"other","asset":"ETH","amount":"1","reason":"r"})",
        "not configured"},
       {R"({"kind":"stake","id":"x","custodian":"crypto_com","asset":"ETH","amount":1,"reason":"r"})",
        "amount"}}) {
    const Ended refused = desk.home.run(
        {"custody", "movements", "propose", "BTCETH", desk.home.write("x.json", text)}, "maker");
    EXPECT_EQ(refused.exit_code, 1) << text;
    EXPECT_NE(refused.err.find(why), std::string::npos) << refused.err;
  }
  const Ended sent = desk.pass();
  EXPECT_EQ(sent.exit_code, 0) << sent.out << sent.err;
  EXPECT_EQ(desk.state("w-1"), "sent");
  desk.complete("w-1");
  // The answer is lost, comes too late, is an error: in doubt, looked up, never sent again.
  desk.approved("w-2", Desk::withdrawal("w-2", "20"));
  desk.sandbox.fault("crypto_com", "lost_answer", 8);
  EXPECT_EQ(desk.pass().exit_code, 0);
  EXPECT_EQ(desk.state("w-2"), "in_doubt");
  desk.until("w-2", "sent");
  desk.complete("w-2");
  desk.approved("w-3", Desk::withdrawal("w-3", "30"));
  desk.sandbox.fault("crypto_com", "silence", 8);
  desk.pass();
  EXPECT_EQ(desk.state("w-3"), "in_doubt");
  desk.until("w-3", "sent");
  desk.complete("w-3");
  desk.approved("w-4", Desk::withdrawal("w-4", "40"));
  desk.sandbox.fault("crypto_com", "errors", 6);
  desk.pass();
  EXPECT_EQ(desk.state("w-4"), "in_doubt");
  std::this_thread::sleep_for(std::chrono::seconds(6));
  desk.pass();
  EXPECT_EQ(desk.state("w-4"), "in_doubt");  // not there yet; only later is it certain that it never comes
  EXPECT_EQ(desk.home.run({"custody", "movements", "retry", "BTCETH", "w-4", "--reason", "x"}, "operator")
                .exit_code,
            1);
  // Stakes: with our id at Prime, without one at Crypto.com.
  std::string wallet;
  ASSERT_EQ(desk.home.run({"custody", "sync"}, "operator").exit_code, 0);
  const json::Value balances = parsed(desk.home.run({"custody", "show", "BTCETH", "--json"}).out);
  for (const json::Value& one : balances.find("balances")->as_array()) {
    if (one.find("source")->as_string() == "coinbase_prime" && one.find("asset")->as_string() == "ETH")
      wallet = one.find("account")->as_string();
  }
  desk.approved("s-1", R"({"kind":"stake","id":"s-1","custodian":"coinbase_prime","account":")" + wallet +
                           R"(","asset":"ETH","amount":"32","reason":"plan"})");
  desk.approved(
      "s-2",
      R"({"kind":"stake","id":"s-2","custodian":"crypto_com","asset":"ETH","amount":"40","reason":"plan"})");
  desk.sandbox.fault("all", "lost_answer", 15);
  desk.pass();
  EXPECT_EQ(desk.state("s-1"), "in_doubt");
  EXPECT_EQ(desk.state("s-2"), "in_doubt");
  desk.until("s-1", "sent");
  desk.until("s-2", "sent");
  desk.complete("s-1");
  desk.complete("s-2");
  EXPECT_FALSE(desk.movement("w-1").find("transaction_id")->as_string().empty());
  const std::map<std::string, int> told = desk.told();
  for (const auto& [id, times] : std::map<std::string, int>{{"w-1", 1}, {"w-2", 1}, {"w-3", 1}, {"w-4", 0}})
    EXPECT_EQ(told.at(id), times) << id;
  // The chain has what the custodian says it paid out, and no more.
  std::this_thread::sleep_for(std::chrono::seconds(7));  // a block
  http::Client client({.base_url = chain_node_url(desk.sandbox.world(), "cronos")});
  const json::Value bank = client.get_json("/cosmos/bank/v1beta1/balances/" + cro_address(desk.sandbox));
  ASSERT_EQ(bank.find("balances")->as_array().size(), 1U);
  EXPECT_EQ(bank.find("balances")->as_array()[0].find("amount")->as_string(), "6250000000");
  const Ended shown = desk.home.run({"custody", "movements", "show", "BTCETH", "w-2"});
  EXPECT_NE(shown.out.find("in_doubt"), std::string::npos) << shown.out;
  EXPECT_EQ(desk.home.run({"audit", "verify"}).exit_code, 0);
}

TEST(Movements, OverHttpAreSentByTheServiceThatIsKilledAgainAndAgain) {
  const Desk desk;
  const auto send = [&](http::Client& client, const std::string& path, const std::string& who,
                        const std::string& key, const std::string& body) {
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.path = "/v1/custody/funds/BTCETH/" + path;
    request.headers = {{"Authorization", "Bearer " + desk.home.token(who)}, {"Idempotency-Key", key}};
    request.body = body;
    return client.send(request);
  };
  int started = 0;
  std::unique_ptr<tests::Background> serve;
  const auto start = [&] {
    const fs::path log = desk.home.path() / ("serve" + std::to_string(++started) + ".log");
    serve = std::make_unique<tests::Background>(desk.home.words({"serve", "custody"}),
                                                desk.home.environment(), log);
    return listening_url(log);
  };
  http::Client client({.base_url = start()});
  const http::Response first = send(client, "movements", "maker", "k-1", Desk::withdrawal("h-1", "1"));
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(send(client, "movements", "maker", "k-1", Desk::withdrawal("h-1", "1")).body, first.body);
  EXPECT_EQ(send(client, "movements", "maker", "k-1", Desk::withdrawal("h-1", "2")).status, 422);
  EXPECT_EQ(send(client, "movements", "auditor", "k-2", Desk::withdrawal("h-2", "1")).status, 403);
  EXPECT_EQ(send(client, "movements/h-1/approve", "maker", "k-3", "").status, 403);
  EXPECT_EQ(send(client, "movements/h-9/approve", "approver", "k-4", "").status, 400);
  const http::Headers token{{"Authorization", "Bearer " + desk.home.token("auditor")}};
  EXPECT_EQ(client.send({.path = "/v1/custody/funds/BTCETH/movements/h-9", .headers = token}).status, 404);
  EXPECT_EQ(client.get_json("/v1/custody/funds/BTCETH/movement-rules", {{"kind", "policy"}}, token)
                .find("rules")
                ->as_array()
                .size(),
            1U);
  for (int i = 2; i <= 5; ++i) {
    const std::string id = "h-" + std::to_string(i);
    EXPECT_EQ(send(client, "movements", "maker", "p" + id, Desk::withdrawal(id, std::to_string(i))).status,
              201);
  }
  for (int i = 1; i <= 5; ++i) {
    const std::string id = "h-" + std::to_string(i);
    for (const char* who : {"approver", "second-approver"})
      EXPECT_EQ(send(client, "movements/" + id + "/approve", who, "a" + id, "").status, 201);
  }
  for (const int milliseconds : {1'700, 900, 400, 1'300}) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    serve->signal(SIGKILL);
    serve->wait(kPatience);
    start();
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto waiting = [&] {
    const json::Value all = desk.movements();
    for (const json::Value& one : all.find("movements")->as_array()) {
      if (one.find("state")->as_string() == "approved_twice") return true;
    }
    return false;
  };
  while (waiting() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  serve->signal(SIGTERM);
  serve->wait(kPatience);
  const std::map<std::string, int> told = desk.told();
  for (int i = 1; i <= 5; ++i) {
    const std::string id = "h-" + std::to_string(i);
    const std::string state = desk.state(id);
    EXPECT_TRUE(state == "sent" || state == "sending" || state == "in_doubt") << id << " " << state;
    EXPECT_LE(told.at(id), 1) << id;
    if (state == "sent") {
      EXPECT_EQ(told.at(id), 1) << id;
    }
  }
  EXPECT_EQ(desk.home.run({"audit", "verify"}).exit_code, 0);
}

}  // namespace
}  // namespace navkeeper
