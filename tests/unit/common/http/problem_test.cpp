#include "common/http/problem.h"

#include <gtest/gtest.h>

#include "common/base/refuse.h"

namespace navkeeper::http {
namespace {

TEST(Problem, IsWrittenAsRfc9457Says) {
  Problem problem = problem_of(base::Refusal{"price", "is not positive"});
  problem.instance = "/v1/x";
  problem.trace_id = "t";
  const Response response = problem.to_response();
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(
      response.body,
      R"({"type":"urn:navkeeper:problem:refused","title":"Bad Request","status":400,"code":"refused",)"
      R"("detail":"price: is not positive","instance":"/v1/x","errors":[{"field":"price","rule":"is not positive"}],"trace_id":"t"})");
}

template <class Exception>
std::string thrown(const Response& response, Method method) {
  try {
    throw_if_problem(response, method, "peer");
  } catch (const Exception& exception) {
    return exception.what();
  }
  return "nothing";
}

TEST(ThrowIfProblem, ThrowsWhatTheAnswerMeans) {
  EXPECT_NO_THROW(throw_if_problem(Response::json("{}", 201), Method::kPost, "peer"));
  const Response refused = problem_of(base::Refusal{"price", "is not positive"}).to_response();
  EXPECT_EQ(thrown<base::Refused>(refused, Method::kGet), "peer: price: is not positive");
  EXPECT_EQ(thrown<base::Refused>(not_found("fund X is not known").to_response(), Method::kGet),
            "peer: fund X is not known");
  const auto of = [](auto exception) {
    return problem_of_exception(std::make_exception_ptr(exception)).to_response();
  };
  const Response denied = of(base::NotPermitted(base::Refusal{"ann", "may not strike a NAV"}));
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(thrown<base::Refused>(denied, Method::kGet), "peer: ann: may not strike a NAV");
  EXPECT_NE(thrown<base::Conflict>(of(base::Conflict("x")), Method::kPost), "nothing");
  EXPECT_NE(thrown<base::Unavailable>(of(base::Unavailable("x")), Method::kPost), "nothing");
  EXPECT_NE(thrown<base::InDoubt>(of(base::InDoubt("x")), Method::kPost), "nothing");
  EXPECT_EQ(thrown<base::Unavailable>(Response::text("<html>", 502), Method::kGet),
            "peer: answered 502 Status");
  EXPECT_NE(thrown<base::InDoubt>(Response::text("<html>", 500), Method::kPost), "nothing");
  EXPECT_NE(thrown<base::Unavailable>(Response::text("", 429), Method::kPost), "nothing");
}

}  // namespace
}  // namespace navkeeper::http
