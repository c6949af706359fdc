#pragma once
// Answers of Bitcoin Core's JSON-RPC: scantxoutset, getblockchaininfo, getblockheader, getblock with
// verbosity 3. Amounts are bitcoin as JSON numbers with eight decimals and are read as the text that they
// are.
#include <string>
#include <vector>

#include "common/json/value.h"
#include "services/custody/domain/chains/bitcoin_coins.h"
#include "services/custody/domain/chains/block_header.h"

namespace navkeeper::custody {

struct BitcoindState {
  std::string chain;  ///< "main", "test", "signet", "regtest"
  std::uint64_t blocks = 0;
  std::uint64_t headers = 0;
  std::string best_block;
  bool initial_download = false;
};
BitcoindState parse_blockchain_info(const std::string& source, const json::Value& result);

struct UnspentScan {
  std::uint64_t height = 0;
  std::string best_block;
  std::vector<std::vector<Coin>> coins;  ///< all confirmed; of each script in its order
};
/// Refused also when the scan was not completed, when a coin is of none of the scripts, or when the coins do
/// not add up to the total.
UnspentScan parse_scan(const std::string& source, const json::Value& result,
                       const std::vector<base::Bytes>& scripts);

struct BitcoindHeader {
  std::uint64_t height = 0;
  std::string id;
  BitcoinHeader header;
  std::int64_t confirmations = 0;  ///< -1: not in the best chain
};
/// Refused also when the header's own hash is not the id, or lacks the work that it states.
BitcoindHeader parse_block_header(const std::string& source, const json::Value& result);

/// The outputs that pay the scripts and that the block's transactions spend, with the height at which they
/// came.
struct BlockSpends {
  std::string id;
  std::string previous;
  std::uint64_t height = 0;
  std::vector<std::vector<Coin>> spent;  ///< of each script in its order
};
/// Refused when the node does not show what is spent (before Bitcoin Core 23, or pruned).
BlockSpends parse_block_spends(const std::string& source, const json::Value& result,
                               const std::vector<base::Bytes>& scripts);

/// [ "start", [ {"desc":"addr(…)"} ] ]
std::string scan_parameters(const std::vector<std::string>& descriptors);

}  // namespace navkeeper::custody
