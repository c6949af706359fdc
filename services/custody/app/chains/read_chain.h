#pragma once
// Asks every node of a chain about one address at one height, and compares.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "services/custody/app/chains/chain_source.h"
#include "services/custody/domain/chains/agreement.h"

namespace navkeeper::custody {

/// What a healthy node may be behind.
struct ChainLimits {
  time::Duration behind_max;           ///< the age of the newest block
  std::uint64_t blocks_apart_max = 0;  ///< between the final blocks of two nodes
};
/// A bitcoin block takes ten minutes on average and an hour once a day or so; Ethereum's come every 12 s,
/// Cronos' every 5 to 6 s.
ChainLimits default_limits(Chain chain);

struct ChainQuestion {
  Chain chain{};
  std::string address;
  std::optional<std::uint64_t> height{};  ///< nothing: the newest block that is final for all that answer
};

struct ChainAnswer {
  ChainQuestion question;
  std::optional<std::uint64_t> height;  ///< that was asked for; nothing when no node answered
  std::vector<SourceOutcome> outcomes;
  Agreement agreement;
};

/// All addresses at one height, in their order; they must differ. `height` nothing: the newest block that is
/// final for all nodes that answer. Never throws for what a node does; a node that fails is an outcome.
std::vector<ChainAnswer> read_addresses(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                                        const std::vector<std::string>& addresses,
                                        std::optional<std::uint64_t> height, const ChainLimits& limits,
                                        time::Instant now);
/// The same of one address.
ChainAnswer read_chain(const std::vector<std::unique_ptr<ChainSource>>& sources,
                       const ChainQuestion& question, const ChainLimits& limits, time::Instant now);

/// The last block that was made at or before `at`, as every node that answers places it. Throws
/// base::Unavailable when none answers or blocks after `at` are not final yet; base::Refused when nodes place
/// it at different heights.
std::uint64_t height_at(const std::vector<std::unique_ptr<ChainSource>>& sources, Chain chain,
                        time::Instant at);

}  // namespace navkeeper::custody
