// Whatever bytes come: a file of `nav compute` is answered, and the answer is JSON, or it is refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/nav/adapters/compute_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace base = navkeeper::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto answer = base::checked([&] { return navkeeper::nav::compute_answer(text); });
  if (answer.has_error()) {
    ENSURE(!answer.error().rule.empty());
  } else {
    ENSURE(navkeeper::json::parse(*answer).has_value());
  }
  return 0;
}
