#pragma once
// The index file of `rates compute` (contracts): TOML, every key required, none repeated, none unknown.
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "services/pricing/domain/index_definition.h"

namespace navkeeper::pricing {

/// `file` is the name that refusals show.
base::Checked<IndexDefinition> parse_index(std::string_view toml, const std::string& file);
base::Checked<IndexDefinition> load_index(const std::string& path);

/// "index.toml:4: strike_time" for a refusal that compute_rate made of a key of the file at `path`.
std::string place_of_key(const std::string& path, const std::string& key);

}  // namespace navkeeper::pricing
