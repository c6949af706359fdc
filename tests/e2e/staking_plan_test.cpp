// Measures, queues, liquidity and plans as processes: the sandbox's chain and custodian, custody and staking
// served. A stake is read and measured, the fund's test is taken, a plan is proposed over HTTP, and its steps
// become movements in custody exactly once, whatever is killed with -9 in between; what is wrong is refused
// and changes nothing.
#include <signal.h>

#include <array>
#include <map>
#include <mutex>
#include <set>

#include "common/http/router.h"
#include "common/http/server.h"
#include "common/json/write.h"
#include "common/log/log.h"
#include "common/money/decimal.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "tests/e2e/custody_processes.h"

namespace navkeeper {
namespace {

using money::Decimal;

constexpr std::chrono::seconds kTwoBlocks{14};
constexpr const char* kPolicy =
    R"({"kind":"policy","id":"p","cooling_off_seconds":1,"lapses_after_seconds":86400,"limits":[)"
    R"({"asset":"CRO","movement":"stake","role":"maker","per_movement":"100000","per_day":"1000000"},)"
    R"({"asset":"CRO","movement":"stake","role":"approver","per_movement":"100000","per_day":"1000000"},)"
    R"({"asset":"ETH","movement":"stake","role":"maker","per_movement":"10","per_day":"100"},)"
    R"({"asset":"ETH","movement":"stake","role":"approver","per_movement":"10","per_day":"100"}]})";

/// A nav that has one NAV, in the words of nav's own answers; none before told() is called. (The nav service
/// itself with staking beside it: staking_books_test.)
class ToldNav {
 public:
  ToldNav() {
    http::Router router;
    router.get("/v1/funds/{fund}/navs", [this](const http::Request&) {
      const std::lock_guard lock(mutex_);
      return http::Response::json(date_.empty() ? R"({"navs":[]})"
                                                : R"({"navs":[{"date":")" + date_ + R"("}]})");
    });
    router.get("/v1/funds/{fund}/navs/{date}", [this](const http::Request&) {
      const std::lock_guard lock(mutex_);
      return http::Response::json(nav_);
    });
    server_ = std::make_unique<http::Server>(std::move(router), http::ServerOptions{}, log::Logger::silent());
    server_->start();
  }
  ~ToldNav() { server_->stop(); }
  std::string url() const { return server_->url(); }
  /// `text`: facts as a request says them.
  void told(const std::string& text) {
    const json::Value facts = parsed(text);
    const auto word = [&](const char* key) { return facts.find(key)->as_string(); };
    json::Writer writer;
    writer.begin_object()
        .member("date", word("date"))
        .member("version", 1)
        .member("state", word("state"))
        .member("inputs_hash", word("inputs_hash"))
        .key("document")
        .begin_object()
        .member("act", word("act"))
        .member("valued_at", word("valued_at"))
        .member("net_assets", word("net_assets"))
        .key("other_assets")
        .begin_array()
        .begin_object()
        .member("name", "Cash")
        .member("value", word("cash"))
        .end_object()
        .end_array()
        .key("positions")
        .value(*facts.find("holdings"))
        .end_object()
        .end_object();
    const std::lock_guard lock(mutex_);
    date_ = word("date");
    nav_ = writer.take();
  }

 private:
  std::mutex mutex_;
  std::string date_, nav_;
  std::unique_ptr<http::Server> server_;
};

/// Sandbox, custody served with a policy in force, staking configured beside it.
class Desk {
 public:
  Desk() : home_(sandbox_), log_(home_.path() / "custody.log") {
    EXPECT_EQ(home_.run({"custody", "sync", "--source", "crypto_com"}, "operator").exit_code, 0);
    EXPECT_EQ(
        home_.run({"custody", "movements", "propose", "BTCETH", home_.write("policy.json", kPolicy)}, "maker")
            .exit_code,
        0);
    for (const char* who : {"approver", "second-approver"})
      EXPECT_EQ(home_.run({"custody", "movements", "approve-rule", "BTCETH", "policy", "p"}, who).exit_code,
                0);
    custody_ =
        std::make_unique<tests::Background>(home_.words({"serve", "custody"}), home_.environment(), log_);
    write_config();
  }
  ~Desk() {
    custody_->signal(SIGTERM);
    custody_->wait(kPatience);
  }

