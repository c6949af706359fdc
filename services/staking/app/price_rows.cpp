#include "services/staking/app/price_rows.h"

#include <algorithm>
#include <map>

namespace navkeeper::staking {
namespace {

constexpr int kEndsAPass = 2'000;
constexpr std::int64_t kDaysAQuestion =
    300;  ///< pricing answers a thousand rows at most, two kinds of fund a day

}  // namespace

PriceRowsReport price_rows(RowPriceStore& store, PriceSource& prices, const DollarTerms& terms,
                           time::Instant now, const std::string& actor) {
  PriceRowsReport report;
  std::map<model::AssetId, std::vector<time::Instant>> ends;
  for (const RowEnd& one : store.unpriced(terms.fund, kEndsAPass)) ends[one.asset].push_back(one.at);
  std::vector<std::pair<RowEnd, RowPrice>> found;
  for (auto& [asset, at] : ends) {
    std::sort(at.begin(), at.end());
    std::vector<DayPrice> days;
    time::Date last;  // of those asked for
    bool is_asked = false;
    for (const time::Instant end : at) {
      const time::Date date = time::utc_date(end);
      if (!is_asked || date + 2 > last) {
        last = date + kDaysAQuestion;
        days = prices.days(asset, terms, date - 1, last);
        is_asked = true;
      }
      RowPricing priced = price_of_row(end, days);
      if (priced.price) {
        found.emplace_back(RowEnd{asset, end}, *std::move(priced.price));
        continue;
      }
      if (report.waiting++ == 0) report.detail = asset.value() + ": " + priced.missing;
    }
  }
  report.priced = store.save(terms.fund, found, now, actor);
  return report;
}

}  // namespace navkeeper::staking
