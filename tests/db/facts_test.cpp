// Idempotency keys, outbox and lease, against a real server.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "common/db/idempotency.h"
#include "common/db/job_lease.h"
#include "common/db/lease.h"
#include "common/db/outbox.h"
#include "common/db/pqxx_access.h"
#include "tests/db/framework_fixture.h"

namespace navkeeper {
namespace {

using namespace std::chrono_literals;
using db::execute;
using db::query;
using db::Transaction;

class FactsTest : public test::FrameworkTest {
 protected:
  void SetUp() override {
    FrameworkTest::SetUp();
    auto files = common_tables();
    files.push_back({"nav/0002_effect/up.sql",
                     "CREATE TABLE effect (fund_id text, what text); SELECT grant_append_only('effect');\n"});
    files.push_back({"nav/0002_effect/check.sql", "SELECT * FROM effect;\n"});
    db::Pool pool = migrator();
    db::migrate(pool, read(files));
  }
  static int effects(db::Pool& pool) {
    return pool.transact([](Transaction& transaction) {
      return query(transaction, "SELECT count(*) FROM effect WHERE fund_id = 'X'")[0][0].as<int>();
    });
  }
};

db::KeyedRequest request_of(const std::string& key, const std::string& body) {
  return {"alice", key, db::request_hash("POST", "/v1/orders", body), 1'767'312'000'000'000'000};
}

db::StoredAnswer order(db::Pool& pool, const db::KeyedRequest& request, const std::string& answer_body) {
  return pool.transact([&](Transaction& transaction) {
    if (auto answer = db::find_or_claim(transaction, request)) return *answer;
    execute(transaction, "INSERT INTO effect VALUES ('X', $1)", answer_body);
    const db::StoredAnswer answer{201, answer_body};
    db::store_answer(transaction, request, answer);
    return answer;
  });
}

TEST(RequestHash, IsTheOneThatAnIndependentProgramComputed) {
  // python3: hashlib.sha256(s("POST") + s("/v1/funds/X/navs/2026-01-02/strike") + s('{"a":"1"}')), where
  // s(x) = struct.pack(">Q", len(x)) + x.
  EXPECT_EQ(base::to_hex(db::request_hash("POST", "/v1/funds/X/navs/2026-01-02/strike", R"({"a":"1"})")),
            "bcbb9304dfed2e36fd06fbab738f972cc5c9f8cb2511c345e7b2e01054b58c36");
  EXPECT_NE(db::request_hash("a", "bc", ""), db::request_hash("ab", "c", ""));
}

TEST_F(FactsTest, TheSameRequestAgainIsAnsweredAlikeAndTakesEffectOnce) {
  db::Pool pool = service("nav");
  EXPECT_EQ(order(pool, request_of("k1", "{}"), "first"), (db::StoredAnswer{201, "first"}));
  EXPECT_EQ(order(pool, request_of("k1", "{}"), "second"), (db::StoredAnswer{201, "first"}));
  EXPECT_EQ(effects(pool), 1);
  EXPECT_EQ(order(pool, request_of("k2", "{}"), "other key"), (db::StoredAnswer{201, "other key"}));
}

TEST_F(FactsTest, AKeyUsedForAnotherRequestIsRefusedAndOtherClientsMayUseIt) {
  db::Pool pool = service("nav");
  order(pool, request_of("k1", "{}"), "first");
  EXPECT_THROW(order(pool, request_of("k1", R"({"a":"1"})"), "second"), db::KeyReused);
  auto other_route = request_of("k1", "{}");
  other_route.request_hash = db::request_hash("POST", "/v1/others", "{}");
  EXPECT_THROW(order(pool, other_route, "second"), db::KeyReused);
  EXPECT_EQ(effects(pool), 1);
  auto other_client = request_of("k1", "{}");
  other_client.client = "bob";
  EXPECT_EQ(order(pool, other_client, "bob's").body, "bob's");
}

TEST_F(FactsTest, ARequestThatWasRolledBackLeavesItsKeyFree) {
  db::Pool pool = service("nav");
  {
    Transaction transaction = pool.begin();
    EXPECT_EQ(db::find_or_claim(transaction, request_of("k1", "{}")), std::nullopt);
    execute(transaction, "INSERT INTO effect VALUES ('X', 'lost')");
  }
  const auto looked_up = pool.transact(
      [](Transaction& transaction) { return db::find_answer(transaction, request_of("k1", "{}")); });
  EXPECT_EQ(looked_up, std::nullopt);
  EXPECT_EQ(order(pool, request_of("k1", "{}"), "second").body, "second");
  EXPECT_EQ(effects(pool), 1);
}

TEST_F(FactsTest, OfManyTwinsAtOnceOneTakesEffectAndAllGetItsAnswer) {
  db::Pool pool = service("nav");
  for (const auto isolation : {db::Isolation::kReadCommitted, db::Isolation::kSerializable}) {
    const int before = effects(pool);
    const std::string key = "race" + std::to_string(static_cast<int>(isolation));
    db::TransactionOptions options;
    options.isolation = isolation;
    std::vector<std::thread> threads;
    std::vector<db::StoredAnswer> answers(8);
    for (std::size_t thread = 0; thread < answers.size(); ++thread)
      threads.emplace_back([&, thread] {
        answers[thread] = pool.transact(
            [&](Transaction& transaction) {
              if (auto answer = db::find_or_claim(transaction, request_of(key, "{}"))) return *answer;
              execute(transaction, "INSERT INTO effect VALUES ('X', $1)", std::to_string(thread));
              query(transaction, "SELECT pg_sleep(0.05)");
              const db::StoredAnswer answer{200, std::to_string(thread)};
              db::store_answer(transaction, request_of(key, "{}"), answer);
              return answer;
            },
            options);
      });
    for (auto& thread : threads) thread.join();
    for (const auto& answer : answers) EXPECT_EQ(answer, answers[0]);
    EXPECT_EQ(effects(pool), before + 1);
  }
}

TEST_F(FactsTest, ATwinThatTakesTooLongIsALockTimeOut) {
  db::Pool pool = service("nav");
  Transaction first = pool.begin();
  EXPECT_EQ(db::find_or_claim(first, request_of("k1", "{}")), std::nullopt);
  db::TransactionOptions impatient;
  impatient.lock_timeout = 50ms;
  const auto twin = [](Transaction& transaction) {
    return db::find_or_claim(transaction, request_of("k1", "{}"));
  };
  EXPECT_THROW(pool.transact(twin, impatient), db::LockTimeout);
}

TEST_F(FactsTest, AnAnswerIsWrittenOnceAndTheServiceCannotRewriteTheRequest) {
  db::Pool pool = service("nav");
  order(pool, request_of("k1", "{}"), "first");
  const auto rewrite = [&](const std::string& sql) {
    pool.transact([&](Transaction& transaction) { execute(transaction, sql); });
  };
  EXPECT_THROW(rewrite("UPDATE idempotency SET request_hash = request_hash"), db::SqlError);
  EXPECT_THROW(rewrite("DELETE FROM idempotency"), db::SqlError);
}

TEST_F(FactsTest, OutboxEventsOfAScopeAreNumberedWithoutGapsWhateverIsRolledBack) {
  db::Pool pool = service("nav");
  std::vector<std::thread> threads;
  std::atomic<int> committed{0};
  for (int thread = 0; thread < 6; ++thread)
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 20; ++round) {
        Transaction transaction = pool.begin();
        db::append_event(transaction, round % 2 == 0 ? "X" : "shared",
                         {0, "kind", std::to_string(thread), 7});
        if ((thread + round) % 3 == 0) continue;  // Rolled back.
        transaction.commit();
        ++committed;
      }
    });
  for (auto& thread : threads) thread.join();
  int seen = 0;
  for (const char* scope : {"X", "shared"}) {
    std::int64_t last = 0;
    while (true) {
      const auto events = pool.transact(
          [&](Transaction& transaction) { return db::events_after(transaction, scope, last, 7); });
      for (const auto& event : events) {
        EXPECT_EQ(event.seq, last + 1);
        EXPECT_EQ(event.known_at_ns, 7);
        last = event.seq;
        ++seen;
      }
      if (events.empty()) break;
    }
  }
  EXPECT_EQ(seen, committed.load());
}

