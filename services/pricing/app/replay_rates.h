#pragma once
// The use case behind `rates tape replay`: every rate ever published, computed again from the tape as it was
// known then.
#include <memory>
#include <string>
#include <vector>

#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

class ReplaySource {
 public:
  virtual ~ReplaySource() = default;
  /// Every version of every rate that matches, by date and version; count_max and cursor as for find.
  virtual std::vector<StoredRate> every_version(const RateQuery& query) = 0;
  virtual StoredDefinition definition_version(const std::string& index, std::int32_t version) = 0;
  virtual std::unique_ptr<StoredTrades> trades(const IndexDefinition& index, const Window& window,
                                               time::Instant known_at) = 0;
  /// The document and the hash of the trades that would be stored.
  virtual std::string document(const ComputedRate& computed) = 0;
  virtual std::string trade_hash(const ComputedRate& computed) = 0;
};

struct ReplayedRate {
  StoredRate stored;
  /// Empty: the same document, value and trades, byte for byte; else what differs, or why it cannot be
  /// computed again.
  std::string difference;
  bool dropped = false;  ///< its trades are dropped by policy: it stands as struck
};

/// In the order of the dates. `query` names the index.
std::vector<ReplayedRate> replay_rates(ReplaySource& source, const RateQuery& query);

}  // namespace navkeeper::pricing
