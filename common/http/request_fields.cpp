#include "common/http/request_fields.h"

#include <charconv>

namespace navkeeper::http {
namespace {

time::Date date_in(const std::string& text, const char* parameter) {
  const auto date = time::Date::parse(text);
  if (!date) base::refuse(parameter, "must be a date YYYY-MM-DD that exists");
  return *date;
}

std::int64_t integer_in(const std::string& text, const char* parameter, std::int64_t least,
                        std::int64_t most) {
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error != std::errc() || end != text.data() + text.size() || integer < least || integer > most)
    base::refuse(parameter,
                 "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return integer;
}

}  // namespace

time::Date path_date(const Request& request, const char* parameter) {
  return date_in(request.parameter(parameter), parameter);
}

std::int64_t path_integer(const Request& request, const char* parameter, std::int64_t least,
                          std::int64_t most) {
  return integer_in(request.parameter(parameter), parameter, least, most);
}

std::optional<time::Date> query_date(const Request& request, const char* parameter) {
  const std::string* const text = request.query_value(parameter);
  if (text == nullptr) return std::nullopt;
  return date_in(*text, parameter);
}

std::optional<time::Instant> query_instant(const Request& request, const char* parameter) {
  const std::string* const text = request.query_value(parameter);
  if (text == nullptr) return std::nullopt;
  const auto instant = time::parse_rfc3339(*text);
  if (!instant) base::refuse(parameter, "must be a time as RFC 3339 writes it");
  return *instant;
}

std::optional<std::int64_t> query_integer(const Request& request, const char* parameter, std::int64_t least,
                                          std::int64_t most) {
  const std::string* const text = request.query_value(parameter);
  if (text == nullptr) return std::nullopt;
  return integer_in(*text, parameter, least, most);
}

std::optional<bool> query_boolean(const Request& request, const char* parameter) {
  const std::string* const text = request.query_value(parameter);
  if (text == nullptr) return std::nullopt;
  if (*text != "true" && *text != "false") base::refuse(parameter, "must be true or false");
  return *text == "true";
}

std::string required_query(const Request& request, const char* parameter) {
  const std::string* const text = request.query_value(parameter);
  if (text == nullptr) base::refuse(parameter, "is missing");
  return *text;
}

time::Date required_query_date(const Request& request, const char* parameter) {
  return date_in(required_query(request, parameter), parameter);
}

time::Instant query_instant_or_latest(const Request& request, const char* parameter) {
  return query_instant(request, parameter).value_or(time::Instant::latest());
}

std::int64_t query_page_limit(const Request& request) {
  return query_integer(request, "limit", 1, kPageMax).value_or(kPageDefault);
}

json::Value json_body(const Request& request) {
  if (request.body.empty()) return json::Value::object({});
  return base::value_or_refuse(json::parse(request.body));
}

void require_empty_body(const Request& request) {
  const json::Value body = json_body(request);
  if (body.kind() != json::Kind::kObject || !body.as_object().empty())
    base::refuse("body", "must be empty or {}");
}

}  // namespace navkeeper::http
