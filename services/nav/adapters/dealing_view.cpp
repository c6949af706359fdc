#include "services/nav/adapters/dealing_view.h"

#include "common/base/refuse.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/dealing_json.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

using json::Writer;
using money::Decimal;
using runtime::Align;
using runtime::Table;

std::string amount(const Decimal& value) { return grouped(value.to_string()); }
std::string dollars(const Decimal& value) { return grouped(value.to_fixed(dealing::kCents)); }

json::Value tree(const std::string& text) { return base::value_or_refuse(json::parse(text)); }

void write_event(Writer& writer, const OrderEvent& event) {
  writer.begin_object().member("number", event.number).member("event", event.event);
  writer.member("state", describe(event.state)).member("actor", event.actor);
  writer.member("known_at", event.known_at.to_string());
  if (event.date) writer.member("date", event.date->to_string());
  if (event.units) writer.member("units", *event.units);
  if (event.commodity) writer.member("commodity", *event.commodity);
  if (event.amount) writer.member("amount", *event.amount);
  if (!event.text.empty()) writer.member("reason", event.text);
  if (!event.content.empty() && event.event != "priced") writer.member("detail", tree(event.content));
  writer.end_object();
}

void write_order(Writer& writer, const model::FundId& fund, const StoredOrder& stored) {
  const dealing::Order& order = stored.order;
  writer.begin_object()
      .member("fund", fund.value())
      .member("id", order.id.value())
      .member("participant", order.participant.value())
      .member("side", describe(order.side))
      .member("form", describe(order.form))
      .member("units", order.units)
      .member("trade_date", order.trade_date.to_string())
      .member("cycle", describe(order.cycle))
      .member("received_at", order.received_at.to_string())
      .member("state", describe(stored.state()))
      .member("placed_by", stored.placed_by.value());
  writer.key("accepted_by");
  if (stored.accepted_by)
    writer.string(stored.accepted_by->value());
  else
    writer.null();
  writer.member("settled_units", stored.settled).member("collateral_held", stored.collateral());
  writer.member("asked", tree(stored.content)).key("price");
  if (stored.price)
    writer.value(tree(price_json(*stored.price, *stored.dates)));
  else
    writer.null();
  if (stored.stands_at) writer.member("stands_at_version", stored.stands_at->version);
  if (const auto owed = stored.owed_version()) writer.member("owed_version", *owed);
  writer.key("trades").begin_array();
  for (const OrderTrade& trade : stored.trades)
    writer.begin_object()
        .member("trade", trade.trade)
        .member("execution", trade.execution)
        .member("side", trade.is_purchase ? "buy" : "sell")
        .member("asset", trade.asset.value())
        .member("quantity", trade.quantity)
        .member("cash", trade.cash)
        .member("state", trade.state)
        .end_object();
  writer.end_array().key("events").begin_array();
  for (const OrderEvent& event : stored.events) write_event(writer, event);
  writer.end_array().end_object();
}

std::string what_of(const OrderEvent& event) {
  std::string what;
  const auto add = [&](const std::string& part) { what += (what.empty() ? "" : ", ") + part; };
  if (event.units) add(event.units->to_string() + " units");
  if (event.amount) add(amount(*event.amount) + " " + event.commodity.value_or(""));
  if (!event.text.empty()) add(event.text);
  if (event.event == "accepted" && !event.content.empty()) add("a funding plan is open");
  return what;
}

std::string price_table(const dealing::OrderPrice& price) {
  Table table({{"price", Align::kLeft}, {"quantity", Align::kRight}, {"dollars", Align::kRight}});
  table.row(
      {"NAV a unit, of " + price.nav_date.to_string(), amount(price.units), dollars(price.nav_per_unit)});
  table.row({"order's NAV, for so many shares", amount(price.shares), dollars(price.nav_amount)});
  for (const dealing::BasketComponent& component : price.components)
    table.row({component.asset.value() + " at " + amount(component.price), amount(component.quantity),
               dollars(component.value)});
  table.row({"balancing amount", "", dollars(price.balancing)});
  table.row({"variable fee", "", dollars(price.variable_fee)});
  table.row({"execution difference", "", dollars(price.execution_difference)});
  table.row({price.fund_cash.is_negative() ? "the fund pays" : "the fund receives", "",
             dollars(price.fund_cash.abs())});
  for (const dealing::ComponentQuantity& one : price.owed)
    table.row({"owed until it settles: " + one.asset.value(), amount(one.quantity), ""});
  if (!price.owed_cash.is_zero()) table.row({"owed until it settles", "", dollars(price.owed_cash)});
  table.row({"fixed fee, to " + price.fixed_fee_payee, "", dollars(price.fixed_fee)});
  return table.to_string();
}

