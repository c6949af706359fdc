#pragma once
// Block headers, so that the hash by which a block is known is computed and not believed.
#include <cstdint>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"

namespace navkeeper::custody {

/// A header of Ethereum's execution layer: yellow paper 4.4.3, with EIP-1559, 4895, 4844, 4788 and 7685 for
/// the fields that later forks added. Scalars are big-endian without leading zeros.
struct EthereumHeader {
  crypto::Digest256 parent_hash{};
  crypto::Digest256 uncles_hash{};
  crypto::Digest160 miner{};
  crypto::Digest256 state_root{};
  crypto::Digest256 transactions_root{};
  crypto::Digest256 receipts_root{};
  base::Bytes logs_bloom;  ///< 256 bytes
  base::Bytes difficulty;
  std::uint64_t number = 0;
  base::Bytes gas_limit;
  base::Bytes gas_used;
  std::uint64_t timestamp_s = 0;
  base::Bytes extra_data;
  crypto::Digest256 mix_hash{};
  base::Bytes nonce;  ///< 8 bytes
  // Each fork's fields stand behind the earlier ones'; one without those before it is a bug (ENSURE).
  std::optional<base::Bytes> base_fee{};                ///< London
  std::optional<crypto::Digest256> withdrawals_root{};  ///< Shanghai
  std::optional<base::Bytes> blob_gas_used{};           ///< Cancun, with the next two
  std::optional<base::Bytes> excess_blob_gas{};
  std::optional<crypto::Digest256> parent_beacon_root{};
  std::optional<crypto::Digest256> requests_hash{};  ///< Prague

  /// Whether no later fork's field stands without an earlier one's.
  bool is_of_one_fork() const;
  base::Bytes encoded() const;
  crypto::Digest256 hash() const { return crypto::keccak256(encoded()); }
};

/// A Bitcoin header: 80 bytes. Hashes in the order in which they are hashed, the reverse of how they are
/// shown.
struct BitcoinHeader {
  std::uint32_t version = 0;
  crypto::Digest256 previous{};
  crypto::Digest256 merkle_root{};
  std::uint32_t time_s = 0;
  std::uint32_t bits = 0;  ///< the target in its compact form
  std::uint32_t nonce = 0;

  crypto::Digest256 hash() const;
  /// Whether the hash is at most the target that the header itself states (proof of work).
  bool has_its_work() const;
};

}  // namespace navkeeper::custody
