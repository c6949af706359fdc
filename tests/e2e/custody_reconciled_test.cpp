// A day's reconciliation as processes, by our own clock: the sandbox's custodian and chain, custody, nav and
// pricing served, killed with -9 before and after the valuation point; a missing deposit and a wrong balance
// turn the NAV's check red, two people and a correction turn it green.
#include <signal.h>

#include "common/time/calendar.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kFund = "CROYIELD";
constexpr auto kMinute = time::Duration::minutes(1);
constexpr std::int64_t kNsAMinute = 60'000'000'000;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// A fund of CRO that is valued in a minute or two, by UTC; its index and its valuation with it.
class ReconciledDay : public testing::Test {
 protected:
  void SetUp() override {
    // The next whole minute that leaves time for what comes before it.
    const time::Instant soon = time::SystemClock().now() + time::Duration::seconds(75);
    valued_at_ = time::Instant::from_ns((soon.ns() / kNsAMinute + 1) * kNsAMinute);
    day_ = time::utc_date(valued_at_);
    if (!time::Calendar::exchange().is_business_day(day_))
      GTEST_SKIP() << day_.to_string() << " is no day on which a fund is valued";
    if (time::Calendar::exchange().kind(day_) == time::DayKind::kHalfDay)
      GTEST_SKIP() << day_.to_string()
                   << " is a half day, on which the fund is valued at the exchange's close";
    if (time::utc_date(valued_at_ - time::Duration::hours(1)) != day_)
      GTEST_SKIP() << "the hour before the valuation point began yesterday";
    before_ = day_ - 1;
    while (!time::Calendar::exchange().is_business_day(before_)) before_ = before_ - 1;
    sandbox_ = std::make_unique<SandboxProcess>(Words{"--empty-accounts"});
    account_ = deposit_address();
    configure();
    done({"db", "init"});
    apply();
  }
  ~ReconciledDay() override { static_cast<void>(run({"db", "stop"})); }

  std::string deposit_address() const {
    for (const json::Value& one : sandbox_->world().find("custodians")->as_array()) {
      if (one.find("custodian")->as_string() == "crypto_com")
        return one.find("deposit_addresses")->find("CRO")->as_string();
    }
    return "";
  }

  /// The same for commands and for what is served.
  void configure() {
    const std::string credentials =
        folder_.write("credentials.toml", "key = \"" + sandbox_->of("crypto_com", "key") + "\"\nsecret = \"" +
                                              sandbox_->of("crypto_com", "secret") + "\"\n");
    ::chmod(credentials.c_str(), S_IRUSR | S_IWUSR);
    std::string text =
        "[actors]\nfile = \"" + (folder_.path() / "home" / "actors.toml").string() +
        "\"\n[services.pricing]\nport = 4971\n[services.custody]\nport = 4972\n[services.nav]\nport = 4974\n"
        "[custody]\nsync_seconds = 1\n[[custody.custodians]]\nname = \"crypto_com\"\nprotocol = "
        "\"crypto_com\"\nfund = \"" +
        std::string(kFund) + "\"\ncredentials_file = \"" + credentials + "\"\naccount = \"" +
        sandbox_->of("crypto_com", "account") + "\"\nbase_url = \"" + sandbox_->of("crypto_com", "url") +
        "\"\nstaked_in_total = \"apart\"\nactivating_in_staked = \"apart\"\n[[custody.addresses]]\nfund = "
        "\"" +
        kFund + "\"\nchain = \"cronos_pos\"\naddress = \"" + account_ +
        "\"\nuse = \"segregated\"\ncustodian = \"crypto_com\"\n";
    for (const char* node : {"cronos", "cronos_2"})
      text += std::string("[[custody.chains.cronos_pos.nodes]]\nname = \"") + node + "\"\nurl = \"" +
              chain_node_url(sandbox_->world(), node) + "\"\n";
    config_ = folder_.write("navkeeper.toml", text);
  }

