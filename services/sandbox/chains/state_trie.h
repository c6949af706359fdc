#pragma once
// A Merkle-Patricia trie made whole from its entries (yellow paper, appendix D), with proofs. Written apart
// from the reader in services/custody, so that a misreading on one side shows.
#include <map>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"

namespace navkeeper::sandbox {

/// RLP (appendix B).
base::Bytes rlp_bytes(std::span<const std::uint8_t> bytes);
base::Bytes rlp_items(const std::vector<base::Bytes>& encoded);
base::Bytes rlp_number(unsigned __int128 value);  ///< encoded

class StateTrie {
 public:
  /// `key` is hashed with Keccak-256 to become the path.
  void put(std::span<const std::uint8_t> key, base::Bytes value);
  crypto::Digest256 root() const;
  /// The nodes from the root to the key, or to where it is missing.
  std::vector<base::Bytes> prove(std::span<const std::uint8_t> key) const;

 private:
  using Nibbles = std::string;  ///< one a character, 0 to 15
  using Entries = std::map<Nibbles, base::Bytes>;
  using Place = Entries::const_iterator;
  static base::Bytes node(Place begin, Place end, std::size_t depth, const Nibbles* wanted,
                          std::vector<base::Bytes>* path);
  static base::Bytes reference(const base::Bytes& node);

  Entries entries_;
};

}  // namespace navkeeper::sandbox
