// Whatever bytes come: a TOML file is read or refused, and its reader can be asked for anything.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/refuse.h"
#include "common/runtime/toml_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace runtime = navkeeper::runtime;
  const auto parsed =
      runtime::TomlDocument::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.toml");
  if (parsed.has_error()) return 0;
  auto root = parsed->root();
  for (const std::string& key : root.keys()) {
    static_cast<void>(navkeeper::base::checked([&] { return root.string(key); }));
    static_cast<void>(navkeeper::base::checked([&] { return root.decimal(key); }));
    static_cast<void>(navkeeper::base::checked([&] { return root.date(key); }));
    static_cast<void>(navkeeper::base::checked([&] { return root.array(key).size(); }));
    static_cast<void>(navkeeper::base::checked([&] { return root.table(key).keys(); }));
  }
  root.finish();
  return 0;
}
