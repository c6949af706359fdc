// Strikes on the real store and the real books: what is kept, what is posted once, what the database itself
// refuses.
#include "services/nav/adapters/nav_store.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/http/problem.h"
#include "common/http/router.h"
#include "common/http/server.h"
#include "common/json/write.h"
#include "common/time/clock.h"
#include "services/nav/adapters/books_post.h"
#include "services/nav/adapters/explain.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/fund_file.h"
#include "services/nav/adapters/nav_document.h"
#include "services/nav/adapters/strike_posting.h"
#include "services/nav/app/nav_life.h"
#include "services/nav/service.h"
#include "tests/db/postgres_fixture.h"

namespace navkeeper::nav {
namespace {

using model::Role;
using money::Decimal;
using time::Date;
using time::Instant;

const Instant kNow = Instant::literal("2026-02-01T00:00:00Z");

Decimal dec(std::string_view text) { return Decimal::literal(text); }
Date day(const char* text) { return Date::literal(text); }

model::Actor actor(const char* name) {
  return {model::ActorId::literal(name), {Role::kMaker, Role::kApprover, Role::kOperator}};
}

NewDefinition definition_of(const std::string& fund) {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  return load_fund_file(std::string(dir != nullptr ? dir : ".") + "/config/funds/" + fund + ".toml");
}

class FixedRates final : public RateSource {
 public:
  std::optional<AssetPrice> price(const FundDefinition& fund, const FundAsset& asset, Date date) override {
    const auto found = prices.find(asset.official_index.value());
    if (found == prices.end()) return std::nullopt;
    AssetPrice price;
    price.official = ResolvedPrice{asset.official_index, found->second, "5e1f"};
    price.valuation = plan_strike(fund, date, time::Instant::latest()).value().valued_at;
    return price;
  }
  std::map<std::string, Decimal> prices{
      {"NK_BTCUSD_NY", dec("84000")}, {"NK_ETHUSD_NY", dec("2800")}, {"NK_CROUSD_NY", dec("0.1")}};
};

class NavStoreTest : public test::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    for (const char* fund : {"btceth", "croyield"})
      apply_fund(store(), definition_of(fund), actor("olga"), kNow);
  }

  db::Pool& pool() { return service_pool("nav"); }
  PostgresNavStore& store() {
    if (!store_) store_.emplace(pool(), journal_);
    return *store_;
  }
  PostgresActStore& acts() {
    if (!acts_) acts_.emplace(pool());
    return *acts_;
  }
  NavPorts ports() { return {store(), rates_, documents_, acts()}; }

  void post(const char* fund, const std::string& lines) {
    const auto path = folder_.path() / "events.jsonl";
    std::ofstream(path) << lines;
    post_file(pool(), model::FundId::literal(fund), read_events_to_post(path.string(), "file"),
              {model::ActorId::literal("olga"), Instant::literal("2026-01-02T12:00:00Z")});
  }
  /// Created on Friday the 2nd, so in the NAV from Monday the 5th.
  void open_btceth() {
    post(
        "BTCETH",
        R"({"date":"2026-01-02","event":"open","fund":"BTCETH","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"3360000","components":[{"asset":"BTC","quantity":"600","value":"50400000"},{"asset":"ETH","quantity":"12000","value":"33600000"}],"cash":"25000"})"
        "\n");
  }
  void open_croyield() {
    post(
        "CROYIELD",
        R"({"date":"2026-01-02","event":"open","fund":"CROYIELD","assets":[{"asset":"CRO","decimals":8}],"shares":"0"})"
        "\n"
        R"({"date":"2026-01-02","event":"creation","shares":"100000","asset":"CRO","quantity":"20000000","value":"1900000"})"
        "\n");
  }
  StrikeReport strike_on(const char* fund, const char* date, const char* who = "mia") {
    return strike_fund(ports(), {model::FundId::literal(fund), day(date), actor(who), kNow});
  }
  std::int64_t count(const std::string& what) {
    return pool().transact([&](db::Transaction& transaction) {
      return db::query(transaction, "SELECT count(*) FROM " + what)[0][0].as<std::int64_t>();
    });
  }

  test::TemporaryFolder folder_;
  BooksStrikeJournal journal_;
  FixedRates rates_;
  JsonDocuments documents_;
  std::optional<PostgresNavStore> store_;
  std::optional<PostgresActStore> acts_;
};

