// What is shown of a fund's cash: proposals, and projected cash by day.
#include <map>

#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/books_store.h"
#include "services/nav/adapters/cash_debt.h"
#include "services/nav/adapters/cash_store.h"
#include "services/nav/adapters/fund_act_json.h"
#include "services/nav/adapters/fund_act_store.h"
#include "services/nav/adapters/grouped.h"
#include "services/nav/adapters/order_settlement_store.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

constexpr std::string_view kLiabilities = "Liabilities:";
constexpr std::string_view kFees = "Fees payable:";
constexpr std::string_view kTaxes = "Taxes payable:";
constexpr std::string_view kDistributions = "Distributions payable:";
constexpr std::string_view kDeferredTax = "Deferred tax";
constexpr const char* kAdviser = "Assets:Receivable from adviser";

Decimal cents(const pqxx::field& field) {
  return field.as<Decimal>() * Decimal::of(1, books::kDollarDecimals);
}

/// Entries that settle after `as_of`, with what they move of cash.
void add_unsettled(db::Transaction& transaction, const model::FundId& fund, time::Date as_of,
                   std::vector<cash::ExpectedFlow>& flows) {
  for (const auto& row : db::query(
           transaction,
           "SELECT e.kind, e.source, e.source_id, e.settlement_date, sum(CASE WHEN p.debit = 'Assets:Cash' "
           "THEN p.amount ELSE -p.amount END) AS amount FROM entry e JOIN posting p USING (fund_id, seq) "
           "WHERE e.fund_id = $1 AND e.settlement_date > $2 AND p.commodity = 'USD' "
           "AND 'Assets:Cash' IN (p.debit, p.credit) "
           "GROUP BY e.seq, e.kind, e.source, e.source_id, e.settlement_date "
           "HAVING sum(CASE WHEN p.debit = 'Assets:Cash' THEN p.amount ELSE -p.amount END) <> 0 "
           "ORDER BY e.settlement_date, e.seq",
           fund, as_of.to_string()))
    flows.push_back({row["settlement_date"].as<time::Date>(), row["kind"].as<std::string>(),
                     row["source"].as<std::string>() + ":" + row["source_id"].as<std::string>(),
                     cents(row["amount"])});
}

/// Of orders that were due by `as_of` and have not settled: by contract they are in settled cash, and they
/// are still to come or to go. Their sum; what is owed beside stands among the payables.
Decimal add_open_orders(db::Transaction& transaction, const model::FundId& fund, time::Date as_of,
                        std::vector<cash::ExpectedFlow>& flows) {
  Decimal sum;
  for (const OrderPart& part : load_open_parts(transaction, fund, as_of)) {
    const Decimal dollars = part.booked_dollars();
    if (dollars.is_zero()) continue;
    flows.push_back({part.date, "order not settled", "order:" + part.order.value(), dollars});
    sum += dollars;
  }
  return sum;
}

/// Declared and approved ones: what is payable by the books, or per share x shares before the ex-date.
void add_distributions(db::Transaction& transaction, const model::FundId& fund, const StoredBooks& books,
                       std::vector<cash::ExpectedFlow>& flows) {
  for (const auto& row : db::query(
           transaction,
           "SELECT a.content, bool_or(s.step = 'paid' AND NOT " + payment_taken_back("9223372036854775807") +
               ") AS paid, count(s.step) AS steps FROM fund_act a JOIN fund_act_decision y "
               "ON (y.fund_id, y.act_id) = (a.fund_id, a.act_id) AND y.is_approved "
               "LEFT JOIN fund_act_step s ON (s.fund_id, s.act_id) = (a.fund_id, a.act_id) "
               "WHERE a.fund_id = $1 AND a.kind = 'distribution' AND NOT EXISTS (SELECT FROM "
               "fund_act_decision n "
               "WHERE (n.fund_id, n.act_id) = (a.fund_id, a.act_id) AND NOT n.is_approved) AND NOT " +
               act_undone("9223372036854775807") + " GROUP BY a.act_id, a.content ORDER BY a.act_id",
           fund)) {
    if (!row["paid"].is_null() && row["paid"].as<bool>()) continue;
    const NewAct act = read_act_text(row["content"].as<std::string>());
    const auto& declared = std::get<policy::Declaration>(act.act.terms);
    Decimal owed =
        -books.balance(std::string(kLiabilities) + std::string(kDistributions) + declared.id, "USD")
             .to_decimal(books::kDollarDecimals);
    if (row["steps"].as<int>() == 0)
      owed = money::multiply(declared.per_share, books.shares.to_decimal(0), books::kDollarDecimals,
                             money::Rounding::kHalfUp);
    if (!owed.is_zero()) flows.push_back({declared.dates.pay, "distribution", declared.id, -owed});
  }
}

