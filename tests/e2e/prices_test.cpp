// Prices as a person and as the clock make them: what happens to a NAV on a day without trades until two
// people decided; the strike job killed, started twice, and asked again.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "common/http/client.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "common/log/log.h"
#include "common/time/clock.h"
#include "common/time/date.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

using tests::Ended;
using tests::run_process;

constexpr auto kPatience = std::chrono::seconds(120);  // a loaded machine under sanitizers
const std::string kEmptyDay = "2026-03-12";

class Home {
 public:
  explicit Home(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
  }
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
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

bool eventually(const std::function<bool()>& is_true) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (is_true()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return is_true();
}

TEST(Prices, ANavOfADayWithoutTradesWaitsForADeterminationByTwoPeople) {
  tests::TemporaryFolder folder;
  const Home home(folder.path() / "home");
  const Ended demonstration = home.run({"demo"});
  ASSERT_EQ(demonstration.exit_code, 0) << demonstration.err;
  const std::vector<std::string> strike{"nav",    "run",      "--date", kEmptyDay,
                                        "--fund", "CROYIELD", "--as",   "maker"};
  const Ended unpriced = home.run(strike);
  EXPECT_EQ(unpriced.exit_code, 1);
  EXPECT_NE(unpriced.err.find("navkeeper prices strike CRO --date 2026-03-12"), std::string::npos)
      << unpriced.err;

  const Ended waiting = home.run({"prices", "strike", "CRO", "--date", kEmptyDay, "--as", "operator"});
  EXPECT_EQ(waiting.exit_code, 1);
  EXPECT_NE(waiting.out.find("previous"), std::string::npos) << waiting.out;
  const Ended refused = home.run(strike);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.out.empty());
  EXPECT_NE(refused.err.find("a fair-value determination is open"), std::string::npos) << refused.err;

  const std::vector<std::string> determine{"prices",   "determine",
                                           "CRO",      kEmptyDay,
                                           "--price",  "0.0871",
                                           "--method", "mean of two brokers' quotes",
                                           "--input",  "broker A=0.0870@e-mail",
                                           "--input",  "broker B=0.0872@e-mail"};
  const auto as = [](std::vector<std::string> words, const char* who) {
    words.insert(words.end(), {"--as", who});
    return words;
  };
  EXPECT_EQ(home.run(as(determine, "approver")).exit_code, 1) << "an approver determines nothing";
  ASSERT_EQ(home.run(as(determine, "maker")).exit_code, 0);
  EXPECT_EQ(home.run(strike).exit_code, 1) << "one person is not two";
  const std::vector<std::string> approve{"prices", "approve-determination", "CRO", kEmptyDay, "--number", "1",
                                         "--price"};
  const auto priced = [&](std::vector<std::string> words, const char* price) {
    words.emplace_back(price);
    return words;
  };
  EXPECT_EQ(home.run(as(priced(approve, "0.0871"), "maker")).exit_code, 1);
  EXPECT_EQ(home.run(as(priced(approve, "0.0872"), "approver")).exit_code, 1)
      << "another price than was determined";
  ASSERT_EQ(home.run(as(priced(approve, "0.0871"), "approver")).exit_code, 0);
  const Ended struck = home.run(strike);
  ASSERT_EQ(struck.exit_code, 0) << struck.err;
  const Ended explained = home.run({"nav", "explain", "CROYIELD", kEmptyDay});
  EXPECT_EQ(explained.exit_code, 0);
  EXPECT_NE(explained.out.find("fair-value determination: mean of two brokers' quotes"), std::string::npos)
      << explained.out;
  EXPECT_NE(explained.out.find("pricing: CRO fair_value"), std::string::npos);
  EXPECT_NE(explained.out.find("byte for byte"), std::string::npos);
  const Ended listed = home.run({"prices", "determinations"});
  EXPECT_NE(listed.out.find("approved"), std::string::npos) << listed.out;
  EXPECT_EQ(home.run({"audit", "verify"}).exit_code, 0);
}

