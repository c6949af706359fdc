// What the peers of a reconciliation answer, chosen when this file is compiled: any bytes are read, or
// refused with a rule.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/value.h"
#if defined(NAVKEEPER_FUZZ_BOOKS)
#include "services/custody/adapters/books_answer.h"
#else
#include "services/nav/adapters/reconciliation_answer.h"
#endif

namespace {

template <class Read>
void check(Read&& read) {
  try {
    const auto result = navkeeper::base::checked(read);
    if (result.has_error()) ENSURE(!result.error().rule.empty());
  } catch (const std::overflow_error&) {  // its callers say so
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto date = navkeeper::time::Date::literal("2026-03-10");
#if defined(NAVKEEPER_FUZZ_BOOKS)
  const auto parsed = navkeeper::json::parse(text);
  if (parsed.has_error()) return 0;
  check([&] { return navkeeper::custody::read_positions(*parsed); });
  check([&] {
    navkeeper::custody::FundBooks books;
    navkeeper::custody::sort_entries(navkeeper::custody::read_journal(*parsed).entries, date, books);
    return books;
  });
#else
  check([&] {
    navkeeper::nav::ReconciliationReader reader(navkeeper::model::FundId::literal("FUND"), date);
    if (!reader.read(text).empty() && !reader.read(text).empty()) return navkeeper::nav::PeerStatement{};
    return reader.take();
  });
#endif
  return 0;
}
