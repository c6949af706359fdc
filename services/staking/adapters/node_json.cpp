#include "services/staking/adapters/node_json.h"

#include <algorithm>
#include <charconv>

#include "common/base/refuse.h"
#include "common/model/node_answer.h"

namespace navkeeper::staking {
namespace {

template <class Number>
Number read_number(const json::Place& place, const char* rule) {
  const std::string text = json::read_string(place);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text)
    base::refuse(place.path, rule);
  return value;
}

}  // namespace

json::Value parse_node_json(const std::string& node, std::string_view body) {
  auto value = json::parse(body, {.bytes_max = model::kNodeAnswerBytesMax});
  if (value.has_error())
    base::refuse(node, "answered something that is not JSON: " + value.error().message());
  return std::move(*value);
}

std::uint64_t read_whole_text(const json::Place& place) {
  return read_number<std::uint64_t>(place, "must be a whole number of at most 64 bits in a string");
}

std::int64_t read_signed_text(const json::Place& place) {
  return read_number<std::int64_t>(place,
                                   "must be a whole number of at most 64 bits with a sign in a string");
}

std::string read_hex_text(const json::Place& place, std::size_t bytes) {
  std::string text = json::read_string(place);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!text.starts_with("0x") || text.size() != 2 + 2 * bytes ||
      text.find_first_not_of("0123456789abcdef", 2) != std::string::npos)
    base::refuse(place.path, "must be 0x and " + std::to_string(2 * bytes) + " hexadecimal digits");
  return text;
}

}  // namespace navkeeper::staking
