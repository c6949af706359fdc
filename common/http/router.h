#pragma once
// Routes: a method and a pattern lead to a handler. Whatever leaves a handler as an exception becomes a
// problem.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"

namespace navkeeper::http {

using Handler = std::function<Response(const Request&)>;

struct Route {
  Method method = Method::kGet;
  std::string pattern = {};  ///< "/v1/rates/{index}/{date}": a parameter is a whole segment
  std::string content_type = std::string(kJson);  ///< what a body must be
};

class Router {
 public:
  /// A pattern that is malformed, or the same method and pattern twice, is a bug (ENSURE). Literal segments
  /// win over parameters.
  Router& add(Route route, Handler handler);
  Router& get(std::string pattern, Handler handler) {
    return add({Method::kGet, std::move(pattern)}, std::move(handler));
  }
  Router& post(std::string pattern, Handler handler) {
    return add({Method::kPost, std::move(pattern)}, std::move(handler));
  }
  /// Every handler runs inside `around` (authentication, metrics); the last one added is outermost.
  Router& wrap(std::function<Response(const Request&, const Handler& inner)> around);

  /// Called for an exception that is not an answer of ours (status 500 and more), for the log.
  Router& on_failure(std::function<void(const Request&, const std::string& what, int status)> listener);

  /// Answers a request: fills route and parameters, makes the trace the thread's own, calls the handler. 404
  /// without a match, 405 with Allow when only the method is wrong, 415 for a body of another content type,
  /// 400 for a malformed target. HEAD is answered by the GET handler; the server leaves the body out.
  Response handle(Request& request) const;
  Response handle(Request&& request) const { return handle(request); }
  /// In the order in which they were added, for a test against the OpenAPI document.
  std::vector<Route> routes() const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;
    Handler handler;
  };
  Response dispatch(Request& request) const;

  std::vector<Entry> entries_;
  std::function<void(const Request&, const std::string&, int)> on_failure_;
  std::vector<std::function<Response(const Request&, const Handler&)>> around_;
};

}  // namespace navkeeper::http
