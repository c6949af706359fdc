#pragma once
// The use case behind `rates tape prune`: drops the days of trades whose keeping is over, and leaves evidence
// of each.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/app/strike_rate.h"
#include "services/pricing/domain/retention.h"

namespace navkeeper::pricing {

struct HeldDay {
  time::Date day;
  std::string pair;
  std::uint64_t trades = 0;
};

struct DroppedDay {
  HeldDay held;
  std::string hash_hex;  ///< SHA-256 of its rows, see adapters/tape_upkeep_store.cpp
};

class TapeKeeper {
 public:
  virtual ~TapeKeeper() = default;
  /// The days before `before` that hold trades, oldest first.
  virtual std::vector<HeldDay> held_before(time::Date before) = 0;
  /// Drops the pair's trades of the day and records what they were, with an audit record, in one transaction.
  /// Nothing when there are none any more.
  virtual std::optional<DroppedDay> drop(const HeldDay& held, int keep_days,
                                         const std::vector<RateOfDay>& rates, time::Instant known_at,
                                         const std::string& actor) = 0;
};

struct PruneReport {
  struct Kept {
    HeldDay held;
    DropRefusal why{};
    std::string rate;  ///< index and date, of a rate that keeps it
  };
  std::vector<DroppedDay> dropped;  ///< or that would be
  std::vector<Kept> kept;           ///< though older than its days of keeping
};

/// `dry_run`: nothing is changed, hashes are empty.
PruneReport prune_tape(TapeKeeper& keeper, RateStore& rates, const time::Clock& clock,
                       const RetentionPolicy& policy, bool dry_run, const std::string& actor);

}  // namespace navkeeper::pricing
