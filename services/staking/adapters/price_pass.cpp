#include "services/staking/adapters/price_pass.h"

#include "common/base/outside.h"
#include "common/time/clock.h"
#include "services/staking/adapters/row_price_store.h"
#include "services/staking/adapters/settings.h"

namespace navkeeper::staking {

std::vector<FundPriced> price_pass(const Dependencies& dependencies, PriceSource& prices,
                                   const std::string& actor, const std::string& only) {
  std::vector<FundPriced> all;
  PostgresRowPriceStore store(*dependencies.pool);
  for (const DollarTerms& terms : dependencies.settings->dollars) {
    if (!only.empty() && terms.fund.value() != only) continue;
    FundPriced one{terms.fund, {}};
    try {
      one.report = price_rows(store, prices, terms, dependencies.clock->now(), actor);
    } catch (const base::Unavailable& unavailable) {
      one.report.detail = unavailable.what();
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace navkeeper::staking
