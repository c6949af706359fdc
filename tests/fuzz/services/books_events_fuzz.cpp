// Whatever bytes come: each line is an event or refused; the events that are read are applied or refused, and
// books that took them balance and give their figures.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/books_events.h"
#include "services/nav/domain/books/books.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace navkeeper;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  nav::books::Books books({nav::books::LotRule::kHighestCost, nav::books::LotRule::kAverage});
  nav::books::Applied applied;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto posted = base::checked([&] { return nav::read_event(line, nav::EventShape::kPost); });
    if (posted.has_error()) ENSURE(!posted.error().rule.empty());
    const auto event = base::checked([&] { return nav::read_event(line, nav::EventShape::kCompute); });
    if (event.has_error()) continue;
    if (books.apply(event->event, applied).has_error()) return 0;  // these books are spent
  }
  const auto report = books.report();
  if (report.has_error()) return 0;
  std::map<nav::books::CommodityIndex, money::Units> sums;
  for (const auto& row : report->trial_balance)
    sums[books.chart().lines()[row.line].commodity] += row.balance;
  for (const auto& [commodity, sum] : sums) ENSURE(sum.is_zero());
  return 0;
}
