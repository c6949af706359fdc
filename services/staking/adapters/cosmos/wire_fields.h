#pragma once
// Fields as Cosmos REST and CometBFT's RPC write them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/json/reader.h"

namespace navkeeper::staking {

/// What one node may answer at most: a block's results are the largest.
inline constexpr std::size_t kCosmosAnswerBytesMax = std::size_t{64} << 20;
/// Reads an answer as JSON, or refuses it with the node's name.
json::Value parse_cosmos_json(const std::string& node, std::string_view body);

/// "123": a height, a count; digits in a string, in 64 bits.
std::uint64_t read_height(const json::Place& place);
/// "123": whole smallest units, not negative, up to 38 digits.
money::Decimal read_units(const json::Place& place);
/// "1.5": not negative, at most 18 decimals.
money::Decimal read_sdk_decimal(const json::Place& place);
/// A list that the node may leave out or write as null where it is empty.
std::vector<json::Place> read_list(json::ObjectReader& reader, std::string_view key);
/// "2419200s" or "0.5s", protobuf's JSON of a duration; whole nanoseconds, not negative.
time::Duration read_duration(const json::Place& place);

/// The bech32 address of 20 bytes with another prefix: an account's of a validator's, say.
std::string bech32_of(const std::string& prefix, std::span<const std::uint8_t> bytes);
/// The bytes of an address with that prefix; refused (base::Refused at `where`) where it is none.
base::Bytes address_bytes(const std::string& where, const std::string& address, const std::string& prefix);
/// The account of a module: the first 20 bytes of SHA-256 of its name.
std::string module_address(const std::string& prefix, std::string_view module);

}  // namespace navkeeper::staking
