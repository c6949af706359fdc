#pragma once
// [nav.indicative] of Navkeeper's configuration, every key optional:
//
//   opens = "09:30"                       # New York, or wherever the fund is valued
//   closes = "16:00"                      # the exchange's early close goes before it
//   every_seconds = 15
//   price_age_max_seconds = 15            # an older real-time price stops the value
//   index_pattern = "NK_{asset}USD_RT"    # pricing's real-time index of a coin
#include "common/runtime/toml_reader.h"
#include "services/nav/app/make_indicative.h"

namespace navkeeper::nav {

/// Of the [nav] table. Throws base::Refused.
IndicativeSettings read_indicative_settings(runtime::TomlReader nav);

}  // namespace navkeeper::nav
