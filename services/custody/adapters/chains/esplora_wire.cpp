#include "services/custody/adapters/chains/esplora_wire.h"

#include <limits>

#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;
using Field = json::Place;

AddressTotals read_totals(ObjectReader reader) {
  return {read_satoshi(reader.value("funded_txo_sum")), read_satoshi(reader.value("spent_txo_sum")),
          read_whole(reader.value("tx_count"))};
}

std::uint32_t read_index(const Field& place) {
  const std::uint64_t index = read_whole(place);
  if (index > std::numeric_limits<std::uint32_t>::max()) base::refuse(place.path, "does not fit 32 bits");
  return static_cast<std::uint32_t>(index);
}

std::uint32_t read_word(ObjectReader& reader, std::string_view key) { return read_index(reader.value(key)); }

std::optional<std::uint64_t> read_status(ObjectReader status) {
  if (!status.boolean("confirmed")) return std::nullopt;
  return read_whole(status.value("block_height"));
}

/// The value when the output pays `script`.
std::optional<Satoshi> paid_value(ObjectReader output, const std::string& script_hex) {
  const Satoshi value = read_satoshi(output.value("value"));
  return output.string("scriptpubkey") == script_hex ? std::optional(value) : std::nullopt;
}

AddressTransaction read_transaction(const Field& place, const std::string& script_hex) {
  ObjectReader reader(place);
  AddressTransaction transaction;
  transaction.transaction_id = read_bitcoin_id(reader.value("txid"));
  transaction.height = read_status(reader.object("status"));
  if (transaction.height) transaction.time_s = read_index(reader.object("status").value("block_time"));
  std::uint32_t index = 0;
  for (const Field& output : reader.array("vout")) {
    if (const auto value = paid_value(ObjectReader(output), script_hex))
      transaction.pays.push_back({transaction.transaction_id, index, *value, transaction.height});
    ++index;
  }
  for (const Field& input_place : reader.array("vin")) {
    ObjectReader input(input_place);
    if (input.boolean("is_coinbase")) continue;
    const auto value = paid_value(input.object("prevout"), script_hex);
    if (value)
      transaction.spends.push_back(
          {read_bitcoin_id(input.value("txid")), read_word(input, "vout"), *value, {}});
  }
  return transaction;
}

}  // namespace

EsploraAddress parse_esplora_address(const std::string& source, std::string_view body,
                                     std::string_view address) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  if (reader.string("address") != address)
    base::refuse(reader.path_of("address"), "is not the one asked for");
  return {read_totals(reader.object("chain_stats")), read_totals(reader.object("mempool_stats"))};
}

std::vector<Coin> parse_esplora_coins(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  std::vector<Coin> coins;
  for (const Field& place : json::read_array({document, source})) {
    ObjectReader reader(place);
    coins.push_back({read_bitcoin_id(reader.value("txid")), read_word(reader, "vout"),
                     read_satoshi(reader.value("value")), read_status(reader.object("status"))});
  }
  return coins;
}

std::vector<AddressTransaction> parse_esplora_transactions(const std::string& source, std::string_view body,
                                                           const base::Bytes& script) {
  const json::Value document = parse_node_json(source, body);
  const std::string script_hex = base::to_hex(script);
  std::vector<AddressTransaction> transactions;
  for (const Field& place : json::read_array({document, source}))
    transactions.push_back(read_transaction(place, script_hex));
  return transactions;
}

EsploraBlock parse_esplora_block(const std::string& source, std::string_view body) {
  const json::Value document = parse_node_json(source, body);
  ObjectReader reader(document, source);
  EsploraBlock block;
  block.id = read_bitcoin_id(reader.value("id"));
  block.height = read_whole(reader.value("height"));
  // The protocol's version is signed; indexes show it either way.
  const std::int64_t version = reader.integer("version", std::numeric_limits<std::int32_t>::min(),
                                              std::numeric_limits<std::uint32_t>::max());
  block.header.version = static_cast<std::uint32_t>(version);
  block.header.merkle_root = hashed_order(read_bitcoin_id(reader.value("merkle_root")));
  if (block.height > 0)
    block.header.previous = hashed_order(read_bitcoin_id(reader.value("previousblockhash")));
  block.header.time_s = read_word(reader, "timestamp");
  block.header.bits = read_word(reader, "bits");
  block.header.nonce = read_word(reader, "nonce");
  if (bitcoin_id(block.header.hash()) != block.id)
    base::refuse(reader.path_of("id"), "is not the hash of the header beside it");
  if (!block.header.has_its_work())
    base::refuse(reader.path_of("bits"), "the header lacks the work that it states");
  return block;
}

std::uint64_t parse_bare_height(const std::string& source, std::string_view body) {
  const auto height = parse_count(body);
  if (height.has_error() || *height > std::numeric_limits<std::int32_t>::max())
    base::refuse(source + ": height", "must be a block's height and nothing else");
  return static_cast<std::uint64_t>(*height);
}

std::string parse_bare_hash(const std::string& source, std::string_view body) {
  const json::Value text = json::Value::string(std::string(body));
  return read_bitcoin_id({text, source + ": hash"});
}

}  // namespace navkeeper::custody
