#pragma once
// The blotter of coin trades (sql/nav, trade_...): a trade is proposed and approved like every act of cash
// (cash_store.h); here is what becomes of it. Inside the caller's transaction, under the fund's cash lock.
#include <optional>
#include <string>
#include <vector>

#include "services/nav/adapters/cash_json.h"
#include "services/nav/adapters/cash_store.h"

namespace navkeeper::nav {

struct StoredConfirmation {
  std::string reference;
  std::string differences;  ///< empty: it agrees
};

struct StoredExecution {
  cash::Execution execution;
  time::Date settlement_date;
  money::Decimal cash;
  std::vector<cash::AllocatedPart> allocations;
  std::vector<StoredConfirmation> confirmations;
  std::optional<time::Date> settled_on;
  /// "executed", "unconfirmed: differs", "confirmed", "settled".
  std::string state() const;
};

struct StoredTrade {
  StoredProposal proposal;
  std::vector<StoredExecution> executions;
  const cash::CoinTrade& trade() const { return std::get<cash::CoinTrade>(proposal.proposal.terms); }
  money::Decimal executed() const;
};

/// In the order in which they were proposed; with `order` those that have a part for it.
std::vector<StoredTrade> load_trades(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& order = "");
std::optional<StoredTrade> find_trade(db::Transaction& transaction, const model::FundId& fund,
                                      const std::string& id);

/// Records a part that was done, posts it to the books once (source "trades", id TRADE/EXECUTION: trade date
/// T, booked on the next exchange day, settled by the trade's cycle), and gives each order its part. False
/// when it was recorded before with the same content. Refused: no role (operator), a trade that is not
/// approved, a day to come, what check_execution and the books refuse.
bool execute_trade(db::Transaction& transaction, const model::FundId& fund, const ExecutionToRecord& recorded,
                   const CashActor& who);
/// Records what the counterparty says. Its differences are recorded with it: it is confirmed only without
/// any. The same reference with other content is refused.
StoredConfirmation confirm_trade(db::Transaction& transaction, const model::FundId& fund,
                                 const cash::Confirmation& confirmation, const CashActor& who);
/// Coins and dollars changed hands. False when it was recorded before for the same day. Refused: not
/// confirmed, a day before the trade's, a day to come.
bool settle_trade(db::Transaction& transaction, const model::FundId& fund, const std::string& trade,
                  const std::string& execution, time::Date date, const CashActor& who);

std::string trades_json(const model::FundId& fund, const std::vector<StoredTrade>& trades);
std::string trades_table(const std::vector<StoredTrade>& trades);

}  // namespace navkeeper::nav