TEST(Prices, ADayOnWhichTheIndexFailsAndADayOnWhichAllFails) {
  tests::TemporaryFolder folder;
  const Home home(folder.path() / "home");
  ASSERT_EQ(home.run({"db", "init"}).exit_code, 0);
  const auto config = [](const std::string& file) {
    return (tests::source_dir() / "config" / file).string();
  };
  ASSERT_EQ(home.run({"rates", "define", config("indices/NK_BTCUSD_NY.toml"),
                      config("indices/NK_BTCUSD_NY_VWAP.toml"), "--as", "operator"})
                .exit_code,
            0);
  ASSERT_EQ(home.run({"prices", "policy", config("valuation/BTC.toml"), "--as", "operator"}).exit_code, 0);
  // One venue alone, and not the principal market: the official index wants two.
  const std::string trades =
      "time,venue,pair,price,size,id\n2026-03-05T20:10:00Z,kraken,BTC/USD,84000,1,1\n"
      "2026-03-05T20:50:00Z,kraken,BTC/USD,84100,1,2\n";
  ASSERT_EQ(home.run({"rates", "import", folder.write("t.csv", trades), "--as", "operator"}).exit_code, 0);
  const Ended second = home.run({"prices", "strike", "--date", "2026-03-05", "--as", "operator"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_NE(second.out.find("NK_BTCUSD_NY_VWAP, the second index"), std::string::npos) << second.out;
  EXPECT_NE(home.run({"prices", "show", "BTC", "--date", "2026-03-05"})
                .out.find("NK_BTCUSD_NY version 1 is failed"),
            std::string::npos);

  // One of two is refused: the other one is struck and shown, and what was refused is said beside it.
  const Ended partial =
      home.run({"prices", "strike", "BTC", "ETH", "--date", "2026-03-05", "--as", "operator"});
  EXPECT_EQ(partial.exit_code, 1);
  EXPECT_NE(partial.out.find("BTC"), std::string::npos) << partial.out;
  EXPECT_NE(partial.err.find("ETH is not struck: ETH: has no valuation policy"), std::string::npos)
      << partial.err;
  const Ended as_json =
      home.run({"prices", "strike", "ETH", "BTC", "--date", "2026-03-05", "--as", "operator", "--json"});
  EXPECT_EQ(as_json.exit_code, 1);
  EXPECT_NE(as_json.out.find(R"({"prices":[{)"), std::string::npos) << as_json.out;
  EXPECT_NE(as_json.out.find(R"("refused":[{"asset":"ETH","why":"ETH: has no valuation policy)"),
            std::string::npos)
      << as_json.out;
  const Ended neither = home.run({"prices", "strike", "ETH", "--date", "2026-03-05", "--as", "operator"});
  EXPECT_EQ(neither.exit_code, 1);
  EXPECT_EQ(neither.out, "");

  const std::vector<std::string> strike{"prices", "strike", "--date", "2026-03-06", "--as", "operator"};
  EXPECT_EQ(home.run(strike).exit_code, 1) << "nothing but yesterday's value";
  const Ended proposed = home.run({"prices", "propose", "BTC", "2026-03-06", "--price", "84500", "--source",
                                   "broker's confirmation", "--as", "maker"});
  ASSERT_EQ(proposed.exit_code, 0) << proposed.err;
  EXPECT_EQ(home.run(strike).exit_code, 1) << "one person's price does not count";
  const std::vector<std::string> approve{"prices", "approve", "BTC", "2026-03-06", "--number", "1", "--as"};
  const auto as = [&](const char* who) {
    std::vector<std::string> words = approve;
    words.emplace_back(who);
    return words;
  };
  EXPECT_EQ(home.run(as("maker")).exit_code, 1);
  const Ended approved = home.run(as("approver"));
  ASSERT_EQ(approved.exit_code, 0) << approved.err;
  EXPECT_NE(approved.out.find("manual price from broker's confirmation"), std::string::npos) << approved.out;
  EXPECT_EQ(home.run(strike).exit_code, 0);

  // A definition of another week leaves what was struck as it is; one of this week is refused.
  const auto struck = [&] { return home.run({"rates", "show", "NK_BTCUSD_NY_VWAP", "--json"}).out; };
  const std::string before = struck();
  std::string changed = tests::read_file(config("indices/NK_BTCUSD_NY_VWAP.toml"));
  const auto dated = [&](const char* day) {
    std::string text = changed;
    text.replace(text.find("2020-01-01"), 10, day);
    text.replace(text.find("partitions = 1"), 14, "partitions = 4");
    return folder.write("changed.toml", text);
  };
  EXPECT_EQ(home.run({"rates", "define", dated("2026-03-06"), "--as", "operator"}).exit_code, 1);
  ASSERT_EQ(home.run({"rates", "define", dated("2026-03-12"), "--as", "operator"}).exit_code, 0);
  EXPECT_EQ(home.run({"rates", "strike", "NK_BTCUSD_NY_VWAP", "--date", "2026-03-05", "--as", "operator"})
                .exit_code,
            0);
  EXPECT_EQ(struck(), before);
}

/// An index whose window closed at midnight UTC, and an asset that it prices: due whenever the test runs.
class StrikeJob : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(home_.run({"db", "init"}).exit_code, 0);
    const std::string index =
        "id = \"NK_E2E\"\npair = \"BTC/USD\"\nstrike_time = \"00:00\"\ntime_zone = \"UTC\"\nwindow_minutes = "
        "60\npartitions = 12\nstatistic = \"volume_weighted_median\"\ntie = \"lower\"\nempty_partition = "
        "\"drop\"\nweights = \"equal\"\nvenues = [\"coinbase\"]\nvenue_deviation_max = "
        "\"0.05\"\nvenue_deviation_reference = \"all\"\nminimum_venues = 1\ndecimals = 2\nrounding = "
        "\"half_even\"\nretrieval_delay_seconds = 0\n";
    const std::string policy =
        "asset = \"BTC\"\neffective_from = 2020-01-01\nofficial_index = \"NK_E2E\"\ntrade_age_max_seconds = "
        "3600\n[[ladders]]\nact = \"ETP_1933\"\nbasis = \"index\"\nrungs = [\"index\", \"manual\", "
        "\"previous\"]\n[fair_value]\nunchanged_strikes = 3\nbasis_gap_max = "
        "\"0.005\"\n[checks]\nage_max_seconds "
        "= 3600\nunchanged_strikes_max = 2\nsecond_source_deviation_max = \"0.005\"\nyesterday_deviation_max "
        "= "
        "\"0.2\"\npartition_trades_min = 1\nthin_partitions_max = 0\nvenues_min = 1\nmissing_minutes_max = "
        "60\n";
    const Ended defined =
        home_.run({"rates", "define", folder_.write("NK_E2E.toml", index), "--as", "operator"});
    ASSERT_EQ(defined.exit_code, 0) << defined.err;
    const Ended applied =
        home_.run({"prices", "policy", folder_.write("BTC.toml", policy), "--as", "operator"});
    ASSERT_EQ(applied.exit_code, 0) << applied.err;
    const time::Date today = time::utc_date(time::SystemClock().now());
    const std::string trades = "time,venue,pair,price,size,id\n" + (today - 1).to_string() +
                               "T23:30:00Z,coinbase,BTC/USD,84000,1,1\n";
    ASSERT_EQ(home_.run({"rates", "import", folder_.write("t.csv", trades), "--as", "operator"}).exit_code,
              0);
  }
  std::string config(int port) const {
    const std::string text = std::to_string(port);
    return folder_.write("navkeeper-" + text + ".toml", "[actors]\nfile = \"" +
                                                            (home_.path() / "actors.toml").string() +
                                                            "\"\n[services.pricing]\nport = " + text + "\n");
  }
  std::unique_ptr<tests::Background> serve(int port) const { return serve(port, config(port)); }
  std::unique_ptr<tests::Background> serve(int port, const std::string& config_file) const {
    return std::make_unique<tests::Background>(
        std::vector<std::string>{tests::navkeeper_executable().string(), "--config", config_file, "serve",
                                 "pricing"},
        home_.environment(), folder_.path() / ("log-" + std::to_string(port)));
  }
  json::Value answer(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const Ended shown = home_.run(words);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return json::parse(shown.out).value();
  }
  bool is_priced() const { return !answer({"prices", "show"}).find("prices")->as_array().empty(); }
  void expect_each_once() const {
    const json::Value rates = answer({"rates", "show"});
    EXPECT_FALSE(rates.find("rates")->as_array().empty());
    for (const json::Value& rate : rates.find("rates")->as_array())
      EXPECT_EQ(rate.find("version")->as_number(), "1");
    const json::Value prices = answer({"prices", "show"});
    for (const json::Value& price : prices.find("prices")->as_array())
      EXPECT_EQ(price.find("version")->as_number(), "1");
    EXPECT_EQ(home_.run({"audit", "verify"}).exit_code, 0);
  }

  tests::TemporaryFolder folder_;
  Home home_{folder_.path() / "home"};
};

