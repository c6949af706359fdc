#include "services/nav/adapters/trade_store.h"

#include <algorithm>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/late_entry_store.h"
#include "services/nav/adapters/posting_rules.h"
#include "services/nav/adapters/trade_orders.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr const char* kSource = "trades";

cash::Execution execution_of(const pqxx::row& row) {
  return {row["execution_id"].as<std::string>(), row["trade_date"].as<time::Date>(),
          row["quantity"].as<Decimal>(), row["price"].as<Decimal>(), row["fee"].as<Decimal>()};
}

std::vector<StoredExecution> load_executions(db::Transaction& transaction, const model::FundId& fund,
                                             const std::string& trade) {
  std::vector<StoredExecution> found;
  for (const auto& row : db::query(
           transaction,
           "SELECT e.execution_id, e.trade_date, e.settlement_date, e.quantity, e.price, e.fee, e.cash, "
           "s.settled_on FROM trade_execution e LEFT JOIN trade_settlement s "
           "ON (s.fund_id, s.trade_id, s.execution_id) = (e.fund_id, e.trade_id, e.execution_id) "
           "WHERE e.fund_id = $1 AND e.trade_id = $2 ORDER BY e.position",
           fund, trade)) {
    StoredExecution one;
    one.execution = execution_of(row);
    one.settlement_date = row["settlement_date"].as<time::Date>();
    one.cash = row["cash"].as<Decimal>();
    one.settled_on = db::optional_of<time::Date>(row["settled_on"]);
    for (const auto& part :
         db::query(transaction,
                   "SELECT order_id, quantity, cash FROM trade_allocation WHERE fund_id = $1 "
                   "AND trade_id = $2 AND execution_id = $3 ORDER BY order_id",
                   fund, trade, one.execution.id))
      one.allocations.push_back(
          {part["order_id"].as<std::string>(), part["quantity"].as<Decimal>(), part["cash"].as<Decimal>()});
    for (const auto& said : db::query(
             transaction,
             "SELECT reference, differences FROM trade_confirmation WHERE fund_id = $1 AND trade_id = $2 "
             "AND execution_id = $3 ORDER BY known_at_ns, reference",
             fund, trade, one.execution.id))
      one.confirmations.push_back(
          {said["reference"].as<std::string>(), said["differences"].as<std::string>()});
    found.push_back(std::move(one));
  }
  return found;
}

StoredTrade known_trade(db::Transaction& transaction, const model::FundId& fund, const std::string& id) {
  auto found = find_trade(transaction, fund, id);
  if (!found) base::refuse("trade " + id, "is not a known trade of " + fund.value());
  return *std::move(found);
}

const StoredExecution& known_execution(const StoredTrade& trade, const std::string& id) {
  const auto found = std::find_if(trade.executions.begin(), trade.executions.end(),
                                  [&](const StoredExecution& one) { return one.execution.id == id; });
  if (found == trade.executions.end()) base::refuse("trade " + trade.trade().id, "has no execution " + id);
  return *found;
}

std::string execution_content(const cash::CoinTrade& trade, const cash::Execution& execution) {
  json::Writer out;
  out.begin_object().member("asset", trade.asset).member("cash", cash::cash_of(trade, execution));
  out.member("date", execution.date.to_string()).member("execution", execution.id);
  out.member("fee", execution.fee).member("price", execution.price);
  out.member("purpose", describe(trade.purpose)).member("quantity", execution.quantity);
  return out.member("side", describe(trade.side)).member("trade", trade.id).end_object().take();
}

time::Date settlement_of(const FundDefinition& definition, const cash::CoinTrade& trade) {
  const time::Calendar* const bank = time::Calendar::find(definition.bank_calendar);
  ENSURE(bank != nullptr);
  return bank->add_business_days(bank->on_or_after(trade.date), trade.settlement_days);
}

