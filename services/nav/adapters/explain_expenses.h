#pragma once
// The expenses of a strike as lines of the proof sheet.
#include "services/nav/adapters/explain.h"

namespace navkeeper::nav {

/// Each line with its rule, base, days and rate; the amounts add up to ExpenseFigures::total.
std::vector<ProofLine> expense_lines(const ResolvedStrike& resolved, const ExpenseFigures& figures);

}  // namespace navkeeper::nav
