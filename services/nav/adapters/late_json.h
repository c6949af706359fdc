#pragma once
// How an answer says that what was posted came too late for NAVs that are struck.
#include <string>

#include "common/json/write.h"
#include "common/model/id.h"
#include "services/nav/domain/late_true_up.h"

namespace navkeeper::nav {

/// "late": how many; "nav_error": {from, per_share, through} or null.
void write_late(json::Writer& out, const LateReport& report);
/// The lines for a terminal, each with its line end; empty where nothing was late. A correction stays on its
/// dates, so a struck NAV that had what it takes back has other inputs from then on.
std::string late_text(const model::FundId& fund, const LateReport& report, bool is_correction = false);

}  // namespace navkeeper::nav