void write_legs(Writer& writer, const std::vector<dealing::Leg>& legs) {
  writer.key("legs").begin_array();
  for (const dealing::Leg& leg : legs)
    writer.begin_object().member("commodity", leg.commodity).member("amount", leg.amount).end_object();
  writer.end_array();
}

const char* kind_of(const DayBasket& day) { return day.is_estimate ? "estimate" : "final"; }

void write_fees(Writer& writer, const char* key, const dealing::OrderFees& fees) {
  writer.key(key).begin_object().member("fixed", fees.fixed).member("variable", fees.variable).end_object();
}

}  // namespace

std::string order_json(const model::FundId& fund, const StoredOrder& order) {
  Writer writer;
  write_order(writer, fund, order);
  return writer.take();
}

std::string orders_json(const model::FundId& fund, const std::vector<StoredOrder>& orders) {
  Writer writer;
  writer.begin_object().key("orders").begin_array();
  for (const StoredOrder& order : orders) write_order(writer, fund, order);
  return writer.end_array().end_object().take();
}

std::string orders_table(const std::vector<StoredOrder>& orders) {
  if (orders.empty()) return "There is no order.\n";
  Table table({{"order"},
               {"trade date"},
               {"participant"},
               {"side"},
               {"form"},
               {"units", Align::kRight},
               {"state"},
               {"settled", Align::kRight},
               {"order's NAV", Align::kRight},
               {"fund's cash", Align::kRight},
               {"placed by"},
               {"accepted by"}});
  for (const StoredOrder& stored : orders)
    table.row({stored.order.id.value(), stored.order.trade_date.to_string(), stored.order.participant.value(),
               std::string(describe(stored.order.side)), std::string(describe(stored.order.form)),
               amount(stored.order.units), std::string(describe(stored.state())), amount(stored.settled),
               stored.price ? dollars(stored.price->nav_amount) : "",
               stored.price ? dollars(stored.price->fund_cash) : "", stored.placed_by.value(),
               stored.accepted_by ? stored.accepted_by->value() : ""});
  return table.to_string();
}

std::string order_text(const StoredOrder& stored) {
  std::string text = orders_table({stored});
  if (stored.price) text += "\n" + price_table(*stored.price);
  if (stored.stands_at) text += "at version " + std::to_string(stored.stands_at->version) + " of that NAV";
  if (const auto owed = stored.owed_version())
    text += ", which nobody published: it is owed version " + std::to_string(*owed) + " (orders reprice)";
  if (stored.stands_at) text += "\n";
  if (!stored.trades.empty()) {
    Table trades({{"for it: trade"},
                  {"side"},
                  {"asset"},
                  {"quantity", Align::kRight},
                  {"dollars", Align::kRight},
                  {"state"}});
    for (const OrderTrade& trade : stored.trades)
      trades.row({trade.trade + "/" + trade.execution, trade.is_purchase ? "buy" : "sell",
                  trade.asset.value(), amount(trade.quantity), dollars(trade.cash), trade.state});
    text += "\n" + trades.to_string();
  }
  Table life({{"step"}, {"date"}, {"by"}, {"at"}, {"what"}});
  for (const OrderEvent& event : stored.events)
    life.row({event.event, event.date ? event.date->to_string() : "", event.actor, event.known_at.to_string(),
              what_of(event)});
  return text + "\n" + life.to_string();
}

std::string place_report_json(const model::FundId& fund, const PlaceReport& report) {
  Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("placed", static_cast<std::int64_t>(report.placed))
      .member("unchanged", static_cast<std::int64_t>(report.unchanged))
      .end_object();
  return writer.take();
}

std::string price_lines_json(const model::FundId& fund, time::Date date,
                             const std::vector<PriceLine>& lines) {
  Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("date", date.to_string())
      .key("orders")
      .begin_array();
  for (const PriceLine& line : lines) {
    writer.begin_object().member("order", line.order.value());
    writer.member("outcome", !line.message.empty() ? "refused" : line.is_priced ? "priced" : "unchanged");
    if (!line.message.empty()) writer.member("message", line.message);
    writer.end_object();
  }
  return writer.end_array().end_object().take();
}

