#include "services/custody/adapters/movements/official_prices.h"

#include "common/base/refuse.h"
#include "common/json/reader.h"

namespace navkeeper::custody {

std::vector<OfficialPrice> read_official_prices(std::string_view body, const model::AssetId& asset,
                                                const DollarTerms& terms) {
  const json::Value answer = base::value_or_refuse(json::parse(body));
  json::ObjectReader reader(answer);
  std::vector<OfficialPrice> prices;
  for (const json::Place& place : reader.array("prices")) {
    json::ObjectReader row(place);
    if (row.string("asset") != asset.value()) base::refuse(row.path_of("asset"), "is another one");
    if (row.string("act") != terms.act || row.string("basis") != terms.basis || row.is_null("official"))
      continue;
    OfficialPrice price{row.date("date"), row.decimal("official"), row.string("official_hash")};
    if (!price.dollars.is_positive()) base::refuse(row.path_of("official"), "is not positive");
    prices.push_back(std::move(price));
  }
  return prices;
}

}  // namespace navkeeper::custody
