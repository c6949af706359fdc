#pragma once
// How chains spell numbers, hashes and amounts in JSON; each throws base::Refused with the field's path.
#include <cstdint>
#include <string>

#include "common/base/bytes.h"
#include "common/base/refuse.h"
#include "common/crypto/hash.h"
#include "common/json/reader.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {

/// Reads an answer as JSON, or refuses it with the node's name.
json::Value parse_node_json(const std::string& node, std::string_view body);
/// {"jsonrpc":"2.0","id":1,"method":…,"params":…}
std::string rpc_request(std::string_view method, std::string_view parameters);

/// A JSON number that is whole and not negative: 123.
std::uint64_t read_whole(const json::Place& place);
/// The same in a string, as beacon and Cosmos REST write it: "123".
std::uint64_t read_whole_text(const json::Place& place);
/// "0x7b": no leading zeros (execution-apis, schemas/base-types).
std::uint64_t read_hex_whole(const json::Place& place);
money::Int128 read_hex_amount(const json::Place& place);
/// "0x…" of any even length up to `bytes_max`.
base::Bytes read_hex_bytes(const json::Place& place, std::size_t bytes_max);
/// "0x" and 64 digits.
crypto::Digest256 read_hash(const json::Place& place);
std::string hash_text(const crypto::Digest256& hash);  ///< the same, in lower case
/// 64 digits without 0x, in lower case: transaction and block ids of Bitcoin.
std::string read_bitcoin_id(const json::Place& place);
/// An id's bytes in the order in which they are hashed, and the way back.
crypto::Digest256 hashed_order(const std::string& bitcoin_id);
std::string bitcoin_id(const crypto::Digest256& hash);

/// "123" in units of `Unit`.
template <class Unit>
Quantity<Unit> read_quantity(const json::Place& place) {
  auto quantity = parse_quantity<Unit>(json::read_string(place));
  if (quantity.has_error()) base::refuse(place.path, quantity.error().rule);
  return *quantity;
}

/// A satoshi amount as a JSON number; more than 21 million bitcoin is refused.
Satoshi read_satoshi(const json::Place& place);

}  // namespace navkeeper::custody
