#pragma once
// Proofs out of Ethereum's state: a Merkle-Patricia trie whose root stands in the block header (yellow paper,
// appendix D; EIP-1186). A proof is the nodes on the path from the root to the key; it shows what lies there,
// or that nothing does. It is as good as the root: whether that root is the chain's is another question.
#include <optional>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/refusal.h"
#include "common/crypto/hash.h"
#include "common/money/decimal.h"
#include "services/custody/domain/account_address.h"

namespace navkeeper::custody {

/// The path of 32 bytes has 64 nibbles; a proof that is longer proves nothing more.
inline constexpr std::size_t kProofNodesMax = 65;
/// A branch of sixteen hashes and a value takes 532 bytes; an account's leaf less than 200.
inline constexpr std::size_t kProofNodeBytesMax = 1024;

/// Keccak-256 of the empty string in RLP: the root of a trie without entries.
crypto::Digest256 empty_trie_root();

/// The value at Keccak-256 of `key` below `root`, or nothing when the proof shows that there is none. Refused
/// when the nodes do not lead from the root to an answer, or go on behind it.
base::Checked<std::optional<base::Bytes>> prove(const crypto::Digest256& root,
                                                std::span<const std::uint8_t> key,
                                                std::span<const base::Bytes> nodes);

struct AccountState {
  base::Bytes nonce;                 ///< a scalar
  money::Int128 balance_wei = 0;     ///< more than 127 bits are refused
  crypto::Digest256 storage_root{};  ///< of the account's own trie
  crypto::Digest256 code_hash{};
};

/// An account that does not exist holds nothing: nothing.
base::Checked<std::optional<AccountState>> prove_account(const crypto::Digest256& state_root,
                                                         const EthereumAddress& address,
                                                         std::span<const base::Bytes> nodes);

/// What stands in an account's storage at `slot` (32 bytes); zero when the proof shows that nothing does.
/// More than 127 bits are refused.
base::Checked<money::Int128> prove_storage(const crypto::Digest256& storage_root,
                                           std::span<const std::uint8_t> slot,
                                           std::span<const base::Bytes> nodes);

/// Where `mapping(address => …)` at the contract's `position` keeps the entry of `holder` (Solidity, layout
/// of state variables in storage).
crypto::Digest256 mapping_slot(const EthereumAddress& holder, std::uint64_t position);

/// Big-endian bytes as a number; nothing above 127 bits.
std::optional<money::Int128> unsigned_number(std::span<const std::uint8_t> bytes);

}  // namespace navkeeper::custody