  Ended run(std::vector<std::string> more, const std::string& who) const {
    return tests::run_process(words(std::move(more), who), home_.environment());
  }
  std::vector<std::string> words(std::vector<std::string> more, const std::string& who) const {
    std::vector<std::string> all{tests::navkeeper_executable().string(), "--config", config_, "--as", who};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  json::Value answer(std::vector<std::string> more, const std::string& who = "operator") const {
    more.emplace_back("--json");
    const Ended ended = run(more, who);
    EXPECT_EQ(ended.exit_code, 0) << more[1] << ": " << ended.err;
    return parsed(ended.out);
  }
  void sync() const {
    const Ended ended = run({"staking", "sync"}, "operator");
    EXPECT_EQ(ended.exit_code, 0) << ended.err << ended.out;
  }
  void delegate() const {
    const std::string fund = chain_address(sandbox_.world(), "cronos_pos", 0);
    sandbox_.post("/sandbox/v1/chains/payments",
                  R"({"chain":"cronos_pos","to":")" + fund + R"(","amount":"900000000000"})");
    std::this_thread::sleep_for(kTwoBlocks);
    sandbox_.post("/sandbox/v1/chains/cronos_staking", R"({"act":"delegate","delegator":")" + fund +
                                                           R"(","validator":1,"amount":"500000000000"})");
    std::this_thread::sleep_for(kTwoBlocks);
  }
  /// Of every movement in custody its state.
  std::map<std::string, std::string> movements() const {
    std::map<std::string, std::string> found;
    const json::Value all = parsed(home_.run({"custody", "movements", "list", "BTCETH", "--json"}).out);
    for (const json::Value& one : all.find("movements")->as_array())
      EXPECT_TRUE(found.emplace(one.find("id")->as_string(), one.find("state")->as_string()).second);
    return found;
  }
  const Home& home() const { return home_; }
  /// Custody's configuration with the staking service beside it.
  std::string custody_that_asks(const std::string& staking) const {
    return home_.write("asks.toml", tests::read_file(home_.path() / "navkeeper.toml") +
                                        "[services.staking]\nurl = \"" + staking + "\"\n");
  }
  /// Staking's configuration with other words.
  std::string staking_with(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = tests::read_file(config_);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return home_.write(file, text.replace(at, from.size(), to));
  }
  std::string custody_url() const { return listening_url(log_); }
  std::string nav_table() const { return "[services.nav]\nurl = \"" + nav_.url() + "\"\n"; }
  void tell_nav(const std::string& facts) { nav_.told(facts); }
  Ended run_with(const std::string& config, std::vector<std::string> more, const std::string& who) const {
    return tests::run_process(words_with(config, std::move(more), who), home_.environment());
  }
  static std::vector<std::string> words_with(const std::string& config, std::vector<std::string> more,
                                             const std::string& who) {
    std::vector<std::string> all{tests::navkeeper_executable().string(), "--config", config, "--as", who};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  void write_config() {
    const std::string custody = listening_url(log_);
    const std::string auth = home_.write("custody.auth", "Bearer " + home_.token("auditor") + "\n");
    ::chmod(auth.c_str(), 0600);
    const std::string node = chain_node_url(sandbox_.world(), "cronos");
    config_ = home_.write(
        "staking.toml",
        "[services.staking]\nport = 0\n[services.nav]\nurl = \"" + nav_.url() +
            "\"\n[services.custody]\nurl = \"" + custody +
            "\"\n[staking]\nsync_seconds = 86400\n[[staking.cronos]]\nname = \"cronos\"\nfund = \"BTCETH\"\n"
            "delegators = [\"" +
            chain_address(sandbox_.world(), "cronos_pos", 0) +
            "\"]\n[[staking.cronos.nodes]]\nname = \"cronos\"\nurl = \"" + node + "\"\nrpc_url = \"" + node +
            "\"\n[[staking.custodian]]\nname = \"foris\"\nfund = \"BTCETH\"\ncustody_source = "
            "\"crypto_com\"\n"
            "url = \"" +
            custody + "\"\nauthorization_file = \"" + auth +
            "\"\n[[staking.funds]]\nfund = \"BTCETH\"\n[[staking.funds.custodians]]\nsource = \"foris\"\n"
            "notice_hours = 24\n");
  }

  ToldNav nav_;
  const SandboxProcess sandbox_;
  const Home home_;
  fs::path log_;
  std::unique_ptr<tests::Background> custody_;
  std::string config_;
};

/// A NAV of a minute ago that holds what the readings show, a thousand coins of each asset beside it and a
/// hundred million CRO, each worth ten cents.
std::string facts_of(const json::Value& shown) {
  std::map<std::string, Decimal> coins{{"CRO", Decimal::of(100'000'000)}};
  for (const json::Value& reading : shown.find("readings")->as_array()) {
    for (const json::Value& position : reading.find("positions")->as_array()) {
      const std::string state = position.find("state")->as_string();
      if (state != "claimable" && state != "contingent")
        coins[position.find("asset")->as_string()] += Decimal::literal(position.find("amount")->as_string());
    }
  }
  const time::Instant now = time::SystemClock().now();
  json::Writer writer;
  Decimal sum = Decimal::of(100'000);
  writer.begin_object()
      .member("act", "ICA_1940")
      .member("date", time::utc_date(now).to_string())
      .member("version", 1)
      .member("state", "approved")
      .member("inputs_hash", "00")
      .member("valued_at", (now - time::Duration::minutes(1)).to_string())
      .key("holdings")
      .begin_array();
  for (const auto& [asset, staked] : coins) {
    const Decimal quantity = staked + Decimal::of(1'000);
    const Decimal value = money::multiply(quantity, Decimal::literal("0.1"), 2, money::Rounding::kHalfEven);
    sum += value;
    writer.begin_object()
        .member("asset", asset)
        .member("quantity", quantity)
        .member("price", "0.1")
        .member("value", value)
        .end_object();
  }
  writer.end_array()
      .member("cash", "100000")
      .member("other_assets", "0")
      .member("net_assets", sum)
      .end_object();
  return writer.take();
}

std::string plan_of(const std::string& id) {
  std::string text = R"({"id":")" + id +
                     R"(","asset":"CRO","decimals":8,"native_days":28,"place_most":"200000","policy":{)"
                     R"("validator_tokens_share_max":"0.001"},"validators":[)";
  for (int i = 0; i < 6; ++i)
    text += std::string(i == 0 ? "" : ",") + R"({"place":"crocncl)" + std::to_string(i) +
            R"(","tokens":"20000000","gross_rate":"0.05","commission":"0.0)" + std::to_string(i + 1) +
            R"(","custodian":"crypto_com"})";
  return text + "]}";
}

