// One pace for all processes of a key: places in a row of the database.
#include <chrono>
#include <thread>

#include "common/db/pqxx_access.h"
#include "services/custody/adapters/pace_store.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::custody {
namespace {

using time::Duration;

class RequestPaceTest : public test::PostgresTest {
 protected:
  db::Pool& pool() { return service_pool("custody"); }
  time::Instant now() {
    return pool().transact([](db::Transaction& transaction) {
      return time::Instant::from_ns(
          db::query(transaction, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000000)::bigint")[0][0]
              .as<std::int64_t>());
    });
  }
};

TEST_F(RequestPaceTest, AllWhoUseAKeyTogetherKeepItsPace) {
  constexpr int kProcesses = 4;
  constexpr int kRequests = 10;
  const TokenBucket rate(1, Duration::milliseconds(50));
  const time::Instant began = now();
  std::vector<time::Instant> left[kProcesses];
  std::vector<std::thread> processes;
  std::vector<SharedPace> paces;
  for (int i = 0; i < kProcesses; ++i) paces.push_back(shared_pace(pool()));
  for (int i = 0; i < kProcesses; ++i)
    processes.emplace_back([&, i] {
      for (int request = 0; request < kRequests; ++request) {
        const Duration wait = paces[static_cast<std::size_t>(i)]("key", "private/user-balance", rate);
        std::this_thread::sleep_for(std::chrono::nanoseconds(wait.ns()));
        left[i].push_back(now());
      }
    });
  for (std::thread& one : processes) one.join();
  std::vector<time::Instant> all;
  for (const auto& one : left) all.insert(all.end(), one.begin(), one.end());
  std::sort(all.begin(), all.end());
  // The n-th leaves no sooner than n times the refill after the first could.
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_GE(all[i] - began, Duration::milliseconds(50 * static_cast<std::int64_t>(i))) << i;
}

TEST_F(RequestPaceTest, ABurstLeavesAtOnceAndOtherKeysAndBucketsAreApart) {
  const SharedPace pace = shared_pace(pool());
  const TokenBucket rate(3, Duration::seconds(10));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pace("key", "b", rate), Duration()) << i;
  const Duration fourth = pace("key", "b", rate);
  EXPECT_GT(fourth, Duration::seconds(8));
  EXPECT_LE(fourth, Duration::seconds(10));
  EXPECT_GT(pace("key", "b", rate), Duration::seconds(18));
  EXPECT_EQ(pace("key", "c", rate), Duration());
  EXPECT_EQ(pace("another", "b", rate), Duration());
}

TEST_F(RequestPaceTest, AClockOfTheDatabaseThatWasSetBackHoldsNobodyUp) {
  const SharedPace pace = shared_pace(pool());
  const TokenBucket rate(1, Duration::milliseconds(50));
  pace("key", "b", rate);
  run_as_administrator("UPDATE custody.request_pace SET full_at_ns = full_at_ns + 3600000000000");
  EXPECT_LE(pace("key", "b", rate), Duration::milliseconds(50));
  EXPECT_EQ(pool().transact([](db::Transaction& transaction) {
    return db::query(transaction, "SELECT count(*) FROM request_pace WHERE key_hash = 'key'")[0][0].as<int>();
  }),
            0);
}

}  // namespace
}  // namespace navkeeper::custody
