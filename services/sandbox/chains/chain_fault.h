#pragma once
// What a simulated node of a chain can be made to do wrong. Times are the world's.
#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/instant.h"

namespace navkeeper::sandbox {

enum class ChainFault : std::uint8_t {
  kLag,          ///< the node stands kLagBlocks behind the chain, further than any reader may overlook
  kFork,         ///< it follows another chain from some hundred blocks ago
  kWrongChain,   ///< it is a node of another network
  kZeros,        ///< every amount is zero, every list of coins empty
  kLie,          ///< amounts are one unit too high
  kTruncated,    ///< lists lose what stands behind their first entry, without a word
  kDuplicate,    ///< list entries and pages come twice
  kStaleHeight,  ///< questions about a height are answered at another one
  kSyncing,      ///< it says that it is still syncing
  kOptimistic,   ///< the beacon node says that it has not executed its head, and calls nothing final
  kGarbage,      ///< of every two answers one is no JSON, cut off, or not even text
  kErrors,       ///< 503
  kRateLimit,    ///< 429
  kSilence,      ///< no answer for kSilenceSeconds of our time
  kSlow,         ///< bytes come in pieces with a pause between them
};
constexpr std::size_t kChainFaults = 15;
constexpr std::uint64_t kLagBlocks = 2'000;
constexpr int kSilenceSeconds = 3;

std::string_view name_of(ChainFault fault);  ///< "lag", "wrong_chain", …
/// Refuses (base::Refused) a name that is none.
ChainFault chain_fault_named(std::string_view name);

struct ChainFaultSpan {
  std::string node;  ///< empty: all
  ChainFault fault{};
  time::Instant from;
  time::Instant until;  ///< not included
};

/// Asked by every answer and changed by control requests. Safe to share.
class ChainFaultBoard {
 public:
  void add(ChainFaultSpan span);
  void clear();
  bool active(std::string_view node, ChainFault fault, time::Instant at) const;
  std::vector<ChainFaultSpan> spans() const;

 private:
  mutable std::mutex mutex_;
  std::vector<ChainFaultSpan> spans_;
};

}  // namespace navkeeper::sandbox