class Caller {
 public:
  Caller(const std::string& url, const Home& home) : client_({.base_url = url}), home_(home) {}
  http::Response post(const std::string& path, const std::string& who, const std::string& key,
                      const std::string& body) {
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.path = path;
    request.headers = {{"Authorization", "Bearer " + home_.token(who)}, {"Idempotency-Key", key}};
    request.body = body;
    return client_.send(request);
  }
  http::Response get(const std::string& path, http::Parameters query = {}) {
    http::ClientRequest request;
    request.path = path;
    request.query = std::move(query);
    request.headers = {{"Authorization", "Bearer " + home_.token("auditor")}};
    return client_.send(request);
  }

 private:
  http::Client client_;
  const Home& home_;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

void refuse_what_is_wrong(Caller& caller, const std::string& facts) {
  const std::string root = "/v1/staking/funds/BTCETH/";
  const auto body = [&](const std::string& plan, const std::string& with) {
    return R"({"plan":)" + plan + R"(,"facts":)" + with + "}";
  };
  const std::string plan = plan_of("bad");
  int number = 0;
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {body(replaced(plan, R"("place_most":"200000")", R"("place_most":"0")"), facts), "place_most"},
           {body(replaced(plan, R"("place_most":"200000")", R"("place_most":"-5")"), facts), "place_most"},
           {body(replaced(plan, "200000", std::string(400, '9')), facts), "place_most"},
           {body(replaced(plan, R"("decimals":8)", R"("decimals":"8")"), facts), "decimals"},
           {body(plan, replaced(facts, R"("net_assets":")", R"("net_assets":"-)")), "net_assets"},
           {body(plan, replaced(facts, R"("valued_at":"20)", R"("valued_at":"19)")), "facts.valued_at"},
           {body(plan, replaced(facts, R"("asset":"CRO")", R"("asset":"XYZ")")), "facts.holdings"},
           {body(plan, replaced(facts, R"("price":"0.1")", R"("price":"0.2")")), ".price"},
           {"{", ""}}) {
    const http::Response response =
        caller.post(root + "plans", "maker", "bad-" + std::to_string(++number), text);
    EXPECT_EQ(response.status, 400) << text.substr(0, 300) << response.body;
    EXPECT_NE(response.body.find(field), std::string::npos) << response.body;
  }
  const http::Response unknown =
      caller.post("/v1/staking/funds/NOBODY/plans", "maker", "nobody", body(plan, facts));
  EXPECT_EQ(unknown.status, 400) << unknown.body;
  EXPECT_NE(unknown.body.find("no source of it was ever read"), std::string::npos) << unknown.body;
  EXPECT_EQ(caller.post(root + "plans", "auditor", "auditor", body(plan, facts)).status, 403);
  EXPECT_EQ(caller.post(root + "plans/none/submit", "maker", "none", "{}").status, 404);
  EXPECT_EQ(caller.get(root + "liquidity/redemption", {{"dollars", "0"}}).status, 400);
  EXPECT_EQ(caller.get(root + "liquidity/redemption", {{"dollars", "-1"}}).status, 400);
  EXPECT_EQ(caller.get(root + "liquidity/redemption", {{"dollars", std::string(400, '9')}}).status, 400);
  const http::Response much =
      caller.get(root + "liquidity/acquisition", {{"asset", "CRO"}, {"coins", "20000000"}, {"days", "28"}});
  EXPECT_EQ(much.status, 400) << much.body;
  EXPECT_NE(much.body.find("would leave more of net assets illiquid"), std::string::npos) << much.body;
  EXPECT_EQ(parsed(caller.get(root + "plans").body).find("plans")->as_array().size(), 0U);
}

