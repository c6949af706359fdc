#pragma once
// The tape in PostgreSQL: schema pricing, sql/pricing/0002_tape.
#include <mutex>
#include <set>

#include "common/db/pool.h"
#include "services/pricing/app/tape.h"

namespace navkeeper::pricing {

class SqlTapeStore final : public TapeStore {
 public:
  explicit SqlTapeStore(db::Pool& pool) : pool_(pool) {}

  std::vector<std::vector<TapeTrade>> begin(const Feed& feed, time::Instant known_at,
                                            const std::string& actor) override;
  std::vector<AbandonedGap> abandoned_gaps(const Feed& feed, time::Instant since) override;
  TapeWritten write(const TapeBatch& batch, time::Instant known_at) override;
  void prepare(time::Date first, time::Date last) override;

 private:
  /// Makes the partitions of the batch's days unless it is known that they are there.
  void make_days(const TapeBatch& batch);

  db::Pool& pool_;
  std::mutex mutex_;
  std::set<time::Date> days_;  ///< made, the newest ones
};

}  // namespace navkeeper::pricing
