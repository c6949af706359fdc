// The indicative value as a whole: two venues on loopback, the executable serving pricing and nav, an
// published NAV of the day before, values by REST and WebSocket; a venue that falls silent stops it, with the
// reason.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "common/http/client.h"
#include "common/http/websocket.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "tests/e2e/real_time_venues.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using tests::Ended;
using tests::kPatience;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// The fund lives in a zone where it is noon now, so that the session is open whenever the test runs.
class IndicativeE2e : public testing::Test {
 protected:
  void SetUp() override {
    home_ = folder_.path() / "home";
    fs::create_directories(home_);
    const time::Instant now = time::SystemClock().now();
    today_ = time::utc_date(now);
    ahead_ = static_cast<int>((now - today_.utc_midnight()).ns() / 3'600'000'000'000) - 12;
    zone_ = ahead_ == 0 ? "Etc/GMT"
                        : "Etc/GMT" + std::string(ahead_ > 0 ? "+" : "-") + std::to_string(std::abs(ahead_));
    config_ = folder_.write("navkeeper.toml",
                            "[actors]\nfile = \"" + (home_ / "actors.toml").string() +
                                "\"\n[services.pricing]\nport = 0\n[services.nav]\nport = 0\n"
                                "[nav.indicative]\nopens = \"00:00\"\nevery_seconds = "
                                "2\nprice_age_max_seconds = 5\nindex_pattern = \"NK_TEST_RT\"\n"
                                "[pricing.real_time]\npublish_within_ms = 5000\n" +
                                venue("bitstamp", bitstamp_.url()) + venue("crypto_com", crypto_com_.url()));
    ASSERT_EQ(run({"db", "init"}).exit_code, 0);
    must({"rates", "define", folder_.write("rt.toml", tests::kIndex), "--as", "operator"});
    strike_yesterday();
  }
  void TearDown() override {
    service_.reset();
    static_cast<void>(run({"db", "stop"}));
  }

  static std::string venue(const std::string& name, const std::string& url) {
    return "[[pricing.venues]]\nname = \"" + name +
           "\"\npairs = [\"BTC/USD\"]\nfeeds = [\"books\"]\nsocket_base = \"" + url +
           "\"\nrest_base = \"http://127.0.0.1:9\"\n";
  }

