#include "common/http/router.h"

#include <gtest/gtest.h>

#include "common/base/outside.h"
#include "common/base/refuse.h"
#include "common/http/problem.h"
#include "common/json/value.h"

namespace navkeeper::http {
namespace {

Request request(Method method, std::string path) {
  Request made;
  made.method = method;
  made.path = std::move(path);
  made.trace = log::Trace::start();
  return made;
}

Response echo(const Request& r) {
  std::string text = r.route;
  for (const auto& [name, value] : r.parameters) text += " " + name + "=" + value;
  return Response::text(text);
}

Router sample() {
  Router router;
  router.get("/", echo).get("/v1/rates/{index}/{date}", echo).get("/v1/rates/{index}", echo);
  router.get("/v1/rates/list", echo).post("/v1/rates", echo);
  return router;
}

std::string code_of(const Response& response) {
  const auto body = json::parse(response.body);
  return body.has_value() && body->find("code") != nullptr ? body->find("code")->as_string() : "";
}

TEST(Router, FillsTheParametersDecoded) {
  const Router router = sample();
  EXPECT_EQ(router.handle(request(Method::kGet, "/v1/rates/NK_BTC/2023-09-05")).body,
            "/v1/rates/{index}/{date} index=NK_BTC date=2023-09-05");
  EXPECT_EQ(router.handle(request(Method::kGet, "/v1/rates/BTC%2FUSD")).body,
            "/v1/rates/{index} index=BTC/USD");
  EXPECT_EQ(router.handle(request(Method::kGet, "/")).body, "/");
}

TEST(Router, ALiteralSegmentWinsOverAParameter) {
  EXPECT_EQ(sample().handle(request(Method::kGet, "/v1/rates/list")).body, "/v1/rates/list");
}

TEST(Router, HeadIsAnsweredByGet) {
  EXPECT_EQ(sample().handle(request(Method::kHead, "/v1/rates/x")).status, 200);
}

TEST(Router, AnUnknownPathIsNotFound) {
  for (const char* path : {"/v1", "/v1/rates/", "/v1/rates/a/b/c", "/v1//rates", "//", "/V1/rates/x"}) {
    const Response response = sample().handle(request(Method::kGet, path));
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(code_of(response), "not_found");
    EXPECT_EQ(response.content_type, kProblemJson);
  }
}

TEST(Router, AnotherMethodIsNotAllowedAndTheRightOnesAreTold) {
  const Response response = sample().handle(request(Method::kDelete, "/v1/rates/x"));
  EXPECT_EQ(response.status, 405);
  ASSERT_NE(response.headers.find("allow"), nullptr);
  EXPECT_EQ(*response.headers.find("allow"), "GET, HEAD");
  EXPECT_EQ(*sample().handle(request(Method::kGet, "/v1/rates")).headers.find("Allow"), "POST");
}

TEST(Router, APathThatIsNotEncodedRightlyIsRefused) {
  for (const char* path : {"/v1/rates/%zz", "/v1/rates/%00", "/v1/rates/..", "/v1/rates/%2e%2e",
                           "/v1/./rates", "/%ff", "v1", ""})
    EXPECT_EQ(sample().handle(request(Method::kGet, path)).status, 400) << path;
}

TEST(Router, ABodyOfAnotherContentTypeIsRefused) {
  const Router router = sample();
  Request post = request(Method::kPost, "/v1/rates");
  EXPECT_EQ(router.handle(post).status, 200);
  post.body = "{}";
  EXPECT_EQ(router.handle(Request(post)).status, 415);
  post.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(router.handle(Request(post)).status, 415);
  post.headers.set("content-type", "Application/JSON ; charset=utf-8");
  EXPECT_EQ(router.handle(Request(post)).status, 200);
}

TEST(Router, WhatLeavesAHandlerBecomesAProblem) {
  Router router;
  router.get("/refused",
             [](const Request&) -> Response { base::refuse("positions[2].price", "price is not positive"); });
  router.get("/conflict", [](const Request&) -> Response { throw base::Conflict("somebody else"); });
  router.get("/unavailable",
             [](const Request&) -> Response { throw base::Unavailable("host db.inside is down"); });
  router.get("/doubt", [](const Request&) -> Response { throw base::InDoubt("commit"); });
  router.get("/bug", [](const Request&) -> Response { throw std::runtime_error("password=hunter2"); });
  router.get("/own", [](const Request&) -> Response { throw ProblemError(forbidden("approvers only")); });
  std::vector<std::string> failures;
  router.on_failure([&](const Request&, const std::string& what, int) { failures.push_back(what); });

  const Response refused = router.handle(request(Method::kGet, "/refused"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find(R"("errors":[{"field":"positions[2].price","rule":"price is not positive"}])"),
            std::string::npos);
  EXPECT_NE(refused.body.find(R"("instance":"/refused")"), std::string::npos);
  EXPECT_EQ(router.handle(request(Method::kGet, "/conflict")).status, 409);
  const Response unavailable = router.handle(request(Method::kGet, "/unavailable"));
  EXPECT_EQ(unavailable.status, 503);
  EXPECT_NE(unavailable.headers.find("retry-after"), nullptr);
  EXPECT_EQ(unavailable.body.find("db.inside"), std::string::npos);
  const Response doubt = router.handle(request(Method::kGet, "/doubt"));
  EXPECT_EQ(doubt.status, 503);
  EXPECT_EQ(code_of(doubt), "in_doubt");
  EXPECT_NE(doubt.headers.find("Retry-After"), nullptr);
  const Response bug = router.handle(request(Method::kGet, "/bug"));
  EXPECT_EQ(bug.status, 500);
  EXPECT_EQ(bug.body.find("hunter2"), std::string::npos);
  EXPECT_EQ(router.handle(request(Method::kGet, "/own")).status, 403);
  EXPECT_EQ(failures, (std::vector<std::string>{"host db.inside is down", "commit", "password=hunter2"}));
}

TEST(Router, AProblemCarriesTheTraceAndHandlersRunInsideIt) {
  Router router;
  std::string seen;
  router.get("/", [&](const Request&) -> Response {
    seen = log::current_trace()->trace_id;
    throw std::runtime_error("x");
  });
  Request r = request(Method::kGet, "/");
  const std::string trace_id = r.trace.trace_id;
  EXPECT_NE(router.handle(r).body.find(trace_id), std::string::npos);
  EXPECT_EQ(seen, trace_id);
}

TEST(Router, WrappersRunOutsideIn) {
  Router router;
  std::string order;
  router.get("/", [&](const Request&) {
    order += "h";
    return Response::text("");
  });
  for (const char* name : {"a", "b"})
    router.wrap([&order, name](const Request& r, const Handler& inner) {
      order += name;
      return inner(r);
    });
  router.handle(request(Method::kGet, "/"));
  EXPECT_EQ(order, "bah");
}

TEST(Router, ListsItsRoutes) {
  const auto routes = sample().routes();
  ASSERT_EQ(routes.size(), 5u);
  EXPECT_EQ(routes[1].pattern, "/v1/rates/{index}/{date}");
  EXPECT_EQ(routes[4].method, Method::kPost);
}

TEST(RouterDeathTest, ABadPatternOrTheSameRouteTwiceIsABug) {
  EXPECT_DEATH(Router().get("no-slash", echo), "");
  EXPECT_DEATH(Router().get("/a{b}", echo), "");
  EXPECT_DEATH(Router().get("/{a}/{a}", echo), "");
  EXPECT_DEATH(Router().get("/a", echo).get("/a", echo), "");
}

TEST(Request, UnknownQueryParametersAreRefusedByName) {
  Request r = request(Method::kGet, "/");
  r.query = {{"as_of", "1"}, {"asof", "2"}};
  const auto checked = base::checked([&] {
    r.refuse_unknown_query({"as_of", "known_at"});
    return 0;
  });
  EXPECT_EQ(checked.error().message(), "asof: unknown query parameter");
}

}  // namespace
}  // namespace navkeeper::http