/// Wires that are to leave or have left and that neither books nor bank show yet. What they pay of payables
/// is taken off those.
void add_wires(db::Transaction& transaction, const model::FundId& fund, std::map<std::string, Decimal>& owed,
               std::vector<cash::ExpectedFlow>& flows) {
  std::map<std::string, std::set<std::string>> booked;  // by liability
  for (const StoredProposal& one : load_proposals(transaction, fund, "wire")) {
    if (one.withdrawn_by) continue;
    const auto& wire = std::get<cash::Wire>(one.proposal.terms);
    if (wire.pays_source == kPaysDistribution) continue;  // it is there by its payment date
    const auto seen =
        db::query(transaction,
                  "SELECT EXISTS (SELECT FROM entry WHERE fund_id = $1 AND source = $2 AND source_id = $3) "
                  "OR EXISTS (SELECT FROM bank_line WHERE fund_id = $1 AND customer_reference = $4)",
                  fund, wire.pays_source, wire.pays_id, wire.id)[0][0]
            .as<bool>();
    if (seen) continue;
    if (wire.pays_source == kPaysLiability) {
      if (!booked.contains(wire.pays_id))
        booked[wire.pays_id] = booked_wires(transaction, fund, wire.pays_id);
      if (booked[wire.pays_id].contains(wire.id)) continue;
      owed[wire.pays_id] -= wire.amount;
    }
    flows.push_back({wire.value_date, "wire", wire.id + " (" + one.state() + ")", -wire.amount});
  }
}

}  // namespace

cash::ProjectedCash load_projected_cash(db::Transaction& transaction, const model::FundId& fund,
                                        time::Date as_of, int days) {
  std::vector<cash::ExpectedFlow> flows;
  const auto settled = load_books(transaction, fund, {books::Basis::kSettled, as_of, std::nullopt});
  if (!settled) return cash::project_cash(as_of, {}, flows, days);
  // Payables and shares of everything that is posted, whatever its day.
  const auto all = load_books(transaction, fund,
                              {books::Basis::kTradeDate, time::Date::literal("9999-12-31"), std::nullopt});
  std::map<std::string, Decimal> owed;
  for (const StoredBalance& balance : all->balances) {
    if (balance.commodity != "USD" || balance.account.rfind(kLiabilities, 0) != 0) continue;
    const std::string name = balance.account.substr(kLiabilities.size());
    if (name != kDeferredTax && name.rfind(kDistributions, 0) != 0)
      owed[name] -= balance.balance.to_decimal(balance.decimals);
  }
  add_unsettled(transaction, fund, as_of, flows);
  const Decimal not_settled = add_open_orders(transaction, fund, as_of, flows);
  add_distributions(transaction, fund, *all, flows);
  add_wires(transaction, fund, owed, flows);
  for (const auto& [name, amount] : owed) {
    const char* const cause = name.rfind(kFees, 0) == 0    ? "fee"
                              : name.rfind(kTaxes, 0) == 0 ? "tax"
                                                           : "payable";
    if (amount.is_positive()) flows.push_back({std::nullopt, cause, name, -amount});
  }
  const Decimal adviser = all->balance(kAdviser, "USD").to_decimal(books::kDollarDecimals);
  if (!adviser.is_zero()) flows.push_back({std::nullopt, "receivable", "adviser", adviser});
  for (const StoredBalance& balance : all->balances) {
    const std::string due = policy::fee_receivable_account("");
    if (balance.commodity == "USD" && balance.account.starts_with(due) && !balance.balance.is_zero())
      flows.push_back({std::nullopt, "receivable", balance.account.substr(due.size()),
                       balance.balance.to_decimal(balance.decimals)});
  }
  const Decimal cash = settled->balance("Assets:Cash", "USD").to_decimal(books::kDollarDecimals);
  return cash::project_cash(as_of, cash - not_settled, flows, days);
}

std::string proposals_json(const model::FundId& fund, const std::vector<StoredProposal>& proposals) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).key("proposals").begin_array();
  for (const StoredProposal& one : proposals) {
    out.begin_object().member("kind", one.proposal.kind()).member("id", one.proposal.id());
    out.member("state", one.state()).member("proposed_by", one.proposed_by.value());
    out.member("proposed_at", one.proposed_at.to_string()).key("approved_by");
    if (one.approved_by)
      out.string(one.approved_by->value());
    else
      out.null();
    out.key("withdrawn_by");
    if (one.withdrawn_by)
      out.string(one.withdrawn_by->value());
    else
      out.null();
    out.member("terms", *json::parse(one.content)).end_object();
  }
  return out.end_array().end_object().take();
}