std::string price_lines_table(const std::vector<PriceLine>& lines) {
  if (lines.empty()) return "There is no order of that day.\n";
  Table table({{"order"}, {"outcome"}, {"why not"}});
  for (const PriceLine& line : lines)
    table.row({line.order.value(),
               !line.message.empty() ? "refused"
               : line.is_priced      ? "priced"
                                     : "unchanged",
               line.message});
  return table.to_string();
}

std::string participants_json(const model::FundId& fund,
                              const std::vector<dealing::AuthorizedParticipant>& participants) {
  Writer writer;
  writer.begin_object().member("fund", fund.value()).key("participants").begin_array();
  for (const dealing::AuthorizedParticipant& one : participants) {
    writer.begin_object()
        .member("id", one.id.value())
        .member("name", one.name)
        .member("agreement_from", one.agreement_from.to_string())
        .key("standings")
        .begin_array();
    for (const dealing::ParticipantStanding& standing : one.standings)
      writer.begin_object()
          .member("from", standing.from.to_string())
          .member("suspended", standing.is_suspended)
          .member("reason", standing.reason)
          .end_object();
    writer.end_array().end_object();
  }
  return writer.end_array().end_object().take();
}

std::string participants_table(const std::vector<dealing::AuthorizedParticipant>& participants) {
  if (participants.empty()) return "The fund has no authorized participant.\n";
  Table table({{"participant"}, {"name"}, {"agreement from"}, {"standing"}});
  for (const dealing::AuthorizedParticipant& one : participants) {
    std::string standing;
    for (const dealing::ParticipantStanding& change : one.standings)
      standing += (standing.empty() ? "" : "; ") +
                  std::string(change.is_suspended ? "suspended" : "reinstated") + " from " +
                  change.from.to_string() + " (" + change.reason + ")";
    table.row({one.id.value(), one.name, one.agreement_from.to_string(), standing});
  }
  return table.to_string();
}

std::string open_items_json(const model::FundId& fund, time::Date date, const std::vector<OpenItem>& items) {
  Writer writer;
  writer.begin_object()
      .member("fund", fund.value())
      .member("as_of", date.to_string())
      .key("open")
      .begin_array();
  for (const OpenItem& item : items) {
    writer.begin_object()
        .member("order", item.order.value())
        .member("participant", item.participant.value())
        .member("due", item.due.to_string())
        .member("state", describe(item.state));
    write_legs(writer, item.legs);
    writer.end_object();
  }
  return writer.end_array().end_object().take();
}

std::string open_items_table(const std::vector<OpenItem>& items) {
  if (items.empty()) return "Nothing that was due is open.\n";
  Table table(
      {{"order"}, {"participant"}, {"due"}, {"state"}, {"what"}, {"to come to the fund", Align::kRight}});
  for (const OpenItem& item : items) {
    for (const dealing::Leg& leg : item.legs)
      table.row({item.order.value(), item.participant.value(), item.due.to_string(),
                 std::string(describe(item.state)), leg.commodity, amount(leg.amount)});
  }
  return table.to_string();
}

std::string basket_json(const DayBasket& day) {
  Writer writer;
  writer.begin_object()
      .member("document", "navkeeper.portfolio_composition.v1")
      .member("fund", day.fund.value())
      .member("trade_date", day.trade_date.to_string())
      .member("status", kind_of(day))
      .member("nav_date", day.nav_date.to_string())
      .member("nav_version", day.nav_version)
      .member("nav_per_share", day.nav_per_share)
      .member("nav_per_unit", day.basket.nav_per_unit)
      .member("unit_shares", day.unit_shares)
      .member("shares_outstanding", day.shares_outstanding)
      .key("components")
      .begin_array();
  for (const dealing::BasketComponent& one : day.basket.components)
    writer.begin_object()
        .member("asset", one.asset.value())
        .member("quantity", one.quantity)
        .member("price", one.price)
        .member("value", one.value)
        .end_object();
  writer.end_array().member("components_value", day.basket.components_value());
  writer.member("balancing_amount", day.basket.balancing);
  write_fees(writer, "fees_in_kind", day.terms.in_kind);
  write_fees(writer, "fees_cash", day.terms.cash);
  writer.member("fixed_fee_payee", day.terms.fixed_fee_payee)
      .member("cut_off_in_kind", day.terms.cut_off_in_kind.to_string())
      .member("cut_off_cash", day.terms.cut_off_cash.to_string());
  if (day.terms.cut_off_same_day) writer.member("cut_off_same_day", day.terms.cut_off_same_day->to_string());
  writer.member("custom_baskets", day.terms.custom.has_value()).end_object();
  return writer.take();
}