  /// An index whose window closes when the fund is valued, one trade in it, a fund of one coin, its NAV.
  void strike_yesterday() {
    const std::string day = (today_ - 1).to_string();
    must({"rates", "define",
          folder_.write("NK_E2E.toml",
                        "id = \"NK_E2E\"\npair = \"BTC/USD\"\nstrike_time = \"16:00\"\ntime_zone = \"" +
                            zone_ +
                            "\"\nwindow_minutes = 60\npartitions = 12\nstatistic = "
                            "\"volume_weighted_median\"\ntie = \"lower\"\n"
                            "empty_partition = \"drop\"\nweights = \"equal\"\nvenues = "
                            "[\"coinbase\"]\nvenue_deviation_max = \"0.05\"\n"
                            "venue_deviation_reference = \"all\"\nminimum_venues = 1\ndecimals = 2\nrounding "
                            "= \"half_even\"\n"
                            "retrieval_delay_seconds = 0\n"),
          "--as", "operator"});
    must({"prices", "policy",
          folder_.write("BTC.toml",
                        "asset = \"BTC\"\neffective_from = 2020-01-01\nofficial_index = "
                        "\"NK_E2E\"\ntrade_age_max_seconds = 3600\n"
                        "[[ladders]]\nact = \"ICA_1940\"\nbasis = \"fair_value\"\nrungs = [\"index\", "
                        "\"manual\", \"previous\"]\n"
                        "[fair_value]\nunchanged_strikes = 3\nbasis_gap_max = "
                        "\"0.005\"\n[checks]\nage_max_seconds = 3600\n"
                        "unchanged_strikes_max = 2\nsecond_source_deviation_max = "
                        "\"0.005\"\nyesterday_deviation_max = \"0.2\"\n"
                        "partition_trades_min = 1\nthin_partitions_max = 12\nvenues_min = "
                        "1\nmissing_minutes_max = 60\n"),
          "--as", "operator"});
    const time::Instant traded =
        (today_ - 1).utc_midnight() + time::Duration::hours(15 + ahead_) + time::Duration::minutes(58);
    must({"rates", "import",
          folder_.write("t.csv", "time,venue,pair,price,size,id\n" + traded.to_string() +
                                     ",coinbase,BTC/USD,84000,1,1\n"),
          "--as", "operator"});
    must({"prices", "strike", "--date", day, "--as", "operator"});
    std::string fund = tests::read_file(tests::source_dir() / "config" / "funds" / "btceth.toml");
    fund = replaced(fund, "official_index = \"NK_BTCUSD_NY\"", "official_index = \"NK_E2E\"");
    fund = replaced(fund, "target_weight = \"0.6\"", "target_weight = \"1\"");
    const auto eth = fund.find("[[assets]]\nasset = \"ETH\"");
    fund.erase(eth, fund.find("[expenses]") - eth);
    fund = replaced(fund, ", { asset = \"ETH\", decimals = 8 }]", "]");
    fund = replaced(fund, "time_zone = \"America/New_York\"", "time_zone = \"" + zone_ + "\"");
    std::string open_days;
    for (const time::Date date : {today_ - 1, today_})
      open_days += "[[calendars.exceptions]]\ndate = " + date.to_string() +
                   "\nkind = \"open\"\nname = \"the test's day\"\n";
    fund = replaced(fund, "[valuation]", open_days + "[valuation]");
    must({"fund", "apply", folder_.write("fund.toml", fund), "--as", "operator"});
    const std::string dates =
        "\"date\":\"" + day + "\",\"book_date\":\"" + day + "\",\"settlement_date\":\"" + day + "\"";
    must(
        {"books", "post",
         folder_.write(
             "events.jsonl",
             "{\"date\":\"" + day +
                 R"(","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8}],"shares":"0"})"
                 "\n{" +
                 dates +
                 R"(,"id":"seed","event":"creation","shares":"100000","components":[{"asset":"BTC","quantity":"20","value":"1600000"}],"cash":"50000"})"
                 "\n"),
         "--fund", "BTCETH", "--as", "operator"});
    must({"nav", "run", "--date", day, "--fund", "BTCETH", "--as", "maker"});
  }
  void approve() { must({"nav", "approve", "BTCETH", (today_ - 1).to_string(), "--as", "approver"}); }
  /// Two people set aside what nobody can measure, a third publishes; the composition goes with it.
  void publish() {
    const std::string day = (today_ - 1).to_string();
    const json::Value shown =
        json::parse(run({"nav", "show", "BTCETH", "--date", day, "--json"}).out).value();
    const json::Value& nav = shown.find("navs") == nullptr ? shown : shown.find("navs")->as_array().at(0);
    for (const json::Value& check : nav.find("checks")->as_array()) {
      if (check.find("status")->as_string() != "unavailable") continue;
      for (const char* who : {"approver", "second-approver"})
        must({"nav", "override", "BTCETH", day, "--check", check.find("name")->as_string(), "--reason",
              "no such peer here", "--as", who});
    }
    must({"nav", "publish", "BTCETH", day, "--as", "operator"});
  }

  /// Without the configuration: the embedded default asks a pricing of its own process.
  Ended run(std::vector<std::string> words) const {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, environment());
  }
  void must(const std::vector<std::string>& words) const {
    const Ended ended = run(words);
    ASSERT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
  }
  std::map<std::string, std::string> environment() const { return {{"NAVKEEPER_HOME", home_.string()}}; }
  std::string token() const {
    std::string text = tests::read_file(home_ / "tokens" / "operator");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  void serve() {
    const fs::path log = folder_.path() / "serve.log";
    service_ = std::make_unique<tests::Background>(
        std::vector<std::string>{tests::navkeeper_executable().string(), "--config", config_, "serve",
                                 "pricing", "nav"},
        environment(), log);
    const auto deadline = steady_clock::now() + kPatience;
    for (;;) {
      const std::string text = tests::read_file(log);
      const auto nav = text.find("\"service\":\"nav\",\"message\":\"listening\",\"url\":\"http");
      if (nav != std::string::npos && text.find("\"ready\"") != std::string::npos) {
        const auto at = text.find("http", nav);
        url_ = text.substr(at, text.find('"', at) - at);
        return;
      }
      ASSERT_TRUE(service_->running()) << text;
      ASSERT_LT(steady_clock::now(), deadline) << text;
      std::this_thread::sleep_for(milliseconds(50));
    }
  }
  json::Value get(const std::string& path) const {
    http::Client client({.base_url = url_});
    return client.get_json(path, {}, {{"Authorization", "Bearer " + token()}});
  }
  template <class Wanted>
  json::Value wait_for(Wanted wanted) const {
    const auto deadline = steady_clock::now() + kPatience;
    for (;;) {
      json::Value answer = get("/v1/funds/BTCETH/indicative");
      if (wanted(answer)) return answer;
      if (steady_clock::now() > deadline) {
        ADD_FAILURE() << "not in time: " << json::to_compact(answer);
        return answer;
      }
      std::this_thread::sleep_for(milliseconds(200));
    }
  }

  tests::TemporaryFolder folder_;
  tests::TestVenue bitstamp_{tests::bitstamp_book, tests::bitstamp_book};
  tests::TestVenue crypto_com_{[](std::uint64_t number) { return tests::crypto_com_book(true, number); },
                               [](std::uint64_t number) { return tests::crypto_com_book(false, number); }};
  fs::path home_;
  std::string config_, url_, zone_;
  time::Date today_;
  int ahead_ = 0;
  std::unique_ptr<tests::Background> service_;
};

