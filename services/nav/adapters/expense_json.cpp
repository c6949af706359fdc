#include "services/nav/adapters/expense_json.h"

#include <utility>

#include "common/base/refuse.h"

namespace navkeeper::nav {

using json::ObjectReader;
using json::Writer;
using money::Decimal;
using money::Rational;

namespace {

Rational read_fraction(ObjectReader& reader, const char* key) {
  auto value = Rational::parse_fraction(reader.string(key));
  if (!value) base::refuse(reader.path_of(key), "is not a fraction in lowest terms");
  return *std::move(value);
}

model::AssetId read_asset(ObjectReader& reader, const char* key = "asset") {
  return base::value_or_refuse(model::AssetId::parse(reader.string(key)));
}

policy::ExpenseType read_type(ObjectReader& reader) {
  const auto type = policy::parse_expense_type(reader.string("type"));
  if (!type) base::refuse(reader.path_of("type"), "is no type of expense");
  return *type;
}

void write_incurred(Writer& writer, const std::map<policy::ExpenseType, Decimal>& incurred) {
  writer.key("incurred").begin_array();
  for (const auto& [type, amount] : incurred)
    writer.begin_object().member("type", policy::describe(type)).member("amount", amount).end_object();
  writer.end_array();
}

std::map<policy::ExpenseType, Decimal> read_incurred(ObjectReader& reader) {
  std::map<policy::ExpenseType, Decimal> incurred;
  for (const json::Place& place : reader.array("incurred")) {
    ObjectReader item(place);
    const policy::ExpenseType type = read_type(item);
    incurred.emplace(type, item.decimal("amount"));
  }
  return incurred;
}

void write_rewards(Writer& writer, const std::map<model::AssetId, RewardTotals>& rewards) {
  writer.key("rewards").begin_array();
  for (const auto& [asset, totals] : rewards)
    writer.begin_object()
        .member("asset", asset.value())
        .member("gross", totals.gross)
        .member("received", totals.received)
        .end_object();
  writer.end_array();
}

std::map<model::AssetId, RewardTotals> read_rewards(ObjectReader& reader) {
  std::map<model::AssetId, RewardTotals> rewards;
  for (const json::Place& place : reader.array("rewards")) {
    ObjectReader item(place);
    const model::AssetId asset = read_asset(item);
    const Decimal gross = item.decimal("gross");
    rewards.emplace(asset, RewardTotals{gross, item.decimal("received")});
  }
  return rewards;
}

void write_limit_position(Writer& writer, const policy::CapPosition& position) {
  if (!position.last) return;
  writer.key("limit")
      .begin_object()
      .member("fiscal_year", position.fiscal_year)
      .member("last", position.last->to_string())
      .member("net_asset_years", position.net_asset_years.to_fraction_string())
      .member("allowed", position.allowed.to_fraction_string())
      .member("expenses", position.expenses)
      .member("reimbursed", position.reimbursed)
      .member("recouped", position.recouped);
  if (position.borne_rate)
    writer.member("borne_rate", *position.borne_rate)
        .member("allowed_as_borne", position.allowed_as_borne.to_fraction_string());
  writer.key("recoupable").begin_array();
  for (const policy::RecoupableAmount& each : position.recoupable)
    writer.begin_object()
        .member("borne", each.borne.to_string())
        .member("fiscal_year", each.fiscal_year)
        .member("amount", each.amount)
        .member("limit_rate", each.cap_rate)
        .member("window_months", each.window_months)
        .end_object();
  writer.end_array().end_object();
}

policy::CapPosition read_limit_position(ObjectReader& reader) {
  constexpr std::int64_t kYearMax = 9999;
  policy::CapPosition position;
  auto limit = reader.optional_object("limit");
  if (!limit) return position;
  position.fiscal_year = static_cast<int>(limit->integer("fiscal_year", 0, kYearMax));
  position.last = limit->date("last");
  position.net_asset_years = read_fraction(*limit, "net_asset_years");
  position.allowed = read_fraction(*limit, "allowed");
  position.expenses = limit->decimal("expenses");
  position.reimbursed = limit->decimal("reimbursed");
  position.recouped = limit->decimal("recouped");
  position.allowed_as_borne = position.allowed;
  if (limit->has("borne_rate")) {
    position.borne_rate = limit->decimal("borne_rate");
    position.allowed_as_borne = read_fraction(*limit, "allowed_as_borne");
  }
  for (const json::Place& place : limit->array("recoupable")) {
    ObjectReader item(place);
    policy::RecoupableAmount each;
    each.borne = item.date("borne");
    each.fiscal_year = static_cast<int>(item.integer("fiscal_year", 0, kYearMax));
    each.amount = item.decimal("amount");
    each.cap_rate = item.decimal("limit_rate");
    each.window_months = static_cast<int>(item.integer("window_months", 1, kYearMax));
    position.recoupable.push_back(each);
  }
  return position;
}

void write_carried(Writer& writer, const CarriedExpenses& carried) {
  writer.key("carried").begin_object();
  if (carried.strike) writer.member("strike", carried.strike->to_string());
  writer.key("accrued").begin_array();
  for (const auto& [key, state] : carried.accrued)
    writer.begin_object()
        .member("fee", key.first)
        .member("from", key.second.to_string())
        .member("exact_net", state.exact_net.to_fraction_string())
        .member("exact_waived", state.exact_waived.to_fraction_string())
        .member("booked_net", state.booked_net)
        .member("booked_waived", state.booked_waived)
        .end_object();
  writer.end_array();
  write_limit_position(writer, carried.limit);
  write_incurred(writer, carried.incurred);
  write_rewards(writer, carried.rewards);
  writer.end_object();
}

const policy::ExpenseRule& rule_of(const FundDefinition& fund, const policy::ExpenseLine& line) {
  for (const policy::ExpenseRule& rule : fund.policies.fees) {
    if (rule.name == line.name && rule.from == line.version_from) return rule;
  }
  base::refuse(line.name, "is no fee of the fund");
}

void write_fee(Writer& writer, const FundDefinition& fund, const FeeLine& fee) {
  const policy::ExpenseLine& line = fee.line;
  writer.begin_object()
      .member("name", line.name)
      .member("type", policy::describe(line.type))
      .member("version_from", line.version_from.to_string())
      .member("payer", policy::describe(line.payer))
      .member("base", policy::describe(line.base_kind))
      .member("base_amount", line.base.to_quotient_string());
  writer.key("tiers").begin_array();
  for (const policy::Tier& tier : rule_of(fund, line).tiers)
    writer.begin_object().member("from", tier.from).member("rate", tier.rate).end_object();
  writer.end_array();
  if (line.days.count() > 0)
    writer.member("first_day", line.days.first.to_string())
        .member("last_day", line.days.last.to_string())
        .member("days", line.days.count());
  writer.member("currency", line.commodity)
      .member("gross", line.gross)
      .member("waived", line.waived)
      .member("amount", line.net);
  if (line.commodity != policy::kDollars) writer.member("price", line.price);
  writer.member("dollars", line.net_value).key("payees").begin_array();
  for (const policy::PayeeAmount& payee : line.payees)
    writer.begin_object().member("name", payee.payee).member("amount", payee.amount).end_object();
  writer.end_array().end_object();
}

}  // namespace

void write_resolved_expenses(Writer& writer, const ResolvedExpenses& resolved) {
  writer.key("expenses").begin_object();
  write_carried(writer, resolved.carried);
  writer.key("month").begin_array();
  for (const StrikeBase& base : resolved.month)
    writer.begin_object()
        .member("strike", base.strike.to_string())
        .member("net_assets", base.net_assets)
        .end_object();
  writer.end_array();
  write_incurred(writer, resolved.incurred);
  write_rewards(writer, resolved.rewards);
  writer.key("staked").begin_array();
  for (const auto& [asset, quantity] : resolved.staked)
    writer.begin_object().member("asset", asset.value()).member("quantity", quantity).end_object();
  writer.end_array().key("offering_costs").begin_array();
  for (const auto& [name, standing] : resolved.offering)
    writer.begin_object()
        .member("name", name)
        .member("deferred", standing.is_deferred)
        .member("expensed", standing.expensed)
        .end_object();
  writer.end_array().key("coin_payables").begin_array();
  for (const policy::CoinPayable& payable : resolved.coin_payables)
    writer.begin_object()
        .member("fee", payable.fee)
        .member("coin", payable.coin)
        .member("quantity", payable.quantity)
        .member("accrued", payable.accrued)
        .member("carrying", payable.carrying)
        .end_object();
  writer.end_array().end_object();
}

CarriedExpenses read_carried(ObjectReader& holder) {
  ObjectReader reader = holder.object("carried");
  CarriedExpenses carried;
  carried.strike = reader.optional_date("strike");
  for (const json::Place& place : reader.array("accrued")) {
    ObjectReader item(place);
    std::string fee = item.string("fee");
    const time::Date from = item.date("from");
    policy::AccrualState state;
    state.exact_net = read_fraction(item, "exact_net");
    state.exact_waived = read_fraction(item, "exact_waived");
    state.booked_net = item.decimal("booked_net");
    state.booked_waived = item.decimal("booked_waived");
    carried.accrued.emplace(std::pair(std::move(fee), from), std::move(state));
  }
  carried.limit = read_limit_position(reader);
  carried.incurred = read_incurred(reader);
  carried.rewards = read_rewards(reader);
  return carried;
}

ResolvedExpenses read_resolved_expenses(ObjectReader& inputs) {
  ObjectReader reader = inputs.object("expenses");
  ResolvedExpenses resolved;
  resolved.carried = read_carried(reader);
  for (const json::Place& place : reader.array("month")) {
    ObjectReader item(place);
    const time::Date strike = item.date("strike");
    resolved.month.push_back({strike, item.decimal("net_assets")});
  }
  resolved.incurred = read_incurred(reader);
  resolved.rewards = read_rewards(reader);
  for (const json::Place& place : reader.array("staked")) {
    ObjectReader item(place);
    const model::AssetId asset = read_asset(item);
    resolved.staked.emplace(asset, item.decimal("quantity"));
  }
  for (const json::Place& place : reader.array("offering_costs")) {
    ObjectReader item(place);
    std::string name = item.string("name");
    const bool is_deferred = item.boolean("deferred");
    resolved.offering.emplace(std::move(name), OfferingStanding{is_deferred, item.decimal("expensed")});
  }
  for (const json::Place& place : reader.array("coin_payables")) {
    ObjectReader item(place);
    policy::CoinPayable payable;
    payable.fee = item.string("fee");
    payable.account = policy::payable_account(payable.fee);
    payable.coin = item.string("coin");
    payable.quantity = item.decimal("quantity");
    payable.accrued = item.decimal("accrued");
    payable.carrying = item.decimal("carrying");
    resolved.coin_payables.push_back(std::move(payable));
  }
  return resolved;
}

void write_expenses(Writer& writer, const FundDefinition& fund, const ExpenseFigures& figures) {
  writer.key("expenses").begin_object().key("fees").begin_array();
  for (const FeeLine& fee : figures.fees) write_fee(writer, fund, fee);
  writer.end_array().key("amortised").begin_array();
  for (const AmortisationLine& line : figures.amortised)
    writer.begin_object()
        .member("name", line.name)
        .member("through", line.through.to_string())
        .member("amount", line.amount)
        .member("to_date", line.to_date)
        .end_object();
  writer.end_array();
  if (figures.limit)
    writer.key("limit")
        .begin_object()
        .member("expenses", figures.limit->expenses)
        .member("allowed", figures.limit->allowed)
        .member("reimbursement", figures.limit->reimbursement)
        .member("recoupment", figures.limit->recoupment)
        .end_object();
  Decimal change;
  writer.key("coin_payables").begin_array();
  for (const PayableLine& line : figures.payables) {
    writer.begin_object()
        .member("fee", line.payable.fee)
        .member("coin", line.payable.coin)
        .member("quantity", line.payable.quantity)
        .member("price", line.price)
        .member("value", line.payable.carrying)
        .member("change", line.change)
        .end_object();
    change += line.change;
  }
  writer.end_array().member("coin_payables_change", change).member("total", figures.total).end_object();
  write_carried(writer, figures.carried);
}

Decimal read_expenses_total(ObjectReader& document) { return document.object("expenses").decimal("total"); }

Decimal read_payables_change(ObjectReader& document) {
  return document.object("expenses").decimal("coin_payables_change");
}

}  // namespace navkeeper::nav
