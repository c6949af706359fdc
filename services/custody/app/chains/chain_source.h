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

class ChainSource {
 public:
  virtual ~ChainSource() = default;
  virtual const std::string& name() const = 0;
  virtual ChainHead head() = 0;
  /// `address` as its chain spells it.
  virtual ChainReading read(const std::string& address, std::uint64_t height) = 0;
};

}  // namespace navkeeper::custody
