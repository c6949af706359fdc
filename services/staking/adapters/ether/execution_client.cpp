#include "services/staking/adapters/ether/execution_client.h"

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "services/staking/adapters/ether/execution_wire.h"

namespace navkeeper::staking::ether {

std::string ExecutionClient::call(std::string_view method, const std::string& parameters) {
  return node_.post("", rpc_request(method, parameters));
}

std::optional<Wei> ExecutionClient::balance(const std::string& address, std::uint64_t number) {
  return parse_balance(
      name() + ": eth_getBalance",
      call("eth_getBalance", "[" + json::quoted(address) + "," + json::quoted(rpc_quantity(number)) + "]"));
}

SeenTips ExecutionClient::tips(const OwnBlock& block, const std::vector<std::string>& own) {
  const std::string where = name() + ": block " + std::to_string(block.number);
  const std::string number = json::quoted(rpc_quantity(block.number));
  ExecutionPayments payments =
      parse_execution_block(where, call("eth_getBlockByNumber", "[" + number + ",true]"), block);
  add_receipts(where + ": receipts", call("eth_getBlockReceipts", "[" + number + "]"), block, payments);
  auto seen = received_in(block, payments, own);
  if (!seen) base::refuse(where, "tells amounts that do not fit 128 bits");
  if (seen->recipient.empty() || block.number == 0) return *std::move(seen);
  const auto before = balance(seen->recipient, block.number - 1);
  const auto after = balance(seen->recipient, block.number);
  if (before && after) seen->balance = AroundBlock{*before, *after};
  return *std::move(seen);
}

}  // namespace navkeeper::staking::ether
