// The real-time index as a whole: two venues that speak their real protocols on loopback, the executable
// serving pricing, values by REST and WebSocket, a kill, a replay, a venue that falls silent.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "common/base/outside.h"
#include "common/http/client.h"
#include "common/http/websocket.h"
#include "common/json/value.h"
#include "common/json/write.h"
#include "tests/e2e/real_time_venues.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using tests::bitstamp_book;
using tests::crypto_com_book;
using tests::Ended;
using tests::kIndex;
using tests::kPatience;
using tests::TestVenue;

class RealTimeIndexE2e : public testing::Test {
 protected:
  void SetUp() override {
    home_ = folder_.path() / "home";
    fs::create_directories(home_);
    // Late values are not published: on a loaded machine a hundred milliseconds would make this test a matter
    // of luck.
    config_ = folder_.write("navkeeper.toml",
                            "[services.pricing]\nport = 0\n[pricing.real_time]\npublish_within_ms = 5000\n"
                            "[[pricing.venues]]\nname = \"bitstamp\"\npairs = [\"BTC/USD\"]\nfeeds = "
                            "[\"books\"]\nsocket_base = \"" +
                                bitstamp_.url() +
                                "\"\nrest_base = \"http://127.0.0.1:9\"\n"
                                "[[pricing.venues]]\nname = \"crypto_com\"\npairs = [\"BTC/USD\"]\nfeeds = "
                                "[\"books\"]\nsocket_base = \"" +
                                crypto_com_.url() + "\"\nrest_base = \"http://127.0.0.1:9\"\n");
    ASSERT_EQ(run({"db", "init"}).exit_code, 0);
    const Ended defined = run({"rates", "define", folder_.write("rt.toml", kIndex), "--as", "operator"});
    ASSERT_EQ(defined.exit_code, 0) << defined.err;
  }
  void TearDown() override {
    service_.reset();
    static_cast<void>(run({"db", "stop"}));
  }

