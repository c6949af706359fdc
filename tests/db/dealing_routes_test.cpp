// The routes of dealing on the real store.
#include <gtest/gtest.h>

#include "common/http/router.h"
#include "common/time/clock.h"
#include "services/nav/service.h"
#include "tests/db/dealing_fixture.h"

namespace navkeeper::nav {
namespace {

class DealingRoutesTest : public DealingTest {
 protected:
  void SetUp() override {
    DealingTest::SetUp();
    open_btceth();
    clock_.emplace(now_);
    service_ = std::make_unique<Service>(Dependencies{&pool(), "http://127.0.0.1:9", {}, &*clock_, nullptr});
    register_routes(router_, *service_, [this](const http::Request&) { return actor(who_.c_str()); });
  }
  http::Response ask(http::Method method, const std::string& path, const std::string& key = "",
                     const std::string& body = "", const http::Parameters& query = {}) {
    http::Request request;
    request.method = method;
    request.path = "/v1/funds/BTCETH" + path;
    request.query = query;
    request.body = body;
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    return router_.handle(std::move(request));
  }
  http::Response post(const std::string& path, const std::string& key, const std::string& body = "{}") {
    return ask(http::Method::kPost, path, key, body);
  }
  http::Response get(const std::string& path, const http::Parameters& query = {}) {
    return ask(http::Method::kGet, path, "", "", query);
  }

