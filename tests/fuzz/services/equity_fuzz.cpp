// Any bytes as a file of closes: refused, or read into series that keep what they promise.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "services/pricing/adapters/equity_files.h"

namespace pricing = navkeeper::pricing;
namespace model = navkeeper::model;

namespace {

void check(std::string_view text, const pricing::EquityImport& import) {
  const auto file = pricing::read_equity_closes(text, "fuzz.csv", import);
  if (file.has_error()) {
    ENSURE(!file.error().rule.empty());
    return;
  }
  ENSURE(file->first_rejected.size() <= pricing::kRejectedShownMax);
  ENSURE(file->first_rejected.size() <= file->rejected);
  for (const auto& series : file->series) {
    ENSURE(!series.closes.empty());
    for (std::size_t i = 0; i < series.closes.size(); ++i) {
      ENSURE(series.closes[i].value.is_positive());
      ENSURE(i == 0 || series.closes[i - 1].date < series.closes[i].date);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto symbol = model::AssetId::literal("MARA");
  check(text, {pricing::SnapClock::nyse_close(), pricing::Adjustment::kSplits, "fuzz", std::nullopt});
  check(text, {*pricing::SnapClock::midnight("Europe/Berlin"), pricing::Adjustment::kSplitsAndDividends,
               "fuzz", symbol});
  return 0;
}
