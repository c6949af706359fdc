#include "services/custody/adapters/chains/transfers_wire.h"

#include <algorithm>
#include <set>

#include "common/json/reader.h"
#include "services/custody/adapters/chains/wire_fields.h"

namespace navkeeper::custody {
namespace {

constexpr std::size_t kBlockTransactionsMax = 100'000;

EthereumAddress address_in(const json::Place& place) {
  EthereumAddress address;
  const base::Bytes bytes = read_hex_bytes(place, address.bytes.size());
  if (bytes.size() != address.bytes.size())
    base::refuse(place.path, "must have " + std::to_string(address.bytes.size()) + " bytes");
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

money::Int128 fee_part(const json::Place& amount, const json::Place& price) {
  const money::Int128 gas = read_hex_whole(amount);
  const money::Int128 wei = read_hex_whole(price);
  if (wei != 0 && gas > kWeiMax / wei) base::refuse(amount.path, "costs more than there is of any coin");
  return gas * wei;
}

}  // namespace

money::Int128 bounded_wei(const std::string& path, money::Int128 wei) {
  if (wei > kWeiMax) base::refuse(path, "is more than there is of any coin");
  return wei;
}

BlockTransfers parse_block_transfers(const std::string& source, const json::Value& block) {
  json::ObjectReader reader(block, source);
  const crypto::Digest256 hash = read_hash(reader.value("hash"));
  BlockTransfers transfers;
  const std::vector<json::Place> places = reader.array("transactions");
  if (places.size() > kBlockTransactionsMax)
    base::refuse(reader.path_of("transactions"), "has more than a block can hold");
  std::set<crypto::Digest256> seen;
  for (const json::Place& place : places) {
    json::ObjectReader item(place);
    BlockTransaction one;
    one.hash = read_hash(item.value("hash"));
    if (!seen.insert(one.hash).second) base::refuse(place.path, "comes twice");
    if (item.has("blockHash") && read_hash(item.value("blockHash")) != hash)
      base::refuse(item.path_of("blockHash"), "is another block");
    one.from = address_in(item.value("from"));
    if (!item.is_null("to")) one.to = address_in(item.value("to"));
    one.value_wei = bounded_wei(item.path_of("value"), read_hex_amount(item.value("value")));
    transfers.transactions.push_back(one);
  }
  if (!reader.has("withdrawals") || reader.is_null("withdrawals")) return transfers;
  std::set<std::uint64_t> indices;
  for (const json::Place& place : reader.array("withdrawals")) {
    json::ObjectReader item(place);
    BlockWithdrawal one;
    one.index = read_hex_whole(item.value("index"));
    if (!indices.insert(one.index).second) base::refuse(place.path, "comes twice");
    one.address = address_in(item.value("address"));
    one.amount_gwei = read_hex_whole(item.value("amount"));
    transfers.withdrawals.push_back(one);
  }
  return transfers;
}

TransactionReceipt parse_receipt(const std::string& source, const json::Value& receipt,
                                 const crypto::Digest256& transaction, const crypto::Digest256& block) {
  json::ObjectReader reader(receipt, source);
  if (read_hash(reader.value("transactionHash")) != transaction)
    base::refuse(reader.path_of("transactionHash"), "is another transaction");
  if (read_hash(reader.value("blockHash")) != block)
    base::refuse(reader.path_of("blockHash"), "is another block than the one that holds it");
  TransactionReceipt read;
  const std::uint64_t status = read_hex_whole(reader.value("status"));
  if (status > 1) base::refuse(reader.path_of("status"), "must be 0x0 or 0x1");
  read.is_done = status == 1;
  read.fee_wei = fee_part(reader.value("gasUsed"), reader.value("effectiveGasPrice"));
  if (reader.has("blobGasUsed") && !reader.is_null("blobGasUsed"))
    read.fee_wei += fee_part(reader.value("blobGasUsed"), reader.value("blobGasPrice"));
  return read;
}

}  // namespace navkeeper::custody
