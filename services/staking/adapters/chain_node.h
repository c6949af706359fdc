#pragma once
// How chains spell numbers and hashes in JSON.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/node.h"
#include "common/json/reader.h"
#include "services/staking/app/staking_store.h"

namespace navkeeper::staking {

/// SHA-256 over the SHA-256 of each answer, in their order, in hexadecimal.
std::string raw_sha256(const std::vector<model::NodeAnswer>& raw);

/// Reads an answer as JSON, or refuses it with the node's name.
json::Value parse_node_json(const std::string& node, std::string_view body);
/// A whole number in a string, "123", as beacon nodes and Cosmos REST write it: no sign, no leading zeros, 64
/// bits.
std::uint64_t read_whole_text(const json::Place& place);
/// The same with a sign: "-123".
std::int64_t read_signed_text(const json::Place& place);
/// "0x" and `bytes` pairs of digits in lower case.
std::string read_hex_text(const json::Place& place, std::size_t bytes);

}  // namespace navkeeper::staking
