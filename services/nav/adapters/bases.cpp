#include "services/nav/adapters/bases.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/nav_document.h"

namespace navkeeper::nav {

std::optional<money::Decimal> nav_by_basis(ResolvedStrike resolved, const std::string& basis) {
  for (ResolvedPosition& position : resolved.positions) {
    const auto found = std::find_if(position.bases.begin(), position.bases.end(),
                                    [&](const ResolvedPrice& price) { return price.basis == basis; });
    if (found == position.bases.end()) return std::nullopt;
    position.price = *found;
  }
  const auto figures = strike(resolved);
  if (figures.has_error()) return std::nullopt;
  return figures->nav.nav_per_share;
}

std::vector<BasisNav> bases_of(NavStore& store, const std::vector<FundNavs>& funds) {
  std::vector<BasisNav> navs;
  for (const FundNavs& fund : funds) {
    for (const StoredNav& nav : fund.navs) {
      const auto definition = store.definition_on(fund.fund, nav.summary.valuation_date);
      ENSURE(definition.has_value());
      const ResolvedStrike resolved = read_inputs(nav.inputs, definition->definition);
      navs.push_back({fund.fund, nav.summary.valuation_date, nav.summary.nav_per_share,
                      std::string(describe(definition->definition.official_basis)),
                      nav_by_basis(resolved, "index"), nav_by_basis(resolved, "principal_market")});
    }
  }
  return navs;
}

std::string bases_json(const std::vector<BasisNav>& navs) {
  json::Writer writer;
  const auto member = [&](const char* key, const std::optional<money::Decimal>& value) {
    writer.key(key);
    if (value)
      writer.decimal(*value);
    else
      writer.null();
  };
  writer.begin_object().key("navs").begin_array();
  for (const BasisNav& nav : navs) {
    writer.begin_object()
        .member("fund", nav.fund.value())
        .member("date", nav.date.to_string())
        .member("nav_per_share", nav.official)
        .member("official_basis", nav.official_basis);
    member("by_index", nav.index);
    member("by_principal_market", nav.market);
    writer.end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

std::string bases_table(const std::vector<BasisNav>& navs) {
  using Align = runtime::Align;
  constexpr int kPercentDecimals = 4;
  runtime::Table table({{"fund"},
                        {"date"},
                        {"official", Align::kRight},
                        {"basis"},
                        {"by index", Align::kRight},
                        {"by principal market", Align::kRight},
                        {"apart", Align::kRight}});
  for (const BasisNav& nav : navs) {
    std::string apart;
    if (nav.index && nav.market && nav.index->is_positive())
      apart = ((money::Rational(*nav.market) / money::Rational(*nav.index) -
                money::Rational(money::Decimal::of(1))) *
               money::Rational(money::Decimal::of(100)))
                  .to_fixed(kPercentDecimals, money::Rounding::kHalfEven) +
              "%";
    const auto shown = [](const std::optional<money::Decimal>& value) {
      return value ? grouped(*value, kPerShareDecimals) : "no price";
    };
    table.row({nav.fund.value(), nav.date.to_string(), grouped(nav.official, kPerShareDecimals),
               nav.official_basis, shown(nav.index), shown(nav.market), apart});
  }
  if (table.rows() == 0) return "No NAV has been struck yet.\n";
  return table.to_string();
}

}  // namespace navkeeper::nav
