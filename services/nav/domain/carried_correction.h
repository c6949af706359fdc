#pragma once
// A further version of a NAV leaves its difference in the books at once, but the NAVs struck after it were
// reckoned from the version before. So the next NAV, which takes up what the last one left (CarriedExpenses),
// takes up that difference too: else a fee to date, a limit or a reward would be counted from figures that
// the books do not have any more.
#include <span>

#include "services/nav/domain/change.h"

namespace navkeeper::nav {

/// A further version of a day beside the version that it replaced.
struct FurtherVersion {
  NavSummary was;
  NavSummary is;
};

/// What is taken up from the NAV that left `carried`, with what further versions of days before it, struck
/// after it, changed: of each sum to date the difference of what the two versions added to it. What is no
/// longer counted (another month's average, another fiscal year's limit) changes nothing; what an adviser may
/// recoup never falls below zero.
CarriedExpenses corrected(const FundPolicies& policies, CarriedExpenses carried,
                          std::span<const FurtherVersion> further);

}  // namespace navkeeper::nav
