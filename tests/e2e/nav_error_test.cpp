// A NAV that was wrong, as the people of an administrator live through it, over HTTP against the services as
// processes: struck at a price that two people determined, dealt at, published; the trades of the day come
// late and the price is another; restated; the orders dealt anew by two people; in the books once, whatever
// is sent again, killed or done by two; the report for the board.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "common/http/client.h"
#include "common/json/value.h"
#include "common/money/decimal.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using money::Decimal;
using tests::Ended;
using Words = std::vector<std::string>;

constexpr const char* kFund = "/v1/funds/CROYIELD";
constexpr const char* kThursday = "2026-03-05";
constexpr const char* kFriday = "2026-03-06";
constexpr const char* kMonday = "2026-03-09";

class NavError : public testing::Test {
 protected:
  void SetUp() override {
    done({"db", "init"});
    const auto config = [](const std::string& path) {
      return (tests::source_dir() / "config" / path).string();
    };
    done({"rates", "define", config("indices/NK_CROUSD_NY.toml"), config("indices/NK_CROUSD_NY_VWAP.toml"),
          "--as", "operator"});
    done({"prices", "policy", config("valuation/CRO.toml"), "--as", "operator"});
    std::string definition = tests::read_file(config("funds/croyield.toml"));
    for (const char* key : {"inception = ", "effective_from = ", "from = "})
      definition = replaced(definition, std::string(key) + "2026-01-02", std::string(key) + "2026-03-04");
    done({"fund", "apply", file("fund.toml", definition), "--as", "operator"});
    done(
        {"books", "post",
         file(
             "opening.jsonl",
             R"({"date":"2026-03-04","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
             "\n"
             R"({"date":"2026-03-04","event":"creation","shares":"120000","components":[{"asset":"CRO","quantity":"30000000","value":"2300000"}],"cash":"40000"})"
             "\n"),
         "--fund", "CROYIELD", "--as", "operator"});
    serve();
  }
  ~NavError() override {
    serving_.reset();
    static_cast<void>(run({"db", "stop"}));
  }

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", (folder_.path() / "home").string()},
            {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  }
  Ended run(Words words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, environment());
  }
  void done(const Words& words) const {
    const Ended ended = run(words);
    ASSERT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
  }
  std::string file(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }

  /// Pricing and nav as one process on the ports of the configuration.
  void serve() {
    const auto log = folder_.path() / ("log" + std::to_string(++serves_));
    const std::string config = folder_.write(
        "navkeeper.toml", "[actors]\nfile = \"" + (folder_.path() / "home" / "actors.toml").string() +
                              "\"\n[services.pricing]\nport = 4951\n[services.nav]\nport = 4954\n");
    serving_ = std::make_unique<tests::Background>(
        Words{tests::navkeeper_executable().string(), "--config", config, "serve", "pricing", "nav"},
        environment(), log);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (tests::read_file(log).find("\"ready\"") == std::string::npos) {
      ASSERT_TRUE(serving_->running() && std::chrono::steady_clock::now() < end) << tests::read_file(log);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  http::Headers as(const std::string& who) const {
    std::string token = tests::read_file(folder_.path() / "home" / "tokens" / who);
    while (token.ends_with('\n')) token.pop_back();
    return http::Headers{{"authorization", "Bearer " + token}};
  }
  http::Response send(const char* base, const std::string& path, const std::string& who,
                      const std::string& body, const std::string& key) const {
    http::Client client({.base_url = base});
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.path = path;
    request.headers = as(who);
    request.headers.add("Idempotency-Key", key);
    request.body = body;
    return client.send(request);
  }
  http::Response post(const std::string& path, const std::string& who, const std::string& body = "{}",
                      std::string key = "") {
    if (key.empty()) key = "key-" + std::to_string(++keys_);
    return send("http://127.0.0.1:4954", kFund + path, who, body, key);
  }
  void posted(const std::string& path, const std::string& who, const std::string& body = "{}") {
    const http::Response answer = post(path, who, body);
    EXPECT_EQ(answer.status, 201) << path << ": " << answer.body;
  }
  void refused(const std::string& path, const std::string& who, const std::string& body, int status,
               const char* rule) {
    const http::Response answer = post(path, who, body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    EXPECT_NE(answer.body.find(rule), std::string::npos) << answer.body;
  }
  void priced(const std::string& path, const std::string& who, const std::string& body = "{}") {
    const http::Response answer =
        send("http://127.0.0.1:4951", "/v1/prices/CRO/" + path, who, body, "key-" + std::to_string(++keys_));
    EXPECT_LT(answer.status, 300) << path << ": " << answer.body;
  }
  json::Value get(const std::string& path, const http::Parameters& query = {}) const {
    http::Client client({.base_url = "http://127.0.0.1:4954"});
    http::ClientRequest request;
    request.path = kFund + path;
    request.query = query;
    request.headers = as("auditor");
    const http::Response answer = client.send(request);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    auto value = json::parse(answer.body);
    EXPECT_TRUE(value.has_value()) << answer.body;
    return value.has_value() ? std::move(*value) : json::Value();
  }

  /// A trade a minute on each venue in the hour before the close.
  void trade(const std::string& day, const std::string& hour, const std::string& price) const {
    std::string csv = "time,venue,pair,price,size,id\n";
    for (int minute = 0; minute < 60; ++minute) {
      for (const char* venue : {"coinbase", "crypto_com", "kraken"})
        csv += day + "T" + hour + ":" + (minute < 10 ? "0" : "") + std::to_string(minute) + ":30Z," + venue +
               ",CRO/USD," + price + ",1000," + day + "-" + std::to_string(minute) + "\n";
    }
    done({"rates", "import", file("trades.csv", csv), "--as", "operator"});
  }
  /// What is not green is set aside by two who did not strike it.
  void set_aside(const std::string& day) {
    const json::Value nav = get("/navs/" + day);
    for (const json::Value& check : nav.find("checks")->as_array()) {
      if (check.find("status")->as_string() == "passed") continue;
      for (const char* who : {"approver", "second-approver"})
        posted("/navs/" + day + "/override", who,
               R"({"check":")" + check.find("name")->as_string() + R"(","reason":"looked at"})");
    }
  }
  void publish(const std::string& day) {
    set_aside(day);
    posted("/navs/" + day + "/approve", "approver");
    posted("/navs/" + day + "/publish", "operator");
  }
  static std::string order(const char* id, const char* side, const char* units) {
    return std::string(R"({"id":")") + id + R"(","participant":"ALPHA","side":")" + side +
           R"(","form":"cash","units":")" + units + R"(","trade_date":")" + kFriday +
           R"(","received_at":"2026-03-06T15:00:00Z"})";
  }
  Decimal net_assets(const std::string& day) const {
    return Decimal::literal(get("/navs/" + day).find("document")->find("net_assets")->as_string());
  }
  /// Entries of the journal that a repricing made.
  std::vector<json::Value> repricing_entries() const {
    std::vector<json::Value> found;
    const json::Value journal = get("/journal", {{"as_of", "2026-12-31"}, {"limit", "1000"}});
    for (const json::Value& entry : journal.find("entries")->as_array()) {
      if (entry.find("source")->as_string() == "order repricing") found.push_back(entry);
    }
    return found;
  }
  std::string effect_of(const json::Value& report, const std::string& id) const {
    for (const json::Value& day : report.find("days")->as_array()) {
      for (const json::Value& one : day.find("orders")->as_array()) {
        if (one.find("order")->as_string() == id) return one.find("effect_on_fund")->as_string();
      }
    }
    ADD_FAILURE() << id << " is not in the report";
    return "0";
  }

  tests::TemporaryFolder folder_;
  std::unique_ptr<tests::Background> serving_;
  int serves_ = 0;
  int keys_ = 0;
};

