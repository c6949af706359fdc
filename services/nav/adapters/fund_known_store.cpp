#include "services/nav/adapters/fund_known_store.h"

#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"

namespace navkeeper::nav {

void require_fund(db::Transaction& transaction, const model::FundId& fund) {
  if (db::query(transaction, "SELECT FROM fund WHERE fund_id = $1", fund).empty())
    base::refuse(fund.value(), "is not a known fund (navkeeper fund list shows those there are)");
}

}  // namespace navkeeper::nav
