#pragma once
// Files of real-time indices: parameters as data with effective dates. config/indices/NK_BTCUSD_RT.toml is
// one.
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "services/pricing/app/real_time.h"

namespace navkeeper::pricing {

/// Whether the text is of a real-time index: it has `kind = "real_time"`; files of rates have no kind.
bool is_real_time_file(std::string_view toml);

/// Refusals name file, line and key.
base::Checked<RealTimeFile> parse_real_time_file(std::string_view toml, const std::string& file);

}  // namespace navkeeper::pricing
