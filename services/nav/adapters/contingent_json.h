#pragma once
// A contingent NAV as canonical JSON, with "contingent":true in it, and back.
#include <string>

#include "common/model/id.h"
#include "services/nav/domain/contingent_nav.h"

namespace navkeeper::nav {

std::string contingent_json(const model::FundId& fund, const ContingentNav& nav);
ContingentNav read_contingent(const std::string& text);

}  // namespace navkeeper::nav
