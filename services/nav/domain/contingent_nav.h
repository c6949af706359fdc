#pragma once
// A contingent NAV: the holdings of the last struck NAV at today's prices, when today's own inputs fail. It
// accrues nothing and books nothing. It is for whoever must say something tonight; it is marked as contingent
// wherever it appears, lives apart from the struck NAVs, and is never approved or published.
#include <string>
#include <vector>

#include "services/nav/domain/change.h"

namespace navkeeper::nav {

struct ContingentPosition {
  std::string asset;
  money::Decimal quantity;  ///< of the NAV before
  money::Decimal price;     ///< of today
  std::string basis;        ///< "index", ...: whatever was there
  money::Decimal value;     ///< rounded as values are
};

struct ContingentNav {
  time::Date date;
  time::Date based_on;  ///< the NAV whose holdings these are
  int based_on_version = 0;
  std::vector<ContingentPosition> positions;
  money::Decimal other_net_assets;  ///< of the NAV before, as they stood
  money::Decimal net_assets;
  money::Decimal shares;
  money::Decimal nav_per_share;
  std::string why;  ///< there is no other one
};

struct ContingentPrice {
  std::string asset;
  money::Decimal price;
  std::string basis;
};

/// Refused: a coin of the NAV before without a price, shares that are not positive.
base::Checked<ContingentNav> contingent_nav(const NavTerms& terms, const NavSummary& before, time::Date date,
                                            const std::vector<ContingentPrice>& prices, std::string why);

}  // namespace navkeeper::nav
