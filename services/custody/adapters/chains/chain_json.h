#pragma once
// What nodes of a chain say, for people and for programs.
#include <string>

#include "services/custody/app/chains/read_chain.h"

namespace navkeeper::custody {

std::string to_json(const ChainAnswer& answer);
std::string to_text(const ChainAnswer& answer);

}  // namespace navkeeper::custody
