#pragma once
// Share positions of the transfer agent and the depository as they were imported, and the register against
// them (sql/nav, share_position). Inside the caller's transaction.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/cash_store.h"
#include "services/nav/domain/cash/share_position.h"
#include "services/nav/domain/checks.h"
#include "services/nav/domain/fund.h"

namespace navkeeper::nav {

/// The version of the file; nothing when it is the one that was imported last for that day. Refused: no role
/// (operator), an unknown fund.
std::optional<int> import_positions(db::Transaction& transaction, const model::FundId& fund,
                                    const cash::SharePositions& positions, const CashActor& who);

/// Of an order that was due and has not settled.
struct OpenShares {
  std::string order;
  time::Date due;
  money::Decimal shares;  ///< in shares of the day; positive: still to come back to the fund
};
struct StoredShareComparison {
  time::Date date;
  cash::RegisterShares ours;
  std::vector<OpenShares> open;  ///< by order
  cash::ShareComparison comparison;
};
/// Of the last day on or before `as_of` of which any file came; nothing where none did.
std::optional<StoredShareComparison> load_share_comparison(db::Transaction& transaction,
                                                           const model::FundId& fund, time::Date as_of);

/// The NAV's check "share_register".
Check check_shares(db::Transaction& transaction, const FundDefinition& fund, time::Date date);
/// What it is where no position was ever imported.
Check check_of_no_share_positions();

std::string shares_json(const model::FundId& fund, const StoredShareComparison& stored);
std::string shares_table(const StoredShareComparison& stored);

}  // namespace navkeeper::nav
