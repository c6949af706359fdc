#pragma once
// Checks that look at a NAV from outside its own arithmetic: by yesterday's figures, the reference rate, the
// share register, the keepers of the coins. check_nav() puts them in their order. Thresholds are
// check_thresholds.h's.
#include "services/nav/domain/checks.h"

namespace navkeeper::nav {

/// Prices, quantities and shares above zero; cash, receivables and every liability but taxes not
/// below.
Check check_nothing_below_zero(const ResolvedStrike& resolved, const StrikeFigures& figures);

/// The move of the value per share, before today's tax and with what was distributed added back, against the
/// move of the index rates weighted by the values of the NAV before (cash stands still). A swing of the
/// market moves both; a wrong price, quantity or share count moves one.
Check check_against_rate(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                         const DistributedSince& distributed);

/// The value per share against: the holdings of the NAV before at today's prices, its other net assets as
/// they stood, less today's tax and what was distributed, over its shares.
Check check_expected_nav(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                         const DistributedSince& distributed);

/// What capital took in against the shares that came: orders of a day are priced at the NAV of that day, so
/// the dollars since are the change of shares times the NAV before. Measured as the difference, in parts of
/// those dollars or of one creation unit's, whichever is more.
Check check_share_register(const ResolvedStrike& resolved, const NavSummary& now, const NavSummary& before,
                           const DistributedSince& distributed);

/// Today's expenses as a rate of net assets a year: not negative, not above the threshold.
Check check_fee_rate(const ResolvedStrike& resolved, const StrikeFigures& figures);

/// By custody's reconciliation of the day where there is one: failed by a break over its tolerance that
/// nothing explains, and where it was made from other books than the strike's; unavailable where it could not
/// compare something. Else by a recorded statement: each coin at the custodian against the books on the
/// statement's day; unavailable without one. A statement from before the last business day is stale and
/// fails.
Check check_custody(const ResolvedStrike& resolved);

/// opening + staked + rewards - unstaked - penalties = closing = the books, coin by coin; passed where the
/// books have nothing staked and nobody says otherwise, unavailable where they have and nobody speaks.
Check check_staking(const ResolvedStrike& resolved);

/// Of a fund under ICA_1940: stakes that are not free within the rule's days, at the NAV's prices, against
/// net assets. By staking's word; without it everything staked in the books counts, and above the limit the
/// check is unavailable. Above it by staking's word: passed where staking's record of the breach is open and
/// has the board's notice, the form and the plan (a passive breach stands and forces no sale), else failed.
Check check_illiquid_share(const ResolvedStrike& resolved, const StrikeFigures& figures);

}  // namespace navkeeper::nav