/// Whose word it is matters: nobody's but nav's own decides. Without a nav a test is shown, and opens, cures
/// and allows nothing; with one, a body that says otherwise than nav is refused by field.
void judge_by_nav_alone(Desk& desk, const std::string& facts) {
  const std::string root = "/v1/staking/funds/BTCETH/";
  const auto told = [](const std::string& with) { return R"({"facts":)" + with + "}"; };
  const fs::path log = desk.home().path() / "staking-alone.log";
  const std::string alone = desk.staking_with("alone.toml", desk.nav_table(), "");
  tests::Background serve(Desk::words_with(alone, {"serve", "staking"}, "maker"), desk.home().environment(),
                          log);
  Caller caller(listening_url(log), desk.home());
  const http::Response shown = caller.post(root + "liquidity", "maker", "a-1", told(facts));
  EXPECT_EQ(shown.status, 201) << shown.body;
  EXPECT_TRUE(shown.body.starts_with(R"({"counts":false)")) << shown.body;
  EXPECT_EQ(caller.post(root + "liquidity", "maker", "a-1", told(facts)).body, shown.body);
  const http::Response stored = caller.get(root + "liquidity");
  EXPECT_EQ(stored.body, R"({"liquidity":null,"breaches":[]})");
  EXPECT_EQ(caller.get(root + "liquidity/acquisition", {{"asset", "CRO"}, {"coins", "1"}}).status, 404);
  const http::Response plan = caller.post(root + "plans", "maker", "a-2",
                                          R"({"plan":)" + plan_of("alone") + R"(,"facts":)" + facts + "}");
  EXPECT_EQ(plan.status, 503) << plan.body;
  int number = 0;
  for (const auto& [from, to, field] : std::vector<std::array<std::string, 3>>{
           {R"("price":"0.1")", R"("price":"0")", "].price"},
           {R"("price":"0.1")", R"("price":"0.2")", "].value"},
           {R"("net_assets":")", R"("net_assets":"99999)", "facts.net_assets"},
           {R"("date":"20)", R"("date":"21)", "facts.date"}}) {
    const http::Response response = caller.post(root + "liquidity", "maker", "c-" + std::to_string(++number),
                                                told(replaced(facts, from, to)));
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_NE(response.body.find(field), std::string::npos) << response.body;
  }
  serve.signal(SIGTERM);
  serve.wait(kPatience);
}

