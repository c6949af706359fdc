// Whatever bytes come: a fund's file is read, and is then the definition that its hash names, or it is
// refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/fund_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace nav = navkeeper::nav;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto fund = navkeeper::base::checked([&] { return nav::read_fund_text(text, "fuzz.toml"); });
  if (fund.has_error()) {
    ENSURE(!fund.error().rule.empty());
    return 0;
  }
  ENSURE(!nav::check_definition(*fund).has_value());
  ENSURE(nav::definition_hash(*fund).size() == 64);
  return 0;
}
