#include "services/nav/domain/policy/posting.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/money/units.h"

namespace navkeeper::nav::policy {

base::Checked<books::Entry> to_entry(const EntryDraft& draft, const std::string& source_name,
                                     time::Instant known_at, books::Chart& chart) {
  return base::checked([&] {
    const std::string where = "entry '" + draft.source_id + "'";
    if (draft.postings.empty()) base::refuse(where, "posts nothing");
    if (!balances(draft)) base::refuse(where, "debits are not credits");
    struct Part {
      books::CommodityIndex commodity;
      money::Units amount;
    };
    std::vector<Part> parts;
    for (const DraftPosting& posting : draft.postings) {
      const auto& commodities = chart.commodities();
      const auto found =
          std::find_if(commodities.begin(), commodities.end(),
                       [&](const books::Commodity& each) { return each.symbol == posting.commodity; });
      if (found == commodities.end()) base::refuse(where, "the books do not count " + posting.commodity);
      const auto units = money::Units::from(posting.amount, found->decimals);
      if (!units)
        base::refuse(where, posting.amount.to_string() + " does not fit the units of " + posting.commodity);
      parts.push_back({static_cast<books::CommodityIndex>(found - commodities.begin()), *units});
    }
    books::Entry entry{draft.trade_date,
                       draft.book_date,
                       draft.settlement_date,
                       known_at,
                       {source_name, draft.source_id},
                       draft.description,
                       {},
                       std::nullopt};
    for (std::size_t i = 0; i < parts.size(); ++i)
      entry.postings.push_back({chart.line(draft.postings[i].account, parts[i].commodity), parts[i].amount});
    ENSURE(books::balances(chart, entry.postings));
    return entry;
  });
}

}  // namespace navkeeper::nav::policy
