#pragma once
// Portfolio composition files as they were published (sql/nav/0010_dealing_joined).
#include <optional>

#include "common/db/idempotency.h"
#include "common/db/pool.h"
#include "services/nav/app/publish_basket.h"

namespace navkeeper::nav {

class PostgresCompositionStore final : public CompositionStore {
 public:
  explicit PostgresCompositionStore(db::Pool& pool) : pool_(pool) {}

  /// The same store for one request: its effect claims the key and stores its answer beside it.
  PostgresCompositionStore keyed(const db::KeyedRequest& request) const;

  std::vector<Composition> compositions(const model::FundId& fund, time::Date trade_date) override;
  bool add_composition(const DayBasket& day, const ActStamp& stamp) override;

 private:
  db::Pool& pool_;
  std::optional<db::KeyedRequest> request_;
};

/// The last file of the day; nothing when none was published.
std::optional<Composition> last_composition(CompositionStore& store, const model::FundId& fund,
                                            time::Date trade_date);

/// What of the file makes a creation unit. Throws base::Refused for a text that basket_json() did not write.
struct PublishedUnit {
  money::Decimal unit_shares;
  std::vector<dealing::ComponentQuantity> components;
  money::Decimal balancing;
};
PublishedUnit read_published_unit(const std::string& content);

/// {"fund","trade_date","files":[{"number","status","nav_date","nav_version","sha256",...}]}
std::string compositions_json(const model::FundId& fund, time::Date trade_date,
                              const std::vector<Composition>& all);
std::string compositions_table(const std::vector<Composition>& all);

}  // namespace navkeeper::nav
