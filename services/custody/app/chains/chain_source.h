#pragma once
// The port to a node of a chain: what it calls final, and what lies at an address at a stated height.
//
// Each call throws base::Unavailable when the node does not answer, and base::Refused when what it answers
// is nonsense, contradicts itself or is of another chain.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

struct ChainHead {
  std::uint64_t final_height = 0;            ///< the newest block that the chain will not take back
  std::optional<time::Instant> newest_at{};  ///< when the node's newest block was made
  std::vector<std::string> doubts{};         ///< the node itself says that it is not up to date
};

/// What one confirmed transaction did to an address, in whole coins of one asset.
struct ChainMovement {
  std::string address;
  std::string transaction_id;  ///< as the chain spells it
  std::uint64_t height = 0;
  time::Instant at;         ///< of its block, as the node says
  money::Decimal received;  ///< paid to the address
  money::Decimal spent;     ///< of the address' own coins
  /// No transaction: what the address' balance changed by beside all of them, somewhere in a walk. The amount
  /// is sure, what it was is not.
  bool is_unlisted = false;
  std::optional<time::Instant> since = {};  ///< of what is unlisted: it came after this, by `at`
  std::string asset = {};                   ///< of a token; empty: the chain's own coin
  bool is_reward = false;                   ///< paid for what is staked
};

/// What to walk: on from where the last walk ended, a bounded stretch of final blocks.
struct ChainWalkTerms {
  std::optional<time::Instant> since{};  ///< everything made until then was walked; nothing: never
  std::uint64_t to = 0;                  ///< the block of the balances, which is final
  std::string to_hash{};                 ///< and its hash, when the walk gets that far
  std::uint64_t blocks_max = 2'000;
  std::uint64_t first_blocks = 64;  ///< of the first walk; nodes keep states of some more than a hundred
};

/// All that moved at some addresses in blocks [first, last].
struct ChainWalk {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  time::Instant from;  ///< when block `first` was made
  time::Instant to;    ///< when block `last` was
  std::vector<ChainMovement> movements;
  std::vector<std::string> tokens = {};  ///< whose transfers were listed too
};

class ChainSource {
 public:
  virtual ~ChainSource() = default;
  virtual const std::string& name() const = 0;
  virtual ChainHead head() = 0;
  /// `address` as its chain spells it.
  virtual ChainReading read(const std::string& address, std::uint64_t height) = 0;
  /// When block `height` was made.
  virtual time::Instant time_of(std::uint64_t height) = 0;
  /// Every transaction that touched the address in blocks made since `from`, up to `height`, in any order;
  /// nothing: this node keeps no list of transactions by address.
  virtual std::optional<std::vector<ChainMovement>> movements(const std::string& /*address*/,
                                                              time::Instant /*from*/,
                                                              std::uint64_t /*height*/) {
    return std::nullopt;
  }
  /// The same by reading block after block, where a node keeps no such list; every address' balances before
  /// and after are compared with what was found. Nothing: this node is not walked, or there is nothing new.
  virtual std::optional<ChainWalk> walk(const std::vector<std::string>& /*addresses*/,
                                        const ChainWalkTerms& /*terms*/) {
    return std::nullopt;
  }
  /// Whether read_all() asks once for all addresses, which then fail together.
  virtual bool reads_all_at_once() const { return false; }
  /// In the order of the addresses, which must differ.
  virtual std::vector<ChainReading> read_all(const std::vector<std::string>& addresses,
                                             std::uint64_t height) {
    std::vector<ChainReading> readings;
    readings.reserve(addresses.size());
    for (const std::string& address : addresses) readings.push_back(read(address, height));
    return readings;
  }
};

}  // namespace navkeeper::custody
