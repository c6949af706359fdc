#pragma once
// A NAV by the index and by the principal market side by side: its stored inputs struck once with each price.
// The one that the fund's definition names is official; the other is what a statement beside it shows (ASC
// 820 beside a trust's index, the index beside fair value). Never mixed: a basis without a price of every
// coin held has no NAV.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/nav_view.h"

namespace navkeeper::nav {

struct BasisNav {
  model::FundId fund;
  time::Date date;
  money::Decimal official;               ///< per share, as it was struck
  std::string official_basis;            ///< "fair_value", "index": the definition's word
  std::optional<money::Decimal> index;   ///< per share
  std::optional<money::Decimal> market;  ///< per share, by the principal market
};

std::vector<BasisNav> bases_of(NavStore& store, const std::vector<FundNavs>& funds);
std::string bases_json(const std::vector<BasisNav>& navs);
std::string bases_table(const std::vector<BasisNav>& navs);

/// The NAV per share with every price replaced by that basis; nothing where a coin held has none.
std::optional<money::Decimal> nav_by_basis(ResolvedStrike resolved, const std::string& basis);

}  // namespace navkeeper::nav
