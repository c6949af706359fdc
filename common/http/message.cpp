#include "common/http/message.h"

#include <algorithm>
#include <array>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::http {
namespace {

constexpr std::array<std::string_view, 7> kMethodWords = {"GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS"};

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_parameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

std::string_view describe(Method method) { return kMethodWords[static_cast<std::size_t>(method)]; }

std::optional<Method> parse_method(std::string_view word) {
  for (std::size_t i = 0; i < kMethodWords.size(); ++i)
    if (kMethodWords[i] == word) return static_cast<Method>(i);
  return std::nullopt;
}

bool is_idempotent(Method method) { return method != Method::kPost && method != Method::kPatch; }

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.first, name); });
  add(std::move(name), std::move(value));
}

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (same_name(key, name)) return &value;
  return nullptr;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return same_name(field.first, name); }));
}

const std::string& Request::parameter(std::string_view name) const {
  const std::string* found = find_parameter(parameters, name);
  ENSURE(found != nullptr);
  return *found;
}

const std::string* Request::query_value(std::string_view name) const { return find_parameter(query, name); }

void Request::refuse_unknown_query(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, value] : query)
    if (std::find(known.begin(), known.end(), key) == known.end())
      base::refuse(key, "unknown query parameter");
}

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Response::text(std::string body, int status) {
  Response response = json(std::move(body), status);
  response.content_type = "text/plain; charset=utf-8";
  return response;
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace navkeeper::http
