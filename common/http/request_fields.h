#pragma once
// What routes read from a request: names, dates, instants and counts in its path and query, and a JSON body.
// Each throws base::Refused naming the parameter and the rule.
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/refuse.h"
#include "common/http/message.h"
#include "common/json/value.h"
#include "common/model/id.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::http {

/// Items on a page when the request says nothing, and at most.
constexpr std::int64_t kPageDefault = 100;
constexpr std::int64_t kPageMax = 1'000;

// Of the path. The pattern must have the parameter (ENSURE).
/// `path_name<model::AssetId>(request, "asset")`.
template <class Name>
Name path_name(const Request& request, const char* parameter) {
  auto name = Name::parse(request.parameter(parameter));
  if (name.has_error()) throw base::Refused(name.error().within(parameter));
  return *std::move(name);
}
inline model::FundId path_fund(const Request& request) { return path_name<model::FundId>(request, "fund"); }
time::Date path_date(const Request& request, const char* parameter = "date");
std::int64_t path_integer(const Request& request, const char* parameter, std::int64_t least,
                          std::int64_t most);

// Of the query: nothing when it does not have the parameter.
std::optional<time::Date> query_date(const Request& request, const char* parameter);
/// RFC 3339, any offset.
std::optional<time::Instant> query_instant(const Request& request, const char* parameter);
std::optional<std::int64_t> query_integer(const Request& request, const char* parameter, std::int64_t least,
                                          std::int64_t most);
/// "true" or "false".
std::optional<bool> query_boolean(const Request& request, const char* parameter);

// The same with what holds when the request says nothing; a required one is refused when it is missing.
std::string required_query(const Request& request, const char* parameter);
time::Date required_query_date(const Request& request, const char* parameter);
/// `as_of` and `known_at`: all that there is when nothing is said.
time::Instant query_instant_or_latest(const Request& request, const char* parameter);
/// `limit`: 1 to kPageMax.
std::int64_t query_page_limit(const Request& request);

/// The body, strictly read; an empty one is {}.
json::Value json_body(const Request& request);
/// Refuses a body that says anything: it must be empty or {}.
void require_empty_body(const Request& request);

}  // namespace navkeeper::http
