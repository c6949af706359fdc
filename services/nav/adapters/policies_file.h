#pragma once
// A fund's policies in its reviewed TOML file, and as a part of its canonical JSON.
#include "common/json/write.h"
#include "common/runtime/toml_reader.h"
#include "services/nav/domain/fund_policies.h"

namespace navkeeper::nav {

/// Reads the tables expenses, fees, waivers, offering_costs, expense_limits, rewards, liquid_staking,
/// distributions and forks of the file's root. Throws base::Refused that names file, line and key.
FundPolicies read_policies(runtime::TomlReader& root, time::Date inception);

/// Members of the definition's object, one a table.
void write_policies(json::Writer& writer, const FundPolicies& policies);

}  // namespace navkeeper::nav
