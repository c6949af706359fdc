#pragma once
// Answers of an execution client's JSON-RPC (ethereum/execution-apis), as far as tips need them. Every parser
// throws base::Refused with the node's name, the field's path and the rule.
#include <string>
#include <string_view>
#include <vector>

#include "services/staking/domain/ether/tips.h"

namespace navkeeper::staking::ether {

/// {"jsonrpc":"2.0","id":1,"method":…,"params":…}; `parameters` as JSON.
std::string rpc_request(std::string_view method, std::string_view parameters);
std::string rpc_quantity(std::uint64_t value);  ///< "0x1b4"

/// eth_getBlockByNumber with whole transactions. Refused: another number or hash than the beacon chain
/// carries, a block that the node does not know.
ExecutionPayments parse_execution_block(const std::string& source, std::string_view body,
                                        const OwnBlock& block);
/// eth_getBlockReceipts: fills in what each transaction used and paid. Refused: receipts of other
/// transactions or another block, a price below the base fee, gas that does not sum to the block's.
void add_receipts(const std::string& source, std::string_view body, const OwnBlock& block,
                  ExecutionPayments& payments);
/// eth_getBalance; nothing where the node answers an error: it does not keep that state.
std::optional<Wei> parse_balance(const std::string& source, std::string_view body);

}  // namespace navkeeper::staking::ether
