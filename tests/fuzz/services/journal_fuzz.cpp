// The books' journal as another service answers it, on any bytes: refused with a reason, or facts that could
// be matched.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/overflow.h"
#include "services/custody/adapters/books_movements.h"

using namespace navkeeper;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  custody::JournalReader reader;
  try {
    static_cast<void>(reader.read({reinterpret_cast<const char*>(data), size}));
    for (const custody::TransferFact& fact : reader.facts())
      ENSURE(fact.amount.is_positive() && fact.day_only && !fact.id.empty());
  } catch (const base::Refused& refused) {
    ENSURE(std::string_view(refused.what()).size() > 0);
  } catch (const money::OverflowError&) {
  }
  return 0;
}