/// What custody keeps of the liquidity test of a stake.
std::string test_of(const Desk& desk, const std::string& id) {
  const json::Value all =
      parsed(desk.home().run({"custody", "movements", "show", "BTCETH", id, "--json"}).out);
  const json::Value* const test = all.find("movements")->as_array().at(0).find("stake_test");
  return test->find("outcome")->as_string() + ": " + test->find("detail")->as_string();
}

/// Stakes that people propose at custody themselves are tested by staking, over HTTP and by the command; a
/// plan's steps are not asked about twice; where nobody can say, approvers see it.
void stake_directly(const Desk& desk, const std::string& facts) {
  const auto stake = [](const std::string& id, const std::string& amount) {
    return R"({"kind":"stake","id":")" + id + R"(","custodian":"crypto_com","asset":"CRO","amount":")" +
           amount + R"(","reason":"by hand"})";
  };
  const auto propose = [&](const std::string& config, const std::string& id, const std::string& amount) {
    const std::string file = desk.home().write(id + ".json", stake(id, amount));
    return desk.run_with(config, {"custody", "movements", "propose", "BTCETH", file}, "maker");
  };
  // Without a notice of the custodian nobody knows when its stakes are free: they are illiquid.
  const std::string quiet = desk.staking_with(
      "quiet.toml", "[[staking.funds.custodians]]\nsource = \"foris\"\nnotice_hours = 24\n", "");
  const fs::path staking_log = desk.home().path() / "staking-asked.log";
  tests::Background staking(Desk::words_with(quiet, {"serve", "staking"}, "maker"), desk.home().environment(),
                            staking_log);
  const std::string staking_url = listening_url(staking_log);
  const std::string asks = desk.custody_that_asks(staking_url);

  const Ended refused = propose(asks, "large", "20000000");
  EXPECT_EQ(refused.exit_code, 1) << refused.out;
  EXPECT_NE(refused.err.find("movement large: ICA_1940: would leave more of net assets illiquid"),
            std::string::npos)
      << refused.err;
  const Ended small = propose(asks, "small", "1000");
  EXPECT_EQ(small.exit_code, 0) << small.err;
  EXPECT_NE(small.out.find("liquidity test: allowed: within: "), std::string::npos) << small.out;

  const fs::path custody_log = desk.home().path() / "custody-asks.log";
  tests::Background custody(Desk::words_with(asks, {"serve", "custody"}, "operator"),
                            desk.home().environment(), custody_log);
  const std::string custody_url = listening_url(custody_log);
  Caller caller(custody_url, desk.home());
  const std::string movements = "/v1/custody/funds/BTCETH/movements";
  // Who calls a stake a plan's step is asked all the same.
  for (const char* id : {"by-http", "plan-w49-99"}) {
    const http::Response no =
        caller.post(movements, "maker", std::string("large-") + id, stake(id, "20000000"));
    EXPECT_EQ(no.status, 400) << no.body;
    EXPECT_NE(no.body.find("ICA_1940"), std::string::npos) << no.body;
  }
  EXPECT_FALSE(desk.movements().contains("large") || desk.movements().contains("by-http"));
  const http::Response yes = caller.post(movements, "maker", "small-1", stake("small-http", "1000"));
  EXPECT_EQ(yes.status, 201) << yes.body;
  EXPECT_NE(yes.body.find(R"("outcome":"allowed")"), std::string::npos) << yes.body;
  EXPECT_EQ(caller.post(movements, "maker", "small-1", stake("small-http", "1000")).body, yes.body);

  // The limit is of net assets: of another coin's stake the CRO that is under way counts too.
  Caller planner(staking_url, desk.home());
  const std::string ether =
      R"({"kind":"stake","id":"ether","custodian":"crypto_com","asset":"ETH","amount":"1","reason":"by hand"})";
  const http::Response other = caller.post(movements, "maker", "ether-1", ether);
  EXPECT_EQ(other.status, 201) << other.body;
  const std::string detail = test_of(desk, "ether");
  const std::string before = "; counted with other stakes that are under way, ";
  const std::size_t begin = detail.find(before), end = detail.find(" CRO at crypto_com");
  ASSERT_NE(begin, std::string::npos) << detail;
  ASSERT_NE(end, std::string::npos) << detail;
  const std::string under_way = detail.substr(begin + before.size(), end - begin - before.size());
  const auto illiquid = [&](http::Parameters more) {
    more.insert(more.end(), {{"asset", "ETH"}, {"coins", "1"}, {"custodian", "crypto_com"}});
    const http::Response answer =
        planner.get("/v1/staking/funds/BTCETH/liquidity/acquisition", std::move(more));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Decimal::literal(parsed(answer.body).find("illiquid")->as_string());
  };
  // At ten cents; what the stakes earned since the NAV was valued is spread over the coins.
  const Decimal counted = illiquid({{"others", "CRO:" + under_way + ":crypto_com"}}) - illiquid({});
  const Decimal expected = Decimal::literal(under_way) * Decimal::literal("0.1");
  EXPECT_LT((counted - expected).abs(), Decimal::of(1)) << counted.to_string() << " of " << under_way;

  // A plan is submitted to the custody that asks: its steps were tested by who submits them.
  const std::string body = R"({"plan":)" + plan_of("w51") + R"(,"facts":)" + facts + "}";
  ASSERT_EQ(planner.post("/v1/staking/funds/BTCETH/plans", "maker", "p-51", body).status, 201);
  const std::string handed = desk.staking_with("handed.toml", desk.custody_url(), custody_url);
  const Ended submitted = desk.run_with(handed, {"staking", "plan", "submit", "BTCETH", "w51"}, "maker");
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err;
  EXPECT_EQ(test_of(desk, "plan-w51-1"), "plan: a step of a staking plan, tested when it was submitted");

  const Ended nobody = propose((desk.home().path() / "navkeeper.toml").string(), "unasked", "1000");
  EXPECT_EQ(nobody.exit_code, 0) << nobody.err;
  EXPECT_EQ(test_of(desk, "unasked"),
            "unavailable: no staking service is configured, which knows the fund's liquidity");
  const Ended approved =
      desk.home().run({"custody", "movements", "approve", "BTCETH", "unasked"}, "approver");
  EXPECT_NE(approved.out.find("liquidity test: unavailable: no staking service"), std::string::npos)
      << approved.out << approved.err;
  custody.signal(SIGTERM);
  custody.wait(kPatience);
  staking.signal(SIGTERM);
  staking.wait(kPatience);
}

