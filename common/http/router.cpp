#include "common/http/router.h"

#include <algorithm>
#include <exception>

#include "common/base/ensure.h"
#include "common/http/problem.h"
#include "common/http/url.h"

namespace navkeeper::http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// "/a/b" → {"a", "b"}; "/" → {""}.
std::vector<std::string> split_segments(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::vector<std::string> checked_pattern(const std::string& pattern) {
  ENSURE(!pattern.empty() && pattern.front() == '/');
  std::vector<std::string> segments = split_segments(pattern);
  for (const std::string& segment : segments) {
    if (is_parameter(segment)) {
      ENSURE(std::count(segments.begin(), segments.end(), segment) == 1);
    } else {
      ENSURE(segment.find_first_of("{}%?#") == std::string::npos);
    }
  }
  return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::equal(
      pattern.begin(), pattern.end(), segments.begin(), segments.end(),
      [](const std::string& p, const std::string& s) { return is_parameter(p) ? !s.empty() : p == s; });
}

// Whether `a` is to be preferred to `b` where both match: the first literal segment against a parameter
// decides.
bool more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  return false;
}

// "application/json; charset=utf-8" → "application/json", in lower case.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return type;
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown kind";
  }
}

}  // namespace

Router& Router::add(Route route, Handler handler) {
  std::vector<std::string> segments = checked_pattern(route.pattern);
  for (const Entry& entry : entries_)
    ENSURE(entry.route.method != route.method || entry.route.pattern != route.pattern);
  entries_.push_back({std::move(route), std::move(segments), std::move(handler)});
  return *this;
}

Router& Router::wrap(std::function<Response(const Request&, const Handler&)> around) {
  around_.push_back(std::move(around));
  return *this;
}

std::vector<Route> Router::routes() const {
  std::vector<Route> routes;
  for (const Entry& entry : entries_) routes.push_back(entry.route);
  return routes;
}

Response Router::dispatch(Request& request) const {
  if (request.path.empty() || request.path.front() != '/')
    throw ProblemError({.status = 400, .code = "refused", .detail = "the target must be a path"});
  std::vector<std::string> segments;
  // Decoded after splitting, so that an encoded slash stays inside its segment.
  for (const std::string& segment : split_segments(request.path)) {
    auto decoded = percent_decode(segment);
    if (!decoded || *decoded == "." || *decoded == "..")
      throw ProblemError({.status = 400, .code = "refused", .detail = "the path is not encoded rightly"});
    segments.push_back(std::move(*decoded));
  }

  const Method wanted = request.method == Method::kHead ? Method::kGet : request.method;
  const Entry* best = nullptr;
  std::vector<std::string> allowed;
  for (const Entry& entry : entries_) {
    if (!matches(entry.segments, segments)) continue;
    allowed.emplace_back(describe(entry.route.method));
    if (entry.route.method == Method::kGet) allowed.emplace_back("HEAD");
    if (entry.route.method == wanted && (best == nullptr || more_literal(entry.segments, best->segments)))
      best = &entry;
  }
  if (allowed.empty()) throw ProblemError(not_found("there is no such path"));
  if (best == nullptr) {
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    std::string list;
    for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
    throw ProblemError({.status = 405,
                        .code = "method_not_allowed",
                        .detail = "this path takes " + list,
                        .headers = {{"Allow", list}}});
  }

  request.route = best->route.pattern;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = best->segments[i];
    if (is_parameter(name))
      request.parameters.emplace_back(name.substr(1, name.size() - 2), std::move(segments[i]));
  }
  const bool takes_body = wanted == Method::kPost || wanted == Method::kPut || wanted == Method::kPatch;
  const std::string* content_type = request.headers.find("content-type");
  if (takes_body && (content_type != nullptr || !request.body.empty()) &&
      (content_type == nullptr || media_type(*content_type) != best->route.content_type))
    throw ProblemError({.status = 415,
                        .code = "unsupported_media_type",
                        .detail = "the content type must be " + best->route.content_type});

  Handler handler = best->handler;
  for (const auto& around : around_)
    handler = [&around, inner = std::move(handler)](const Request& r) { return around(r, inner); };
  return handler(request);
}

Router& Router::on_failure(std::function<void(const Request&, const std::string&, int)> listener) {
  on_failure_ = std::move(listener);
  return *this;
}

Response Router::handle(Request& request) const {
  const log::TraceScope scope(request.trace);
  try {
    return dispatch(request);
  } catch (...) {
    const std::exception_ptr error = std::current_exception();
    Problem problem = problem_of_exception(error);
    constexpr int kFirstFailure = 500;
    if (on_failure_ && problem.status >= kFirstFailure) on_failure_(request, text_of(error), problem.status);
    problem.instance = request.path;
    problem.trace_id = request.trace.trace_id;
    return problem.to_response();
  }
}

}  // namespace navkeeper::http
