// What is free of a fund for an order, under the locks of its orders and books.
#include <algorithm>

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/books_batch.h"
#include "services/nav/adapters/dealing_store.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

/// By commodity, what the main account has now and did not hold at the end of `date` or of a day since: an
/// order of that day cannot take it.
std::map<std::string, Decimal> come_later(db::Transaction& transaction, const model::FundId& fund,
                                          time::Date date) {
  std::map<std::string, Decimal> since;
  std::map<std::string, Decimal> most;
  for (const auto& row :
       db::query(transaction,
                 "SELECT p.commodity, c.decimals, e.trade_date, sum(CASE WHEN p.debit = 'Assets:Coins:' || "
                 "p.commodity THEN p.amount ELSE -p.amount END) AS amount FROM entry e JOIN posting p USING "
                 "(fund_id, seq) JOIN commodity c USING (fund_id, commodity) WHERE e.fund_id = $1 AND "
                 "e.trade_date > $2 AND 'Assets:Coins:' || p.commodity IN (p.debit, p.credit) "
                 "GROUP BY p.commodity, c.decimals, e.trade_date ORDER BY e.trade_date DESC",
                 fund, date.to_string())) {
    const auto commodity = row["commodity"].as<std::string>();
    since[commodity] += units_of(row["amount"]).to_decimal(row["decimals"].as<int>());
    most[commodity] = std::max(most[commodity], since[commodity]);
  }
  return most;
}

}  // namespace

DealingSight load_sight(db::Transaction& transaction, const FundDefinition& fund,
                        const dealing::Order& order) {
  const time::Date date = order.trade_date;
  DealingSight sight;
  sight.free[std::string(dealing::kShares)] = lock_books(transaction, fund.id).shares.to_decimal(0);
  const dealing::DealingTerms* const terms = dealing::terms_on(fund.dealing, date);
  Decimal credit = terms == nullptr ? Decimal{} : terms->credit_line;
  for (const auto& row :
       db::query(transaction,
                 "SELECT b.account, b.commodity, b.amount, c.decimals FROM account_balance b JOIN "
                 "commodity c ON c.fund_id = b.fund_id AND c.commodity = b.commodity "
                 "WHERE b.fund_id = $1 AND (b.account LIKE 'Assets:%' OR b.account = "
                 "'Liabilities:Credit line' OR b.account LIKE 'Liabilities:Collateral:%')",
                 fund.id)) {
    const auto account = row["account"].as<std::string>();
    const auto commodity = row["commodity"].as<std::string>();
    const Decimal amount = units_of(row["amount"]).to_decimal(row["decimals"].as<int>());
    if (account == "Liabilities:Credit line") {
      credit += amount;  // drawn: a credit, so negative
    } else if ((account == "Assets:Cash" || account.starts_with(dealing::kCollateralHeld)) &&
               commodity == policy::kDollars) {
      sight.free[commodity] += amount;  // collateral, a credit, goes back to whose it is
    } else if (account.starts_with(books::kOwedCoins)) {
      sight.free[commodity] += amount;  // a credit: what comes first is theirs to whom it is owed
    } else if (const auto at = books::place_of_account(account)) {
      (at->second == books::Place{} ? sight.free : sight.in_other_states)[commodity] += amount;
    }
  }
  sight.free[kCredit] = credit;
  for (const auto& [commodity, quantity] : come_later(transaction, fund.id, date))
    sight.free[commodity] -= quantity;
  for (const auto& row :
       db::query(transaction, "SELECT commodity, reserved FROM coin_reserve WHERE fund_id = $1 FOR UPDATE",
                 fund.id))
    sight.free[row["commodity"].as<std::string>()] -= row["reserved"].as<Decimal>();
  for (const auto& row :
       db::query(transaction,
                 "SELECT commodity, quantity FROM order_reservation WHERE fund_id = $1 AND order_id = $2",
                 fund.id, order.id))
    sight.promised[row["commodity"].as<std::string>()] += row["quantity"].as<Decimal>();
  return sight;
}

}  // namespace navkeeper::nav