  std::optional<time::ManualClock> clock_;
  std::string who_ = "olga";
  http::Router router_;
  std::unique_ptr<Service> service_;
};

TEST_F(DealingRoutesTest, AnOrdersLifeOverHttpAndTheSameKeyIsAnsweredAlike) {
  EXPECT_EQ(post("/orders", "", order_text("C-1", "creation", "in_kind", "1")).status, 400);
  const auto placed = post("/orders", "k1", order_text("C-1", "creation", "in_kind", "1"));
  EXPECT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(post("/orders", "k1", order_text("C-1", "creation", "in_kind", "1")).body, placed.body);
  EXPECT_EQ(post("/orders", "k1", order_text("C-2", "creation", "in_kind", "1")).status, 422);
  EXPECT_EQ(post("/orders", "k2", order_text("C-1", "creation", "in_kind", "1")).status, 200);
  EXPECT_EQ(post("/orders", "k3", order_text("C-1", "creation", "in_kind", "2")).status, 400);
  EXPECT_EQ(post("/orders", "k4", order_text("C-3", "creation", "in_kind", "0.5")).status, 400);
  EXPECT_EQ(post("/orders", "k5", "{\"orders\":[" + order_text("C-4", "creation", "cash", "1") + "]}").status,
            201);
  EXPECT_EQ(post("/orders/C-1/accept", "k6").status, 400);  // who placed it
  who_ = "anna";
  const auto accepted = post("/orders/C-1/accept", "k7");
  EXPECT_EQ(accepted.status, 201) << accepted.body;
  EXPECT_EQ(post("/orders/C-1/accept", "k7").body, accepted.body);
  EXPECT_EQ(post("/orders/C-1/accept", "k8").status, 200);
  EXPECT_EQ(post("/orders/NOPE/accept", "k9").status, 404);
  EXPECT_EQ(post("/orders/C-4/reject", "k10", R"({"ground":"trust_terms","detail":"x"})").status, 400);
  EXPECT_EQ(post("/orders/C-4/reject", "k11", R"({"ground":"form","detail":"not signed"})").status, 201);
  now_ = at("2026-01-06T21:05:00Z");
  clock_->set(now_);
  strike("2026-01-06");
  who_ = "mia";
  EXPECT_EQ(post("/orders/price", "k12", R"({"date":"2026-01-06"})").status, 400);
  approve("2026-01-06");
  const auto priced = post("/orders/price", "k13", R"({"date":"2026-01-06"})");
  EXPECT_NE(priced.body.find(R"("outcome":"priced")"), std::string::npos) << priced.body;
  EXPECT_EQ(post("/orders/price", "k13", R"({"date":"2026-01-06"})").body, priced.body);
  EXPECT_NE(get("/open-items", {{"as_of", "2026-01-07"}}).body.find("SHARES"), std::string::npos);
  EXPECT_EQ(post("/orders/C-1/settle", "k14", R"({"date":"2026-01-07","unit":"1"})").status, 400);
  now_ = at("2026-01-07T16:00:00Z");
  clock_->set(now_);
  EXPECT_EQ(post("/orders/C-1/settle", "k15", R"({"date":"2026-01-07"})").status, 201);
  const auto shown = get("/orders/C-1").body;
  EXPECT_NE(shown.find(R"("state":"settled")"), std::string::npos) << shown;
  EXPECT_NE(get("/orders", {{"from", "2026-01-06"}}).body.find("C-4"), std::string::npos);
  EXPECT_EQ(get("/orders/NOPE").status, 404);
  EXPECT_EQ(post("/orders/C-1/fail", "k16", R"({"date":"2026-01-08","reason":"x"})").status, 400);
  EXPECT_EQ(post("/orders/C-1/cancel", "k17", R"({"reason":"x"})").status, 400);
  EXPECT_EQ(post("/orders/C-1/execution", "k18", R"({"difference":"1","reason":"x"})").status, 400);
  EXPECT_EQ(post("/orders/C-1/cash-in-lieu", "k19", R"({"asset":"BTC","quantity":"1","reason":"x"})").status,
            400);
  EXPECT_EQ(post("/orders/C-1/close-out", "k20", R"({"date":"2026-01-08","reason":"x"})").status, 400);
  EXPECT_EQ(
      post("/orders/C-1/collateral", "k21", R"({"amount":"0","date":"2026-01-08","reference":"x"})").status,
      400);
}

TEST_F(DealingRoutesTest, BasketsParticipantsAndWeights) {
  EXPECT_NE(get("/baskets/2026-01-06").body.find(R"("status":"estimate")"), std::string::npos);
  const auto file = get("/baskets/2026-01-06", {{"format", "csv"}});
  EXPECT_EQ(file.content_type, "text/csv; charset=utf-8");
  EXPECT_NE(file.body.find("03,BTC,1.78571428,84000,"), std::string::npos) << file.body;
  EXPECT_NE(file.body.find("09,5,"), std::string::npos) << file.body;
  EXPECT_EQ(get("/baskets/2026-01-06", {{"format", "xml"}}).status, 400);
  EXPECT_EQ(get("/baskets/2026-01-10").status, 400);
  EXPECT_NE(get("/rebalancing/2026-01-06").body.find(R"("weight":"0.6")"), std::string::npos);
  const auto added =
      post("/participants", "p1", R"({"id":"BETA","name":"Beta Bank","agreement_from":"2026-01-05"})");
  EXPECT_EQ(added.status, 201) << added.body;
  EXPECT_EQ(
      post("/participants", "p2", R"({"id":"BETA","name":"Beta Bank","agreement_from":"2026-01-05"})").status,
      200);
  EXPECT_EQ(
      post("/participants", "p3", R"({"id":"BETA","name":"Gamma","agreement_from":"2026-01-05"})").status,
      400);
  EXPECT_EQ(post("/participants/BETA/suspend", "p4", R"({"from":"2026-01-06","reason":"fails"})").status,
            201);
  EXPECT_EQ(post("/participants/NOPE/suspend", "p5", R"({"from":"2026-01-06","reason":"fails"})").status,
            400);
  EXPECT_EQ(post("/orders", "p6", order_text("B-1", "creation", "cash", "1", "2026-01-06", "BETA")).status,
            400);
  EXPECT_EQ(post("/participants/BETA/reinstate", "p7", R"({"from":"2026-01-06","reason":"paid"})").status,
            201);
  EXPECT_EQ(post("/orders", "p8", order_text("B-1", "creation", "cash", "1", "2026-01-06", "BETA")).status,
            201);
  EXPECT_NE(get("/participants").body.find(R"("suspended":true)"), std::string::npos);
}

TEST_F(DealingRoutesTest, CompositionFilesAndRepricings) {
  EXPECT_EQ(get("/baskets/2026-01-06/published").status, 404);
  EXPECT_EQ(post("/baskets/2026-01-06/publish", "b1").status, 400);  // the NAV before is not published
  approve("2026-01-05");
  PostgresActStore acts(pool());
  const NavPorts nav_ports{navs(), rates_, documents_, acts};
  const auto life = [&](const char* who) {
    return LifeRequest{*fund_, day("2026-01-05"), actor(who), now_, {}};
  };
  for (const std::string& check : navs().find_nav(*fund_, day("2026-01-05"))->standing_unavailable())
    for (const char* who : {"tom", "zoe"}) override_check(nav_ports, life(who), check, "no service yet");
  publish_nav(nav_ports, life("zoe"));
  const auto published = post("/baskets/2026-01-06/publish", "b1");
  EXPECT_EQ(published.status, 201) << published.body;
  EXPECT_EQ(post("/baskets/2026-01-06/publish", "b1").body, published.body);
  const auto file = get("/baskets/2026-01-06/published");
  EXPECT_NE(file.body.find(R"("status":"estimate")"), std::string::npos) << file.body;
  EXPECT_EQ(*file.headers.find("ETag"), "\"" + documents_.hash(file.body) + "\"");
  EXPECT_EQ(get("/baskets/2026-01-06/published", {{"format", "csv"}}).content_type,
            "text/csv; charset=utf-8");
  EXPECT_EQ(get("/baskets/2026-01-06/published", {{"number", "2"}}).status, 404);
  EXPECT_EQ(get("/baskets/2026-01-06/published", {{"format", "xml"}}).status, 400);
  EXPECT_NE(get("/baskets/2026-01-06/files").body.find("\"number\":1"), std::string::npos);

  EXPECT_EQ(get("/repricings").body, R"({"fund":"BTCETH","repricings":[]})");
  who_ = "mia";
  const auto nothing = post("/repricings", "r1",
                            R"({"from":"2026-01-05","through":"2026-01-05","reason":"a price was wrong"})");
  EXPECT_EQ(nothing.status, 400) << nothing.body;
  EXPECT_NE(nothing.body.find("published and restated"), std::string::npos) << nothing.body;
  EXPECT_EQ(post("/repricings", "r2", R"({"from":"2026-01-06","through":"2026-01-05","reason":"x"})").status,
            400);
  EXPECT_EQ(post("/repricings", "r3", R"({"from":"2026-01-05","through":"2026-01-05","why":"x"})").status,
            400);
  EXPECT_EQ(post("/repricings/7/approve", "r4").status, 400);
  EXPECT_EQ(post("/repricings/x/withdraw", "r5").status, 400);
}

}  // namespace
}  // namespace navkeeper::nav