  Ended run(std::vector<std::string> words) const {
    words.insert(words.begin(), {tests::navkeeper_executable().string(), "--config", config_});
    return tests::run_process(words, environment());
  }
  std::map<std::string, std::string> environment() const { return {{"NAVKEEPER_HOME", home_.string()}}; }
  std::string token() const {
    std::string text = tests::read_file(home_ / "tokens" / "operator");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  /// Starts the service and waits until it listens.
  void serve() {
    const fs::path log = folder_.path() / ("serve-" + std::to_string(++starts_) + ".log");
    service_ =
        std::make_unique<tests::Background>(std::vector<std::string>{tests::navkeeper_executable().string(),
                                                                     "--config", config_, "serve", "pricing"},
                                            environment(), log);
    const auto deadline = steady_clock::now() + kPatience;
    for (;;) {
      const std::string text = tests::read_file(log);
      const auto at = text.find("\"url\":\"http");
      if (at != std::string::npos && text.find("\"ready\"") != std::string::npos) {
        url_ = text.substr(at + 7, text.find('"', at + 7) - at - 7);
        return;
      }
      ASSERT_TRUE(service_->running()) << text;
      ASSERT_LT(steady_clock::now(), deadline) << text;
      std::this_thread::sleep_for(milliseconds(20));
    }
  }

  json::Value get(const std::string& path, http::Parameters query = {}) const {
    http::Client client({.base_url = url_});
    return client.get_json(path, std::move(query), {{"Authorization", "Bearer " + token()}});
  }
  /// Waits until GET live answers with what `wanted` likes.
  template <class Wanted>
  json::Value wait_for_live(Wanted wanted) const {
    const auto deadline = steady_clock::now() + kPatience;
    for (;;) {
      json::Value answer = get("/v1/rates/NK_TEST_RT/live");
      if (wanted(answer)) return answer;
      if (steady_clock::now() > deadline) {
        ADD_FAILURE() << "not in time: " << json::to_compact(answer);
        return answer;
      }
      std::this_thread::sleep_for(milliseconds(100));
    }
  }
  http::WebSocketOptions stream_options(bool with_token = true) const {
    http::WebSocketOptions options;
    options.url = "ws" + url_.substr(4) + "/v1/rates/NK_TEST_RT/stream";
    if (with_token) options.headers = {{"Authorization", "Bearer " + token()}};
    return options;
  }
  /// Values by their seconds, as the stream publishes them, until there are `count`.
  void watch(std::size_t count) {
    http::WebSocketClient client(stream_options());
    const auto deadline = steady_clock::now() + kPatience;
    for (std::size_t seen = 0; seen < count && steady_clock::now() < deadline;) {
      const auto message = client.receive(milliseconds(1'000));
      if (!message) continue;
      const auto second = json::parse(*message);
      ASSERT_TRUE(second.has_value()) << *message;
      if (second->find("value")->is_null()) continue;
      published_[second->find("at")->as_string()] = second->find("value")->as_string();
      ++seen;
    }
  }

  tests::TemporaryFolder folder_;
  TestVenue bitstamp_{bitstamp_book, bitstamp_book};
  TestVenue crypto_com_{[](std::uint64_t number) { return crypto_com_book(true, number); },
                        [](std::uint64_t number) { return crypto_com_book(false, number); }};
  fs::path home_;
  std::string config_;
  std::string url_;
  int starts_ = 0;
  std::unique_ptr<tests::Background> service_;
  std::map<std::string, std::string> published_;
};

bool has_value(const json::Value& live) {
  return !live.find("second")->is_null() && live.find("reason")->is_null();
}

TEST_F(RealTimeIndexE2e, ValuesArriveSurviveAKillAndAreReproducedAndASilentVenueIsNamed) {
  serve();
  const json::Value live = wait_for_live(has_value);
  EXPECT_EQ(live.find("pair")->as_string(), "BTC/USD");
  // Between the deepest bid and the deepest ask; which side is heavier depends on the second.
  const int dollars = std::stoi(live.find("value")->as_string());
  EXPECT_GE(dollars, 83'990);
  EXPECT_LE(dollars, 84'010);
  EXPECT_THROW(http::WebSocketClient{stream_options(false)}, base::Unavailable);

  watch(3);
  EXPECT_GE(published_.size(), 3U);
  const Ended watched =
      run({"rates", "watch", "NK_TEST_RT", "--count", "2", "--url", url_, "--as", "operator"});
  EXPECT_EQ(watched.exit_code, 0) << watched.err;
  EXPECT_NE(watched.out.find("bitstamp, crypto_com, kraken (absent)"), std::string::npos) << watched.out;

  // Killed in mid-flight: what was published is stored.
  service_->signal(SIGKILL);
  EXPECT_EQ(service_->wait(kPatience), -SIGKILL);
  serve();
  wait_for_live(has_value);
  watch(2);

  // A venue that falls silent is late, and the reason says so.
  crypto_com_.silence(true);
  const json::Value silent = wait_for_live([](const json::Value& answer) {
    const json::Value* const reason = answer.find("reason");
    return !reason->is_null() && reason->as_string().find("crypto_com late") != std::string::npos;
  });
  EXPECT_EQ(silent.find("reason")->as_string(),
            "fewer venues are left than the minimum: crypto_com late, kraken absent");
  EXPECT_TRUE(silent.find("second")->find("value")->is_null());
  EXPECT_FALSE(silent.find("value")->is_null()) << "the newest value stays, with its age";
  crypto_com_.silence(false);
  wait_for_live(has_value);

  const Ended replay = run({"rates", "replay", "NK_TEST_RT", "--json"});
  EXPECT_EQ(replay.exit_code, 0) << replay.out << replay.err;
  const auto found = json::parse(replay.out);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->find("differing")->as_number(), "0");
  EXPECT_GE(std::stoi(found->find("values")->as_number()), static_cast<int>(published_.size()));

  // Every value that anybody saw is there as it was seen.
  std::map<std::string, std::string> stored;
  http::Parameters query{{"limit", "1000"}};
  const json::Value page = get("/v1/rates/NK_TEST_RT/seconds", query);
  for (const json::Value& second : page.find("seconds")->as_array()) {
    if (!second.find("value")->is_null())
      stored[second.find("at")->as_string()] = second.find("value")->as_string();
  }
  for (const auto& [at, value] : published_) EXPECT_EQ(stored[at], value) << at;

  // The delay of publishing is measured.
  http::Client client({.base_url = url_});
  EXPECT_NE(client.send({.path = "/metrics"}).body.find("navkeeper_index_publish_delay_seconds_bucket"),
            std::string::npos);
  service_->signal(SIGTERM);
  EXPECT_EQ(service_->wait(kPatience), 0);
}

TEST_F(RealTimeIndexE2e, AVenueOfQuotesAloneStandsBesideTheIndexOfTheSandboxsBooks) {
  const fs::path log = folder_.path() / "sandbox.json";
  tests::Background sandbox({tests::navkeeper_executable().string(), "sandbox", "--json"}, environment(),
                            log);
  std::optional<json::Value> world;
  for (const auto deadline = steady_clock::now() + kPatience; !world && steady_clock::now() < deadline;) {
    auto answer = json::parse(tests::read_file(log));
    if (answer.has_value()) world = std::move(*answer);
    std::this_thread::sleep_for(milliseconds(20));
  }
  ASSERT_TRUE(world.has_value()) << tests::read_file(log);
  std::string text = "[services.pricing]\nport = 0\n[pricing.real_time]\npublish_within_ms = 5000\n";
  for (const json::Value& place : world->find("venues")->as_array()) {
    const std::string name = place.find("venue")->as_string();
    if (name != "bitstamp" && name != "crypto_com" && name != "kraken" && name != "lmax") continue;
    text += "[[pricing.venues]]\nname = \"" + name + "\"\npairs = [\"BTC/USD\"]\nfeeds = [\"books\"]\n" +
            "socket_base = \"" + place.find("socket")->as_string() + "\"\nrest_base = \"" +
            place.find("rest")->as_string() + "\"\n";
  }
  config_ = folder_.write("sandbox.toml", text);
  serve();
  const json::Value answer = wait_for_live([](const json::Value& live) {
    const json::Value* quotes = live.find("quotes");
    return live.find("value")->kind() == json::Kind::kString && quotes != nullptr &&
           !quotes->as_array().empty();
  });
  ASSERT_EQ(answer.find("quotes")->as_array().size(), 1U);
  const json::Value& quote = answer.find("quotes")->as_array()[0];
  EXPECT_EQ(quote.find("venue")->as_string(), "lmax");
  // One world: its venues quote within a quarter per cent of its price.
  EXPECT_LT(quote.find("deviation")->as_string().substr(0, 6), "0.0060") << json::to_compact(answer);
  for (const json::Value& venue : answer.find("second")->find("venues")->as_array())
    EXPECT_NE(venue.find("venue")->as_string(), "lmax") << "quotes are no part of a value";
  for (auto* process : {service_.get(), &sandbox}) {
    process->signal(SIGTERM);
    EXPECT_EQ(process->wait(kPatience), 0);
  }
}

}  // namespace
}  // namespace navkeeper
