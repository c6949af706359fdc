#pragma once
// A fund's definition: from its reviewed TOML file, and as JSON for the API and for hashing.
#include <string>
#include <string_view>

#include "services/nav/app/ports.h"

namespace navkeeper::nav {

/// Throws base::Refused that names file, line and key.
FundDefinition read_fund_file(const std::string& path);
FundDefinition read_fund_text(std::string_view text, const std::string& file_name);

/// The file with everything that is stored of it.
NewDefinition load_fund_file(const std::string& path);

/// Canonical JSON of the definition; equal definitions give equal bytes, whatever comments their files have.
std::string definition_json(const FundDefinition& fund);
/// SHA-256 of that in hexadecimal: the definition's name in documents.
std::string definition_hash(const FundDefinition& fund);

}  // namespace navkeeper::nav