TEST_F(FactsTest, ACursorMovesForwardOnceEvenWhenTwoConsumersTry) {
  db::Pool pool = service("nav");
  const auto place = [&] {
    return pool.transact(
        [](Transaction& transaction) { return db::cursor(transaction, "pricing", "shared"); });
  };
  EXPECT_EQ(place(), 0);
  const auto move = [&](std::int64_t from, std::int64_t to) {
    Transaction transaction = pool.begin();
    db::move_cursor(transaction, "pricing", "shared", from, to);
    transaction.commit();
  };
  move(0, 3);
  EXPECT_EQ(place(), 3);
  EXPECT_THROW(move(0, 5), db::Retryable);
  EXPECT_THROW(move(2, 5), db::Retryable);
  move(3, 5);
  EXPECT_EQ(place(), 5);
}

class LeaseTest : public FactsTest {
 protected:
  std::optional<db::Lease> acquire(db::Pool& pool, const std::string& holder,
                                   std::chrono::milliseconds duration) {
    return pool.transact([&](Transaction& transaction) {
      return db::acquire_lease(transaction, "X", "strike/2026-01-02", holder, duration);
    });
  }
  void write_under(db::Pool& pool, const db::Lease& lease) {
    pool.transact([&](Transaction& transaction) {
      db::verify_lease(transaction, lease);
      execute(transaction, "INSERT INTO effect VALUES ('X', $1)", lease.holder);
    });
  }
};

