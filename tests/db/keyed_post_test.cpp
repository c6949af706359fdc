// A POST that takes effect once, as routes are written with it, against a real server.
#include "common/http/keyed_post.h"

#include <gtest/gtest.h>

#include <thread>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/http/problem.h"
#include "tests/db/framework_fixture.h"

namespace navkeeper {
namespace {

using http::Request;
using http::Response;

class KeyedPostTest : public test::FrameworkTest {
 protected:
  void SetUp() override {
    FrameworkTest::SetUp();
    auto files = common_tables();
    files.push_back({"nav/0002_effect/up.sql",
                     "CREATE TABLE effect (fund_id text, what text); SELECT grant_append_only('effect');\n"});
    files.push_back({"nav/0002_effect/check.sql", "SELECT * FROM effect WHERE fund_id <> 'X';\n"});
    db::Pool pool = migrator();
    db::migrate(pool, read(files));
  }

  static Request post(const std::string& key, std::string body, std::string path = "/v1/orders") {
    Request request;
    request.method = http::Method::kPost;
    request.path = std::move(path);
    request.headers.set("Idempotency-Key", key);
    request.body = std::move(body);
    return request;
  }
  http::KeyedPost read_post(const Request& request) const {
    return http::read_keyed_post(
        request,
        [](const Request&) {
          return model::Actor{model::ActorId::literal("anna"), {model::Role::kMaker}};
        },
        clock_);
  }
  static std::string add(db::Transaction& transaction, const std::string& what) {
    db::execute(transaction, "INSERT INTO effect VALUES ('X', $1)", what);
    return "{\"done\":\"" + what + "\"}";
  }
  static int effects(db::Pool& pool) {
    return pool.transact([](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM effect WHERE fund_id = 'X'")[0][0].as<int>();
    });
  }
  Response in_transaction(db::Pool& pool, const Request& request, const std::string& what) const {
    return http::once_in_transaction(pool, read_post(request), [&](db::Transaction& transaction) {
      return db::StoredAnswer{201, add(transaction, what)};
    });
  }
  /// As a use case with a store of its own does it.
  Response by_store(db::Pool& pool, const Request& request, const std::string& what) const {
    const http::KeyedPost keyed = read_post(request);
    return http::once(pool, keyed, [&] {
      std::string body;
      pool.transact([&](db::Transaction& transaction) {
        db::write_once(transaction, keyed.key,
                       [&](db::Transaction& inner) { return body = add(inner, what); });
      });
      return Response::json(body, 201);
    });
  }

  time::ManualClock clock_{*time::parse_rfc3339("2026-03-11T20:00:00Z")};
};

TEST_F(KeyedPostTest, WhoMayOnlyReadIsRefusedBeforeTheRequestIsLookedAt) {
  for (const model::Role role : {model::Role::kViewer, model::Role::kAuditor}) {
    const auto read = [&](const Request& request) {
      http::read_keyed_post(
          request,
          [&](const Request&) {
            return model::Actor{model::ActorId::literal("vera"), {role}};
          },
          clock_);
    };
    EXPECT_THROW(read(post("key", "{}")), base::NotPermitted);
    EXPECT_THROW(read(post("", "no JSON")), base::NotPermitted);
  }
}

TEST_F(KeyedPostTest, TakesEffectOnceAndIsAnsweredAlike) {
  db::Pool pool = service("nav");
  for (const bool stores : {false, true}) {
    const std::string key = stores ? "k-store" : "k-transaction";
    const auto send = [&](const std::string& body, const std::string& what) {
      return stores ? by_store(pool, post(key, body), what) : in_transaction(pool, post(key, body), what);
    };
    const int before = effects(pool);
    EXPECT_EQ(send(R"({"a":"1","b":"2"})", "first").body, R"({"done":"first"})");
    const Response again = send(R"( {"b":"2", "a":"1"} )", "second");
    EXPECT_EQ(again.body, R"({"done":"first"})");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(effects(pool), before + 1);
  }
}

TEST_F(KeyedPostTest, AKeyOfAnotherRequestIs422) {
  db::Pool pool = service("nav");
  in_transaction(pool, post("k1", "{}"), "first");
  for (const bool stores : {false, true}) {
    try {
      const Request other = post("k1", R"({"a":"1"})");
      stores ? by_store(pool, other, "second") : in_transaction(pool, other, "second");
      ADD_FAILURE() << "was answered";
    } catch (const http::ProblemError& error) {
      EXPECT_EQ(error.problem().status, 422);
      EXPECT_EQ(error.problem().code, "idempotency_key_reused");
    }
  }
  EXPECT_EQ(effects(pool), 1);
}

TEST_F(KeyedPostTest, ATwinThatTookEffectMeanwhileGivesItsAnswer) {
  db::Pool pool = service("nav");
  const http::KeyedPost keyed = read_post(post("k1", "{}"));
  const Response answer = http::once(pool, keyed, [&]() -> Response {
    by_store(pool, post("k1", "{}"), "twin");  // between our look-up and our own effect
    pool.transact([&](db::Transaction& transaction) {
      db::write_once(transaction, keyed.key, [](db::Transaction& inner) { return add(inner, "ours"); });
    });
    return Response::json("never", 201);
  });
  EXPECT_EQ(answer.body, R"({"done":"twin"})");
  EXPECT_EQ(effects(pool), 1);
}

TEST_F(KeyedPostTest, WithoutAKeyOrWithAQueryOrABadBodyItIsRefused) {
  Request none = post("k", "{}");
  none.headers = {};
  EXPECT_THROW(read_post(none), base::Refused);
  EXPECT_THROW(read_post(post(std::string(256, 'k'), "{}")), base::Refused);
  EXPECT_THROW(read_post(post("k", "{")), base::Refused);
  Request asked = post("k", "{}");
  asked.query = {{"dry_run", "1"}};
  EXPECT_THROW(read_post(asked), base::Refused);
}

}  // namespace
}  // namespace navkeeper
