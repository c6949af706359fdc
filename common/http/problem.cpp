#include "common/http/problem.h"

#include "common/base/refuse.h"
#include "common/json/write.h"

namespace navkeeper::http {

Response Problem::to_response() const {
  json::Writer writer;
  writer.begin_object().member("type", "urn:navkeeper:problem:" + code).member("title", reason(status));
  writer.member("status", status).member("code", code);
  if (!detail.empty()) writer.member("detail", detail);
  if (!instance.empty()) writer.member("instance", instance);
  if (!errors.empty()) {
    writer.key("errors").begin_array();
    for (const FieldError& error : errors)
      writer.begin_object().member("field", error.field).member("rule", error.rule).end_object();
    writer.end_array();
  }
  if (!trace_id.empty()) writer.member("trace_id", trace_id);
  Response response = Response::json(writer.end_object().take(), status);
  response.content_type = kProblemJson;
  response.headers = headers;
  if (retry_after_s) response.headers.set("Retry-After", std::to_string(*retry_after_s));
  return response;
}

Problem problem_of(const base::Refusal& refusal) {
  Problem problem{.status = 400, .code = "refused", .detail = refusal.message()};
  if (!refusal.where.empty()) problem.errors.push_back({refusal.where, refusal.rule});
  return problem;
}

Problem not_found(std::string detail) {
  return {.status = 404, .code = "not_found", .detail = std::move(detail)};
}
Problem unauthenticated(std::string detail) {
  return {.status = 401,
          .code = "unauthenticated",
          .detail = std::move(detail),
          .headers = {{"WWW-Authenticate", "Bearer realm=\"navkeeper\""}}};
}
Problem forbidden(std::string detail) {
  return {.status = 403, .code = "forbidden", .detail = std::move(detail)};
}

Problem problem_of_exception(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const ProblemError& problem) {
    return problem.problem();
  } catch (const base::NotPermitted& refused) {
    return forbidden(refused.what());
  } catch (const base::Refused& refused) {
    return problem_of(refused.refusal());
  } catch (const base::Conflict& conflict) {
    return {.status = 409, .code = "conflict", .detail = conflict.what()};
  } catch (const base::InDoubt&) {
    return {.status = 503,
            .code = "in_doubt",
            .detail = "it may or may not have happened: repeat it with the same idempotency key",
            .retry_after_s = kRetryAfterSeconds};
  } catch (const base::Unavailable&) {
    // The text may name hosts or paths of the inside; it is logged, not sent.
    return {.status = 503,
            .code = "unavailable",
            .detail = "something that is needed does not answer; nothing was changed",
            .retry_after_s = kRetryAfterSeconds};
  } catch (...) {
    return {
        .status = 500, .code = "internal", .detail = "an error of ours; the log has it under the trace id"};
  }
}

namespace {

// A peer's problem document, as far as it can be read.
struct PeerProblem {
  std::string code;
  std::string detail;
  std::string field;
  std::string rule;
};

std::string text_of(const json::Value& object, std::string_view key) {
  const json::Value* found = object.find(key);
  return found != nullptr && found->kind() == json::Kind::kString ? found->as_string() : "";
}

PeerProblem read_problem(const Response& response) {
  PeerProblem problem;
  const auto document = json::parse(response.body);
  if (document.has_value() && document->kind() == json::Kind::kObject) {
    problem.code = text_of(*document, "code");
    problem.detail = text_of(*document, "detail");
    const json::Value* errors = document->find("errors");
    if (errors != nullptr && errors->kind() == json::Kind::kArray && !errors->as_array().empty() &&
        errors->as_array()[0].kind() == json::Kind::kObject) {
      problem.field = text_of(errors->as_array()[0], "field");
      problem.rule = text_of(errors->as_array()[0], "rule");
    }
  }
  if (problem.detail.empty())
    problem.detail =
        "answered " + std::to_string(response.status) + " " + std::string(reason(response.status));
  return problem;
}

}  // namespace

void throw_if_problem(const Response& response, Method method, std::string_view peer) {
  if (response.status < 400) return;
  const PeerProblem problem = read_problem(response);
  const std::string where(peer);
  if (response.status == 409) throw base::Conflict(where + ": " + problem.detail);
  if (response.status == 503 && problem.code == "in_doubt")
    throw base::InDoubt(where + ": " + problem.detail);
  if (response.status == 429 || response.status == 503)
    throw base::Unavailable(where + ": " + problem.detail);
  if (response.status >= 500) {
    if (is_idempotent(method)) throw base::Unavailable(where + ": " + problem.detail);
    throw base::InDoubt(where + ": " + problem.detail);
  }
  if (!problem.rule.empty()) throw base::Refused(base::Refusal{problem.field, problem.rule}.within(where));
  base::refuse(where, problem.detail);
}

}  // namespace navkeeper::http