TEST_F(LeaseTest, IsHeldByOneAndItsHolderGetsItAgain) {
  db::Pool pool = service("nav");
  const auto first = acquire(pool, "a", 60s);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->token, 1);
  EXPECT_FALSE(acquire(pool, "b", 60s));
  EXPECT_EQ(acquire(pool, "a", 60s)->token, 1);
  write_under(pool, *first);
  EXPECT_EQ(effects(pool), 1);
}

TEST_F(LeaseTest, AHolderThatFrozeWritesNothingAfterAnotherTookOver) {
  db::Pool pool = service("nav");
  const auto frozen = acquire(pool, "a", 1ms);
  std::this_thread::sleep_for(20ms);
  write_under(pool, *frozen);  // Expired, but nobody took it: still its own.
  const auto next = acquire(pool, "b", 60s);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->token, 2);
  EXPECT_THROW(write_under(pool, *frozen), db::Fenced);
  const auto renew = [&](Transaction& transaction) { db::renew_lease(transaction, *frozen, 60s); };
  EXPECT_THROW(pool.transact(renew), db::Fenced);
  write_under(pool, *next);
  EXPECT_EQ(effects(pool), 2);
}

TEST_F(LeaseTest, AWriteUnderTheLeaseHoldsOffWhoeverWouldTakeIt) {
  db::Pool pool = service("nav");
  const auto lease = acquire(pool, "a", 1ms);
  std::this_thread::sleep_for(20ms);
  Transaction writing = pool.begin();
  db::verify_lease(writing, *lease);
  db::TransactionOptions impatient;
  impatient.lock_timeout = 50ms;
  const auto take = [](Transaction& transaction) {
    return db::acquire_lease(transaction, "X", "strike/2026-01-02", "b", 60s);
  };
  EXPECT_THROW(pool.transact(take, impatient), db::LockTimeout);
  writing.commit();
  EXPECT_TRUE(pool.transact(take, impatient));
}

TEST_F(LeaseTest, GivenBackItIsFreeAtOnceWithAHigherToken) {
  db::Pool pool = service("nav");
  const auto first = acquire(pool, "a", 60s);
  pool.transact([&](Transaction& transaction) { db::release_lease(transaction, *first); });
  EXPECT_THROW(write_under(pool, *first), db::Fenced);
  EXPECT_EQ(acquire(pool, "b", 60s)->token, 2);
}

TEST_F(LeaseTest, AJobKeepsItsOwnInEachPassAndGivesItBack) {
  db::Pool pool = service("nav");
  const time::SystemClock clock;
  db::JobLease first(pool, "job", 60s, clock);
  db::JobLease second(pool, "job", 60s, clock);
  EXPECT_FALSE(first.held());
  EXPECT_EQ(first.give_back(), std::nullopt) << "nothing was taken";
  ASSERT_TRUE(first.take());
  EXPECT_EQ(first.held()->scope, "shared");
  EXPECT_EQ(first.held()->token, 1);
  EXPECT_FALSE(second.take());
  EXPECT_EQ(first.take()->token, 1);
  EXPECT_EQ(first.give_back(), std::nullopt);
  EXPECT_FALSE(first.held());
  EXPECT_EQ(second.take()->token, 2);
}

TEST_F(LeaseTest, AJobThatIsKeptRunsLongerThanItsLeaseAndOneThatHangsIsReplaced) {
  db::Pool pool = service("nav");
  const time::SystemClock clock;
  {
    db::JobLease working(pool, "job", 600ms, clock, 60s);
    db::JobLease waiting(pool, "job", 600ms, clock, 60s);
    ASSERT_TRUE(working.take());
    std::this_thread::sleep_for(1'500ms);
    EXPECT_FALSE(waiting.take()) << "a long pass keeps it";
  }  // both are gone without giving it back, as who is killed
  std::this_thread::sleep_for(700ms);
  db::JobLease hanging(pool, "job", 600ms, clock, 900ms);
  ASSERT_TRUE(hanging.take());
  const auto held = hanging.held();
  std::this_thread::sleep_for(2'000ms);
  db::JobLease next(pool, "job", 600ms, clock, 60s);
  ASSERT_TRUE(next.take());
  EXPECT_GT(next.held()->token, held->token);
  EXPECT_THROW(write_under(pool, *held), db::Fenced);
}

TEST_F(LeaseTest, OfManyAtOnceOneGetsIt) {
  db::Pool pool = service("nav");
  std::atomic<int> got{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      if (acquire(pool, "holder" + std::to_string(thread), 60s)) ++got;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got.load(), 1);
}

}  // namespace
}  // namespace navkeeper