TEST(StakingPlan, IsMeasuredProposedAndHandedToCustodyExactlyOnceWhateverIsKilled) {
  Desk desk;
  desk.sync();
  desk.delegate();
  std::this_thread::sleep_for(kTwoBlocks);  // a year's power of less than half a minute has no decimal
  desk.sync();
  const json::Value measures = desk.answer({"staking", "measures", "BTCETH", "--take"});
  bool has_rate = false;
  for (const json::Value& one : measures.find("measures")->as_array()) {
    const json::Value* const apr = one.find("apr");
    has_rate = has_rate || (apr != nullptr && one.find("asset")->as_string() == "CRO" &&
                            Decimal::literal(apr->find("365")->as_string()).is_positive());
    EXPECT_EQ(one.find("inputs_hash")->as_string().size(), 64U);
  }
  EXPECT_TRUE(has_rate) << json::to_pretty(measures);
  const json::Value queues = desk.answer({"staking", "queues", "BTCETH"});
  EXPECT_EQ(queues.find("queues")->as_array().at(0).find("queue")->as_string(), "unbonding");
  EXPECT_GT(queues.find("positions")->as_array().size(), 2U);

  const std::string facts = facts_of(desk.answer({"staking", "show", "BTCETH"}));
  judge_by_nav_alone(desk, facts);
  desk.tell_nav(facts);
  const fs::path log = desk.home().path() / "staking.log";
  tests::Background serve(desk.words({"serve", "staking"}, "maker"), desk.home().environment(), log);
  Caller caller(listening_url(log), desk.home());
  const std::string root = "/v1/staking/funds/BTCETH/";

  const http::Response taken =
      caller.post(root + "liquidity", "operator", "t-1", R"({"facts":)" + facts + "}");
  ASSERT_EQ(taken.status, 201) << taken.body;
  EXPECT_EQ(caller.post(root + "liquidity", "operator", "t-1", R"({"facts":)" + facts + "}").body,
            taken.body);
  const http::Response shown = caller.get(root + "liquidity");
  EXPECT_NE(shown.body.find(R"("standing":"within")"), std::string::npos) << shown.body;
  const http::Response redeemed = caller.get(root + "liquidity/redemption", {{"dollars", "150000"}});
  EXPECT_EQ(redeemed.status, 200) << redeemed.body;
  EXPECT_NE(redeemed.body.find(R"("act":"sell")"), std::string::npos) << redeemed.body;
  EXPECT_TRUE(taken.body.starts_with(R"({"counts":true)")) << taken.body;
  EXPECT_EQ(caller.post(root + "liquidity", "operator", "t-2", "{}").status, 201) << "nav is asked anyway";
  const std::string breaches = shown.body.substr(shown.body.find(R"("breaches")"));
  int invented = 0;
  for (const auto& [from, to, field] : std::vector<std::array<std::string, 3>>{
           {R"("net_assets":")", R"("net_assets":"99999)", "facts.net_assets"},
           {R"("date":"20)", R"("date":"21)", "facts.date"},
           {R"("state":"approved")", R"("state":"invented by me")", "facts.state"},
           {R"("price":"0.1")", R"("price":"0")", "].price"}}) {
    const http::Response response =
        caller.post(root + "liquidity", "maker", "i-" + std::to_string(++invented),
                    R"({"facts":)" + replaced(facts, from, to) + "}");
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_NE(response.body.find(field), std::string::npos) << response.body;
  }
  EXPECT_NE(caller.get(root + "liquidity").body.find(breaches), std::string::npos) << "nothing changed";
  refuse_what_is_wrong(caller, facts);

  const std::string body = R"({"plan":)" + plan_of("w49") + R"(,"facts":)" + facts + "}";
  const http::Response proposed = caller.post(root + "plans", "maker", "p-1", body);
  ASSERT_EQ(proposed.status, 201) << proposed.body;
  EXPECT_EQ(caller.post(root + "plans", "maker", "p-1", body).body, proposed.body) << "answered alike";
  EXPECT_EQ(caller.post(root + "plans", "maker", "p-2", body).status, 409) << "an id is used once";
  const std::string other = R"({"plan":)" + plan_of("w50") + R"(,"facts":)" + facts + "}";
  EXPECT_EQ(caller.post(root + "plans", "maker", "p-1", other).status, 422) << "other content, same key";
  const json::Value plan = parsed(proposed.body);
  EXPECT_EQ(plan.find("inputs_hash")->as_string().size(), 64U);
  std::set<std::string> wanted;
  for (const json::Value& step : plan.find("steps")->as_array())
    wanted.insert(step.find("movement")->as_string());
  ASSERT_EQ(wanted.size(), 6U) << proposed.body;
  EXPECT_TRUE(desk.movements().empty()) << "proposing a plan moves nothing";

  int killed = 0;
  for (int turn = 0; turn < 12; ++turn) {
    tests::Background submit(desk.words({"staking", "plan", "submit", "BTCETH", "w49"}, "maker"),
                             desk.home().environment(), desk.home().path() / "submit.log");
    std::this_thread::sleep_for(std::chrono::milliseconds(60 + 35 * turn));
    submit.signal(SIGKILL);
    killed += submit.wait(kPatience) == -SIGKILL ? 1 : 0;
  }
  EXPECT_GT(killed, 0);
  for (const auto& [id, state] : desk.movements()) EXPECT_TRUE(wanted.contains(id)) << id;
  // What is not known is looked up, what custody does not have is sent by the next submission.
  for (const char* key : {"s-1", "s-2", "s-3"})
    EXPECT_EQ(caller.post(root + "plans/w49/submit", "maker", key, "{}").status, 201);
  const http::Response stands = caller.get(root + "plans/w49");
  std::map<std::string, std::string> expected;
  for (const std::string& id : wanted) expected.emplace(id, "proposed");
  EXPECT_EQ(desk.movements(), expected) << stands.body;
  const json::Value after = parsed(stands.body);
  for (const json::Value& step : after.find("steps")->as_array())
    EXPECT_EQ(step.find("state")->as_string(), "proposed") << stands.body;
  const Ended again = desk.run({"staking", "plan", "submit", "BTCETH", "w49"}, "maker");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(desk.movements(), expected) << "submitted again it is the same";

  // Four eyes stay custody's: who proposed may not approve.
  const std::string& first = *wanted.begin();
  EXPECT_EQ(desk.home().run({"custody", "movements", "approve", "BTCETH", first}, "maker").exit_code, 1);
  EXPECT_EQ(desk.home().run({"custody", "movements", "approve", "BTCETH", first}, "approver").exit_code, 0);
  EXPECT_EQ(desk.movements()[first], "approved_once");

  // Sent by custody, told by the custodian, an event of staking's: once, however often it is read.
  EXPECT_EQ(
      desk.home().run({"custody", "movements", "approve", "BTCETH", first}, "second-approver").exit_code, 0);
  std::string amount;
  for (const json::Value& step : after.find("steps")->as_array())
    if (step.find("movement")->as_string() == first) amount = step.find("amount")->as_string();
  const auto told = [&] {
    std::vector<std::string> found;
    const json::Value events = parsed(caller.get(root + "events", {{"source", "foris"}}).body);
    for (const json::Value& one : events.find("events")->as_array())
      if (one.find("kind")->as_string() == "deposit_submitted")
        found.push_back(one.find("amount")->as_string() + " " + one.find("asset")->as_string());
    return found;
  };
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (told().empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    desk.sync();
  }
  EXPECT_EQ(told(), std::vector<std::string>{amount + " CRO"});
  desk.sync();
  desk.sync();
  EXPECT_EQ(told().size(), 1U);
  const json::Value rolled = desk.answer({"staking", "rollforward", "BTCETH", "--source", "foris"});
  for (const json::Value& one : rolled.find("roll_forwards")->as_array())
    EXPECT_TRUE(one.find("tied")->as_boolean()) << json::to_pretty(one);
  stake_directly(desk, facts);
  serve.signal(SIGTERM);
  EXPECT_EQ(serve.wait(kPatience), 0) << tests::read_file(log);
}

}  // namespace
}  // namespace navkeeper
