#pragma once
// The use case that asks a custodian everything and stores it. It may be run at any time, again and again,
// and killed anywhere: what is stored is stored whole, and what was stored before is not stored twice.
#include <set>
#include <string>

#include "common/time/clock.h"
#include "services/custody/app/custody_store.h"

namespace navkeeper::custody {

struct SyncSettings {
  time::Duration history =
      time::Duration::hours(2'160);  ///< 90 days: of the first asking; never more than it has
  /// So far before the end of the last complete answer the next one begins: late rows and corrections.
  time::Duration overlap = time::Duration::hours(48);
  /// So often all of it is read again: custodians correct what is long past.
  time::Duration whole_every = time::Duration::hours(24);
  /// Coins of which a person knows that they are not kept there any more: where they are not told, zero.
  std::set<std::string> gone = {};
};

/// Keeps what a source leaves on its way; given to the source when it is made.
class CollectedEvidence final : public Evidence {
 public:
  void keep(RawAnswer answer) override { raw.push_back(std::move(answer)); }
  void raise(Alarm alarm) override { alarms.push_back(std::move(alarm)); }
  std::vector<RawAnswer> raw;
  std::vector<Alarm> alarms;
};

/// Asks `source`, whose evidence goes to `evidence`, and stores the result. A part that fails is named in the
/// run; the others are stored. A coin that was told before and is left out now, in whole or in part, is zero
/// where its movements took all of it; else it is stored as told by nobody (is_told) and named; where that is
/// every coin told before, none of the answer's balances is believed. A coin whose name cannot be read is
/// named and left out. After NotBelievable, and after a balance whose total is a power of ten of the one
/// before without movements that explain it, nothing of the run is believed: only the raw answers and the
/// alarm are stored.
SyncReport sync_custodian(CustodianSource& source, CollectedEvidence& evidence, CustodyStore& store,
                          const model::FundId& fund, const SyncSettings& settings, const time::Clock& clock,
                          const std::string& actor);

}  // namespace navkeeper::custody