TEST_F(NavError, IsFoundRestatedDealtAnewByTwoPeopleBookedOnceAndReportedToTheBoard) {
  trade(kThursday, "20", "0.0800");
  priced(std::string(kThursday) + "/strike", "operator");
  posted(std::string("/navs/") + kThursday + "/strike", "maker");
  publish(kThursday);

  // Friday: two orders in cash; no trades came, so two people determined the price.
  posted("/participants", "maker",
         R"({"id":"ALPHA","name":"Alpha Securities","agreement_from":"2026-03-04"})");
  posted("/orders", "operator", order("C-1", "creation", "4"));
  posted("/orders", "operator", order("R-1", "redemption", "1"));
  for (const char* id : {"C-1", "R-1"}) posted(std::string("/orders/") + id + "/accept", "approver");
  const std::string friday = std::string("/navs/") + kFriday;
  priced(std::string(kFriday) + "/strike", "operator");
  priced(
      std::string(kFriday) + "/determine", "maker",
      R"({"act":"ICA_1940","basis":"fair_value","price":"0.09","method":"two quotes","inputs":[{"name":"broker","value":"0.09","source":"e-mail"}]})");
  priced(std::string(kFriday) + "/approve-determination", "approver",
         R"({"act":"ICA_1940","basis":"fair_value","number":1,"price":"0.09"})");
  posted(friday + "/strike", "maker");
  publish(kFriday);
  const http::Response dealt =
      post("/orders/price", "maker", std::string(R"({"date":")") + kFriday + R"("})");
  EXPECT_EQ(dealt.body.find("refused"), std::string::npos) << dealt.body;
  EXPECT_EQ(get("/orders/C-1").find("state")->as_string(), "priced");
  const Decimal wrong = net_assets(kFriday);

  // The tape of the day comes late: the price was another. Nobody has restated, so nothing is owed.
  const std::string period = std::string(R"({"from":")") + kFriday + R"(","through":")" + kFriday + R"(")";
  const std::string proposal = period + R"(,"reason":"both quotes were stale","responsible":"the adviser"})";
  trade(kFriday, "20", "0.0804");
  priced(std::string(kFriday) + "/strike", "operator");
  refused("/nav-errors", "maker", period + "}", 400, "no NAV of the period was published and restated");
  refused("/repricings", "maker", proposal, 400, "no NAV of the period was published and restated");
  refused(friday + "/restate", "auditor", R"({"reason":"the price was wrong"})", 403, "auditor");
  posted(friday + "/restate", "maker", R"({"reason":"the price was wrong"})");
  EXPECT_EQ(get(friday + "/versions").find("navs")->as_array().size(), 2U);
  const Decimal right = net_assets(kFriday);
  EXPECT_LT(right, wrong);

  // The report for the board, before anybody decides; the same figures are kept once.
  refused("/nav-errors", "auditor", period + "}", 403, "auditor");
  const http::Response reported = post("/nav-errors", "maker", period + "}", "board");
  ASSERT_EQ(reported.status, 201) << reported.body;
  EXPECT_EQ(post("/nav-errors", "maker", period + "}", "board").body, reported.body);
  EXPECT_EQ(post("/nav-errors", "maker", period + "}").body, reported.body);
  EXPECT_EQ(get("/nav-errors").find("reports")->as_array().size(), 1U);
  const json::Value report = *json::parse(reported.body);
  EXPECT_EQ(report.find("severity")->as_string(), "material");
  // A unit is 10,000 of 120,000 shares, by each NAV rounded once to the cent; cash orders are off by their
  // NAV.
  const auto unit = [](const Decimal& net) {
    return money::mul_div(net, Decimal::of(10'000), Decimal::of(120'000), 2, money::Rounding::kHalfUp);
  };
  const Decimal off = unit(wrong) - unit(right);
  EXPECT_EQ(Decimal::literal(effect_of(report, "C-1")), off * Decimal::of(4));
  EXPECT_EQ(Decimal::literal(effect_of(report, "R-1")), -off);

  // Two people: only a restatement that is approved and published, and never who proposed it.
  refused("/repricings", "maker", proposal, 400, "is not approved");
  set_aside(kFriday);
  posted(friday + "/approve", "approver");
  refused("/repricings", "maker", proposal, 400, "is not published");
  posted(friday + "/publish", "operator");
  refused("/repricings", "auditor", proposal, 403, "auditor");
  posted("/repricings", "maker", proposal);
  refused("/repricings/1/approve", "maker", "{}", 403, "maker");
  EXPECT_TRUE(repricing_entries().empty());
  // The service dies; who asked sends the same again, another person asks too: it is booked once.
  serving_->signal(SIGKILL);
  serving_->wait(std::chrono::seconds(10));
  serve();
  const http::Response approved = post("/repricings/1/approve", "approver", "{}", "once");
  EXPECT_EQ(approved.status, 201) << approved.body;
  EXPECT_EQ(post("/repricings/1/approve", "approver", "{}", "once").body, approved.body);
  EXPECT_EQ(post("/repricings/1/approve", "approver").status, 200) << "approved before: nothing changes";
  refused("/repricings/1/approve", "second-approver", "{}", 409, "approved");
  EXPECT_EQ(get("/repricings").find("repricings")->as_array()[0].find("state")->as_string(), "approved");
  const auto entries = repricing_entries();
  ASSERT_EQ(entries.size(), 2U);
  for (const json::Value& entry : entries) {
    EXPECT_EQ(entry.find("book_date")->as_string(), kMonday);  // the day of the next NAV
    const bool is_creation = entry.find("id")->as_string() == "1 C-1";
    const Decimal owed = is_creation ? off * Decimal::of(4) : off;
    Decimal cash;
    for (const json::Value& line : entry.find("postings")->as_array()) {
      const Decimal amount = Decimal::literal(line.find("amount")->as_string());
      if (line.find("debit")->as_string() == "Assets:Cash") cash += amount;
      if (line.find("credit")->as_string() == "Assets:Cash") cash -= amount;
    }
    EXPECT_EQ(cash, is_creation ? -owed : owed) << entry.find("id")->as_string();
  }
  refused("/repricings", "maker", proposal, 400, "no order of the period");
  const http::Response after = post("/nav-errors", "maker", period + "}");
  EXPECT_EQ(Decimal::literal(effect_of(*json::parse(after.body), "C-1")), Decimal());
  EXPECT_EQ(get("/nav-errors").find("reports")->as_array().size(), 2U);

  // The next NAV has the dollars and owes nothing more; the orders settle once.
  trade(kMonday, "19", "0.0804");
  priced(std::string(kMonday) + "/strike", "operator");
  posted(std::string("/navs/") + kMonday + "/strike", "maker");
  const json::Value monday = get(std::string("/navs/") + kMonday);
  for (const json::Value& check : monday.find("checks")->as_array()) {
    EXPECT_TRUE(check.find("name")->as_string() != "change_explained" ||
                check.find("status")->as_string() == "passed")
        << check.find("detail")->as_string();
  }
  // Three units came in at the right NAV in the end: a share is worth what it was but for two days' fees and
  // a day's tax.
  const auto per_share = [](const json::Value& nav) {
    return Decimal::literal(nav.find("document")->find("nav_per_share")->as_string());
  };
  EXPECT_LT((per_share(monday) - per_share(get(friday))).abs(), Decimal::of(1, 2));
  for (const char* id : {"C-1", "R-1"}) {
    const std::string settle = std::string("/orders/") + id + "/settle";
    posted(settle, "operator", std::string(R"({"date":")") + kMonday + R"("})");
    EXPECT_EQ(post(settle, "operator", std::string(R"({"date":")") + kMonday + R"("})").status, 200);
    EXPECT_EQ(get(std::string("/orders/") + id).find("state")->as_string(), "settled");
  }
  done({"audit", "verify"});
}

}  // namespace
}  // namespace navkeeper
