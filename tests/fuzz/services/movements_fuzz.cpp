// Rules and movements as they are proposed: whatever is read says the same when it is written and read again,
// and keeps its own rules.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/refuse.h"
#include "services/custody/adapters/movements/movement_json.h"

using namespace navkeeper;

namespace {

json::Value parsed(const std::string& text) { return base::value_or_refuse(json::parse(text)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = json::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (value.has_error()) return 0;
  try {
    const custody::MovementRule rule = custody::read_movement_rule(*value);
    const std::string content = custody::rule_content(rule);
    if (custody::rule_content(custody::read_movement_rule(parsed(content))) != content) std::abort();
  } catch (const base::Refused&) {
  }
  try {
    const custody::Movement movement = custody::read_movement(*value);
    if (custody::check_movement(movement).has_error()) std::abort();
    if (custody::read_movement(parsed(custody::movement_content(movement))) != movement) std::abort();
  } catch (const base::Refused&) {
  }
  return 0;
}