/// What was done is of today or before, by the fund's own day.
void refuse_future(const FundDefinition& definition, const std::string& where, time::Date date,
                   const CashActor& who) {
  const time::Date today = local_day(definition.time_zone, who.now);
  if (date > today) base::refuse(where + ": date", "lies in the future: today is " + today.to_string());
}

void post(db::Transaction& transaction, const FundDefinition& definition, const cash::CoinTrade& trade,
          const cash::Execution& execution, time::Date settlement, const CashActor& who) {
  const Decimal cash = cash::cash_of(trade, execution);
  EventToPost event;
  event.event.date = execution.date;
  if (trade.side == cash::TradeSide::kBuy)
    event.event.happening = books::Purchase{trade.asset, execution.quantity, cash};
  else
    event.event.happening = books::Sale{trade.asset, execution.quantity, cash};
  event.source = {kSource, trade.id + "/" + execution.id};
  event.settlement_date = settlement;
  event.content = execution_content(trade, execution);
  event.place = "trade " + trade.id;
  // Lots may be identified for it up to now (Reg. 1.1012-1(j)).
  event.at = who.now;
  const FundPostingRules rules(definition);
  post_told(transaction, definition, rules.rules(), {event}, {who.actor.id, who.now});
}

}  // namespace

std::string StoredExecution::state() const {
  if (settled_on) return "settled";
  if (confirmations.empty()) return "executed";
  const bool agrees = std::any_of(confirmations.begin(), confirmations.end(),
                                  [](const StoredConfirmation& one) { return one.differences.empty(); });
  return agrees ? "confirmed" : "unconfirmed: differs";
}

Decimal StoredTrade::executed() const {
  Decimal sum;
  for (const StoredExecution& one : executions) sum += one.execution.quantity;
  return sum;
}

std::vector<StoredTrade> load_trades(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& order) {
  std::vector<StoredTrade> trades;
  for (StoredProposal& proposal : load_proposals(transaction, fund, "trade")) {
    const auto& trade = std::get<cash::CoinTrade>(proposal.proposal.terms);
    const bool is_meant =
        order.empty() || std::any_of(trade.allocations.begin(), trade.allocations.end(),
                                     [&](const cash::TradeAllocation& part) { return part.order == order; });
    if (!is_meant) continue;
    auto executions = load_executions(transaction, fund, trade.id);
    trades.push_back({std::move(proposal), std::move(executions)});
  }
  return trades;
}

std::optional<StoredTrade> find_trade(db::Transaction& transaction, const model::FundId& fund,
                                      const std::string& id) {
  auto proposal = find_proposal(transaction, fund, "trade", id);
  if (!proposal) return std::nullopt;
  return StoredTrade{*std::move(proposal), load_executions(transaction, fund, id)};
}

