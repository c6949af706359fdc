#pragma once
// Runs `books compute` on lines of text and looks into its answer.
#include <gtest/gtest.h>

#include <string>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/nav/adapters/books_compute.h"
#include "tests/support/process.h"

namespace navkeeper::tests {

namespace books = nav::books;

class BooksFixture : public ::testing::Test {
 protected:
  static constexpr const char* kOpen =
      R"({"date":"2026-01-02","event":"open","fund":"X","assets":[{"asset":"BTC","decimals":8},{"asset":"ETH","decimals":18}],"shares":"0"})"
      "\n";

  nav::BooksComputeRequest request(const std::string& lines) const {
    nav::BooksComputeRequest request;
    request.events_path = folder_.write("events.jsonl", lines);
    return request;
  }
  json::Value answer(const nav::BooksComputeRequest& request) const {
    return json::parse(nav::to_json(nav::compute_books(request))).value();
  }
  json::Value answer(const std::string& lines) const { return answer(request(lines)); }
  /// The refusal of these lines; empty when they were not refused.
  std::string refusal(const std::string& lines) const {
    try {
      nav::compute_books(request(lines));
    } catch (const base::Refused& refused) {
      return refused.what();
    }
    return "";
  }

  TemporaryFolder folder_;
};

/// The text at a path of keys; "null" for null.
template <class... Keys>
std::string text_at(const json::Value& value, std::string_view key, Keys... rest) {
  const json::Value* found = value.find(key);
  if (found == nullptr) return "(missing)";
  if constexpr (sizeof...(rest) > 0)
    return text_at(*found, rest...);
  else
    return found->kind() == json::Kind::kString ? found->as_string() : std::string(describe(found->kind()));
}

/// The item of a list whose `key` is `name`.
inline const json::Value& item(const json::Value& list, std::string_view key, std::string_view name) {
  for (const json::Value& candidate : list.as_array())
    if (candidate.find(key)->as_string() == name) return candidate;
  static const json::Value kNone = json::Value::object({});
  return kNone;
}

}  // namespace navkeeper::tests
