// Live trades through real processes: the service is killed, the database is killed, and what was
// acknowledged is there, once; what was not is fetched from the venue.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>

#include "common/db/cluster.h"
#include "common/db/pool.h"
#include "common/db/pqxx_access.h"
#include "common/json/value.h"
#include "common/time/clock.h"
#include "tests/support/coinbase_on_loopback.h"
#include "tests/support/process.h"

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::seconds kLong{120};

/// Trades for ever, some of them never sent, until it goes.
class Market {
 public:
  explicit Market(tests::CoinbaseOnLoopback& venue)
      : venue_(venue), thread_([this] {
          while (!stopping_) {
            const std::uint64_t id = ++last_;
            venue_.trade(
                {.id = id, .ms = clock_.now().ns() / 1'000'000, .price = std::to_string(100 + id % 7)},
                id % 50 != 0);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
          }
        }) {}
  ~Market() { close(); }
  std::uint64_t close() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return last_;
  }

 private:
  tests::CoinbaseOnLoopback& venue_;
  time::SystemClock clock_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> last_{0};
  std::thread thread_;
};

class TapeEndToEnd : public ::testing::Test {
 protected:
  TapeEndToEnd() : home_(folder_.path() / "home") {
    fs::create_directories(home_);
    config_ =
        folder_.write("navkeeper.toml",
                      "[log]\nlevel = \"debug\"\n[services.pricing]\nport = 0\n[[pricing.venues]]\nname = "
                      "\"coinbase\"\npairs = [\"BTC/USD\"]\nfeeds = [\"trades\"]\nsocket_base = \"" +
                          venue_.socket_url() + "\"\nrest_base = \"" + venue_.rest_url() + "\"\n");
  }
  ~TapeEndToEnd() override { run({"db", "stop"}); }

  tests::Ended run(std::vector<std::string> words) {
    words.insert(words.begin(), tests::navkeeper_executable().string());
    return tests::run_process(words, {{"NAVKEEPER_HOME", home_.string()}});
  }
  std::unique_ptr<tests::Background> serve() {
    return std::make_unique<tests::Background>(
        std::vector<std::string>{tests::navkeeper_executable().string(), "--config", config_, "serve",
                                 "pricing"},
        std::map<std::string, std::string>{{"NAVKEEPER_HOME", home_.string()}}, log());
  }
  fs::path log() const { return folder_.path() / "serve.log"; }

  /// The last trade that the service, alive or dead, has said to be acknowledged: with it all before it.
  std::uint64_t acknowledged() const {
    std::ifstream file(log());
    std::uint64_t last = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.find("\"acknowledged\"") == std::string::npos) continue;
      const auto entry = json::parse(line);
      if (!entry.has_value()) continue;  // Cut off by the kill.
      const std::string id = entry->find("last_id")->as_string();
      if (!id.empty()) last = std::max(last, std::uint64_t{std::stoull(id)});
    }
    return last;
  }
  void wait_until_acknowledged(std::uint64_t id) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (acknowledged() < id && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_GE(acknowledged(), id);
  }
  /// Rows with ids up to `last`, and how many ids these are.
  std::pair<std::int64_t, std::int64_t> stored(std::uint64_t last) {
    db::EmbeddedCluster cluster(home_);
    db::PoolSettings settings;
    settings.connection = cluster.connection("navkeeper_pricing");
    settings.schema = "pricing";
    db::Pool pool(settings);
    return pool.transact([&](db::Transaction& transaction) {
      const auto row = db::query(
          transaction, "SELECT count(*), count(DISTINCT trade_id) FROM trade WHERE trade_id::bigint <= $1",
          static_cast<std::int64_t>(last))[0];
      return std::pair(row[0].as<std::int64_t>(), row[1].as<std::int64_t>());
    });
  }
  /// What the sessions noted about gaps, for the message of a failure.
  std::string notes() {
    db::PoolSettings settings;
    settings.connection = db::EmbeddedCluster(home_).connection("navkeeper_pricing");
    settings.schema = "pricing";
    db::Pool pool(settings);
    return pool.transact([&](db::Transaction& transaction) {
      std::string text;
      for (const auto& row :
           db::query(transaction,
                     "SELECT kind, first, last, detail FROM feed_note WHERE kind <> 'gap_found' AND"
                     " kind <> 'gap_closed' ORDER BY known_at_ns, session_id, seq LIMIT 100")) {
        for (int column = 0; column < 4; ++column) text += row[column].as<std::string>() + " ";
        text += "\n";
      }
      return text;
    });
  }
  void expect_all_up_to(std::uint64_t last) {
    const auto [rows, ids] = stored(last);
    EXPECT_EQ(ids, static_cast<std::int64_t>(last - first_ + 1)) << "lost; " << notes();
    EXPECT_EQ(rows, ids) << "twice";
  }

  tests::TemporaryFolder folder_;
  fs::path home_;
  tests::CoinbaseOnLoopback venue_;
  std::string config_;
  std::uint64_t first_ = 1;
};

TEST_F(TapeEndToEnd, WhatWasAcknowledgedSurvivesTheEndOfTheServiceAndOfTheDatabaseAndTheRestIsFetched) {
  ASSERT_EQ(run({"db", "init"}).exit_code, 0);
  auto service = serve();
  venue_.wait_for_subscription(1);
  Market market(venue_);
  wait_until_acknowledged(200);

  service->signal(SIGKILL);
  service->wait(kLong);
  const std::uint64_t before_kill = acknowledged();
  expect_all_up_to(before_kill);

  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // The market goes on without us.
  service = serve();
  wait_until_acknowledged(before_kill + 400);

  const auto postmaster = db::EmbeddedCluster(home_).process_id();
  ASSERT_TRUE(postmaster.has_value());
  kill(*postmaster, SIGKILL);
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (tests::read_file(log()).find("the tape cannot be stored") == std::string::npos &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::uint64_t before_database = acknowledged();
  const tests::Ended restarted = run({"db", "init"});
  ASSERT_EQ(restarted.exit_code, 0) << restarted.err;
  expect_all_up_to(before_database);
  wait_until_acknowledged(before_database + 200);

  const std::uint64_t last = market.close();
  // The stream ends with one that is sent, so that nothing is missing behind it.
  venue_.trade({.id = last + 1, .ms = time::SystemClock().now().ns() / 1'000'000, .price = "100"});
  wait_until_acknowledged(last + 1);
  service->signal(SIGTERM);
  EXPECT_EQ(service->wait(kLong), 0);
  expect_all_up_to(last + 1);
}

TEST_F(TapeEndToEnd, TwoServicesAtOnceStoreNothingTwice) {
  ASSERT_EQ(run({"db", "init"}).exit_code, 0);
  // The venue of this test sends to the last subscriber only: the other one lives from the history.
  auto one = serve();
  venue_.wait_for_subscription(1);
  auto two = serve();
  venue_.wait_for_subscription(2);
  Market market(venue_);
  wait_until_acknowledged(300);
  const std::uint64_t last = market.close();
  venue_.trade({.id = last + 1, .ms = time::SystemClock().now().ns() / 1'000'000, .price = "100"});
  wait_until_acknowledged(last + 1);
  for (const auto& service : {one.get(), two.get()}) {
    service->signal(SIGTERM);
    EXPECT_EQ(service->wait(kLong), 0);
  }
  expect_all_up_to(last + 1);
}

}  // namespace
}  // namespace navkeeper
