#pragma once
// What several nodes together show of one address. A node that lags, follows another chain, answers nothing,
// zero or something else than the others is never believed silently.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

/// From the strongest to none; the first that holds, read from the end.
enum class Certainty {
  kAgreed,        ///< two nodes or more say the same of the same block, and nothing is in doubt
  kProven,        ///< one node, and its answer is proven against the header that it gave
  kSingleSource,  ///< one node is configured and says so
  kUnsure,        ///< there is an answer and something against it: reasons say what
  kUnknown,       ///< no node answered
};
std::string_view describe(Certainty certainty);  ///< "agreed", "proven", "single_source", "unsure", "unknown"

/// One node's part: its reading, or why there is none.
struct SourceOutcome {
  std::string source;
  std::optional<ChainReading> reading{};
  std::string failure{};  ///< not empty when there is no reading
};

struct Agreement {
  Certainty certainty = Certainty::kUnknown;
  std::vector<std::string> reasons;  ///< why it is not agreed or proven; sentences
  /// The outcome whose reading stands for all; nothing when no node answered. When nodes differ it is the
  /// first, and unsure.
  std::optional<std::size_t> shown;
};

Agreement agree(const std::vector<SourceOutcome>& outcomes);

}  // namespace navkeeper::custody