TEST_F(NavStoreTest, ADefinitionComesBackAsItWasApplied) {
  const auto stored = store().latest_definition(model::FundId::literal("CROYIELD"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->hash, definition_of("croyield").hash);
  EXPECT_EQ(definition_hash(stored->definition), stored->hash);
  EXPECT_EQ(apply_fund(store(), definition_of("croyield"), actor("olga"), kNow).outcome,
            ApplyOutcome::kUnchanged);
  EXPECT_EQ(store().funds().size(), 2U);
  EXPECT_FALSE(store().definition_on(model::FundId::literal("CROYIELD"), day("2026-01-01")).has_value());
}

TEST_F(NavStoreTest, AWeekIsStruckTheFeeIsPostedOnceAndTheNextNavOwesIt) {
  open_btceth();
  const StrikeReport monday = strike_on("BTCETH", "2026-01-05");
  EXPECT_EQ(monday.outcome, StrikeOutcome::kStruck);
  EXPECT_EQ(monday.nav.summary.expenses, dec("2186.95"));  // 84,025,000 x 0.0095 / 365 = 2186.952...
  EXPECT_EQ(monday.nav.state(), NavState::kChecked);
  const auto entries = count("entry");
  EXPECT_EQ(strike_on("BTCETH", "2026-01-05", "tom").outcome, StrikeOutcome::kUnchanged);
  EXPECT_EQ(count("entry"), entries);
  const StrikeReport tuesday = strike_on("BTCETH", "2026-01-06");
  EXPECT_EQ(tuesday.nav.summary.expenses_total, monday.nav.summary.expenses);
  // Striking Monday again still finds Monday's inputs, although Tuesday is struck.
  EXPECT_EQ(strike_on("BTCETH", "2026-01-05").outcome, StrikeOutcome::kUnchanged);
}

TEST_F(NavStoreTest, ACorporationsTaxIsPostedAndTheNextStrikeProvidesTheDifferenceOnly) {
  open_croyield();
  const StrikeReport monday = strike_on("CROYIELD", "2026-01-05");
  EXPECT_TRUE(monday.nav.summary.tax_change.is_positive());  // 100,000 of unrealised gain
  const StrikeReport tuesday = strike_on("CROYIELD", "2026-01-06");
  // The same price: only the new fee's tax effect changes the provision.
  EXPECT_LT(tuesday.nav.summary.tax_change.abs(), dec("100"));
  const Explanation explanation =
      explain_nav(store(), documents_, model::FundId::literal("CROYIELD"), day("2026-01-06"));
  EXPECT_TRUE(explanation.is_reproduced);
  EXPECT_TRUE(explanation.change->price.is_zero());
  EXPECT_TRUE(explanation.change->other_expenses.is_zero()) << explanation.change->other_expenses.to_string();
  EXPECT_TRUE(explanation.change->remainder.is_zero()) << explanation.change->remainder.to_string();
}

TEST_F(NavStoreTest, OrdersOfTheDayEnterTheNextNavCoinsAndSharesTogether) {
  open_btceth();
  post(
      "BTCETH",
      R"({"date":"2026-01-05","event":"creation","shares":"10000","asset":"BTC","quantity":"2.5","value":"210000"})"
      "\n");
  EXPECT_EQ(strike_on("BTCETH", "2026-01-05").nav.summary.shares, dec("3360000"));
  const StrikeReport tuesday = strike_on("BTCETH", "2026-01-06");
  EXPECT_EQ(tuesday.nav.summary.shares, dec("3370000"));
  EXPECT_EQ(tuesday.nav.summary.positions.front().quantity, dec("602.5"));
  const Explanation explanation =
      explain_nav(store(), documents_, model::FundId::literal("BTCETH"), day("2026-01-06"));
  EXPECT_EQ(explanation.change->flows, dec("210000"));
  EXPECT_TRUE(explanation.change->remainder.is_zero());
}

TEST_F(NavStoreTest, AFundWhoseBooksWereNeverOpenedHasNoShares) {
  EXPECT_THROW(strike_on("BTCETH", "2026-01-05"), base::Refused);
  EXPECT_EQ(count("nav"), 0);
}

TEST_F(NavStoreTest, TheDatabaseItselfRefusesTheStrikersApproval) {
  open_btceth();
  const StrikeReport struck = strike_on("BTCETH", "2026-01-05", "mia");
  const auto fund = model::FundId::literal("BTCETH");
  EXPECT_THROW(store().add_approval(fund, struck.nav, model::ActorId::literal("mia"), kNow),
               db::ConstraintViolation);
  StoredNav forged = struck.nav;
  forged.struck_by = model::ActorId::literal("zoe");  // pretending somebody else struck it
  EXPECT_THROW(store().add_approval(fund, forged, model::ActorId::literal("mia"), kNow),
               db::ConstraintViolation);
  approve_nav(ports(), {fund, day("2026-01-05"), actor("tom"), kNow});
  EXPECT_EQ(store().find_nav(fund, day("2026-01-05"))->state(), NavState::kApproved);
}

TEST_F(NavStoreTest, ANavIsSeenAsItWasKnownThen) {
  open_btceth();
  strike_on("BTCETH", "2026-01-05");
  const auto fund = model::FundId::literal("BTCETH");
  const time::Instant later = kNow + time::Duration::minutes(60);
  approve_nav(ports(), {fund, day("2026-01-05"), actor("tom"), later});
  const auto state_at = [&](time::Instant known_at) {
    const auto nav = store().find_nav(fund, day("2026-01-05"), known_at);
    const auto listed = store().navs(fund, std::nullopt, std::nullopt, known_at);
    EXPECT_EQ(listed.size(), nav ? 1U : 0U);
    return nav ? std::string(describe(nav->state())) : "unknown";
  };
  EXPECT_EQ(state_at(kNow + time::Duration::seconds(-1)), "unknown");
  EXPECT_EQ(state_at(kNow), "checked");
  EXPECT_EQ(state_at(later + time::Duration::seconds(-1)), "checked");
  EXPECT_EQ(state_at(later), "approved");
}

TEST_F(NavStoreTest, NothingOfANavMayBeChanged) {
  open_btceth();
  strike_on("BTCETH", "2026-01-05");
  for (const char* sql : {"UPDATE nav SET nav_per_share = 1", "DELETE FROM nav_check",
                          "TRUNCATE nav_approval", "UPDATE fund_definition SET version = 2"})
    EXPECT_THROW(pool().transact([&](db::Transaction& transaction) { db::execute(transaction, sql); }),
                 db::SqlError)
        << sql;
}

TEST_F(NavStoreTest, AStrikeFromWhatWasReadBeforeAPostingWritesNothing) {
  open_btceth();
  const auto fund = model::FundId::literal("BTCETH");
  const StrikeSight sight = store().look({fund}, day("2026-01-05")).front();
  // The process froze here, and somebody posted a late fact.
  post("BTCETH", R"({"date":"2026-01-03","event":"fee_accrued","name":"audit","amount":"10.00","id":"late"})"
                 "\n");
  EXPECT_THROW(strike_seen(ports(), sight, {fund, day("2026-01-05"), actor("mia"), kNow}), SightChanged);
  EXPECT_EQ(count("nav"), 0);
  EXPECT_EQ(strike_on("BTCETH", "2026-01-05").outcome, StrikeOutcome::kStruck);
}

/// Pricing over HTTP, as nav's client meets it: the official price of each asset, at the fund's instant.
class PricingPeer {
 public:
  PricingPeer() {
    http::Router router;
    router.get("/v1/prices/{asset}/{date}", [this](const http::Request& request) {
      const Date date = *Date::parse(request.parameter("date"));
      const Instant valued_at =
          plan_strike(definition_of("btceth").definition, date, Instant::latest()).value().valued_at;
      json::Writer price;
      price.begin_object()
          .member("asset", request.parameter("asset"))
          .member("date", date.to_string())
          .member("act", *request.query_value("act"))
          .member("basis", *request.query_value("basis"))
          .member("input_hash", "ab12")
          .member("official_hash", "cd34")
          .member("state", "stands")
          .member("rung", "principal_market")
          .member("official_source", "coinbase, last trade")
          .member("valuation", valued_at.to_string())
          .member("official", prices.at(request.parameter("asset")));
      price.key("determination").null().key("document").begin_object().member("flagged", false);
      price.key("checks").begin_array().end_array().key("bases").begin_object();
      price.key("index").begin_object().end_object().key("principal_market").begin_object().end_object();
      return http::Response::json(price.end_object().end_object().end_object().take());
    });
    server_.emplace(std::move(router), http::ServerOptions{}, log::Logger::silent());
    server_->start();
  }
  std::string url() const { return server_->url(); }
  std::map<std::string, std::string> prices{{"BTC", "84000"}, {"ETH", "2800"}};

 private:
  std::optional<http::Server> server_;
};

class NavRoutesTest : public NavStoreTest {
 protected:
  void SetUp() override {
    NavStoreTest::SetUp();
    use_pricing(pricing_.url());
  }
  void use_pricing(const std::string& url) {
    router_ = http::Router();
    service_ = std::make_unique<Service>(Dependencies{&pool(), url, {}, &clock_, nullptr});
    register_routes(router_, *service_, [this](const http::Request&) { return actor(who_.c_str()); });
  }
  void strike_over_http(const std::string& date, const char* who = "mia") {
    const std::string before = std::exchange(who_, who);
    const auto answer =
        ask(http::Method::kPost, "/v1/funds/BTCETH/navs/" + date + "/strike", "strike-" + date);
    EXPECT_EQ(answer.status, 201) << answer.body;
    who_ = before;
  }
  http::Response ask(http::Method method, const std::string& path, const std::string& key = "",
                     const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    return router_.handle(std::move(request));
  }
  time::ManualClock clock_{kNow};
  std::string who_ = "tom";
  PricingPeer pricing_;
  http::Router router_;
  std::unique_ptr<Service> service_;
};

TEST_F(NavRoutesTest, FundsAndNavsAreRead) {
  open_btceth();
  strike_over_http("2026-01-05");
  EXPECT_NE(ask(http::Method::kGet, "/v1/funds").body.find("CROYIELD"), std::string::npos);
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/NOPE").status, 404);
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/BTCETH").status, 200);
  EXPECT_NE(ask(http::Method::kGet, "/v1/funds/BTCETH/navs").body.find("2026-01-05"), std::string::npos);
  EXPECT_NE(ask(http::Method::kGet, "/v1/funds/BTCETH/navs/2026-01-05").body.find("\"document\""),
            std::string::npos);
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/BTCETH/navs/2026-01-06").status, 404);
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/BTCETH/navs/2026-02-30").status, 400);
  EXPECT_NE(
      ask(http::Method::kGet, "/v1/funds/BTCETH/navs/2026-01-05/explain").body.find("\"reproduced\":true"),
      std::string::npos);
}

TEST_F(NavRoutesTest, AnApprovalNeedsAKeyAndTheSameKeyIsAnsweredAlike) {
  open_btceth();
  strike_over_http("2026-01-05");
  const std::string path = "/v1/funds/BTCETH/navs/2026-01-05/approve";
  EXPECT_EQ(ask(http::Method::kPost, path).status, 400);
  const auto first = ask(http::Method::kPost, path, "k1");
  EXPECT_EQ(first.status, 201) << first.body;
  const auto again = ask(http::Method::kPost, path, "k1");
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(count("nav_approval"), 1);
  const auto reused = ask(http::Method::kPost, "/v1/funds/BTCETH/navs/2026-01-06/approve", "k1");
  EXPECT_EQ(reused.status, 422) << reused.body;
}

TEST_F(NavRoutesTest, AStaleNavIsNotApproved) {
  open_btceth();
  strike_over_http("2026-01-05");
  const std::string path = "/v1/funds/BTCETH/navs/2026-01-05/approve";
  pricing_.prices["BTC"] = "84001";
  const auto stale = ask(http::Method::kPost, path, "k1");
  EXPECT_EQ(stale.status, 409) << stale.body;
  EXPECT_NE(stale.body.find("is a stale draft"), std::string::npos) << stale.body;
  EXPECT_EQ(count("nav_approval"), 0);
  pricing_.prices["BTC"] = "84000";
  EXPECT_EQ(ask(http::Method::kPost, path, "k2", R"({"version":2})").status, 400);  // nobody struck it
  pricing_.prices["BTC"] = "84001";
  who_ = "mia";
  EXPECT_EQ(
      ask(http::Method::kPost, "/v1/funds/BTCETH/navs/2026-01-05/strike", "s2", R"({"again":"late"})").status,
      201);
  who_ = "tom";
  EXPECT_EQ(ask(http::Method::kPost, path, "k3", R"({"version":1})").status, 409);  // what was looked at
  EXPECT_EQ(ask(http::Method::kPost, path, "k1").status, 201);
}

TEST_F(NavRoutesTest, TheBooksAreReadClosedAndReopenedByTwoOverHttp) {
  open_btceth();
  const std::string base = "/v1/funds/BTCETH";
  const auto get = [&](const std::string& path) { return ask(http::Method::kGet, base + path); };
  EXPECT_NE(get("/holdings").body.find("\"shares_outstanding\""), std::string::npos);
  EXPECT_NE(get("/journal").body.find("\"next_cursor\":null"), std::string::npos);
  EXPECT_NE(get("/lots").body.find("\"lots\":["), std::string::npos);
  EXPECT_NE(get("/periods").body.find("\"closed_through\":null"), std::string::npos);
  EXPECT_EQ(get("/rollforward").status, 400);
  const auto post = [&](const std::string& path, const std::string& key, const std::string& body) {
    return ask(http::Method::kPost, base + path, key, body);
  };
  strike_on("BTCETH", "2026-01-05");
  strike_on("BTCETH", "2026-01-06");
  EXPECT_EQ(post("/periods/close", "", R"({"through":"2026-01-06"})").status, 400);
  EXPECT_EQ(post("/periods/close", "b0", R"({"through":"2026-01-06","x":1})").status, 400);
  const auto beyond = post("/periods/close", "b0", R"({"through":"2026-01-07"})");
  EXPECT_EQ(beyond.status, 400);
  EXPECT_NE(beyond.body.find("that of 2026-01-07 is to come"), std::string::npos) << beyond.body;
  const auto closed = post("/periods/close", "b1", R"({"through":"2026-01-06"})");
  EXPECT_EQ(closed.status, 201) << closed.body;
  EXPECT_EQ(post("/periods/close", "b1", R"({"through":"2026-01-06"})").body, closed.body);
  EXPECT_EQ(post("/periods/close", "b1", R"({"through":"2026-01-05"})").status, 422);
  EXPECT_EQ(strike_on("BTCETH", "2026-01-07").outcome, StrikeOutcome::kStruck);
  EXPECT_EQ(post("/periods/reopen", "b2", R"({"from":"2026-01-06","reason":"late invoice"})").status, 201);
  EXPECT_EQ(post("/periods/approve", "b3", R"({"number":1})").status, 400);
  who_ = "anna";
  const auto opened = post("/periods/approve", "b4", R"({"number":1})");
  EXPECT_EQ(opened.status, 201) << opened.body;
  EXPECT_NE(opened.body.find("\"closed_through\":\"2026-01-05\""), std::string::npos);
  EXPECT_EQ(post("/journal/reverse", "b5", R"({"source":"file","id":"nobody","reason":"x"})").status, 400);
}

TEST_F(NavRoutesTest, TheStrikerIsRefusedOverHttpToo) {
  open_btceth();
  strike_over_http("2026-01-05");
  who_ = "mia";
  EXPECT_EQ(ask(http::Method::kPost, "/v1/funds/BTCETH/navs/2026-01-05/approve", "k2").status, 400);
}

TEST_F(NavRoutesTest, TheWholeLifeIsThereOverHttp) {
  open_btceth();
  strike_over_http("2026-01-05");
  const std::string path = "/v1/funds/BTCETH/navs/2026-01-05/";
  const auto post = [&](const char* who, const std::string& what, const std::string& key,
                        const std::string& body) {
    who_ = who;
    return ask(http::Method::kPost, path + what, key, body);
  };
  EXPECT_EQ(post("zoe", "publish", "p0", "").status, 400) << "not approved";
  EXPECT_EQ(post("tom", "approve", "a0", R"({"version":2})").status, 400) << "there is no version 2";
  EXPECT_EQ(post("tom", "approve", "a1", R"({"versoin":1})").status, 400);
  EXPECT_EQ(post("tom", "approve", "a2", R"({"version":1})").status, 201);
  EXPECT_EQ(post("tom", "approve", "a3", "").status, 400) << "twice";
  EXPECT_EQ(post("zoe", "publish", "p1", "").status, 400) << "custody could not be measured";
  const std::string custody = R"({"check":"custody_reconciled","reason":"no service yet"})";
  EXPECT_EQ(post("tom", "override", "o1", R"({"check":"custody_reconciled","reason":""})").status, 400);
  const auto voice = post("tom", "override", "o2", custody);
  EXPECT_EQ(voice.status, 201) << voice.body;
  EXPECT_EQ(post("tom", "override", "o2", custody).body, voice.body) << "the same key is answered alike";
  EXPECT_EQ(post("zoe", "override", "o3", custody).status, 201);
  const auto fund = model::FundId::literal("BTCETH");
  for (const std::string& check : store().find_nav(fund, day("2026-01-05"))->standing_unavailable())
    for (const char* who : {"tom", "zoe"})
      override_check(ports(), {fund, day("2026-01-05"), actor(who), kNow, {}}, check,
                     "nothing to measure by");
  const auto published = post("zoe", "publish", "p2", "");
  EXPECT_EQ(published.status, 201) << published.body;
  EXPECT_EQ(post("zoe", "publish", "p2", "").body, published.body);
  EXPECT_EQ(post("zoe", "publish", "p3", "").status, 400) << "twice";
  EXPECT_EQ(post("mia", "restate", "r1", R"({"reason":"a price"})").status, 400) << "nothing changed";
  EXPECT_NE(ask(http::Method::kGet, path + "versions").body.find("\"state\":\"published\""),
            std::string::npos);
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/BTCETH/nav-errors").body, R"({"reports":[]})");
  EXPECT_EQ(ask(http::Method::kGet, "/v1/funds/BTCETH/contingent-navs").body, R"({"contingent_navs":[]})");
}

TEST_F(NavRoutesTest, AStrikeWithoutPricingIsUnavailable) {
  open_btceth();
  use_pricing("http://127.0.0.1:9");
  EXPECT_EQ(ask(http::Method::kPost, "/v1/funds/BTCETH/navs/2026-01-05/strike", "k3").status, 503);
}

}  // namespace
}  // namespace navkeeper::nav
