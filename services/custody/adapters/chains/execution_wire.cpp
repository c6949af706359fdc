#include "services/custody/adapters/chains/execution_wire.h"

#include <algorithm>
#include <set>

#include "common/json/reader.h"
#include "common/json/write.h"
#include "services/custody/adapters/chains/wire_fields.h"
#include "services/custody/domain/chains/rlp.h"

namespace navkeeper::custody {
namespace {

using json::ObjectReader;
using Field = json::Place;

constexpr std::size_t kBloomBytes = 256;
constexpr std::size_t kNonceBytes = 8;
constexpr std::size_t kExtraBytesMax = 1024;  // 32 on Ethereum; other chains put more there
constexpr std::size_t kWordBytes = 32;
constexpr std::size_t kScalarBytesMax = 32;
// The first bytes of Keccak-256 of "balanceOf(address)" and "decimals()"; all of
// "Transfer(address,address,uint256)".
constexpr std::string_view kBalanceOf = "0x70a08231";
constexpr std::string_view kDecimals = "0x313ce567";
constexpr std::string_view kTransfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

/// A quantity as the scalar that RLP holds.
base::Bytes read_scalar(const Field& place) {
  std::string text = json::read_string(place);
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 2 + 2 * kScalarBytesMax)
    base::refuse(place.path, "must be a quantity of at most 32 bytes with 0x before it");
  if (text.size() > 3 && text[2] == '0') base::refuse(place.path, "must have no leading zeros");
  text.erase(0, 2);
  if (text == "0") return {};
  if (text.size() % 2 != 0) text.insert(0, 1, '0');
  auto bytes = base::from_hex(text);
  if (!bytes) base::refuse(place.path, "must be hexadecimal with 0x before it");
  return std::move(*bytes);
}

base::Bytes read_exactly(const Field& place, std::size_t count) {
  base::Bytes bytes = read_hex_bytes(place, count);
  if (bytes.size() != count) base::refuse(place.path, "must have " + std::to_string(count) + " bytes");
  return bytes;
}

EthereumAddress read_address(const Field& place) {
  EthereumAddress address;
  const base::Bytes bytes = read_exactly(place, address.bytes.size());
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

/// An address as a word of 32 bytes.
EthereumAddress read_padded_address(const Field& place) {
  const base::Bytes bytes = read_exactly(place, kWordBytes);
  EthereumAddress address;
  const auto begin = bytes.end() - static_cast<std::ptrdiff_t>(address.bytes.size());
  if (std::any_of(bytes.begin(), begin, [](std::uint8_t byte) { return byte != 0; }))
    base::refuse(place.path, "is no address");
  std::copy(begin, bytes.end(), address.bytes.begin());
  return address;
}

std::string padded(const EthereumAddress& address) {
  return std::string(2 * (kWordBytes - address.bytes.size()), '0') + base::to_hex(address.bytes);
}

std::vector<base::Bytes> read_nodes(const std::vector<Field>& places) {
  if (places.size() > kProofNodesMax)
    base::refuse(places[kProofNodesMax].path, "has more nodes than a path can have");
  std::vector<base::Bytes> nodes;
  for (const Field& place : places) nodes.push_back(read_hex_bytes(place, kProofNodeBytesMax));
  return nodes;
}

/// Slots are written as quantities or as whole words.
crypto::Digest256 read_slot(const Field& place) {
  std::string text = json::read_string(place);
  crypto::Digest256 slot{};
  if (text.starts_with("0x")) text.erase(0, 2);
  if (text.size() % 2 != 0) text.insert(0, 1, '0');
  const auto bytes = base::from_hex(text);
  if (!bytes || bytes->empty() || bytes->size() > slot.size()) base::refuse(place.path, "is no storage slot");
  std::copy(bytes->begin(), bytes->end(), slot.end() - static_cast<std::ptrdiff_t>(bytes->size()));
  return slot;
}

void read_later_fields(ObjectReader& reader, EthereumHeader& header) {
  if (const auto place = reader.optional_value("baseFeePerGas")) header.base_fee = read_scalar(*place);
  if (const auto place = reader.optional_value("withdrawalsRoot"))
    header.withdrawals_root = read_hash(*place);
  if (const auto place = reader.optional_value("blobGasUsed")) header.blob_gas_used = read_scalar(*place);
  if (const auto place = reader.optional_value("excessBlobGas")) header.excess_blob_gas = read_scalar(*place);
  if (const auto place = reader.optional_value("parentBeaconBlockRoot"))
    header.parent_beacon_root = read_hash(*place);
  if (const auto place = reader.optional_value("requestsHash")) header.requests_hash = read_hash(*place);
}

std::string call_parameters(const EthereumAddress& token, std::string_view data, std::string_view block) {
  json::Writer writer;
  writer.begin_array().begin_object().member("to", address_text(token)).member("data", data).end_object();
  return writer.string(block).end_array().take();
}

}  // namespace

std::optional<ExecutionBlock> parse_execution_block(const std::string& source, const json::Value& result,
                                                    bool with_ethereum_hash) {
  if (result.is_null()) return std::nullopt;
  ObjectReader reader(result, source);
  ExecutionBlock block;
  EthereumHeader& header = block.header;
  block.hash = read_hash(reader.value("hash"));
  header.parent_hash = read_hash(reader.value("parentHash"));
  header.uncles_hash = read_hash(reader.value("sha3Uncles"));
  header.miner = read_address(reader.value("miner")).bytes;
  header.state_root = read_hash(reader.value("stateRoot"));
  header.transactions_root = read_hash(reader.value("transactionsRoot"));
  header.receipts_root = read_hash(reader.value("receiptsRoot"));
  header.logs_bloom = read_exactly(reader.value("logsBloom"), kBloomBytes);
  header.difficulty = read_scalar(reader.value("difficulty"));
  header.number = read_hex_whole(reader.value("number"));
  header.gas_limit = read_scalar(reader.value("gasLimit"));
  header.gas_used = read_scalar(reader.value("gasUsed"));
  header.timestamp_s = read_hex_whole(reader.value("timestamp"));
  header.extra_data = read_hex_bytes(reader.value("extraData"), kExtraBytesMax);
  header.mix_hash = read_hash(reader.value("mixHash"));
  header.nonce = read_exactly(reader.value("nonce"), kNonceBytes);
  read_later_fields(reader, header);
  if (!with_ethereum_hash) return block;
  if (!header.is_of_one_fork())
    base::refuse(source + ": block", "its fields are of no fork that is known here");
  if (header.hash() != block.hash)
    base::refuse(reader.path_of("hash"),
                 "is not the hash of the header beside it (or of a fork that is not known here)");
  block.hash_computed = true;
  return block;
}

AccountProof parse_account_proof(const std::string& source, const json::Value& result) {
  ObjectReader reader(result, source);
  AccountProof proof;
  proof.address = read_address(reader.value("address"));
  proof.balance_wei = read_hex_amount(reader.value("balance"));
  proof.nodes = read_nodes(reader.array("accountProof"));
  proof.storage_root = read_hash(reader.value("storageHash"));
  for (const Field& place : reader.array("storageProof")) {
    ObjectReader slot(place);
    proof.storage.push_back({read_slot(slot.value("key")), read_hex_amount(slot.value("value")),
                             read_nodes(slot.array("proof"))});
  }
  return proof;
}

std::vector<TokenTransfer> parse_token_transfers(const std::string& source, const json::Value& result,
                                                 const EthereumAddress& token, std::uint64_t from_block,
                                                 std::uint64_t to_block) {
  std::vector<TokenTransfer> transfers;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (const Field& place : json::read_array({result, source})) {
    ObjectReader log(place);
    TokenTransfer transfer;
    transfer.token = read_address(log.value("address"));
    if (transfer.token != token) base::refuse(log.path_of("address"), "is another contract");
    if (const auto removed = log.optional_boolean("removed"); removed && *removed)
      base::refuse(log.path_of("removed"), "the log belongs to a block that was taken back");
    const std::vector<Field> topics = log.array("topics");
    if (topics.size() != 3 || json::read_string(topics[0]) != kTransfer)
      base::refuse(log.path_of("topics"), "are not those of Transfer(address,address,uint256)");
    transfer.from = read_padded_address(topics[1]);
    transfer.to = read_padded_address(topics[2]);
    const auto value = unsigned_number(read_exactly(log.value("data"), kWordBytes));
    if (!value) base::refuse(log.path_of("data"), "is larger than any amount of a coin");
    transfer.value = *value;
    transfer.block = read_hex_whole(log.value("blockNumber"));
    if (transfer.block < from_block || transfer.block > to_block)
      base::refuse(log.path_of("blockNumber"), "lies outside the blocks asked for");
    transfer.block_hash = read_hash(log.value("blockHash"));
    transfer.transaction = read_hash(log.value("transactionHash"));
    transfer.log_index = read_hex_whole(log.value("logIndex"));
    if (!seen.emplace(transfer.block, transfer.log_index).second) base::refuse(place.path, "comes twice");
    transfers.push_back(transfer);
  }
  return transfers;
}

money::Int128 parse_word(const std::string& source, const json::Value& result) {
  const auto number = unsigned_number(read_exactly({result, source}, kWordBytes));
  if (!number) base::refuse(source, "is larger than any amount of a coin");
  return *number;
}

money::Int128 parse_hex_amount(const std::string& source, const json::Value& result) {
  return read_hex_amount({result, source});
}

std::uint64_t parse_hex_whole(const std::string& source, const json::Value& result) {
  return read_hex_whole({result, source});
}

std::string address_text(const EthereumAddress& address) { return "0x" + base::to_hex(address.bytes); }

std::string height_text(std::uint64_t height) {
  std::string digits = base::to_hex(big_endian(height));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return "0x" + (digits.empty() ? "0" : digits);
}

std::string balance_parameters(const EthereumAddress& address, std::string_view block) {
  return json::Writer().begin_array().string(address_text(address)).string(block).end_array().take();
}

std::string proof_parameters(const EthereumAddress& address, const std::vector<crypto::Digest256>& slots,
                             std::string_view block) {
  json::Writer writer;
  writer.begin_array().string(address_text(address)).begin_array();
  for (const crypto::Digest256& slot : slots) writer.string(hash_text(slot));
  return writer.end_array().string(block).end_array().take();
}

std::string balance_of_parameters(const EthereumAddress& token, const EthereumAddress& holder,
                                  std::string_view block) {
  return call_parameters(token, std::string(kBalanceOf) + padded(holder), block);
}

std::string decimals_parameters(const EthereumAddress& token, std::string_view block) {
  return call_parameters(token, kDecimals, block);
}

std::string token_transfer_parameters(const EthereumAddress& token, const EthereumAddress& holder,
                                      bool is_out, std::uint64_t from_block, std::uint64_t to_block) {
  json::Writer writer;
  writer.begin_array().begin_object().member("address", address_text(token));
  writer.member("fromBlock", height_text(from_block)).member("toBlock", height_text(to_block));
  writer.key("topics").begin_array().string(kTransfer);
  if (!is_out) writer.null();
  writer.string("0x" + padded(holder)).end_array();
  return writer.end_object().end_array().take();
}

}  // namespace navkeeper::custody
