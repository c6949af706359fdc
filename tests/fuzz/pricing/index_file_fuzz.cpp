// Whatever bytes come: an index file is read or refused, and what was read is a sound definition.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "services/pricing/adapters/index_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace pricing = navkeeper::pricing;
  const auto index = pricing::parse_index({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (index.has_value()) {
    ENSURE(!pricing::problem_with(*index));
  } else {
    ENSURE(!index.error().rule.empty());
  }
  return 0;
}
