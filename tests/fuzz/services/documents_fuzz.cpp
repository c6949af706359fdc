// One reader of documents, chosen when this file is compiled: any bytes are read, or refused with a rule.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/value.h"
#if defined(NAVKEEPER_FUZZ_ACTORS)
#include "common/runtime/actors.h"
#elif defined(NAVKEEPER_FUZZ_PRICING)
#include "services/pricing/adapters/policy_file.h"
#include "services/pricing/adapters/real_time_file.h"
#else
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_fact_json.h"
#endif

namespace {

template <class T>
void check(const navkeeper::base::Checked<T>& read) {
  if (read.has_error()) ENSURE(!read.error().rule.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using navkeeper::base::checked;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
#if defined(NAVKEEPER_FUZZ_ACTORS)
  check(navkeeper::runtime::ActorFile::parse(text, "fuzz.toml"));
#elif defined(NAVKEEPER_FUZZ_PRICING)
  check(navkeeper::pricing::parse_policy(text, "fuzz.toml"));
  check(navkeeper::pricing::parse_real_time_file(text, "fuzz.toml"));
#else
  check(checked([&] { return navkeeper::nav::read_facts_body(text); }));
  check(checked([&] {
    return navkeeper::nav::read_act(navkeeper::base::value_or_refuse(navkeeper::json::parse(text)));
  }));
#endif
  return 0;
}
