#include "services/nav/app/make_indicative.h"

#include <algorithm>

#include "common/money/overflow.h"

namespace navkeeper::nav {

std::string IndicativeSettings::index_of(const std::string& asset) const {
  constexpr std::string_view kPlace = "{asset}";
  std::string index = index_pattern;
  if (const std::size_t at = index.find(kPlace); at != std::string::npos)
    index.replace(at, kPlace.size(), asset);
  return index;
}

MadeIndicative make_indicative(UnitSource& units, LivePriceSource& prices, const FundDefinition& fund,
                               const IndicativeSettings& settings, time::Date day, time::Instant at,
                               const std::function<time::Instant()>& now) {
  MadeIndicative made;
  made.value.at = at;
  OfficialUnit official = units.unit(fund, day);
  if (!official.unit) {
    made.value.reason = std::move(official.reason);
    return made;
  }
  made.unit = std::move(official.unit);
  for (const indicative::UnitComponent& component : made.unit->components) {
    if (!component.quantity.is_zero())
      made.prices.push_back(prices.price(component.asset, settings.index_of(component.asset)));
  }
  try {
    made.value = indicative::indicative_value(*made.unit, made.prices, std::max(at, now()),
                                              settings.price_age_max, fund.terms.per_share_decimals);
  } catch (const money::OverflowError&) {
    made.value.reason = "a figure does not fit";
  }
  made.value.at = at;
  if (made.value.per_share && !made.value.per_share->is_positive()) {
    made.value.reason = "the value would be " + made.value.per_share->to_string();
    made.value.per_share.reset();
  }
  return made;
}

}  // namespace navkeeper::nav
