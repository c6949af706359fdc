#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "services/nav/adapters/trade_orders.h"

namespace navkeeper::nav {

void check_trade_orders(db::Transaction& transaction, const model::FundId& fund, const cash::CoinTrade& trade,
                        bool is_executed) {
  if (trade.allocations.empty()) return;
  db::query(transaction, "SELECT FROM dealing_head WHERE fund_id = $1 FOR UPDATE", fund);
  for (const cash::TradeAllocation& part : trade.allocations) {
    const std::string where = "trade " + trade.id + ": order " + part.order;
    const auto rows = db::query(transaction,
                                "SELECT o.side, o.form, o.trade_date, s.state FROM dealing_order o JOIN "
                                "order_standing s USING (fund_id, order_id) WHERE o.fund_id = $1 AND "
                                "o.order_id = $2",
                                fund, part.order);
    if (rows.empty()) base::refuse(where, "is not known");
    const auto date = rows[0]["trade_date"].as<time::Date>();
    if (date != trade.date)
      base::refuse(where, "is of " + date.to_string() + ", the trade of " + trade.date.to_string());
    const auto state = rows[0]["state"].as<std::string>();
    if (state != "accepted" && (is_executed || state != "placed"))
      base::refuse(where, "is " + state +
                              (state == "placed" ? ": it is accepted before anything is traded for it"
                                                 : ": nothing more is traded for it"));
    const bool is_creation = rows[0]["side"].as<std::string>() == "creation";
    const bool is_purchase = trade.side == cash::TradeSide::kBuy;
    if (rows[0]["form"].as<std::string>() == "cash" && is_creation != is_purchase)
      base::refuse(where, std::string("in cash is served by a ") + (is_creation ? "purchase" : "sale"));
  }
}

}  // namespace navkeeper::nav
