#pragma once
// Nodes of chains over HTTP, and what stands for their answers.
#include <string>
#include <vector>

#include "common/http/node.h"
#include "services/staking/adapters/node_json.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

/// SHA-256 over the SHA-256 of each answer, in their order, in hexadecimal.
std::string raw_sha256(const std::vector<model::NodeAnswer>& raw);

}  // namespace navkeeper::staking
