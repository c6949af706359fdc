#pragma once
// Definitions and seconds of the real-time index in PostgreSQL: schema pricing, sql/pricing.
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "common/time/date.h"
#include "services/pricing/app/real_time.h"

namespace navkeeper::pricing {

/// How long the lease of the process that makes the real-time indices lasts; each second that it stores
/// renews it. Another process takes over when it has run out.
constexpr std::chrono::milliseconds kRealTimeLease{5'000};

class SqlRealTimeStore final : public RealTimeStore {
 public:
  explicit SqlRealTimeStore(db::Pool& pool) : pool_(pool) {}

  struct Defined {
    StoredRealTimeFile file;
    bool is_new = false;  ///< false: the newest version is this file already
  };
  /// Stores a reviewed file as the newest version of its index. Refused when it is no such file, and when a
  /// rate has that name.
  Defined define(const std::string& toml, const std::string& file, time::Instant known_at,
                 const std::string& actor);

  /// Each save from now on renews the lease first and is refused (db::Fenced) once it is lost.
  void hold(const db::Lease& lease) { lease_ = lease; }

  std::vector<StoredRealTimeFile> files() override;
  std::optional<StoredRealTimeFile> file(const std::string& index, int version) override;
  std::optional<StoredRealTimeFile> newest_file(const std::string& index);
  std::optional<RealTimeRecord> last(const std::string& index, bool with_value) override;
  std::vector<RealTimeRecord> records(const std::string& index, time::Instant from, time::Instant to,
                                      int count_max) override;
  std::optional<time::Instant> key_before(const std::string& index, time::Instant at) override;
  /// Makes the day's partition when it is the first second of the day that this object saves.
  void save(std::span<const RealTimeRecord> records) override;

  /// Drops whole days before `day`; refused for one of the last 30. The partitions that went.
  std::vector<std::string> forget(time::Date day);

 private:
  void make_day(time::Date day);

  db::Pool& pool_;
  std::optional<db::Lease> lease_;
  std::set<time::Date> days_;  ///< whose partitions are known to be there
};

}  // namespace navkeeper::pricing
