// The parsers of instants, dates and times of day: whatever they read, writing it and reading that gives the
// same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/time/date.h"
#include "common/time/instant.h"
#include "common/time/zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace navkeeper::time;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto instant = parse_rfc3339(text)) {
    ENSURE(parse_rfc3339(instant->to_string()) == instant);
  }
  if (const auto date = Date::parse(text)) {
    ENSURE(date->to_string() == text);
  }
  if (const auto time = TimeOfDay::parse(text)) {
    ENSURE(TimeOfDay::parse(time->to_string()) == time);
  }
  return 0;
}