bool execute_trade(db::Transaction& transaction, const model::FundId& fund, const ExecutionToRecord& recorded,
                   const CashActor& who) {
  model::require_role(who.actor, {model::Role::kOperator, model::Role::kService}, "record an execution");
  lock_cash(transaction, fund);
  const StoredTrade stored = known_trade(transaction, fund, recorded.trade);
  const cash::CoinTrade& trade = stored.trade();
  const cash::Execution& execution = recorded.execution;
  const std::string where = "trade " + trade.id + ": execution " + execution.id;
  std::vector<cash::Execution> before;
  for (const StoredExecution& one : stored.executions) {
    if (one.execution.id == execution.id) {
      if (one.execution == execution) return false;
      base::refuse(where, "was recorded before with other content");
    }
    before.push_back(one.execution);
  }
  if (!stored.proposal.is_approved())
    base::refuse(where, "the trade is " + stored.proposal.state() + ", not approved");
  const auto checked = cash::check_execution(trade, execution, stored.executed());
  if (checked.has_error()) throw base::Refused(checked.error().within(where));
  const FundDefinition definition = load_definition(transaction, fund);
  refuse_future(definition, where, execution.date, who);
  const auto asset = std::find_if(definition.assets.begin(), definition.assets.end(),
                                  [&](const FundAsset& one) { return one.asset.value() == trade.asset; });
  if (asset == definition.assets.end()) base::refuse(where, trade.asset + " is not an asset of the fund");
  if (execution.quantity.scale() > asset->decimals)
    base::refuse(where + ": quantity", "has more decimals than the coin");
  const time::Date settlement = settlement_of(definition, trade);
  check_trade_orders(transaction, fund, trade, true);
  db::execute(transaction,
              "INSERT INTO trade_execution (fund_id, trade_id, execution_id, kind, is_approved, position, "
              "trade_date, settlement_date, quantity, price, fee, cash, executed_by, known_at_ns) "
              "VALUES ($1, $2, $3, 'trade', true, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
              fund, trade.id, execution.id, static_cast<int>(before.size()) + 1, execution.date.to_string(),
              settlement.to_string(), execution.quantity, execution.price, execution.fee,
              cash::cash_of(trade, execution), who.actor.id, who.now.ns());
  for (const cash::AllocatedPart& part : cash::allocate(trade, before, execution, asset->decimals))
    db::execute(transaction,
                "INSERT INTO trade_allocation (fund_id, trade_id, execution_id, order_id, quantity, cash) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                fund, trade.id, execution.id, part.order, part.quantity, part.cash);
  post(transaction, definition, trade, execution, settlement, who);
  announce_cash(transaction, fund, "trade_executed", execution_content(trade, execution), who);
  return true;
}

StoredConfirmation confirm_trade(db::Transaction& transaction, const model::FundId& fund,
                                 const cash::Confirmation& confirmation, const CashActor& who) {
  model::require_role(who.actor, {model::Role::kOperator, model::Role::kService}, "record a confirmation");
  lock_cash(transaction, fund);
  const StoredTrade stored = known_trade(transaction, fund, confirmation.trade);
  const StoredExecution& execution = known_execution(stored, confirmation.execution);
  const std::string content = confirmation_content(confirmation);
  const std::string where = "confirmation " + confirmation.reference;
  const auto before = db::query(transaction,
                                "SELECT content, differences FROM trade_confirmation WHERE fund_id = $1 AND "
                                "trade_id = $2 AND execution_id = $3 AND reference = $4",
                                fund, confirmation.trade, confirmation.execution, confirmation.reference);
  if (!before.empty()) {
    if (before[0]["content"].as<std::string>() == content)
      return {confirmation.reference, before[0]["differences"].as<std::string>()};
    base::refuse(where, "was recorded before with other content");
  }
  for (const StoredConfirmation& one : execution.confirmations) {
    if (one.differences.empty()) base::refuse(where, "it was confirmed by " + one.reference + " already");
  }
  std::string differences;
  for (const std::string& one :
       cash::differences(stored.trade(), execution.execution, execution.settlement_date, confirmation))
    differences += (differences.empty() ? "" : "; ") + one;
  db::execute(transaction,
              "INSERT INTO trade_confirmation (fund_id, trade_id, execution_id, reference, content, "
              "differences, recorded_by, known_at_ns) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
              fund, confirmation.trade, confirmation.execution, confirmation.reference, content, differences,
              who.actor.id, who.now.ns());
  announce_cash(transaction, fund, differences.empty() ? "trade_confirmed" : "trade_confirmation_differs",
                content, who);
  return {confirmation.reference, differences};
}

bool settle_trade(db::Transaction& transaction, const model::FundId& fund, const std::string& trade,
                  const std::string& execution, time::Date date, const CashActor& who) {
  model::require_role(who.actor, {model::Role::kOperator, model::Role::kService}, "record a settlement");
  lock_cash(transaction, fund);
  const StoredTrade stored = known_trade(transaction, fund, trade);
  const StoredExecution& one = known_execution(stored, execution);
  const std::string where = "trade " + trade + ": execution " + execution;
  if (one.settled_on) {
    if (*one.settled_on == date) return false;
    base::refuse(where, "settled on " + one.settled_on->to_string() + " already");
  }
  if (one.state() != "confirmed") base::refuse(where, "is " + one.state() + ", not confirmed");
  refuse_future(load_definition(transaction, fund), where, date, who);
  if (date < one.settlement_date)
    base::refuse(where, "cannot settle before its contractual day, " + one.settlement_date.to_string());
  db::execute(transaction,
              "INSERT INTO trade_settlement (fund_id, trade_id, execution_id, settled_on, recorded_by, "
              "known_at_ns) VALUES ($1, $2, $3, $4, $5, $6)",
              fund, trade, execution, date.to_string(), who.actor.id, who.now.ns());
  json::Writer body;
  body.begin_object().member("execution", execution).member("settled_on", date.to_string());
  announce_cash(transaction, fund, "trade_settled", body.member("trade", trade).end_object().take(), who);
  return true;
}

std::string trades_json(const model::FundId& fund, const std::vector<StoredTrade>& trades) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("trades").begin_array();
  for (const StoredTrade& one : trades) {
    out.begin_object()
        .member("state", one.proposal.state())
        .member("terms", *json::parse(one.proposal.content));
    out.member("executed", one.executed()).key("executions").begin_array();
    for (const StoredExecution& part : one.executions) {
      out.begin_object().member("id", part.execution.id).member("state", part.state());
      out.member("date", part.execution.date.to_string()).member("quantity", part.execution.quantity);
      out.member("price", part.execution.price).member("fee", part.execution.fee).member("cash", part.cash);
      out.member("settlement_date", part.settlement_date.to_string()).key("settled_on");
      if (part.settled_on)
        out.string(part.settled_on->to_string());
      else
        out.null();
      out.key("allocations").begin_array();
      for (const cash::AllocatedPart& share : part.allocations)
        out.begin_object()
            .member("order", share.order)
            .member("quantity", share.quantity)
            .member("cash", share.cash)
            .end_object();
      out.end_array().key("confirmations").begin_array();
      for (const StoredConfirmation& said : part.confirmations)
        out.begin_object()
            .member("reference", said.reference)
            .member("differences", said.differences)
            .end_object();
      out.end_array().end_object();
    }
    out.end_array().end_object();
  }
  return out.end_array().end_object().take();
}