/// `navkeeper sandbox --json`, as it came up.
json::Value world_of(const std::filesystem::path& log) {
  std::optional<json::Value> world;
  EXPECT_TRUE(eventually([&] {
    auto answer = json::parse(tests::read_file(log));
    if (answer.has_value()) world = std::move(*answer);
    return world.has_value();
  })) << tests::read_file(log);
  return world ? *std::move(world) : json::Value();
}

std::string venues_config(const json::Value& world, const std::vector<std::string>& venues) {
  std::string text;
  for (const json::Value& place : world.find("venues")->as_array()) {
    const std::string name = place.find("venue")->as_string();
    if (std::find(venues.begin(), venues.end(), name) == venues.end()) continue;
    text += "[[pricing.venues]]\nname = \"" + name + "\"\npairs = [\"BTC/USD\"]\nfeeds = [\"trades\"]\n" +
            "socket_base = \"" + place.find("socket")->as_string() + "\"\nrest_base = \"" +
            place.find("rest")->as_string() + "\"\n";
  }
  return text;
}

/// The seconds of the clock that the whole takes are the window's: nothing here can be hurried, because a
/// service has no clock but the machine's.
TEST_F(StrikeJob, AtTheWindowsEndPlusTheRetrievalDelayItStrikesByItselfWhatItsFeedsHeard) {
  using time::Duration;
  constexpr std::int64_t kMinute = 60'000'000'000;
  tests::Background sandbox({tests::navkeeper_executable().string(), "sandbox", "--activity", "20", "--json"},
                            home_.environment(), folder_.path() / "sandbox");
  const json::Value world = world_of(folder_.path() / "sandbox");
  ASSERT_NE(world.find("control"), nullptr);
  const std::vector<std::string> venues{"coinbase", "kraken", "bitstamp"};
  const auto config_file =
      folder_.write("live.toml", tests::read_file(config(4975)) + venues_config(world, venues));
  const auto service = serve(4975, config_file);
  const auto log_of = [&] { return tests::read_file(folder_.path() / "log-4975"); };
  EXPECT_TRUE(eventually([&] {
    const std::string log = log_of();
    std::size_t begun = 0;
    for (std::size_t at = log.find("feed begun"); at != std::string::npos;
         at = log.find("feed begun", at + 1))
      ++begun;
    return begun == venues.size();
  })) << log_of();
  // A liquid-staking token's exchange rate comes from the issuer's interface, as the sandbox speaks it.
  std::string issuer;
  for (const json::Value& place : world.find("venues")->as_array()) {
    if (place.find("venue")->as_string() == "crypto_com") issuer = place.find("rest")->as_string();
  }
  std::string token = tests::read_file(tests::source_dir() / "config" / "valuation" / "CDCETH.toml");
  const std::string coin = "coin = \"ETH\"";
  ASSERT_NE(token.find(coin), std::string::npos);
  token.replace(
      token.find(coin), coin.size(),
      "coin = \"BTC\"\nrate_url = \"" + issuer + "/exchange/v1/public/staking/get-conversion-rate\"");
  const Ended applied =
      home_.run({"prices", "policy", folder_.write("CDCETH.toml", token), "--as", "operator"});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  // The next whole minute that begins in some seconds is the window; it closes a minute later.
  const std::int64_t now_ns = time::SystemClock().now().ns();
  const auto end = time::Instant::from_ns((now_ns + 8'000'000'000) / kMinute * kMinute + 2 * kMinute);
  if (time::utc_date(end) != time::utc_date(time::Instant::from_ns(now_ns)))
    GTEST_SKIP() << "SKIPPED: midnight UTC is near";
  const std::string index =
      "id = \"NK_LIVE\"\npair = \"BTC/USD\"\nstrike_time = \"" + end.to_string().substr(11, 5) +
      "\"\ntime_zone = \"UTC\"\nwindow_minutes = 1\npartitions = 4\nstatistic = "
      "\"volume_weighted_median\"\ntie = \"lower\"\nempty_partition = \"drop\"\nweights = \"equal\"\n"
      "venues = [\"coinbase\", \"kraken\", \"bitstamp\"]\nvenue_deviation_max = \"0.05\"\n"
      "venue_deviation_reference = \"all\"\nminimum_venues = 2\ndecimals = 2\nrounding = \"half_even\"\n"
      "retrieval_delay_seconds = 10\n";
  const Ended defined =
      home_.run({"rates", "define", folder_.write("NK_LIVE.toml", index), "--as", "operator"});
  ASSERT_EQ(defined.exit_code, 0) << defined.err;
  const auto struck = [&] { return answer({"rates", "show", "NK_LIVE"}); };
  while (time::SystemClock().now() < end + Duration::seconds(9)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  const bool early = !struck().find("rates")->as_array().empty();
  const bool still_too_early = time::SystemClock().now() < end + Duration::seconds(10);
  EXPECT_FALSE(early && still_too_early) << "struck before its time";
  EXPECT_TRUE(eventually([&] { return !struck().find("rates")->as_array().empty(); })) << log_of();

  EXPECT_NE(log_of().find("\"exchange rate\""), std::string::npos) << log_of();
  const json::Value shown = struck();
  const json::Value& rate = shown.find("rates")->as_array().at(0);
  EXPECT_EQ(rate.find("status")->as_string(), "ok") << json::to_canonical(rate);
  EXPECT_EQ(rate.find("version")->as_number(), "1");
  EXPECT_EQ(rate.find("actor")->as_string(), "navkeeper");
  EXPECT_GE(time::Instant::literal(rate.find("known_at")->as_string()), end + Duration::seconds(10));
  // The same rate from the venues' own record of what they printed: what was heard is what was said.
  http::Client control({.base_url = world.find("control")->as_string()});
  const std::string truth = folder_.write("truth.csv", control.send({.path = "/sandbox/v1/truth"}).body);
  const Ended computed = home_.run({"rates", "compute", "--index", folder_.write("NK_LIVE.toml", index),
                                    "--trades", truth, "--date", time::utc_date(end).to_string(), "--json"});
  ASSERT_EQ(computed.exit_code, 0) << computed.err;
  const json::Value expected = json::parse(computed.out).value();
  const json::Value whole = answer({"rates", "show", "NK_LIVE", "--date", time::utc_date(end).to_string()});
  const json::Value* document = whole.find("document");
  ASSERT_NE(document, nullptr) << json::to_canonical(whole);
  for (const char* part : {"value", "unrounded", "partitions", "venues", "window"})
    EXPECT_EQ(json::to_canonical(*document->find(part)), json::to_canonical(*expected.find(part))) << part;
  const Ended replayed = home_.run({"rates", "tape", "replay", "NK_LIVE"});
  EXPECT_EQ(replayed.exit_code, 0) << replayed.out << replayed.err;
  for (auto* process : {service.get(), &sandbox}) {
    process->signal(SIGTERM);
    EXPECT_EQ(process->wait(kPatience), 0);
  }
}

TEST_F(StrikeJob, KilledAgainAndAgainItStrikesOnce) {
  for (int i = 0; i < 6; ++i) {
    const auto service = serve(4971);
    // Anywhere between the start and some passes of the job; where exactly does not matter.
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + 250 * i));
    service->signal(SIGKILL);
    service->wait(kPatience);
  }
  const auto service = serve(4971);
  // The price may be that of a process that was killed: this one is asked to stop once it listens for that.
  const auto listens = [] {
    try {
      return http::Client({.base_url = "http://127.0.0.1:4971"}).send({.path = "/readyz"}).status == 200;
    } catch (const std::exception&) {
      return false;
    }
  };
  EXPECT_TRUE(eventually([&] { return listens() && is_priced(); }))
      << tests::read_file(folder_.path() / "log-4971");
  service->signal(SIGTERM);
  EXPECT_EQ(service->wait(kPatience), 0);
  expect_each_once();
}

TEST_F(StrikeJob, AsksTheIssuerOfATokenForItsRateAndOutlivesAnIssuerThatLies) {
  http::Router router;
  std::atomic<int> asked{0};
  router.post("/rate", [&](const http::Request&) {
    return http::Response::json(
        ++asked == 1 ? R"({"code":0,"result":{"instrument_name":"CDCETH","conversion_rate":1}})"
                     : R"({"id":1,"method":"public/staking/get-conversion-rate","code":0,)"
                       R"("result":{"instrument_name":"CDCETH","conversion_rate":"1.0203"}})");
  });
  http::Server issuer(std::move(router), {}, log::Logger::silent());
  issuer.start();
  std::string policy = tests::read_file(tests::source_dir() / "config" / "valuation" / "CDCETH.toml");
  const auto put = [&](const std::string& from, const std::string& to) {
    ASSERT_NE(policy.find(from), std::string::npos) << from;
    policy.replace(policy.find(from), from.size(), to);
  };
  put("coin = \"ETH\"", "coin = \"BTC\"\nrate_url = \"" + issuer.url() + "/rate\"");
  put("poll_seconds = 3600", "poll_seconds = 10");
  const Ended applied =
      home_.run({"prices", "policy", folder_.write("CDCETH.toml", policy), "--as", "operator"});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const auto service = serve(4974);
  const auto log_has = [&](const char* text) {
    return tests::read_file(folder_.path() / "log-4974").find(text) != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return log_has("1.0203"); })) << tests::read_file(folder_.path() / "log-4974");
  EXPECT_TRUE(log_has("strike job: refused"));
  service->signal(SIGTERM);
  EXPECT_EQ(service->wait(kPatience), 0);
  issuer.stop();
}

