// A delegation on the simulated Cronos chain from the node to the NAV, as processes: sync, record, strike,
// the check green; a slashing; and a staking service that lies, behind which the true one stands.
#include <signal.h>

#include <atomic>
#include <functional>
#include <set>
#include <sstream>

#include "common/http/router.h"
#include "common/http/server.h"
#include "common/http/url.h"
#include "common/json/write.h"
#include "common/time/instant.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kFund = "CROYIELD";
constexpr const char* kMonday = "2026-03-09";
constexpr const char* kTuesday = "2026-03-10";
/// Of Monday, 16:00 in New York.
const time::Instant kValuation = time::Instant::literal("2026-03-09T20:00:00Z");
constexpr std::chrono::seconds kOneSecond{1};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Passes every question on to the true service and may change what it answers.
class Liar {
 public:
  using Lie = std::function<std::string(const std::string& path, std::string body)>;

  explicit Liar(const std::string& truth) : truth_(http::ClientOptions{.base_url = truth}) {
    http::Router router;
    for (const char* pattern :
         {"/v1/staking/funds/{fund}/{what}", "/v1/staking/funds/{fund}/rollforward/totals"})
      router.get(pattern, [this](const http::Request& request) { return pass(request); });
    server_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
    server_->start();
  }
  ~Liar() { server_->stop(); }
  std::string url() const { return server_->url(); }
  void tell(Lie lie) {
    const std::lock_guard lock(mutex_);
    lie_ = std::move(lie);
  }

 private:
  http::Response pass(const http::Request& request) {
    http::ClientRequest ask;
    ask.path = request.path;
    ask.query = request.query;
    if (const auto* const bearer = request.headers.find("authorization"))
      ask.headers.add("authorization", *bearer);
    http::Response answer = truth_.send(ask);
    const std::lock_guard lock(mutex_);
    if (lie_ && answer.status == 200) answer.body = lie_(request.path, std::move(answer.body));
    return http::Response::json(answer.body, answer.status);
  }

  http::Client truth_;
  std::unique_ptr<http::Server> server_;
  std::mutex mutex_;
  Lie lie_;
};

/// Where a service of that process listens, by its log.
std::string url_of(const std::string& log, const std::string& service) {
  static_cast<void>(listening_url(log));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    std::istringstream lines(tests::read_file(log));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("listening") == std::string::npos || line.find('"' + service + '"') == std::string::npos)
        continue;
      const std::size_t url = line.find("\"url\":\"") + 7;
      return line.substr(url, line.find('"', url) - url);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  throw std::runtime_error(service + " does not listen");
}

class StakingBooks : public testing::Test {
 protected:
  void SetUp() override {
    done({"db", "init"});
    done({"rates", "define", config("indices/NK_CROUSD_NY.toml"), config("indices/NK_CROUSD_NY_VWAP.toml"),
          "--as", "operator"});
    done({"prices", "policy", config("valuation/CRO.toml"), "--as", "operator"});
    done({"fund", "apply", config("funds/croyield.toml"), "--as", "operator"});
    done(
        {"books", "post",
         folder_.write(
             "opening.jsonl",
             R"({"date":"2026-03-06","event":"open","id":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
             "\n"
             R"({"date":"2026-03-06","event":"creation","id":"seed","shares":"120000","components":[{"asset":"CRO","quantity":"30000000","value":"2300000"}],"cash":"40000"})"
             "\n"),
         "--fund", kFund, "--as", "operator"});
    trade(kMonday, "0.0800");
    trade(kTuesday, "0.0800");
    // Twenty minutes before Monday's valuation, twenty times as fast as our clock.
    sandbox_ = std::make_unique<SandboxProcess>(Words{"--start", "2026-03-09T19:40:00Z", "--speed", "20"});
    began_ = std::chrono::steady_clock::now();
    delegator_ = chain_address(sandbox_->world(), "cronos_pos", 2);  // one that is empty
    const std::string url = chain_node_url(sandbox_->world(), "cronos");
    staking_ =
        folder_.write("staking.toml", "[[staking.cronos]]\nname = \"cronos\"\nfund = \"" +
                                          std::string(kFund) + "\"\ndelegators = [\"" + delegator_ +
                                          "\"]\n[[staking.cronos.nodes]]\nname = \"cronos\"\nurl = \"" + url +
                                          "\"\nrpc_url = \"" + url + "\"\n");
  }
  ~StakingBooks() override { static_cast<void>(run({"db", "stop"})); }

