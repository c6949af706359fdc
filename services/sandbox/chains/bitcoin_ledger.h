#pragma once
// The simulated Bitcoin: blocks with real headers and easy work, and the world's payments as transactions.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "services/sandbox/chains/chain_node.h"

namespace navkeeper::sandbox {

struct LedgerBlock {
  std::string id;  ///< as explorers show it
  std::string previous;
  std::string merkle_root;
  std::uint64_t height = 0;
  std::uint32_t time_s = 0;
  std::uint32_t nonce = 0;
};
constexpr std::uint32_t kEasyBits = 0x207fffff;  ///< half of all hashes do (Bitcoin Core, regtest)

struct LedgerOutput {
  std::string address;  ///< empty: of nobody in the world
  std::string script_hex;
  money::Int128 satoshi = 0;
};
struct LedgerInput {
  std::string transaction;
  std::uint32_t index = 0;
  LedgerOutput spent;
  std::uint64_t spent_height = 0;  ///< at which the spent output came
};
struct LedgerTransaction {
  std::string id;
  std::optional<std::uint64_t> height;
  std::vector<LedgerInput> inputs;
  std::vector<LedgerOutput> outputs;
};

constexpr money::Int128 kBitcoinFee = 1'000;  ///< satoshi, of each transaction

/// The id of block 0, by which readers know this network.
std::string simulated_genesis(std::uint64_t seed);
/// The id of the transaction that a payment of the world is.
std::string bitcoin_payment_id(std::uint64_t seed, std::uint64_t number);

/// All transactions that a node whose newest block is `tip` knows, oldest first.
std::vector<LedgerTransaction> bitcoin_transactions(const ChainWorld& world, std::uint64_t tip);

/// Blocks [first, tip], each naming the one before; `variant` of a height makes it another block.
std::vector<LedgerBlock> bitcoin_blocks(const ChainWorld& world, std::uint64_t tip,
                                        const std::function<std::uint64_t(std::uint64_t)>& variant);

}  // namespace navkeeper::sandbox
