#pragma once
// The report of a NAV error, as JSON (which is kept) and as text for the board.
#include <string>

#include "services/nav/app/restate_nav.h"

namespace navkeeper::nav {

std::string error_report_json(const model::FundId& fund, const ErrorReport& report);
/// From the JSON that was kept.
std::string error_report_text(const StoredErrorReport& stored);

}  // namespace navkeeper::nav