  Ended run(Words words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, environment());
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", (folder_.path() / "home").string()},
            {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  }
  static std::string config(const std::string& path) {
    return (tests::source_dir() / "config" / path).string();
  }
  Ended done(const Words& words) const {
    Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
    return ended;
  }
  Ended fails(const Words& words, int exit_code, const std::string& why) const {
    Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, exit_code) << ended.err << ended.out;
    EXPECT_NE((ended.err + ended.out).find(why), std::string::npos) << ended.err << ended.out;
    return ended;
  }

  /// A trade a minute on each venue in the hour before the close.
  void trade(const std::string& day, const std::string& price) const {
    std::string csv = "time,venue,pair,price,size,id\n";
    for (int minute = 0; minute < 60; ++minute) {
      for (const char* venue : {"coinbase", "crypto_com", "kraken"})
        csv += day + "T19:" + (minute < 10 ? "0" : "") + std::to_string(minute) + ":30Z," + venue +
               ",CRO/USD," + price + ",1000," + day + "-" + std::to_string(minute) + "\n";
    }
    done({"rates", "import", folder_.write("trades.csv", csv), "--as", "operator"});
    done({"prices", "strike", "CRO", "--date", day, "--as", "operator"});
  }

  void act(const std::string& body) const { sandbox_->post("/sandbox/v1/chains/cronos_staking", body); }
  void delegate(const std::string& basecro) const {
    act(R"({"act":"delegate","delegator":")" + delegator_ + R"(","validator":1,"amount":")" + basecro +
        R"("})");
  }
  /// Some blocks: six seconds of the world each.
  static void pass_blocks() { std::this_thread::sleep_for(2 * kOneSecond); }
  void wait_for_world(time::Instant instant) const {
    const auto start = time::Instant::literal("2026-03-09T19:40:00Z");
    std::this_thread::sleep_until(began_ + std::chrono::nanoseconds((instant - start).ns() / 20) +
                                  kOneSecond);
  }
  void sync() const { done({"--config", staking_, "staking", "sync", "--as", "operator"}); }

  std::string balance(const std::string& account, const std::string& commodity = "CRO") const {
    const json::Value books = parsed(done({"books", "show", kFund, "--as-of", "2026-12-31", "--json"}).out);
    for (const json::Value& row : books.find("trial_balance")->as_array()) {
      if (row.find("account")->as_string() != account || row.find("commodity")->as_string() != commodity)
        continue;
      const std::string debit = row.find("debit")->as_string();
      return debit == "0" ? "-" + row.find("credit")->as_string() : debit;
    }
    return "none";
  }
  /// Status and detail of the NAV's check.
  std::pair<std::string, std::string> check(const std::string& day, const std::string& name) const {
    const json::Value navs = parsed(done({"nav", "show", kFund, "--date", day, "--json"}).out);
    const json::Value* const nav =
        navs.find("navs") != nullptr ? &navs.find("navs")->as_array().at(0) : &navs;
    for (const json::Value& one : nav->find("checks")->as_array()) {
      if (one.find("name")->as_string() == name)
        return {one.find("status")->as_string(), one.find("detail")->as_string()};
    }
    return {"none", ""};
  }
  std::string facts() const { return done({"fund", "facts", kFund, "--json"}).out; }
  std::string books() const { return done({"books", "show", kFund, "--as-of", "2026-12-31", "--json"}).out; }

  tests::TemporaryFolder folder_;
  std::unique_ptr<SandboxProcess> sandbox_;
  std::chrono::steady_clock::time_point began_;
  std::string delegator_;
  std::string staking_;
};

