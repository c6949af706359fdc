#pragma once
// Answers of an execution client's JSON-RPC (ethereum/execution-apis), and the parameters of the questions.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/json/value.h"
#include "services/custody/domain/chains/block_header.h"
#include "services/custody/domain/chains/state_proof.h"

namespace navkeeper::custody {

struct ExecutionBlock {
  EthereumHeader header;
  crypto::Digest256 hash{};    ///< as the node states it
  bool hash_computed = false;  ///< and as its header gives it, for the fields that are known here
};
/// Nothing when the node does not know the block (null). `with_ethereum_hash`: the stated hash must be the
/// header's own (refused otherwise); Cronos EVM hashes its blocks in another way.
std::optional<ExecutionBlock> parse_execution_block(const std::string& source, const json::Value& result,
                                                    bool with_ethereum_hash);

struct StorageProof {
  crypto::Digest256 slot{};
  money::Int128 value = 0;
  std::vector<base::Bytes> nodes;
};
struct AccountProof {
  EthereumAddress address;
  money::Int128 balance_wei = 0;
  std::vector<base::Bytes> nodes;
  crypto::Digest256 storage_root{};
  std::vector<StorageProof> storage;
};
AccountProof parse_account_proof(const std::string& source, const json::Value& result);

/// What moved between two addresses in a token: an event Transfer(from, to, value) of ERC-20.
struct TokenTransfer {
  EthereumAddress token;
  EthereumAddress from;
  EthereumAddress to;
  money::Int128 value = 0;
  std::uint64_t block = 0;
  crypto::Digest256 block_hash{};
  crypto::Digest256 transaction{};
  std::uint64_t log_index = 0;
};
/// Refused: a log of another contract or event, one that was removed, one outside [from_block, to_block], one
/// twice.
std::vector<TokenTransfer> parse_token_transfers(const std::string& source, const json::Value& result,
                                                 const EthereumAddress& token, std::uint64_t from_block,
                                                 std::uint64_t to_block);

/// One 32-byte word, as eth_call answers for uint256 and uint8.
money::Int128 parse_word(const std::string& source, const json::Value& result);
money::Int128 parse_hex_amount(const std::string& source, const json::Value& result);
std::uint64_t parse_hex_whole(const std::string& source, const json::Value& result);

std::string address_text(const EthereumAddress& address);  ///< lower case
std::string height_text(std::uint64_t height);             ///< "0x1b4"

std::string balance_parameters(const EthereumAddress& address, std::string_view block);
std::string proof_parameters(const EthereumAddress& address, const std::vector<crypto::Digest256>& slots,
                             std::string_view block);
/// balanceOf(address) and decimals() of ERC-20.
std::string balance_of_parameters(const EthereumAddress& token, const EthereumAddress& holder,
                                  std::string_view block);
std::string decimals_parameters(const EthereumAddress& token, std::string_view block);
/// Of Transfer events that came to `holder`, or (`is_out`) went from it.
std::string token_transfer_parameters(const EthereumAddress& token, const EthereumAddress& holder,
                                      bool is_out, std::uint64_t from_block, std::uint64_t to_block);

}  // namespace navkeeper::custody