  /// As in config/, at this test's minute.
  void apply() {
    const std::string time = valued_at_.to_string().substr(11, 5);
    const auto read = [](const std::string& file) {
      return tests::read_file(tests::source_dir() / "config" / file);
    };
    for (const char* index : {"NK_CROUSD_NY", "NK_CROUSD_NY_VWAP"}) {
      std::string text = read("indices/" + std::string(index) + ".toml");
      text = replaced(std::move(text), "strike_time = \"16:00\"", "strike_time = \"" + time + "\"");
      text = replaced(std::move(text), "\"America/New_York\"", "\"UTC\"");
      text = replaced(std::move(text), "retrieval_delay_seconds = 60", "retrieval_delay_seconds = 1");
      done({"rates", "define", folder_.write(std::string(index) + ".toml", text), "--as", "operator"});
    }
    done({"prices", "policy", folder_.write("CRO.toml", read("valuation/CRO.toml")), "--as", "operator"});
    std::string fund = read("funds/croyield.toml");
    fund = replaced(std::move(fund), "time_zone = \"America/New_York\"", "time_zone = \"UTC\"");
    fund = replaced(std::move(fund), "\ntime = \"16:00\"", "\ntime = \"" + time + "\"");
    fund = replaced(std::move(fund), "cut_off_in_kind = \"16:00\"", "cut_off_in_kind = \"00:02\"");
    fund = replaced(std::move(fund), "cut_off_cash = \"14:00\"", "cut_off_cash = \"00:01\"");
    fund = replaced(std::move(fund), "cut_off_same_day = \"13:30\"", "cut_off_same_day = \"00:01\"");
    done({"fund", "apply", folder_.write("fund.toml", fund), "--as", "operator"});
    const auto creation = [&](const char* id, const char* shares, const char* quantity, const char* value) {
      return R"({"date":")" + before_.to_string() + R"(","event":"creation","id":")" + id +
             R"(","shares":")" + shares + R"(","components":[{"asset":"CRO","quantity":")" + quantity +
             R"(","value":")" + value + "\"}],\"cash\":\"1000\"}\n";
    };
    const std::string open = R"({"date":")" + before_.to_string() +
                             R"(","event":"open","id":"open","fund":"CROYIELD","assets":)"
                             R"([{"asset":"CRO","decimals":8}],"shares":"0"})"
                             "\n";
    done({"books", "post",
          folder_.write("books.jsonl", open + creation("seed", "90000", "900000", "72000") +
                                           creation("second", "10000", "100000", "8000")),
          "--fund", kFund, "--as", "operator"});
    std::string trades = "time,venue,pair,price,size,id\n";
    for (int minute = 58; minute > 0; --minute) {
      const time::Instant at = valued_at_ - kMinute * minute - time::Duration::seconds(30);
      if (at > time::SystemClock().now()) break;
      for (const char* venue : {"coinbase", "crypto_com", "kraken"})
        trades += at.to_string() + "," + venue + ",CRO/USD,0.08,1000," + std::to_string(minute) + "\n";
    }
    done({"rates", "import", folder_.write("trades.csv", trades), "--as", "operator"});
  }

  /// Custody's own commands by the configuration, which names its peers; the others start theirs themselves.
  Ended run(Words words) const {
    if (words.front() == "custody") words.insert(words.begin(), {"--config", config_});
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, environment());
  }
  Ended done(const Words& words) const {
    Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 0) << words[0] << " " << words[1] << ": " << ended.err << ended.out;
    return ended;
  }
  std::map<std::string, std::string> environment() const {
    return {{"NAVKEEPER_HOME", (folder_.path() / "home").string()},
            {"NAVKEEPER_CONFIG_DIR", (tests::source_dir() / "config").string()}};
  }

  void serve() {
    log_ = folder_.path() / ("serve-" + std::to_string(++served_times_) + ".log");
    process_ = std::make_unique<tests::Background>(Words{tests::navkeeper_executable().string(), "--config",
                                                         config_, "serve", "pricing", "custody", "nav"},
                                                   environment(), log_);
  }
  void kill() {
    process_->signal(SIGKILL);
    EXPECT_EQ(process_->wait(kPatience), -SIGKILL);
  }

  void pay(const std::string& coins) const {
    sandbox_->post("/sandbox/v1/custodians/deposits",
                   R"({"custodian":"crypto_com","coin":"CRO","amount":")" + coins + R"("})");
    sandbox_->post("/sandbox/v1/custodians/completions", R"({"custodian":"crypto_com"})");
  }

  /// The day's state by the job, and its reconciliation's number; "" while it knows no such day.
  std::pair<std::string, std::string> job() const {
    const json::Value answer = parsed(done({"custody", "reconciliations", kFund, "--json"}).out);
    for (const json::Value& one : answer.find("days")->as_array()) {
      if (one.find("date")->as_string() != day_.to_string()) continue;
      const json::Value* const number = one.find("number");
      return {one.find("state")->as_string(), number->is_null() ? "" : number->as_number()};
    }
    return {};
  }
  std::string wait_for(const std::string& state) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    std::pair<std::string, std::string> seen;
    while (std::chrono::steady_clock::now() < end) {
      seen = job();
      if (seen.first == state) return seen.second;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    ADD_FAILURE() << "the day is " << seen.first << " and not " << state << ": " << tests::read_file(log_);
    return "";
  }
  void wait_until(time::Instant instant) const {
    const std::int64_t left = (instant - time::SystemClock().now()).ns();
    if (left > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(left));
  }

  json::Value reconciliation() const {
    const Ended shown = run({"custody", "reconcile", kFund, "--date", day_.to_string(), "--show", "--json"});
    return parsed(shown.out);
  }
  static json::Value line_of(const json::Value& reconciliation) {
    for (const json::Value& line : reconciliation.find("lines")->as_array()) {
      if (line.find("asset")->as_string() == "CRO") return line;
    }
    return json::Value();
  }
  /// By the newest reading of the custodian; its verdict.
  std::string reconcile_again() const {
    const Ended made = run({"custody", "reconcile", kFund, "--date", day_.to_string(), "--newest", "--as",
                            "operator", "--json"});
    return parsed(made.out).find("verdict")->as_string();
  }
  Words nav_run(const std::string& again = "") const {
    Words words{"nav", "run", "--date", day_.to_string(), "--fund", kFund, "--as", "maker"};
    if (!again.empty()) words.insert(words.end(), {"--again", again});
    return words;
  }
  std::pair<std::string, std::string> check() const {
    const json::Value navs = parsed(done({"nav", "show", kFund, "--date", day_.to_string(), "--json"}).out);
    const json::Value* const nav =
        navs.find("navs") != nullptr ? &navs.find("navs")->as_array().at(0) : &navs;
    for (const json::Value& one : nav->find("checks")->as_array()) {
      if (one.find("name")->as_string() == "custody_reconciled")
        return {one.find("status")->as_string(), one.find("detail")->as_string()};
    }
    return {"none", ""};
  }

  tests::TemporaryFolder folder_;
  time::Instant valued_at_;
  time::Date day_, before_;
  std::unique_ptr<SandboxProcess> sandbox_;
  std::string account_;
  std::string config_;
  int served_times_ = 0;
  fs::path log_;
  std::unique_ptr<tests::Background> process_;
};