TEST_F(StakingBooks, ADelegationReachesTheNavASlashingTheNextAndALieNothing) {
  sync();  // where the record begins
  sandbox_->post("/sandbox/v1/chains/payments",
                 R"({"chain":"cronos_pos","to":")" + delegator_ + R"(","amount":"100000000000000"})");
  pass_blocks();
  delegate("50000000000000");
  pass_blocks();
  act(R"({"act":"claim","delegator":")" + delegator_ + R"(","validator":1})");
  pass_blocks();
  sync();

  // Recorded once; recorded again it is known.
  const json::Value taken = parsed(
      done({"fund", "record", kFund, "--from-staking", "--date", kMonday, "--as", "operator", "--json"}).out);
  EXPECT_GE(std::stoi(taken.find("recorded")->as_number()), 3) << "the delegation, a reward, its claim";
  EXPECT_EQ(taken.find("cut_offs")->as_array().size(), 1U);
  const std::string recorded = facts();
  const json::Value again = parsed(
      done({"fund", "record", kFund, "--from-staking", "--date", kMonday, "--as", "operator", "--json"}).out);
  EXPECT_EQ(again.find("events")->as_number(), "0");
  EXPECT_EQ(facts(), recorded);
  EXPECT_EQ(balance("Assets:Staked:CRO"), "500000");
  EXPECT_NE(balance("Income:Rewards:delegation", "USD"), "none");
  const Ended monday = run({"nav", "run", "--date", kMonday, "--fund", kFund, "--as", "maker"});
  ASSERT_LE(monday.exit_code, 1) << monday.err << monday.out;
  const auto green = check(kMonday, "staking_rolled_forward");
  EXPECT_EQ(green.first, "passed") << green.second;

  // After the valuation point: a slashing of one per cent of the stake belongs to Tuesday.
  wait_for_world(kValuation);
  act(R"({"act":"slash","validator":1,"fraction":"0.01"})");
  pass_blocks();
  sync();
  std::string log = (folder_.path() / "serve.log").string();
  const std::string served =
      folder_.write("serve.toml", "[services.pricing]\nport = 0\n[services.staking]\nport = 0\n");
  tests::Background serve(
      {tests::navkeeper_executable().string(), "--config", served, "serve", "pricing", "staking"},
      environment(), log);
  Liar liar(url_of(log, "staking"));
  const std::string lying =
      folder_.write("lying.toml", "[services.pricing]\nurl = \"" + url_of(log, "pricing") +
                                      "\"\n[services.staking]\nurl = \"" + liar.url() + "\"\n");
  const Words record{"--config",       lying,    "fund",   "record", kFund,
                     "--from-staking", "--date", kTuesday, "--as",   "operator"};
  const auto unchanged = [&, before = facts(), stood = books()] {
    EXPECT_EQ(facts(), before);
    EXPECT_EQ(books(), stood);
  };

  // The same id with other content.
  liar.tell([](const std::string& path, std::string body) {
    return path.ends_with("/events")
               ? replaced(std::move(body), "\"kind\":\"delegate\",\"amount\":\"500000\"",
                          "\"kind\":\"delegate\",\"amount\":\"500001\"")
               : body;
  });
  fails(record, 1, "is told as delegate of 500001");
  unchanged();
  fails({"--config", lying, "nav", "run", "--date", kTuesday, "--fund", kFund, "--as", "maker"}, 1, "500001");
  unchanged();
  // The same page for ever.
  liar.tell([](const std::string& path, std::string body) {
    return path.ends_with("/events") ? replaced(std::move(body), "\"more\":false", "\"more\":true") : body;
  });
  fails(record, 3, "staking");
  unchanged();
  // Nothing, where the books have something.
  liar.tell([](const std::string& path, std::string body) {
    return path.ends_with("/positions") ? std::string(R"({"readings":[]})") : body;
  });
  fails(record, 1, "tells nothing of it any more");
  unchanged();
  // Sums that are wrong: the strike has the events, and its check is red.
  liar.tell([](const std::string& path, std::string body) {
    return path.ends_with("/totals")
               ? replaced(std::move(body), "\"kind\":\"slashing\",\"direction\":\"out\",\"amount\":\"5000\"",
                          "\"kind\":\"slashing\",\"direction\":\"out\",\"amount\":\"4000\"")
               : body;
  });
  const Ended wrong =
      run({"--config", lying, "nav", "run", "--date", kTuesday, "--fund", kFund, "--as", "maker"});
  EXPECT_EQ(wrong.exit_code, 1) << wrong.err << wrong.out;
  const auto red = check(kTuesday, "staking_rolled_forward");
  EXPECT_EQ(red.first, "failed") << red.second;
  EXPECT_NE(red.second.find("rolls forward to"), std::string::npos) << red.second;
  EXPECT_EQ(balance("Assets:Staked:CRO"), "495000");
  EXPECT_NE(balance("Expenses:Penalties", "USD"), "none");

  // The truth again.
  liar.tell(nullptr);
  const Ended truth = run({"--config", lying, "nav", "run", "--date", kTuesday, "--fund", kFund, "--again",
                           "staking tells the truth", "--as", "maker"});
  ASSERT_LE(truth.exit_code, 1) << truth.err << truth.out;
  const auto right = check(kTuesday, "staking_rolled_forward");
  EXPECT_EQ(right.first, "passed") << right.second;
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
}

