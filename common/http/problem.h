#pragma once
// Errors over HTTP: RFC 9457 problem details with a stable `code`, the fields at fault and the trace id.
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/outside.h"
#include "common/base/refusal.h"
#include "common/http/message.h"

namespace navkeeper::http {

struct FieldError {
  std::string field;  ///< "positions[2].price"
  std::string rule;
  bool operator==(const FieldError&) const = default;
};

struct Problem {
  int status = 500;
  std::string code = {};      ///< for programs, snake_case, stable: "refused", "not_found", "conflict"
  std::string detail = {};    ///< for people: what happened this time
  std::string instance = {};  ///< the path of the request
  std::vector<FieldError> errors = {};
  std::string trace_id = {};
  std::optional<int> retry_after_s = {};
  Headers headers = {};  ///< further ones: Allow

  /// `type` is "urn:navkeeper:problem:<code>", `title` the words of the status.
  Response to_response() const;
};

/// Seconds that a client is asked to wait before it tries again.
constexpr int kRetryAfterSeconds = 1;

/// 400 `refused` with the place as field.
Problem problem_of(const base::Refusal& refusal);
/// 404 `not_found`: "fund X is not known".
Problem not_found(std::string detail);
/// 401 `unauthenticated`, 403 `forbidden`.
Problem unauthenticated(std::string detail);
Problem forbidden(std::string detail);

/// A handler throws it to answer with a problem of its own.
class ProblemError : public std::exception {
 public:
  explicit ProblemError(Problem problem) : problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }
  const char* what() const noexcept override { return problem_.detail.c_str(); }

 private:
  Problem problem_;
};

/// What an exception that left a handler means: ProblemError its own; NotPermitted 403; Refused 400;
/// Unavailable 503, InDoubt 503 with code `in_doubt`, both with Retry-After; Conflict 409; all others 500
/// without a word of their text.
Problem problem_of_exception(std::exception_ptr error);

/// The other side: throws what a peer's answer means when its status is 400 or more. 4xx: Refused with `peer`
/// before its place, 409 Conflict, 429 and 503 Unavailable; 503 `in_doubt` InDoubt; any other 5xx
/// Unavailable, or InDoubt when the method is not idempotent.
void throw_if_problem(const Response& response, Method method, std::string_view peer);

}  // namespace navkeeper::http