std::string trades_table(const std::vector<StoredTrade>& trades) {
  using runtime::Align;
  runtime::Table table({{"trade"},
                        {"date"},
                        {"side"},
                        {"asset"},
                        {"quantity", Align::kRight},
                        {"price", Align::kRight},
                        {"cash", Align::kRight},
                        {"state"},
                        {"settles"},
                        {"for"}});
  for (const StoredTrade& one : trades) {
    const cash::CoinTrade& trade = one.trade();
    std::string purpose(describe(trade.purpose));
    for (const cash::TradeAllocation& part : trade.allocations) purpose += " " + part.order;
    table.row({trade.id, trade.date.to_string(), std::string(describe(trade.side)), trade.asset,
               trade.quantity.to_string(), trade.limit ? "limit " + trade.limit->to_string() : "", "",
               one.proposal.state(), "", purpose});
    for (const StoredExecution& part : one.executions) {
      std::string state = part.state();
      for (const StoredConfirmation& said : part.confirmations) {
        if (!said.differences.empty()) state += "; " + said.reference + ": " + said.differences;
      }
      table.row({"  " + part.execution.id, part.execution.date.to_string(), "", "",
                 part.execution.quantity.to_string(), part.execution.price.to_string(),
                 grouped(part.cash.to_fixed(2)), state, part.settlement_date.to_string(), ""});
    }
  }
  return table.rows() == 0 ? "There is no trade.\n" : table.to_string();
}

}  // namespace navkeeper::nav