/// nav and pricing are processes of their own: what staking's commands make of a fund is made of what they
/// answer.
TEST_F(StakingBooks, TheNavAndThePricesThatStakingWorksWithComeFromRunningServices) {
  sync();
  sandbox_->post("/sandbox/v1/chains/payments",
                 R"({"chain":"cronos_pos","to":")" + delegator_ + R"(","amount":"100000000000000"})");
  pass_blocks();
  delegate("50000000000000");
  pass_blocks();
  sync();
  done({"fund", "record", kFund, "--from-staking", "--date", kMonday, "--as", "operator"});
  const Ended struck = run({"nav", "run", "--date", kMonday, "--fund", kFund, "--as", "maker"});
  ASSERT_LE(struck.exit_code, 1) << struck.err << struck.out;

  const std::string log = (folder_.path() / "serve.log").string();
  tests::Background serve(
      {tests::navkeeper_executable().string(), "--config",
       folder_.write("serve.toml", "[services.pricing]\nport = 0\n[services.nav]\nport = 0\n"), "serve",
       "pricing", "nav"},
      environment(), log);
  // The world's Monday is long past by our clock.
  const std::string configured = folder_.write(
      "peers.toml", tests::read_file(staking_) + "[[staking.funds]]\nfund = \"" + kFund +
                        "\"\nnav_age_hours_max = 87600\nreading_age_hours_max = 87600\n"
                        "[[staking.dollars]]\nfund = \"" +
                        kFund + "\"\nact = \"ICA_1940\"\nbasis = \"fair_value\"\n[services.nav]\nurl = \"" +
                        url_of(log, "nav") + "\"\n[services.pricing]\nurl = \"" + url_of(log, "pricing") +
                        "\"\n");
  const auto with_peers = [&](Words words) {
    words.insert(words.begin(), {"--config", configured});
    words.emplace_back("--json");
    return parsed(done(words).out);
  };

  // Dollars of the roll-forwards, at Monday's official price.
  const json::Value synced = with_peers({"staking", "sync", "--as", "operator"});
  const json::Value& priced = synced.find("priced")->as_array().at(0);
  EXPECT_GE(std::stoi(priced.find("rows_priced")->as_number()), 1) << json::to_pretty(synced);
  int in_dollars = 0;
  const json::Value rolled = with_peers({"staking", "rollforward", kFund});
  for (const json::Value& row : rolled.find("roll_forwards")->as_array()) {
    const json::Value* const dollars = row.find("dollars");
    if (dollars->kind() != json::Kind::kObject || row.find("account")->as_string() != "stake") continue;
    EXPECT_EQ(dollars->find("price")->as_string(), "0.08");
    EXPECT_EQ(dollars->find("price_date")->as_string(), kMonday);
    EXPECT_EQ(dollars->find("closing")->as_string(), "40000");
    ++in_dollars;
  }
  EXPECT_GE(in_dollars, 1) << json::to_pretty(rolled);

  // The liquidity test is of the struck NAV's net assets, cash and coins.
  const std::string nav = done({"nav", "show", kFund, "--date", kMonday, "--json"}).out;
  const json::Value tested = with_peers({"staking", "liquidity", kFund, "--take", "--as", "operator"});
  const json::Value& test = *tested.find("liquidity")->find("test");
  const std::string net_assets = test.find("net_assets")->as_string();
  EXPECT_NE(nav.find("\"net_assets\":\"" + net_assets + '"'), std::string::npos) << net_assets << nav;
  EXPECT_EQ(test.find("standing")->as_string(), "within") << json::to_pretty(tested);
  EXPECT_EQ(test.find("illiquid")->as_string(), "40000") << "500,000 CRO at eight cents";
  std::set<std::string> held;
  for (const json::Value& one : tested.find("liquidity")->find("holdings")->as_array())
    held.insert(one.find("kind")->as_string() + " " + one.find("place")->as_string() + " " +
                one.find("quantity")->as_string());
  EXPECT_TRUE(held.contains("cash cash 40000")) << json::to_pretty(tested);

  // A plan among the chain's own validators: the request names none.
  const json::Value plan = with_peers(
      {"staking", "plan", "propose", kFund,
       folder_.write("plan.json", R"({"id":"w11","asset":"CRO","decimals":8,"custodian":"crypto_com",)"
                                  R"("policy":{"fund_validator_share_max":"0.05"}})"),
       "--as", "maker"});
  const json::Value& made = *plan.find("plan");
  EXPECT_EQ(plan.find("nav_date")->as_string(), kMonday);
  EXPECT_EQ(made.find("candidates")->as_array().size(), 5U);
  EXPECT_EQ(made.find("validator_set")->find("source")->as_string(), "cronos");
  for (const json::Value& one : made.find("candidates")->as_array()) {
    EXPECT_TRUE(one.find("said")->as_array().empty()) << "all of it was read";
    EXPECT_TRUE(one.find("read")->as_boolean());
  }
  ASSERT_GE(made.find("placements")->as_array().size(), 2U) << json::to_pretty(plan);
  const json::Value read = with_peers({"staking", "validators", kFund});
  const json::Value& set = read.find("sets")->as_array().at(0);
  EXPECT_EQ(set.find("validators")->as_array().size(), 5U);
  EXPECT_EQ(set.find("state")->find("height")->as_string(),
            made.find("validator_set")->find("height")->as_string());

  // Without them nothing is made up.
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
  fails({"--config", configured, "staking", "liquidity", kFund, "--take", "--as", "operator"}, 3, "nav");
}

}  // namespace
}  // namespace navkeeper
