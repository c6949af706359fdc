#pragma once
// Custody's answer about one reconciliation, as the check of a NAV needs it.
#include <string_view>

#include "common/time/date.h"
#include "services/nav/domain/peer_statement.h"

namespace navkeeper::nav {

/// Throws base::Refused for what is no reconciliation of that fund and day, std::overflow_error for sums that
/// no decimal holds.
PeerStatement read_reconciliation(std::string_view body, const model::FundId& fund, time::Date date);

}  // namespace navkeeper::nav