std::string basket_table(const DayBasket& day) {
  std::string text = "Basket of " + day.fund.value() + " for " + day.trade_date.to_string() + ": " +
                     (day.is_estimate ? "an estimate by the NAV of " : "fixed by the NAV of ") +
                     day.nav_date.to_string() + ", version " + std::to_string(day.nav_version) +
                     "; one unit is " + amount(day.unit_shares) + " of " + amount(day.shares_outstanding) +
                     " shares\n\n";
  Table table(
      {{"component"}, {"quantity", Align::kRight}, {"price", Align::kRight}, {"dollars", Align::kRight}});
  for (const dealing::BasketComponent& one : day.basket.components)
    table.row({one.asset.value(), amount(one.quantity), amount(one.price), dollars(one.value)});
  table.row({"balancing amount", "", "", dollars(day.basket.balancing)});
  table.row({"NAV a unit", "", amount(day.nav_per_share), dollars(day.basket.nav_per_unit)});
  return text + table.to_string();
}

std::string basket_csv(const DayBasket& day) {
  const auto line = [](std::initializer_list<std::string> fields) {
    std::string text;
    for (const std::string& field : fields) text += (text.empty() ? "" : ",") + field;
    return text + "\n";
  };
  std::string text = "#01,document,fund,trade_date,status\n";
  text += line({"01", "navkeeper.portfolio_composition.v1", day.fund.value(), day.trade_date.to_string(),
                kind_of(day)});
  text +=
      "#02,nav_date,nav_version,nav_per_share,nav_per_unit,unit_shares,shares_outstanding,balancing_amount,"
      "components\n";
  text +=
      line({"02", day.nav_date.to_string(), std::to_string(day.nav_version), day.nav_per_share.to_string(),
            day.basket.nav_per_unit.to_fixed(dealing::kCents), day.unit_shares.to_string(),
            day.shares_outstanding.to_string(), day.basket.balancing.to_fixed(dealing::kCents),
            std::to_string(day.basket.components.size())});
  text += "#03,asset,quantity,price,value\n";
  for (const dealing::BasketComponent& one : day.basket.components)
    text += line({"03", one.asset.value(), one.quantity.to_string(), one.price.to_string(),
                  one.value.to_fixed(dealing::kCents)});
  text += "#09,records,components_value\n";
  text += line({"09", std::to_string(day.basket.components.size() + 3),
                day.basket.components_value().to_fixed(dealing::kCents)});
  return text;
}

std::string rebalancing_json(const model::FundId& fund, const DayRebalancing& day) {
  Writer writer;
  writer.begin_object().member("fund", fund.value()).member("nav_date", day.nav_date.to_string());
  writer.member("coins_value", day.plan.total).key("positions").begin_array();
  for (std::size_t i = 0; i < day.positions.size(); ++i)
    writer.begin_object()
        .member("asset", day.positions[i].asset.value())
        .member("weight", day.plan.weights[i])
        .member("target_weight", day.positions[i].target_weight)
        .end_object();
  writer.end_array().key("trades").begin_array();
  for (const dealing::RebalancingTrade& trade : day.plan.trades)
    writer.begin_object()
        .member("side", trade.is_purchase ? "purchase" : "sale")
        .member("asset", trade.asset.value())
        .member("quantity", trade.quantity)
        .member("value", trade.value)
        .end_object();
  return writer.end_array().member("cash_left", day.plan.cash_left).end_object().take();
}

std::string rebalancing_table(const DayRebalancing& day) {
  Table weights({{"asset"}, {"weight", Align::kRight}, {"target", Align::kRight}});
  for (std::size_t i = 0; i < day.positions.size(); ++i)
    weights.row({day.positions[i].asset.value(), day.plan.weights[i].to_string(),
                 day.positions[i].target_weight.to_string()});
  std::string text =
      "At the prices of the NAV of " + day.nav_date.to_string() + "\n\n" + weights.to_string() + "\n";
  if (day.plan.trades.empty()) return text + "Every weight is within the band: nothing to trade.\n";
  Table trades({{"trade"}, {"asset"}, {"quantity", Align::kRight}, {"dollars", Align::kRight}});
  for (const dealing::RebalancingTrade& trade : day.plan.trades)
    trades.row({trade.is_purchase ? "buy" : "sell", trade.asset.value(), amount(trade.quantity),
                dollars(trade.value)});
  return text + trades.to_string();
}

}  // namespace navkeeper::nav
