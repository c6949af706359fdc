// Whatever bytes come: JSON is read or refused, and what was read is written and read back equal.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/json/value.h"
#include "common/json/write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace json = navkeeper::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = json::parse(text);
  if (parsed.has_value()) {
    for (const std::string& again : {json::to_compact(*parsed), json::to_pretty(*parsed)}) {
      const auto reread = json::parse(again);
      ENSURE(reread.has_value() && *reread == *parsed);
    }
    const std::string canonical = json::to_canonical(*parsed);
    const auto reread = json::parse(canonical);
    ENSURE(reread.has_value() && json::to_canonical(*reread) == canonical);
  }
  // Quoting takes any bytes and always gives a JSON string.
  ENSURE(json::parse(json::quoted(text)).has_value());
  return 0;
}
