#include "tests/support/vectors.h"

#include <stdexcept>

#include "tests/support/process.h"

namespace navkeeper::tests {

std::optional<json::Value> shared_vectors(const std::string& path) {
  const auto folder = shared_data();
  if (folder.empty()) return std::nullopt;
  auto parsed = json::parse(read_file(folder / path));
  if (parsed.has_error()) throw std::runtime_error(path + ": " + parsed.error().message());
  return std::move(*parsed);
}

const json::Value& member(const json::Value& object, const char* key) {
  const json::Value* found = object.find(key);
  if (found == nullptr) throw std::runtime_error(std::string("a vector has no ") + key);
  return *found;
}

std::string text(const json::Value& object, const char* key) {
  const json::Value* found = object.find(key);
  return found == nullptr || found->kind() != json::Kind::kString ? "" : found->as_string();
}

base::Bytes hex(std::string_view digits) {
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  auto decoded = base::from_hex(digits);
  if (!decoded) throw std::runtime_error("not hexadecimal: " + std::string(digits));
  return std::move(*decoded);
}

base::Bytes bytes(const json::Value& object, const char* key) { return hex(member(object, key).as_string()); }

}  // namespace navkeeper::tests