TEST_F(ReconciledDay, IsDoneOnceWhateverIsKilledAndItsBreaksTurnTheNavRedAndGreen) {
  pay("900000");  // on the chain, to the custodian's address, and arrived; the second creation's coins are
                  // not
  serve();
  wait_for("waiting");
  kill();
  serve();
  wait_until(valued_at_ + time::Duration::seconds(1));
  kill();
  serve();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  kill();  // whether it held the lease or waited for the dead one's
  EXPECT_NE(job().first, "") << "what it waited for is known";
  serve();
  EXPECT_EQ(wait_for("done"), "1");
  kill();
  serve();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  EXPECT_EQ(job(), (std::pair<std::string, std::string>{"done", "1"})) << "once";

  // Three ways, from above and from below.
  const json::Value made = reconciliation();
  EXPECT_EQ(made.find("verdict")->as_string(), "failed");
  const json::Value line = line_of(made);
  EXPECT_EQ(line.find("books")->as_string(), "1000000");
  EXPECT_EQ(line.find("custodian")->as_string(), "900000");
  EXPECT_EQ(line.find("chain")->as_string(), "900000");
  EXPECT_EQ(line.find("difference")->as_string(), "-100000");
  EXPECT_EQ(line.find("matched")->as_number(), "1") << "the first creation is the deposit";
  const auto& breaks = made.find("breaks")->as_array();
  ASSERT_EQ(breaks.size(), 1U);
  EXPECT_EQ(breaks[0].find("type")->as_string(), "missing");
  EXPECT_EQ(breaks[0].find("amount")->as_string(), "-100000");
  const std::string id = breaks[0].find("id")->as_string();

  // The NAV's check, by the served or by the command's own custody: the same store.
  done({"prices", "strike", "CRO", "--date", day_.to_string(), "--as", "operator"});
  EXPECT_EQ(run(nav_run()).exit_code, 1);
  EXPECT_EQ(check().first, "failed") << check().second;
  done({"custody", "breaks", "resolve", kFund, id, "--text", "on its way", "--evidence", "letter 7", "--as",
        "operator"});
  EXPECT_EQ(run({"custody", "breaks", "confirm", kFund, id, "--as", "operator"}).exit_code, 1);
  static_cast<void>(run(nav_run("resolved by one")));
  EXPECT_EQ(check().first, "failed") << "one person alone explains nothing";
  done({"custody", "breaks", "confirm", kFund, id, "--as", "approver"});
  static_cast<void>(run(nav_run("explained by two")));
  EXPECT_EQ(check().first, "passed") << check().second;

  // The custodian states a thousandth too little, without a movement: the chain contradicts it.
  sandbox_->fault("crypto_com", "short_balance", 600);
  done({"custody", "sync", "--source", "crypto_com", "--as", "operator"});
  EXPECT_EQ(reconcile_again(), "failed");
  const json::Value wrong = reconciliation();
  EXPECT_EQ(line_of(wrong).find("custodian")->as_string(), "899100");
  EXPECT_EQ(line_of(wrong).find("chain")->as_string(), "900000");
  std::multiset<std::string> found;
  for (const json::Value& one : wrong.find("breaks")->as_array())
    found.insert(one.find("level")->as_string() + " " + one.find("type")->as_string() + " " +
                 one.find("amount")->as_string());
  EXPECT_EQ(found,
            (std::multiset<std::string>{"chain unknown 900", "total missing -100000", "total unknown -900"}));
  static_cast<void>(run(nav_run("the custodian says less")));
  EXPECT_EQ(check().first, "failed") << check().second;

  // It corrects itself.
  http::Client control({.base_url = sandbox_->world().find("control")->as_string()});
  EXPECT_LT(control.send({.method = http::Method::kDelete, .path = "/sandbox/v1/custodians/faults"}).status,
            300);
  done({"custody", "sync", "--source", "crypto_com", "--as", "operator"});
  EXPECT_EQ(reconcile_again(), "passed");
  static_cast<void>(run(nav_run("the custodian corrected itself")));
  EXPECT_EQ(check().first, "passed") << check().second;

  process_->signal(SIGTERM);
  EXPECT_EQ(process_->wait(kPatience), 0) << tests::read_file(log_);
  EXPECT_EQ(run({"audit", "verify"}).exit_code, 0);
}

}  // namespace
}  // namespace navkeeper
