#pragma once
// What moved on Cronos POS, by CometBFT's RPC: searches for transactions and blocks (tx_search, block_search)
// and the events of a block (block_results). Transfers are x/bank's event "transfer"; before CometBFT 0.38
// the texts of events are in base64. Every parser refuses (base::Refused) what is not its answer.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/chains/cosmos_stake.h"

namespace navkeeper::custody {

/// One transaction that a search found, or one block (then without hash and index).
struct CosmosFound {
  std::uint64_t height = 0;
  std::uint64_t index = 0;  ///< among the block's transactions
  std::string hash;         ///< as the node spells it
};
struct CosmosSearchPage {
  std::vector<CosmosFound> found;
  std::uint64_t total = 0;  ///< over all pages
};
CosmosSearchPage parse_transaction_search(const std::string& source, std::string_view body);
CosmosSearchPage parse_block_search(const std::string& source, std::string_view body);

struct CosmosTransfer {
  std::string sender;
  std::string recipient;
  Basecro amount;  ///< of the denomination asked for; other coins of the event are left out
};
struct CosmosBlockTransfers {
  std::uint64_t height = 0;
  std::vector<std::vector<CosmosTransfer>> transactions;  ///< of each, in the block's order
  std::vector<CosmosTransfer> block;                      ///< with no transaction
};
CosmosBlockTransfers parse_cosmos_transfers(const std::string& source, std::string_view body,
                                            const std::string& denomination);

}  // namespace navkeeper::custody
