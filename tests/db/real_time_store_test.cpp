// The real-time index in a real PostgreSQL: seconds as they are stored, a recorded day through the stored
// path, replay.
#include "services/pricing/adapters/real_time_store.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/db/lease.h"
#include "common/db/pqxx_access.h"
#include "common/http/router.h"
#include "common/json/value.h"
#include "services/pricing/adapters/real_time_board.h"
#include "services/pricing/app/live_index.h"
#include "services/pricing/service.h"
#include "tests/db/postgres_fixture.h"
#include "tests/support/process.h"

namespace navkeeper::pricing {
namespace {

using time::Duration;
using time::Instant;

const std::string kRules = R"(
venues = ["bitstamp"]
book_age_max_ms = 30000
minimum_venues = 1
crossed = "keep"
spacing = "1"
spread_max = "0.005"
decay_rule = "depth"
decay = "0.3"
decimals = 2
rounding = "half_even"
[version.screen]
deviation_max = "0.05"
deviation_readmit = "0.025"
reference = "others"
[version.size_cap]
levels_per_side = 10
winsorised = "0.25"
deviations = "3"
)";
const std::string kFile =
    "kind = \"real_time\"\nid = \"NK_BTCUSD_RT\"\npair = \"BTC/USD\"\n[[version]]\nfrom = 2015-01-01" +
    kRules;
const model::VenueId kBitstamp = model::VenueId::literal("bitstamp");
const model::PairId kPair = model::PairId::literal("BTC/USD");
const Instant kStart = Instant::literal("2026-03-02T15:00:00Z");

class RealTimeStoreTest : public test::PostgresTest {
 protected:
  SqlRealTimeStore& store() {
    if (!store_) store_.emplace(service_pool("pricing"));
    return *store_;
  }
  StoredRealTimeFile defined(const std::string& toml = kFile) {
    return store().define(toml, "rt.toml", kStart, "ann").file;
  }
  static OrderBook book(const char* bid = "83999", const char* ask = "84001") {
    OrderBook made;
    const auto level = [](const char* price) {
      return *level_of(*money::Decimal::parse(price), money::Decimal::of(5), BookScale{});
    };
    EXPECT_EQ(made.snapshot(std::vector<Level>{level(bid)}, std::vector<Level>{level(ask)}), std::nullopt);
    return made;
  }
  /// Seconds of one venue whose book changes a little each second.
  std::vector<RealTimeRecord> some_seconds(int count) {
    LiveIndex live(kStart);
    live.use({defined()}, [](const std::string&) { return std::nullopt; });
    std::vector<RealTimeRecord> records;
    for (int i = 0; i < count; ++i) {
      live.snapshot(kBitstamp, kPair, kStart + Duration::milliseconds(1'000 * i + 500),
                    book("83999", i % 2 == 0 ? "84001" : "84002"));
      live.advance(kStart + Duration::seconds(i + 1));
      for (const ClosedSecond& second : live.take()) {
        records.push_back(second.values.at(0).record);
        records.back().known_at = second.at + Duration::milliseconds(3);
      }
    }
    return records;
  }
  http::Response get(const std::string& path, http::Parameters query = {}) {
    if (!router_) {
      router_.emplace();
      Dependencies dependencies{&service_pool("pricing"), nullptr};
      register_routes(*router_, dependencies);
    }
    http::Request request;
    request.path = path;
    request.query = std::move(query);
    return router_->handle(request);
  }

  std::optional<SqlRealTimeStore> store_;
  std::optional<http::Router> router_;
};

TEST_F(RealTimeStoreTest, WhatIsSavedIsReadBackAndTwiceIsAConflict) {
  const auto records = some_seconds(5);
  ASSERT_EQ(records.size(), 5U);
  store().save(records);
  const auto read = store().records("NK_BTCUSD_RT", Instant::earliest(), Instant::latest(), 100);
  ASSERT_EQ(read.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(read[i].at, records[i].at);
    EXPECT_EQ(read[i].value, records[i].value);
    EXPECT_EQ(read[i].unrounded, records[i].unrounded);
    EXPECT_EQ(read[i].uses, "u");
    EXPECT_EQ(read[i].evidence, records[i].evidence);
    EXPECT_EQ(read[i].is_key, i == 0);
  }
  EXPECT_EQ(store().last("NK_BTCUSD_RT", true)->at, records.back().at);
  EXPECT_EQ(store().key_before("NK_BTCUSD_RT", records.back().at), records.front().at);
  EXPECT_THROW(store().save({&records[2], 1}), base::Conflict);
  EXPECT_EQ(replay_real_time(store(), "NK_BTCUSD_RT", Instant::earliest(), Instant::latest()).differing, 0U);
}

TEST_F(RealTimeStoreTest, WhoLostTheLeaseStoresNothing) {
  const auto records = some_seconds(2);
  auto& pool = service_pool("pricing");
  const auto acquire = [&](const char* who) {
    return pool.transact([&](db::Transaction& transaction) {
      return db::acquire_lease(transaction, "shared", "real_time_index", who, std::chrono::milliseconds(1));
    });
  };
  store().hold(*acquire("frozen"));
  store().save(std::span(records).first(1));
  EXPECT_FALSE(acquire("awake")) << "each second renews it";
  pool.transact([&](db::Transaction& transaction) {
    db::execute(transaction, "UPDATE lease SET expires_at = clock_timestamp() - interval '1 second'");
  });
  ASSERT_TRUE(acquire("awake"));
  EXPECT_THROW(store().save(std::span(records).last(1)), db::Fenced);
  EXPECT_EQ(store().records("NK_BTCUSD_RT", Instant::earliest(), Instant::latest(), 100).size(), 1U);
}

TEST_F(RealTimeStoreTest, ADefinitionIsStoredOnceAndARatesNameIsRefused) {
  EXPECT_EQ(defined().version, 1);
  EXPECT_FALSE(store().define(kFile, "rt.toml", kStart, "ann").is_new);
  EXPECT_EQ(defined(kFile + "# reviewed again\n").version, 2);
  EXPECT_EQ(store().files().at(0).version, 2);
  EXPECT_THROW(
      defined("kind = \"real_time\"\nid = \"BRTI\"\npair = \"BTC/USD\"\n[[version]]\nfrom = 2015-01-01" +
              kRules),
      base::Refused);
  EXPECT_THROW(defined("kind = \"real_time\"\nid = \"NK_X\"\npair = \"BTC/USD\"\n[[version]]\nfrom = "
                       "2015-01-01\nto = 2015-02-01" +
                       kRules + "[[version]]\nfrom = 2015-02-01" + kRules),
               base::Refused)
      << "two versions hold on one day";
}

TEST_F(RealTimeStoreTest, SecondsAreNeverChangedAndOnlyOldDaysGo) {
  store().save(some_seconds(2));
  const auto attempt = [&](const char* sql) {
    service_pool("pricing").transact([&](db::Transaction& transaction) { db::execute(transaction, sql); });
  };
  EXPECT_ANY_THROW(attempt("UPDATE real_time_value SET value = '1'"));
  EXPECT_ANY_THROW(attempt("DELETE FROM real_time_value"));
  EXPECT_ANY_THROW(attempt("DROP TABLE real_time_value_20260302"));
  EXPECT_ANY_THROW(store().forget(time::Date::literal("2262-01-01")))
      << "the last thirty days are kept whatever is asked";
  EXPECT_TRUE(store().forget(time::Date::literal("2026-03-02")).empty());
  EXPECT_EQ(store().forget(time::Date::literal("2026-03-03")),
            (std::vector<std::string>{"real_time_value_20260302"}));
  EXPECT_FALSE(store().last("NK_BTCUSD_RT", false).has_value());
}

TEST_F(RealTimeStoreTest, TheRoutesShowWhatIsStored) {
  EXPECT_EQ(get("/v1/rates/NK_BTCUSD_RT/live").status, 404);
  defined();
  const auto never = json::parse(get("/v1/rates/NK_BTCUSD_RT/live").body);
  EXPECT_EQ(never->find("reason")->as_string(), "no second of this index was ever made");
  store().save(some_seconds(3));
  const auto live = json::parse(get("/v1/rates/NK_BTCUSD_RT/live").body);
  EXPECT_EQ(live->find("at")->as_string(), "2026-03-02T15:00:03Z");
  EXPECT_EQ(live->find("value")->as_string(), "84000");
  const auto page = json::parse(get("/v1/rates/NK_BTCUSD_RT/seconds", {{"limit", "2"}}).body);
  EXPECT_EQ(page->find("seconds")->as_array().size(), 2U);
  EXPECT_EQ(page->find("next_cursor")->as_string(), "2026-03-02T15:00:02Z");
  const auto rest =
      json::parse(get("/v1/rates/NK_BTCUSD_RT/seconds", {{"cursor", "2026-03-02T15:00:02Z"}}).body);
  EXPECT_EQ(rest->find("seconds")->as_array().size(), 1U);
  const auto known =
      json::parse(get("/v1/rates/NK_BTCUSD_RT/seconds", {{"known_at", "2026-03-02T15:00:02Z"}}).body);
  EXPECT_EQ(known->find("seconds")->as_array().size(), 1U);
  EXPECT_EQ(get("/v1/rates/NK_BTCUSD_RT/stream").status, 503) << "nothing makes the index in this process";
}

// ---------------------------------------------------------------------------------------------------------------------
// The recorded day.

std::vector<Level> levels_between(const std::string& line, std::size_t from, std::size_t to) {
  std::vector<Level> levels;
  std::vector<money::Decimal> numbers;
  while ((from = line.find('"', from)) < to) {
    const std::size_t end = line.find('"', from + 1);
    numbers.push_back(*money::Decimal::parse(std::string_view(line).substr(from + 1, end - from - 1)));
    from = end + 1;
  }
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2)
    levels.push_back(*level_of(numbers[i], numbers[i + 1], BookScale{}));
  return levels;
}

TEST_F(RealTimeStoreTest, ARecordedDayOfABookThroughTheStoreIsMadeAgainToTheLastDigit) {
  const auto log = tests::shared_data() / "ticks" / "bitstamp" / "bitstamp_btcusd_ws_20150501.log.xz";
  if (tests::shared_data().empty() || !std::filesystem::exists(log))
    GTEST_SKIP() << "no recorded order books";
  if (std::system("xz --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no xz to unpack " << log;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      ::popen(("xz -dc '" + log.string() + "'").c_str(), "r"), ::pclose);
  std::optional<LiveIndex> live;
  std::vector<RealTimeRecord> records;
  std::size_t books = 0;
  std::int64_t bytes = 0;
  std::int64_t key_bytes = 0;
  char* text = nullptr;
  std::size_t capacity = 0;
  const auto take = [&] {
    for (const ClosedSecond& second : live->take()) {
      records.push_back(second.values.at(0).record);
      records.back().known_at = second.at;
      const auto size = static_cast<std::int64_t>(records.back().evidence.size());
      bytes += size;
      if (records.back().is_key) key_bytes += size;
    }
  };
  while (pipe && ::getline(&text, &capacity, pipe.get()) > 0) {
    const std::string line(text);
    if (line.find(" order_book ") == std::string::npos) continue;
    const auto at = Instant::from_ns(std::stoll(line) * 1'000'000);
    const std::size_t bids = line.find("[", line.find("\"bids\""));
    const std::size_t asks = line.find("[", line.find("\"asks\""));
    if (!live) {
      live.emplace(at);
      live->use({defined()}, [](const std::string&) { return std::nullopt; });
    }
    // As the service does: a value a second, whether a message comes or not.
    for (Instant second = live->last_closed() + Duration::seconds(1); second <= at;
         second = second + Duration::seconds(1)) {
      live->advance(second);
      take();
    }
    OrderBook made;
    ASSERT_EQ(made.snapshot(levels_between(line, bids, line.rfind("\"asks\"")),
                            levels_between(line, asks, line.size())),
              std::nullopt);
    live->snapshot(kBitstamp, kPair, at, made);
    take();
    ++books;
  }
  std::free(text);
  ASSERT_EQ(books, 5'011U);
  for (std::size_t i = 0; i < records.size(); i += 1'000)
    store().save(std::span(records).subspan(i, std::min<std::size_t>(1'000, records.size() - i)));
  const Replay replay = replay_real_time(store(), "NK_BTCUSD_RT", Instant::earliest(), Instant::latest());
  EXPECT_EQ(replay.differing, 0U);
  EXPECT_EQ(replay.seconds, records.size());
  EXPECT_GT(replay.values, 15'000U);
  const auto seconds = static_cast<std::int64_t>(records.size());
  std::cout << records.size() << " seconds, " << replay.values << " values, " << bytes
            << " bytes of evidence (" << key_bytes << " in keys): " << bytes / seconds << " a second, "
            << bytes * 86'400 / seconds / 1'000'000 << " MB a day\n";
}

}  // namespace
}  // namespace navkeeper::pricing
