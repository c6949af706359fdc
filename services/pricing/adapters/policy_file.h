#pragma once
// Valuation policies as TOML files under review: config/valuation/BTC.toml and its neighbours.
#include <string>
#include <string_view>

#include "services/pricing/domain/markets/valuation_policy.h"

namespace navkeeper::pricing {

/// Refusals name file, line and key.
base::Checked<ValuationPolicy> parse_policy(std::string_view toml, const std::string& file);

}  // namespace navkeeper::pricing
