// The executable as a person uses it: the demonstration on a home of its own, struck again, served over HTTP,
// killed.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "common/http/client.h"
#include "common/json/value.h"
#include "tests/e2e/tape_hashes.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using tests::Ended;
using tests::run_process;

const std::string kLastDay = "2026-03-11";

class Home {
 public:
  explicit Home(fs::path path) : path_(std::move(path)) { fs::create_directories(path_); }
  ~Home() { static_cast<void>(run({"db", "stop"})); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  Ended run(std::vector<std::string> words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return run_process(words, environment());
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", path_.string()},
            {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  }
  std::string token(const std::string& actor) const {
    std::string text = tests::read_file(path_ / "tokens" / actor);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// The demonstration runs once for all tests of this file.
class WholeSystem : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new tests::TemporaryFolder();
    home_ = new Home(folder_->path() / "home");
    demonstration_ = new Ended(home_->run({"demo"}));
  }
  static void TearDownTestSuite() {
    delete demonstration_;
    delete home_;
    delete folder_;
  }
  static tests::TemporaryFolder* folder_;
  static Home* home_;
  static Ended* demonstration_;
};
tests::TemporaryFolder* WholeSystem::folder_ = nullptr;
Home* WholeSystem::home_ = nullptr;
Ended* WholeSystem::demonstration_ = nullptr;

std::string document_of(const Home& home, const std::string& fund, const std::string& day) {
  return home.run({"nav", "show", fund, "--date", day, "--document"}).out;
}

TEST_F(WholeSystem, TheDemonstrationStrikesFiveDaysForBothFundsAndExplainsTheLast) {
  ASSERT_EQ(demonstration_->exit_code, 0) << demonstration_->err;
  EXPECT_NE(demonstration_->out.find("SIMULATED"), std::string::npos);
  EXPECT_NE(
      demonstration_->out.find("Struck again from its stored inputs: the same document, byte for byte."),
      std::string::npos);
  for (const char* fund : {"BTCETH", "CROYIELD"}) {
    const Ended shown = home_->run({"nav", "show", fund, "--json"});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    const auto answer = json::parse(shown.out);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->find("navs")->as_array().size(), 5U);
  }
}

std::size_t parsed_acts(const json::Value& one) { return one.find("acts")->as_array().size(); }

std::string custody_check(const json::Value& nav) {
  for (const json::Value& check : nav.find("checks")->as_array()) {
    if (check.find("name")->as_string() == "custody_reconciled") return check.find("status")->as_string();
  }
  return "";
}

TEST_F(WholeSystem, AMissingDepositWasFoundExplainedAndClearedAndAWrongBalanceTurnedTheCheckRed) {
  tests::TemporaryFolder folder;
  const std::string config = folder.write(
      "navkeeper.toml", "[actors]\nfile = \"" + (home_->path() / "actors.toml").string() +
                            "\"\n[services.pricing]\nport = 4941\n[services.custody]\nport = 4942\n"
                            "[services.nav]\nport = 4944\n");
  tests::Background serve(
      {tests::navkeeper_executable().string(), "--config", config, "serve", "pricing", "custody", "nav"},
      home_->environment(), folder.path() / "log");
  for (int i = 0; i < 200 && tests::read_file(folder.path() / "log").find("\"ready\"") == std::string::npos;
       ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_TRUE(serve.running()) << tests::read_file(folder.path() / "log");
  http::Client nav(http::ClientOptions{.base_url = "http://127.0.0.1:4944"});
  http::Client custody(http::ClientOptions{.base_url = "http://127.0.0.1:4942"});
  const auto as = [&](const char* who) {
    return http::Headers{{"authorization", "Bearer " + home_->token(who)}};
  };
  // Version by version, each as it was known when it was struck.
  const auto checks = [&](const std::string& day, const std::string& fund = "BTCETH") {
    const std::string path = "/v1/funds/" + fund + "/navs/" + day;
    const json::Value versions = nav.get_json(path + "/versions", {}, as("auditor"));
    std::vector<std::string> found;
    for (const json::Value& version : versions.find("navs")->as_array()) {
      const std::string struck = version.find("struck_at")->as_string();
      found.push_back(custody_check(nav.get_json(path, {{"known_at", struck}}, as("auditor"))));
    }
    return found;
  };
  using Statuses = std::vector<std::string>;
  EXPECT_EQ(checks("2026-03-05"), (Statuses{"failed", "passed"}));
  EXPECT_EQ(checks("2026-03-06"), (Statuses{"passed"}));
  EXPECT_EQ(checks(kLastDay), (Statuses{"failed", "passed"}));
  for (const char* day : {"2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10"})
    EXPECT_EQ(checks(day, "CROYIELD"), (Statuses{"passed"})) << day;
  EXPECT_EQ(checks(kLastDay, "CROYIELD"), (Statuses{"failed", "passed"}));
  // Of CROYIELD the chain is read too: what lies with its custodian, and the fund's own wallet beside it.
  const json::Value three = custody.get_json(
      "/v1/custody/funds/CROYIELD/reconciliations/" + std::string("2026-03-05"), {}, as("auditor"));
  const auto& lines = three.find("lines")->as_array();
  ASSERT_EQ(lines.size(), 3U) << "the account's bitcoin and ether are nothing";
  const json::Value& line = lines[1];
  EXPECT_EQ(line.find("asset")->as_string(), "CRO");
  EXPECT_EQ(line.find("custodian")->as_string(), "95000000");
  EXPECT_EQ(line.find("chain")->as_string(), line.find("books")->as_string());
  EXPECT_EQ(line.find("difference")->as_string(), "0");
  EXPECT_EQ(line.find("status")->as_string(), "agrees");

  const json::Value breaks = custody.get_json("/v1/custody/funds/BTCETH/breaks", {}, as("auditor"));
  const auto& all = breaks.find("breaks")->as_array();
  ASSERT_EQ(all.size(), 3U) << "what the misstated balances of two coins left came and cleared on one day";
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(all[i].find("status")->as_string(), "cleared");
    EXPECT_EQ(all[i].find("first_seen")->as_string(), kLastDay);
    EXPECT_EQ(all[i].find("cleared_on")->as_string(), kLastDay);
  }
  EXPECT_EQ(all[0].find("type")->as_string(), "missing");
  EXPECT_EQ(all[0].find("amount")->as_string(), "-7000");
  EXPECT_EQ(all[0].find("status")->as_string(), "cleared");
  EXPECT_EQ(all[0].find("cleared_on")->as_string(), "2026-03-06");
  EXPECT_EQ(all[0].find("owner")->as_string(), "operator");
  EXPECT_EQ(all[0].find("resolution")->find("confirmed_by")->as_string(), "approver");
  const json::Value last =
      custody.get_json("/v1/custody/funds/BTCETH/reconciliations/" + kLastDay, {}, as("auditor"));
  EXPECT_EQ(last.find("number")->as_number(), "2");
  EXPECT_EQ(last.find("verdict")->as_string(), "passed");
  EXPECT_EQ(
      custody.send({.path = "/v1/custody/funds/BTCETH/reconciliations/2026-03-08", .headers = as("auditor")})
          .status,
      404);

  const std::string path = "/v1/custody/funds/BTCETH/breaks/" + all[0].find("id")->as_string();
  const auto post = [&](const std::string& what, const std::string& body, const char* who, const char* key) {
    http::ClientRequest request{
        .method = http::Method::kPost, .path = path + what, .headers = as(who), .body = body};
    if (*key != '\0') request.headers.set("idempotency-key", key);
    return custody.send(request);
  };
  EXPECT_EQ(post("/comment", R"({"text":"seen at last"})", "operator", "").status, 400) << "no key";
  EXPECT_EQ(post("/comment", R"({"text":"seen at last"})", "auditor", "k1").status, 403);
  const http::Response once = post("/comment", R"({"text":"seen at last"})", "operator", "k1");
  EXPECT_EQ(once.status, 201) << once.body;
  EXPECT_EQ(post("/comment", R"({"text":"seen at last"})", "operator", "k1").body, once.body);
  EXPECT_EQ(post("/comment", R"({"text":"another"})", "operator", "k1").status, 422);
  EXPECT_EQ(post("/resolve", R"({"text":"w","evidence":"e"})", "operator", "k2").status, 400) << "cleared";
  EXPECT_EQ(post("/confirm", "{}", "operator", "k3").status, 403);
  EXPECT_EQ(parsed_acts(custody.get_json(path, {}, as("auditor"))), 4U);

  // The same comparison again over HTTP, by the command that asks the served nav: nothing new.
  const Ended again = home_->run({"--config", config, "custody", "reconcile", "BTCETH", "--date", kLastDay,
                                  "--as", "operator", "--json"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find(R"("number":2)"), std::string::npos) << again.out;
  EXPECT_EQ(
      home_->run({"custody", "reconcile", "BTCETH", "--date", "2026-03-08", "--as", "operator"}).exit_code, 1)
      << "a Sunday";
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(std::chrono::seconds(60)), 0);
}

TEST_F(WholeSystem, ASecondRunChangesNothingAndSaysSo) {
  const std::string before = document_of(*home_, "BTCETH", kLastDay);
  const Ended again = home_->run({"nav", "run", "--date", kLastDay, "--as", "maker"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("Nothing changed"), std::string::npos) << again.out;
  EXPECT_EQ(document_of(*home_, "BTCETH", kLastDay), before);
  EXPECT_FALSE(before.empty());
}

TEST_F(WholeSystem, AnUnknownActorIsSaidToBeUnknownAndNobodyActsWithoutAName) {
  const Ended unknown = home_->run({"nav", "approve", "BTCETH", kLastDay, "--as", "zoe"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.err.find("--as zoe: is an unknown actor"), std::string::npos) << unknown.err;
  EXPECT_NE(unknown.err.find("approver"), std::string::npos) << "it says who is known: " << unknown.err;
  EXPECT_EQ(home_->run({"nav", "approve", "BTCETH", kLastDay}).exit_code, 2);
}

TEST_F(WholeSystem, TheBatchKeepsTheHeadsOfItsAuditChainsOutsideTheDatabase) {
  const std::string kept = tests::read_file(home_->path() / "audit-heads");
  EXPECT_NE(kept.find("nav BTCETH "), std::string::npos) << kept;
  EXPECT_NE(kept.find("nav CROYIELD "), std::string::npos) << kept;
  const Ended verified = home_->run({"audit", "verify", "--json"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_NE(verified.out.find("\"compared_with_kept_heads\":true"), std::string::npos) << verified.out;
}

TEST_F(WholeSystem, ALateTradeThatMovesTheRateIsAConflictAndNotANewNav) {
  // A second version of the rate of a day whose NAV stands: the strike must name what differs and change
  // nothing.
  tests::TemporaryFolder folder;
  Home other(folder.path() / "home");
  ASSERT_EQ(other.run({"demo"}).exit_code, 0);
  const std::string before = document_of(other, "BTCETH", kLastDay);
  std::string late = "time,venue,pair,price,size,id\n";
  for (int minute = 1; minute < 60; minute += 5) {
    late += "2026-03-11T19:" + std::string(minute < 10 ? "0" : "") + std::to_string(minute) +
            ":00Z,coinbase,BTC/USD,91900.00,5000,late" + std::to_string(minute) + "\n";
  }
  ASSERT_EQ(other.run({"rates", "import", folder.write("late.csv", late), "--as", "operator"}).exit_code, 0);
  ASSERT_EQ(other.run({"rates", "strike", "NK_BTCUSD_NY", "--date", kLastDay, "--as", "operator"}).exit_code,
            0);
  // Priced anew: the principal market's price is what it was, the index beside it is not.
  static_cast<void>(other.run({"prices", "strike", "BTC", "--date", kLastDay, "--as", "operator"}));
  const Ended again = other.run({"nav", "run", "--date", kLastDay, "--fund", "BTCETH", "--as", "maker"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE((again.err + again.out).find("price"), std::string::npos) << again.err << again.out;
  EXPECT_EQ(document_of(other, "BTCETH", kLastDay), before);
}

TEST_F(WholeSystem, TheSameWeekFromRowsInAnotherOrderGivesTheSameDocuments) {
  tests::TemporaryFolder folder;
  Home other(folder.path() / "home");
  // The same trades, read from last to first before the demonstration imports its own copy of them.
  ASSERT_EQ(other.run({"db", "init"}).exit_code, 0);
  for (const auto& entry : fs::directory_iterator(home_->path() / "demo")) {
    if (entry.path().filename().string().rfind("trades-", 0) != 0) continue;
    std::ifstream file(entry.path());
    std::string header;
    std::getline(file, header);
    std::vector<std::string> rows;
    for (std::string row; std::getline(file, row);) rows.push_back(row);
    std::string turned = header + "\n";
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) turned += *row + "\n";
    const Ended imported = other.run(
        {"rates", "import", folder.write(entry.path().filename().string(), turned), "--as", "operator"});
    ASSERT_EQ(imported.exit_code, 0) << imported.err;
  }
  ASSERT_EQ(other.run({"demo"}).exit_code, 0);
  for (const char* fund : {"BTCETH", "CROYIELD"}) {
    for (const char* day : {"2026-03-05", "2026-03-06", "2026-03-09", "2026-03-10", "2026-03-11"}) {
      const std::string one = document_of(*home_, fund, day);
      EXPECT_FALSE(one.empty());
      EXPECT_EQ(tests::without_tape_hashes(document_of(other, fund, day)), tests::without_tape_hashes(one))
          << fund << " " << day;
    }
  }
}

TEST_F(WholeSystem, NobodyApprovesWhatTheyMayNotAndTheAuditTrailIsWhole) {
  const Ended refused = home_->run({"nav", "approve", "BTCETH", kLastDay, "--as", "maker"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.out.empty());
  EXPECT_EQ(home_->run({"nav", "approve", "BTCETH", kLastDay, "--as", "approver"}).exit_code, 0);
  const Ended nobody = home_->run({"nav", "run", "--date", kLastDay});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_NE(nobody.err.find("--as"), std::string::npos);
  EXPECT_EQ(home_->run({"audit", "verify"}).exit_code, 0);
}

TEST_F(WholeSystem, TwoAtATimeBothEndWellAndNothingIsDoubled) {
  tests::TemporaryFolder folder;
  Home other(folder.path() / "home");
  ASSERT_EQ(other.run({"db", "init"}).exit_code, 0);
  const std::string file =
      folder.write("trades.csv",
                   "time,venue,pair,price,size\n2026-03-05T20:00:01Z,coinbase,BTC/USD,84000,1\n"
                   "2026-03-05T20:00:01Z,coinbase,BTC/USD,84000,1\n");
  Ended imports[2];
  std::thread first([&] { imports[0] = other.run({"rates", "import", file, "--as", "operator"}); });
  imports[1] = other.run({"rates", "import", file, "--as", "operator"});
  first.join();
  EXPECT_EQ(imports[0].exit_code, 0) << imports[0].err;
  EXPECT_EQ(imports[1].exit_code, 0) << imports[1].err;
  EXPECT_NE((imports[0].out + imports[1].out).find("imported before, nothing changed"), std::string::npos);

  Ended runs[2];
  std::thread striker([&] { runs[0] = home_->run({"nav", "run", "--date", kLastDay, "--as", "maker"}); });
  runs[1] = home_->run({"nav", "run", "--date", kLastDay, "--as", "maker"});
  striker.join();
  EXPECT_EQ(runs[0].exit_code, 0) << runs[0].out;
  EXPECT_EQ(runs[1].exit_code, 0) << runs[1].out;
}

TEST_F(WholeSystem, AFileThatCannotBeReadRefusesAllBeforeAnythingIsStored) {
  tests::TemporaryFolder folder;
  const std::string good =
      folder.write("good.csv", "time,venue,pair,price,size\n2026-03-05T20:00:03Z,coinbase,BTC/USD,84000,1\n");
  const std::string bad = folder.write("bad.csv", "when,venue\n");
  const Ended both = home_->run({"rates", "import", good, bad, "--as", "operator"});
  EXPECT_EQ(both.exit_code, 1);
  EXPECT_EQ(both.out, "");
  const Ended alone = home_->run({"rates", "import", good, "--as", "operator"});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_EQ(alone.out.find("imported before"), std::string::npos) << alone.out;
}

TEST_F(WholeSystem, ActorsAreMadeOnceHoweverManyBeginAtOnce) {
  tests::TemporaryFolder folder;
  Home other(folder.path() / "home");
  ASSERT_EQ(other.run({"db", "init"}).exit_code, 0);
  fs::remove_all(other.path() / "tokens");
  fs::remove(other.path() / "actors.toml");
  std::vector<Ended> ended(6);
  std::vector<std::thread> threads;
  for (Ended& one : ended) threads.emplace_back([&] { one = other.run({"db", "init"}); });
  for (std::thread& thread : threads) thread.join();
  for (const Ended& one : ended) EXPECT_EQ(one.exit_code, 0) << one.err;
  for (const char* actor : {"operator", "maker", "approver", "second-approver", "auditor", "administrator"}) {
    // The file holds the digest of the very token that lies beside it.
    const Ended shown = other.run({"fund", "list", "--as", actor});
    EXPECT_EQ(shown.exit_code, 0) << actor << ": " << shown.err;
  }
}

TEST_F(WholeSystem, TheDemonstrationIsShownAgainAndNotSimulatedTwice) {
  const Ended again = home_->run({"demo"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("nothing is simulated twice"), std::string::npos) << again.out;
  EXPECT_NE(again.out.find(kLastDay), std::string::npos);
  tests::TemporaryFolder folder;
  fs::create_directories(folder.path() / "home/demo");
  folder.write("home/demo/week.begun", "");
  const Ended half = Home(folder.path() / "home").run({"demo"});
  EXPECT_EQ(half.exit_code, 1);
  EXPECT_NE(half.err.find("was not finished"), std::string::npos) << half.err;
}

TEST_F(WholeSystem, AMistypedFundIsNoEmptyOne) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"books", "periods", "NOPE"},
                                                {"nav", "errors", "NOPE"},
                                                {"nav", "contingent", "NOPE"},
                                                {"cash", "projected", "NOPE"},
                                                {"cash", "list", "NOPE"},
                                                {"cash", "statements", "NOPE"},
                                                {"trades", "show", "NOPE"}}) {
    const Ended answer = home_->run(words);
    EXPECT_EQ(answer.exit_code, 1) << words[0] << " " << words[1];
    EXPECT_NE(answer.err.find("is not a known fund"), std::string::npos) << answer.err;
  }
}

TEST_F(WholeSystem, ADayOnWhichTheFundIsClosedIsNothingToDo) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--fund", "BTCETH"}, std::vector<std::string>{}}) {
    std::vector<std::string> words{"nav", "run", "--date", "2026-03-08", "--as", "maker"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended closed = home_->run(words);
    EXPECT_EQ(closed.exit_code, 0) << closed.err;
    EXPECT_NE(closed.out.find("is no business day of the fund"), std::string::npos) << closed.out;
  }
}

TEST_F(WholeSystem, ARowAheadOfTheClockIsRejectedAndTheFileMayComeAgain) {
  tests::TemporaryFolder folder;
  const std::string file = folder.write(
      "ahead.csv", "time,venue,pair,price,size\n2199-01-01T00:00:00Z,coinbase,BTC/USD,84000,1\n");
  for (int i = 0; i < 2; ++i) {
    const Ended imported = home_->run({"rates", "import", file, "--as", "operator"});
    EXPECT_EQ(imported.exit_code, 0) << imported.err;
    EXPECT_NE(imported.out.find("ahead of the clock"), std::string::npos) << imported.out;
    EXPECT_EQ(imported.out.find("imported before"), std::string::npos) << imported.out;
  }
}

TEST_F(WholeSystem, EverythingIsStillThereAfterStopAndStart) {
  const std::string before = document_of(*home_, "CROYIELD", kLastDay);
  ASSERT_EQ(home_->run({"db", "stop"}).exit_code, 0);
  const Ended stopped = home_->run({"db", "status"});
  EXPECT_EQ(stopped.out.rfind("stopped, data in ", 0), 0U) << stopped.out;
  EXPECT_EQ(stopped.out.find("checksums"), std::string::npos)
      << "only a running server says whether it has them";
  EXPECT_EQ(document_of(*home_, "CROYIELD", kLastDay), before);
}

TEST_F(WholeSystem, ServesRatesAndNavsToWhoHasATokenAndStopsInOrder) {
  tests::TemporaryFolder folder;
  const std::string config = folder.write(
      "navkeeper.toml", "[actors]\nfile = \"" + (home_->path() / "actors.toml").string() +
                            "\"\n[services.pricing]\nport = 4961\n[services.nav]\nport = 4964\n");
  tests::Background serve({tests::navkeeper_executable().string(), "--config", config, "serve"},
                          home_->environment(), folder.path() / "log");
  for (int i = 0; i < 200 && tests::read_file(folder.path() / "log").find("\"ready\"") == std::string::npos;
       ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(serve.running()) << tests::read_file(folder.path() / "log");
  http::Client nav(http::ClientOptions{.base_url = "http://127.0.0.1:4964"});
  const http::Headers bearer{{"authorization", "Bearer " + home_->token("auditor")}};
  EXPECT_EQ(nav.send({.path = "/v1/funds"}).status, 401);
  EXPECT_EQ(nav.send({.path = "/v1/funds", .headers = {{"authorization", "Bearer wrong"}}}).status, 401);
  EXPECT_EQ(nav.send({.path = "/v1/funds", .headers = bearer}).status, 200);
  const http::Response one = nav.send({.path = "/v1/funds/BTCETH/navs/" + kLastDay, .headers = bearer});
  EXPECT_EQ(one.status, 200) << one.body;
  EXPECT_EQ(nav.send({.path = "/readyz"}).status, 200);
  for (const char* path : {"/navs", "/periods", "/cash/projected", "/trades"})
    EXPECT_EQ(nav.send({.path = std::string("/v1/funds/NOPE") + path, .headers = bearer}).status, 404)
        << path;
  // What custody and staking said at the strike is asked again, by HTTP as by the command line.
  const http::Response approved =
      nav.send({.method = http::Method::kPost,
                .path = "/v1/funds/BTCETH/navs/2026-03-10/approve",
                .headers = {{"authorization", "Bearer " + home_->token("approver")},
                            {"idempotency-key", "approve-1"},
                            {"content-type", "application/json"}},
                .body = "{}"});
  EXPECT_EQ(approved.status, 201) << approved.body;
  http::Client pricing(http::ClientOptions{.base_url = "http://127.0.0.1:4961"});
  EXPECT_EQ(pricing.send({.path = "/v1/rates/NK_BTCUSD_NY/" + kLastDay, .headers = bearer}).status, 200);
  EXPECT_NE(pricing.send({.path = "/metrics"}).body.find("navkeeper_http_requests_total"), std::string::npos);
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(std::chrono::seconds(15)), 0);
  const std::string log = tests::read_file(folder.path() / "log");
  EXPECT_NE(log.find("\"stopped\""), std::string::npos);
  std::istringstream lines(log);
  int requests = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_FALSE(json::parse(line).has_error()) << "a key twice: " << line;
    if (line.find("\"message\":\"request\"") == std::string::npos) continue;
    ++requests;
    EXPECT_NE(line.find("\"trace_id\":\""), std::string::npos) << line;
  }
  EXPECT_GE(requests, 7);
}

TEST_F(WholeSystem, RunsFromAFolderThatNobodyElseMayEnterAndFromAPathOf150Characters) {
  tests::TemporaryFolder folder;
  const fs::path closed = folder.path() / "closed";
  fs::create_directories(closed);
  fs::permissions(closed, fs::perms::owner_all);
  fs::path longer = closed;
  while (longer.string().size() < 150) longer /= "a folder with a 'long' name";
  Home home(longer);
  const Ended demonstration = home.run({"demo"});
  EXPECT_EQ(demonstration.exit_code, 0) << demonstration.err;
}

TEST_F(WholeSystem, ADayFromARealFileIsPricedAtTheStrikeThatWasAsked) {
  if (tests::shared_data().empty())
    GTEST_SKIP() << "SKIPPED: ../shared/data is not there, so no real file is priced";
  const Ended priced =
      home_->run({"demo", "--trades",
                  (tests::shared_data() / "ticks/coinbase/questdb_btcusd_trades_20230905T16_1h.csv").string(),
                  "--strike", "13:00", "--zone", "America/New_York"});
  EXPECT_EQ(priced.exit_code, 0) << priced.err;
  EXPECT_NE(priced.out.find("25770.871666666666666666666"), std::string::npos) << priced.out;

  // A file that begins at midnight UTC, the evening before in New York: its first whole window is the next
  // day's.
  const Ended begins_late =
      home_->run({"demo", "--trades",
                  (tests::shared_data() / "ticks/bitstamp/bitstamp_btcusd_trades_20150501_5h.csv").string(),
                  "--strike", "00:30", "--zone", "America/New_York"});
  EXPECT_EQ(begins_late.exit_code, 0) << begins_late.err;
  EXPECT_NE(begins_late.out.find("236.39"), std::string::npos) << begins_late.out;
  const Ended as_kraken_answers =
      home_->run({"demo", "--trades",
                  (tests::shared_data() / "ticks/kraken/kraken_xbtusdt_rest_trades_20251110.json").string(),
                  "--strike", "15:00", "--zone", "America/New_York", "--json"});
  EXPECT_EQ(as_kraken_answers.exit_code, 0) << as_kraken_answers.err;
}

}  // namespace
}  // namespace navkeeper
