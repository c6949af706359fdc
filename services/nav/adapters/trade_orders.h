#pragma once
// The orders that a coin trade is for: dealing's own, on the trade's day, not priced yet, since their price
// has what the trade cost beyond the NAV. Inside the caller's transaction.
#include "common/db/transaction.h"
#include "common/model/id.h"
#include "services/nav/domain/cash/coin_trade.h"

namespace navkeeper::nav {

/// Locks the fund's orders where the trade is for some, until the transaction ends: whoever prices or cancels
/// them waits. Refused: an order that is not known, of another day, decided against or priced already, not
/// accepted yet where `is_executed`; in cash: a sale for a creation, a purchase for a redemption.
void check_trade_orders(db::Transaction& transaction, const model::FundId& fund, const cash::CoinTrade& trade,
                        bool is_executed);

}  // namespace navkeeper::nav
