#pragma once
// What nodes of a chain say, for people and for programs.
#include <string>

#include "services/custody/app/chains/read_chain.h"

namespace navkeeper::custody {

std::string to_json(const ChainAnswer& answer);
/// The same with the SHA-256 of every body that each node answered, in canonical JSON: what is stored as the
/// evidence of a balance. Equal answers have equal bytes.
std::string evidence_json(const ChainAnswer& answer);
std::string to_text(const ChainAnswer& answer);

}  // namespace navkeeper::custody
