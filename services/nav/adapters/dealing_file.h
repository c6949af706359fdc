#pragma once
// A fund's dealing terms in its reviewed TOML file ([[dealing]], services/nav/DEALING.md), and as a part of
// its canonical JSON.
#include <vector>

#include "common/json/write.h"
#include "common/runtime/toml_reader.h"
#include "services/nav/domain/dealing/dealing_terms.h"

namespace navkeeper::nav {

/// Every [[dealing]] of the file's root, none being a fund that takes no orders. Throws base::Refused that
/// names file, line and key.
std::vector<dealing::DealingTerms> read_dealing(runtime::TomlReader& root);

/// The member `dealing` of the definition's object, where there is any: a fund without it keeps its hash.
void write_dealing(json::Writer& writer, const std::vector<dealing::DealingTerms>& versions);

}  // namespace navkeeper::nav
