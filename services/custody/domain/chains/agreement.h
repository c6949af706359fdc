#pragma once
// What several nodes together show of one address. A node that lags, follows another chain, answers nothing,
// zero or something else than the others is never believed silently.
#include <optional>
#include <string>
#include <vector>

#include "services/custody/domain/certainty.h"
#include "services/custody/domain/chains/chain_reading.h"

namespace navkeeper::custody {

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
