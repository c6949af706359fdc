#pragma once
// Index definitions and rates in PostgreSQL: schema pricing, sql/pricing.
#include <chrono>
#include <optional>
#include <string>

#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/pricing/app/replay_rates.h"
#include "services/pricing/app/strike_rate.h"

namespace navkeeper::pricing {

/// How long the strike job's lease lasts; each write under it renews it, or is refused when it is lost.
constexpr std::chrono::milliseconds kStrikeLease{15'000};

class SqlRateStore final : public RateStore, public ReplaySource {
 public:
  explicit SqlRateStore(db::Pool& pool) : pool_(pool) {}

  /// The same store, every write of which carries the lease: refused (db::Fenced) once it is lost.
  SqlRateStore under(const db::Lease& lease) const {
    SqlRateStore fenced(*this);
    fenced.lease_ = lease;
    return fenced;
  }

  struct Defined {
    StoredDefinition definition;
    bool is_new = false;  ///< false: the newest version is this file already
  };
  /// Stores a reviewed index file as the newest version of its index. Refused when it is no index file, its
  /// name is not ours, it would leave a gap, or hold on a day that has been struck.
  Defined define(const std::string& toml, const std::string& file, time::Instant known_at,
                 const std::string& actor);

  std::optional<StoredDefinition> definition(const std::string& index_id) override;
  std::vector<StoredDefinition> definitions() override;
  time::Instant settle(const std::string& pair, time::Instant now) override;
  std::optional<StoredDefinition> definition_on(const std::string& index_id, time::Date date) override;
  /// Every version of an index in the order in which they came.
  std::vector<StoredDefinition> versions(const std::string& index_id);
  std::optional<RateCoverage> coverage(const StoredRate& rate) override;
  std::unique_ptr<StoredTrades> trades(const IndexDefinition& index, const Window& window,
                                       time::Instant known_at) override;
  std::vector<FeedState> feed_states(const std::string& pair, const Window& window,
                                     time::Instant now) override;
  std::optional<money::Decimal> previous_value(const std::string& index_id, time::Date date) override;
  Saved save(const NewRate& rate) override;
  std::vector<StoredRate> find(const RateQuery& query) override;
  std::vector<StoredRate> every_version(const RateQuery& query) override;
  StoredDefinition definition_version(const std::string& index, std::int32_t version) override;
  std::string document(const ComputedRate& computed) override;
  std::string trade_hash(const ComputedRate& computed) override;

 private:
  db::Pool& pool_;
  std::optional<db::Lease> lease_;
};

}  // namespace navkeeper::pricing
