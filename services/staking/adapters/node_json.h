#pragma once
// How chains spell numbers and hashes in JSON. Without sockets, so that parsers can be used without them.
#include <cstdint>
#include <string>
#include <string_view>

#include "common/json/reader.h"

namespace navkeeper::staking {

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
