#include "services/staking/adapters/ether/execution_wire.h"

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/staking/adapters/ether/beacon_wire.h"
#include "services/staking/adapters/node_json.h"

namespace navkeeper::staking::ether {
namespace {

using json::ObjectReader;
using json::Place;

constexpr std::size_t kTransactionsMax = 20'000;  ///< far above what any block's gas pays for
constexpr std::uint64_t kGasMax = std::uint64_t{1} << 40;
constexpr std::size_t kWeiDigitsMax = 24;  ///< a hundred times all ether

Wei read_wei(const Place& place) {
  const std::string text = json::read_string(place);
  if (!text.starts_with("0x") || text.size() < 3 || (text.size() > 3 && text[2] == '0') ||
      text.find_first_not_of("0123456789abcdef", 2) != std::string::npos)
    base::refuse(place.path, "must be a quantity: 0x and hexadecimal digits without leading zeros");
  if (text.size() > 2 + kWeiDigitsMax) base::refuse(place.path, "is more wei than there can be");
  Wei amount = 0;
  for (const char c : text.substr(2)) amount = amount * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
  return amount;
}

std::uint64_t read_gas(const Place& place) {
  const Wei gas = read_wei(place);
  if (gas > static_cast<Wei>(kGasMax)) base::refuse(place.path, "is more gas than a block can use");
  return static_cast<std::uint64_t>(gas);
}

/// The result of an answer, or the error that is in its place.
struct RpcAnswer {
  json::Value document;
  const json::Value* result = nullptr;
  bool failed = false;
};

RpcAnswer read_answer(const std::string& source, std::string_view body) {
  RpcAnswer answer{parse_node_json(source, body)};
  if (answer.document.kind() != json::Kind::kObject) base::refuse(source, "the answer is no object");
  const json::Value* const id = answer.document.find("id");
  if (id == nullptr || id->kind() != json::Kind::kNumber || id->as_number() != "1")
    base::refuse(source, "the answer is to another request");
  const json::Value* const error = answer.document.find("error");
  answer.failed = error != nullptr && !error->is_null();
  answer.result = answer.document.find("result");
  if (!answer.failed && answer.result == nullptr)
    base::refuse(source, "the answer has neither result nor error");
  return answer;
}

const json::Value& result_of(const std::string& source, const RpcAnswer& answer) {
  if (answer.failed) base::refuse(source, "was answered with an error");
  if (answer.result->is_null()) base::refuse(source, "the node does not know the block");
  return *answer.result;
}

void must_be(const Place& place, std::uint64_t number) {
  if (read_wei(place) != static_cast<Wei>(number)) base::refuse(place.path, "is another block's");
}
void must_be(const Place& place, const std::string& hash) {
  if (read_hex_text(place, kHashBytes) != hash)
    base::refuse(place.path, "is not the block that the beacon chain carries");
}

}  // namespace

std::string rpc_request(std::string_view method, std::string_view parameters) {
  return R"({"jsonrpc":"2.0","id":1,"method":)" + json::quoted(method) + R"(,"params":)" +
         std::string(parameters) + "}";
}

std::string rpc_quantity(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  do {
    digits.insert(digits.begin(), kDigits[value % kDigits.size()]);
    value /= kDigits.size();
  } while (value > 0);
  return "0x" + digits;
}

ExecutionPayments parse_execution_block(const std::string& source, std::string_view body,
                                        const OwnBlock& block) {
  const RpcAnswer answer = read_answer(source, body);
  ObjectReader reader(result_of(source, answer), source);
  must_be(reader.value("number"), block.number);
  must_be(reader.value("hash"), block.hash);
  ExecutionPayments payments;
  payments.parent_hash = read_hex_text(reader.value("parentHash"), kHashBytes);
  payments.base_fee = read_wei(reader.value("baseFeePerGas"));
  payments.gas = read_gas(reader.value("gasUsed"));
  const auto rows = reader.array("transactions");
  if (rows.size() > kTransactionsMax)
    base::refuse(reader.path_of("transactions"), "has more entries than a block can hold");
  for (const Place& place : rows) {
    ObjectReader row(place);
    ExecutionTransaction one;
    one.hash = read_hex_text(row.value("hash"), kHashBytes);
    one.from = read_hex_text(row.value("from"), kAddressBytes);
    if (row.has("to") && !row.is_null("to")) one.to = read_hex_text(row.value("to"), kAddressBytes);
    one.value = read_wei(row.value("value"));
    payments.transactions.push_back(std::move(one));
  }
  return payments;
}

void add_receipts(const std::string& source, std::string_view body, const OwnBlock& block,
                  ExecutionPayments& payments) {
  const RpcAnswer answer = read_answer(source, body);
  const auto rows = json::read_array({result_of(source, answer), source});
  if (rows.size() != payments.transactions.size())
    base::refuse(source, "tells " + std::to_string(rows.size()) + " receipts of " +
                             std::to_string(payments.transactions.size()) + " transactions");
  std::uint64_t gas = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ObjectReader row(rows[i]);
    ExecutionTransaction& one = payments.transactions[i];
    must_be(row.value("blockHash"), block.hash);
    if (read_hex_text(row.value("transactionHash"), kHashBytes) != one.hash)
      base::refuse(row.path_of("transactionHash"), "is not the transaction at its place in the block");
    const Wei status = read_wei(row.value("status"));
    if (status > 1) base::refuse(row.path_of("status"), "must be 0x0 or 0x1");
    one.succeeded = status == 1;
    one.gas = read_gas(row.value("gasUsed"));
    one.price = read_wei(row.value("effectiveGasPrice"));
    if (one.price < payments.base_fee)
      base::refuse(row.path_of("effectiveGasPrice"), "is below the block's base fee");
    gas += one.gas;
  }
  if (gas != payments.gas) base::refuse(source, "gas of the receipts does not sum to the block's");
}

std::optional<Wei> parse_balance(const std::string& source, std::string_view body) {
  const RpcAnswer answer = read_answer(source, body);
  if (answer.failed) return std::nullopt;
  return read_wei({*answer.result, source});
}

}  // namespace navkeeper::staking::ether
