#pragma once
// What the tape holds by day, and what was dropped from it: schema pricing, sql/pricing/0002_tape.
#include <optional>
#include <string>
#include <vector>

#include "common/db/database_time.h"
#include "common/db/pool.h"
#include "services/pricing/app/prune_tape.h"

namespace navkeeper::pricing {

struct TapeDay {
  time::Date day;
  std::string pair;
  std::string venue;
  std::uint64_t trades = 0;
  std::uint64_t received = 0;  ///< of feeds; the others of files
  // As the feeds noted them on that day.
  std::uint64_t gaps_found = 0;
  std::uint64_t gaps_closed = 0;
  std::uint64_t gaps_abandoned = 0;
  std::uint64_t contradictions = 0;
};

struct TapeDrop {
  DroppedDay dropped;
  int keep_days = 0;
  std::string rates;  ///< JSON
  time::Instant known_at;
  std::string actor;
};

/// Up to where a feed's market is whole.
struct TapePlace {
  std::string venue;
  std::string pair;
  std::string trade_id;
  time::Instant time;
  time::Instant known_at;
};

struct TapeQuery {
  std::optional<std::string> pair;
  std::optional<time::Date> from;  ///< both included
  std::optional<time::Date> to;
  int count_max = 10'000;
};

class SqlTapeUpkeep final : public TapeKeeper {
 public:
  explicit SqlTapeUpkeep(db::Pool& pool) : pool_(pool) {}

  time::Instant now() override { return db::database_time(pool_); }
  std::vector<HeldDay> held_before(time::Date before) override;
  std::optional<DroppedDay> drop(const HeldDay& held, int keep_days, const std::vector<RateOfDay>& rates,
                                 time::Instant known_at, const std::string& actor) override;

  /// The newest days that match, oldest first.
  std::vector<TapeDay> days(const TapeQuery& query);
  std::vector<TapeDrop> drops(const TapeQuery& query);
  std::vector<TapePlace> places();

 private:
  db::Pool& pool_;
};

}  // namespace navkeeper::pricing