namespace {

struct InWords {
  std::string operator()(const cash::BankAccount& account) const {
    return account.number + " at " + account.servicer + ", " + account.currency;
  }
  std::string operator()(const cash::Payee& payee) const {
    return payee.name + ", " + payee.number + " at " + payee.servicer;
  }
  std::string operator()(const cash::WireLimits& limits) const {
    return "account " + limits.account + ": " + grouped(limits.per_wire.to_fixed(2)) + " a wire, " +
           grouped(limits.per_day.to_fixed(2)) + " a day";
  }
  std::string operator()(const cash::Wire& wire) const {
    return grouped(wire.amount.to_fixed(2)) + " from " + wire.account + " to " + wire.payee + " on " +
           wire.value_date.to_string() + ": " + wire.purpose;
  }
  std::string operator()(const cash::CoinTrade& trade) const {
    return std::string(describe(trade.side)) + " " + trade.quantity.to_string() + " " + trade.asset + " on " +
           trade.date.to_string() + " with " + trade.counterparty + ", for " +
           std::string(describe(trade.purpose));
  }
};

}  // namespace

std::string proposals_table(const std::vector<StoredProposal>& proposals) {
  runtime::Table table({{"kind"}, {"id"}, {"state"}, {"proposed by"}, {"approved by"}, {"what"}});
  for (const StoredProposal& one : proposals)
    table.row({std::string(one.proposal.kind()), one.proposal.id(), one.state(), one.proposed_by.value(),
               one.approved_by ? one.approved_by->value() : "", std::visit(InWords{}, one.proposal.terms)});
  return table.rows() == 0 ? "Nothing was proposed.\n" : table.to_string();
}

namespace {

void write_flows(json::Writer& out, const std::vector<cash::ExpectedFlow>& flows) {
  out.begin_array();
  for (const cash::ExpectedFlow& flow : flows) {
    out.begin_object().key("date");
    if (flow.date)
      out.string(flow.date->to_string());
    else
      out.null();
    out.member("cause", flow.cause).member("reference", flow.reference).member("amount", flow.amount);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

std::string projected_json(const model::FundId& fund, const cash::ProjectedCash& projected) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("as_of", projected.as_of.to_string());
  out.member("settled", projected.settled).key("days").begin_array();
  for (const cash::ProjectedDay& day : projected.days) {
    out.begin_object().member("date", day.date.to_string()).member("opening", day.opening).key("flows");
    write_flows(out, day.flows);
    out.member("closing", day.closing).end_object();
  }
  out.end_array().key("undated");
  write_flows(out, projected.undated);
  out.key("later");
  write_flows(out, projected.later);
  out.member("lowest", projected.lowest).member("if_all_paid", projected.if_all_paid).key("short_on");
  if (projected.short_on)
    out.string(projected.short_on->to_string());
  else
    out.null();
  return out.end_object().take();
}

std::string projected_table(const cash::ProjectedCash& projected) {
  runtime::Table table({{"day"},
                        {"cause"},
                        {"reference"},
                        {"amount", runtime::Align::kRight},
                        {"balance", runtime::Align::kRight}});
  table.row({projected.as_of.to_string(), "settled", "", "", grouped(projected.settled.to_fixed(2))});
  for (const cash::ProjectedDay& day : projected.days) {
    Decimal balance = day.opening;
    for (const cash::ExpectedFlow& flow : day.flows) {
      balance += flow.amount;
      table.row({day.date.to_string(), flow.cause, flow.reference, grouped(flow.amount.to_fixed(2)),
                 grouped(balance.to_fixed(2))});
    }
  }
  for (const cash::ExpectedFlow& flow : projected.later)
    table.row({flow.date->to_string(), flow.cause, flow.reference, grouped(flow.amount.to_fixed(2)), ""});
  for (const cash::ExpectedFlow& flow : projected.undated)
    table.row({"no day", flow.cause, flow.reference, grouped(flow.amount.to_fixed(2)), ""});
  std::string text = table.to_string() + "Lowest balance " + grouped(projected.lowest.to_fixed(2)) +
                     "; with everything owed paid " + grouped(projected.if_all_paid.to_fixed(2)) + ".\n";
  if (projected.short_on) text += "SHORT of cash on " + projected.short_on->to_string() + ".\n";
  return text;
}

}  // namespace navkeeper::nav