bool says(const json::Value& answer, const std::string& part) {
  const json::Value* const reason = answer.find("reason");
  return !reason->is_null() && reason->as_string().find(part) != std::string::npos;
}
bool has_value(const json::Value& answer) { return !answer.find("value")->is_null(); }

TEST_F(IndicativeE2e, IsMadeFromThePublishedUnitAndStopsWhenItsFeedIsStale) {
  serve();
  approve();
  // Approved is not enough: it is not official.
  wait_for([](const json::Value& answer) { return says(answer, "is not published"); });
  publish();
  const json::Value made = wait_for(has_value);

  // By hand from what it names: 2 coins a unit at the price shown, with the unit's cash, over 10,000 shares.
  const json::Value* const last = made.find("last_value");
  const json::Value* const unit = last->find("unit");
  const auto number = [](const json::Value* value) { return money::Decimal::literal(value->as_string()); };
  ASSERT_EQ(unit->find("components")->as_array().size(), 1U);
  const money::Decimal coins = number(unit->find("components")->as_array()[0].find("quantity"));
  const money::Decimal price = number(last->find("prices")->as_array()[0].find("value"));
  EXPECT_EQ(coins, money::Decimal::literal("2"));
  const money::Decimal expected = money::divide(coins * price + number(unit->find("net_cash")),
                                                number(unit->find("shares")), 4, money::Rounding::kHalfUp);
  EXPECT_EQ(number(last->find("value")), expected) << json::to_compact(made);

  http::WebSocketOptions options;
  options.url = "ws" + url_.substr(4) + "/v1/funds/BTCETH/indicative/stream";
  options.headers = {{"Authorization", "Bearer " + token()}};
  http::WebSocketClient client(options);
  int values = 0;
  const auto deadline = steady_clock::now() + kPatience;
  while (values < 3 && steady_clock::now() < deadline) {
    const auto message = client.receive(milliseconds(1'000));
    if (!message) continue;
    const auto moment = json::parse(*message);
    ASSERT_TRUE(moment.has_value()) << *message;
    if (!moment->find("value")->is_null()) ++values;
  }
  EXPECT_EQ(values, 3);

  // A venue falls silent: too few are left, and the value stops and says so.
  crypto_com_.silence(true);
  const json::Value stopped = wait_for([](const json::Value& answer) {
    return !has_value(answer) && says(answer, "BTC: the last real-time price is");
  });
  EXPECT_TRUE(says(stopped, "crypto_com late")) << json::to_compact(stopped);
  EXPECT_FALSE(stopped.find("last_value")->is_null());
  crypto_com_.silence(false);
  wait_for(has_value);

  const json::Value stored = get("/v1/funds/BTCETH/indicative/values");
  EXPECT_GE(stored.find("values")->as_array().size(), 3U);
  const json::Value holdings = get("/v1/funds/BTCETH/holdings/pre_open");
  EXPECT_EQ(holdings.find("holdings")->as_array()[0].find("quantity")->as_string(), "20");
  service_->signal(SIGTERM);
  EXPECT_EQ(service_->wait(kPatience), 0);
}

}  // namespace
}  // namespace navkeeper
