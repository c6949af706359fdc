#pragma once
// The use case behind `rates tape prune`: drops the days of trades whose keeping is over, and leaves evidence
// of each.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/pricing/app/price_asset.h"
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
  /// What time it is by the store's clock.
  virtual time::Instant now() = 0;
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
    std::string needed_by;  ///< index or asset, and date, of one that keeps it
  };
  time::Date today;                 ///< (UTC) by which days were counted
  std::vector<DroppedDay> dropped;  ///< or that would be
  std::vector<Kept> kept;           ///< though older than its days of keeping
};

/// Days are counted by the earlier of the caller's clock and the store's. `dry_run`: nothing is changed,
/// hashes are empty.
PruneReport prune_tape(TapeKeeper& keeper, const PricePorts& pricing, const RetentionPolicy& policy,
                       bool dry_run, const std::string& actor);

}  // namespace navkeeper::pricing
