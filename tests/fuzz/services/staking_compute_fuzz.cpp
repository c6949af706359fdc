// `staking compute` on any bytes: an answer that is JSON, or a refusal that says something.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/base/refuse.h"
#include "common/json/value.h"
#include "services/staking/adapters/compute_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace navkeeper;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (!json::parse(staking::to_json(staking::compute(text)))) std::abort();
  } catch (const base::Refused& refused) {
    if (refused.refusal().rule.empty()) std::abort();
  }
  return 0;
}
