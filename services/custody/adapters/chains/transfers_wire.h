#pragma once
// What a block moved, by an execution client's JSON-RPC: the block with its whole transactions, and receipts.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/json/value.h"
#include "services/custody/domain/account_address.h"
#include "services/custody/domain/unit.h"

namespace navkeeper::custody {

/// 10^11 whole coins in wei: no chain that is read so has more. Refused above it, so that sums over the
/// longest walk stay in range.
constexpr money::Int128 kWeiMax = money::Int128(100'000'000'000) * 1'000'000'000'000'000'000;
/// Refuses more than kWeiMax.
money::Int128 bounded_wei(const std::string& path, money::Int128 wei);

struct BlockTransaction {
  crypto::Digest256 hash{};
  EthereumAddress from;
  std::optional<EthereumAddress> to;  ///< nothing: it makes a contract
  money::Int128 value_wei = 0;
};

/// Of EIP-4895: credited by the block itself, with no transaction.
struct BlockWithdrawal {
  std::uint64_t index = 0;
  EthereumAddress address;
  money::Int128 amount_gwei = 0;
};

struct BlockTransfers {
  std::vector<BlockTransaction> transactions;
  std::vector<BlockWithdrawal> withdrawals;
};
/// Refused: a transaction that is only named (a hash), one of another block, one twice.
BlockTransfers parse_block_transfers(const std::string& source, const json::Value& block);

struct TransactionReceipt {
  bool is_done = false;       ///< false: reverted, nothing but the fee moved
  money::Int128 fee_wei = 0;  ///< gas and blobs, paid by who sent it
};
/// Refused: a receipt of another transaction or block.
TransactionReceipt parse_receipt(const std::string& source, const json::Value& receipt,
                                 const crypto::Digest256& transaction, const crypto::Digest256& block);

}  // namespace navkeeper::custody
