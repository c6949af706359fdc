#pragma once
#include "common/model/id.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

/// A fund's newest definition, for a command; refused (base::Refused) where none was applied.
StoredDefinition known_fund(NavStore& store, const model::FundId& fund);
/// The same for a route, which answers 404 (http::ProblemError).
StoredDefinition served_fund(NavStore& store, const model::FundId& fund);

}  // namespace navkeeper::nav