TEST_F(StrikeJob, ALateTradeRestatesTheRateOfTodayAndASmallOneDoesNot) {
  const time::Date today = time::utc_date(time::SystemClock().now());
  const auto with_day = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"NK_E2E", "--date", today.to_string(), "--as", "operator"});
    return home_.run(words);
  };
  const auto late = [&](const std::string& id, const std::string& price) {
    const std::string row = "time,venue,pair,price,size,id\n" + (today - 1).to_string() + "T23:40:0" + id +
                            "Z,coinbase,BTC/USD," + price + ",1," + id + "0\n";
    ASSERT_EQ(home_.run({"rates", "import", folder_.write("late" + id + ".csv", row), "--as", "operator"})
                  .exit_code,
              0);
  };
  ASSERT_EQ(with_day({"rates", "strike"}).exit_code, 0);
  late("1", "84100");  // the mean of two partitions: 84050, 6 bp
  const Ended kept = with_day({"rates", "restate"});
  late("2", "84000");
  late("3", "85000");
  const Ended still_kept = with_day({"rates", "restate"});
  late("4", "86000");
  late("5", "86000");
  late("6", "86000");
  const Ended restated = with_day({"rates", "restate"});
  if (time::utc_date(time::SystemClock().now()) != today) GTEST_SKIP() << "SKIPPED: midnight came in between";
  EXPECT_NE(kept.out.find("nothing changed: the rate moves by no more than the threshold"), std::string::npos)
      << kept.out << kept.err;
  EXPECT_EQ(still_kept.exit_code, 0);
  EXPECT_NE(restated.out.find("restated"), std::string::npos) << restated.out << restated.err;
}

TEST_F(StrikeJob, TwoProcessesAtOnceStrikeOnceAndAPersonAskingMeanwhileChangesNothing) {
  const auto first = serve(4972);
  const auto second = serve(4973);
  EXPECT_TRUE(eventually([&] { return is_priced(); })) << tests::read_file(folder_.path() / "log-4972");
  const std::string day =
      answer({"rates", "show"}).find("rates")->as_array().back().find("date")->as_string();
  EXPECT_EQ(home_.run({"rates", "strike", "NK_E2E", "--date", day, "--as", "operator"}).exit_code, 0);
  EXPECT_EQ(home_.run({"prices", "strike", "--date", day, "--as", "operator"}).exit_code, 0);
  for (const auto& service : {first.get(), second.get()}) {
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(kPatience), 0);
  }
  expect_each_once();
}

}  // namespace
}  // namespace navkeeper
