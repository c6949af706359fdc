#pragma once
// Valuation policies, what people decided, exchange rates, official prices and their determinations, and the
// places of the strike job, in PostgreSQL: schema pricing, sql/pricing.
#include <functional>
#include <optional>
#include <string>

#include "common/db/idempotency.h"
#include "common/db/lease.h"
#include "common/db/pool.h"
#include "services/pricing/app/price_ports.h"
#include "services/pricing/app/strike_job.h"

namespace navkeeper::db {
class Transaction;
}

namespace navkeeper::pricing {

class SqlPriceStore final : public PriceStore, public JobStore {
 public:
  explicit SqlPriceStore(db::Pool& pool) : pool_(pool) {}

  /// The same store, every write of which carries the lease.
  SqlPriceStore under(const db::Lease& lease) const;
  /// The same store for one request: its one effect claims the key and stores its answer with it.
  SqlPriceStore keyed(const db::KeyedRequest& request) const;
  /// Of the request, where it took effect before. Throws db::KeyReused.
  std::optional<db::StoredAnswer> stored_answer();

  struct Applied {
    StoredPolicy policy;
    bool is_new = false;
  };
  /// Stores a reviewed policy as the newest version of its asset's. Refused: no policy file, a gap, or one
  /// that would hold on a day that has been priced.
  Applied apply(const std::string& toml, const std::string& file, time::Instant known_at,
                const std::string& actor);
  struct PolicyText {
    std::string toml;
    std::string file;
  };
  /// All of them or, where one is refused, none.
  std::vector<Applied> apply(const std::vector<PolicyText>& texts, time::Instant known_at,
                             const std::string& actor);
  /// Every version in the order in which they came.
  std::vector<StoredPolicy> policies(const model::AssetId& asset);
  struct Query {
    std::optional<model::AssetId> asset;
    std::optional<Track> track;
    std::optional<time::Date> from;  ///< both included
    std::optional<time::Date> to;
    bool determinations_only = false;
    time::Instant as_of = time::Instant::latest();  ///< valued after this does not count
    time::Instant known_at = time::Instant::latest();
    int count_max = 1'000;
  };
  /// The newest version of each price that matches, newest date first.
  std::vector<StoredPrice> find(const Query& query);
  std::vector<StoredManualPrice> manual_prices(const model::AssetId& asset, time::Date date);

  std::vector<model::AssetId> assets() override;
  std::optional<StoredPolicy> policy_on(const model::AssetId& asset, time::Date date) override;
  std::optional<StoredManualPrice> manual(const model::AssetId& asset, time::Date date) override;
  std::optional<StoredManualPrice> newest_manual(const model::AssetId& asset, time::Date date) override;
  std::int32_t propose_manual(const model::AssetId& asset, time::Date date,
                              const ManualPrice& price) override;
  void approve_manual(const model::AssetId& asset, time::Date date, const StoredManualPrice& price,
                      const model::ActorId& by, time::Instant now) override;
  std::optional<StoredExchangeRate> exchange_rate(const model::AssetId& token, time::Instant at,
                                                  time::Instant known_at) override;
  bool add_exchange_rate(const model::AssetId& token, const StoredExchangeRate& rate) override;
  bool approve_exchange_rate(const model::AssetId& token, const ExchangeRate& rate, const model::ActorId& by,
                             time::Instant now) override;
  /// All of a token, whether they count or wait for a second person, newest first.
  std::vector<StoredExchangeRate> exchange_rates(const model::AssetId& token, int count_max);
  std::optional<StoredPrice> price(const PriceKey& key, time::Instant known_at) override;
  std::vector<StoredPrice> prices_before(const PriceKey& key, std::size_t count) override;
  std::optional<StoredPrice> official_before(const PriceKey& key) override;
  std::optional<ExchangeRate> rate_used(const StoredPrice& price) override;
  std::optional<ExchangeRate> first_rate_used(const PriceKey& key) override;
  Saved save(const NewPrice& price) override;
  void add_step(const StoredPrice& price, const FairValueDetermination& after,
                const std::vector<DeterminationInput>& inputs, const model::ActorId& actor,
                time::Instant now) override;

  std::optional<JobPlace> place(JobSubject subject, const std::string& id) override;
  void set_place(JobSubject subject, const std::string& id, const JobPlace& place) override;

 private:
  /// Runs `effect` in a transaction, under the lease and with the request's key where there are; what it
  /// gives is the answer's body.
  void write(const std::function<std::string(db::Transaction&)>& effect);
  /// The fact that is announced; "{}" where the policy is the newest one already.
  static std::string apply_one(db::Transaction& transaction, Applied& applied,
                               const std::optional<time::Date>& priced_until, const std::string& file);

  db::Pool& pool_;
  std::optional<db::Lease> lease_;
  std::optional<db::KeyedRequest> request_;
};

}  // namespace navkeeper::pricing
