#include "services/nav/adapters/dealing_json.h"

#include <fstream>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::nav {
namespace {

using json::ObjectReader;
using json::Writer;
using money::Decimal;

constexpr std::size_t kLineBytesMax = std::size_t{1} << 16;
constexpr std::size_t kOrderTextBytesMax = 1000;

template <class Id>
Id id_of(const std::string& text, const std::string& where) {
  auto id = Id::parse(text);
  if (id.has_error()) base::refuse(where, id.error().rule);
  return *std::move(id);
}

template <class Parse>
auto word(ObjectReader& reader, const char* key, Parse parse, const char* words) {
  const auto value = parse(reader.string(key));
  if (!value) base::refuse(reader.path_of(key), std::string("is not one of ") + words);
  return *value;
}

model::AssetId asset_in(ObjectReader& reader) {
  return id_of<model::AssetId>(reader.string("asset"), reader.path_of("asset"));
}

dealing::CustomBasket read_custom(ObjectReader reader) {
  dealing::CustomBasket custom;
  for (const json::Place& place : reader.array("components")) {
    ObjectReader component(place);
    const model::AssetId asset = asset_in(component);
    custom.per_unit.push_back({asset, component.decimal("quantity")});
    component.finish();
  }
  custom.reason = reader.string("reason");
  custom.finding = reader.string("finding");
  for (const std::string* text : {&custom.reason, &custom.finding}) {
    if (text->size() > kOrderTextBytesMax)
      base::refuse(reader.path(), "reason or finding has more than 1000 bytes");
  }
  reader.finish();
  return custom;
}

dealing::Order read_terms(const json::Value& value, time::Instant received_at) {
  ObjectReader reader(value);
  dealing::Order order{order_id_of(reader.string("id")),
                       participant_id_of(reader.string("participant")),
                       word(reader, "side", dealing::parse_order_side, "creation, redemption"),
                       word(reader, "form", dealing::parse_order_form, "in_kind, cash"),
                       reader.decimal("units"),
                       reader.date("trade_date"),
                       dealing::SettlementCycle::kNextDay,
                       reader.optional_instant("received_at").value_or(received_at),
                       std::nullopt};
  if (reader.has("cycle")) order.cycle = word(reader, "cycle", dealing::parse_settlement_cycle, "T+0, T+1");
  if (auto custom = reader.optional_object("custom")) order.custom = read_custom(*custom);
  reader.finish();
  return order;
}

void write_components(Writer& writer, const std::vector<dealing::BasketComponent>& components) {
  writer.key("components").begin_array();
  for (const dealing::BasketComponent& one : components)
    writer.begin_object()
        .member("asset", one.asset.value())
        .member("price", one.price)
        .member("quantity", one.quantity)
        .member("value", one.value)
        .end_object();
  writer.end_array();
}

}  // namespace

dealing::OrderId order_id_of(const std::string& text) { return id_of<dealing::OrderId>(text, "id"); }
dealing::ParticipantId participant_id_of(const std::string& text) {
  return id_of<dealing::ParticipantId>(text, "participant");
}

money::Decimal read_units(const std::string& text, const std::string& where) {
  const auto units = Decimal::parse(text);
  if (units.has_error()) base::refuse(where, std::string(money::describe(units.error())));
  if (units->scale() == 0 && !units->is_negative() && units->to_string() != text)
    base::refuse(where,
                 "is not written as a whole number is: digits, without sign, exponent, point or "
                 "leading zeros");
  return *units;
}

NewOrder read_order(const json::Value& value, time::Instant now, const std::string& place) {
  ObjectReader reader(value);
  read_units(reader.string("units"), reader.path_of("units"));
  return {read_terms(value, now), json::to_canonical(value), place};
}

std::vector<NewOrder> read_orders_file(const std::string& path, time::Instant now) {
  std::ifstream file(path, std::ios::binary);
  if (!file) base::refuse(path, "cannot be read");
  std::vector<NewOrder> orders;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string place = path + ":" + std::to_string(number);
    if (line.size() > kLineBytesMax) base::refuse(place, "the line is longer than 64 KiB");
    if (orders.size() == kOrdersPerRequestMax)
      base::refuse(place, "a file may hold at most " + std::to_string(kOrdersPerRequestMax) + " orders");
    auto order =
        base::checked([&] { return read_order(base::value_or_refuse(json::parse(line)), now, place); });
    if (order.has_error()) throw base::Refused(order.error().within(place));
    orders.push_back(*std::move(order));
  }
  if (orders.empty()) base::refuse(path, "has no orders");
  return orders;
}

std::vector<NewOrder> read_orders_body(const json::Value& body, time::Instant now) {
  ObjectReader reader(body);
  if (!reader.has("orders")) return {read_order(body, now)};
  std::vector<NewOrder> orders;
  for (const json::Place& place : reader.array("orders")) {
    if (orders.size() == kOrdersPerRequestMax)
      base::refuse("orders", "are more than " + std::to_string(kOrdersPerRequestMax) + " at once");
    auto order = base::checked([&] { return read_order(place.value, now, place.path); });
    if (order.has_error()) throw base::Refused(order.error().within(place.path));
    orders.push_back(*std::move(order));
  }
  reader.finish();
  return orders;
}

dealing::Order read_stored_order(const std::string& content, time::Instant received_at) {
  return read_terms(base::value_or_refuse(json::parse(content)), received_at);
}

dealing::AuthorizedParticipant read_participant(const json::Value& value) {
  ObjectReader reader(value);
  dealing::AuthorizedParticipant participant{
      participant_id_of(reader.string("id")), reader.string("name"), reader.date("agreement_from"), {}};
  reader.finish();
  return participant;
}

std::string price_json(const dealing::OrderPrice& price, const dealing::OrderDates& dates) {
  Writer writer;
  writer.begin_object().member("balancing", price.balancing).member("book_date", dates.book_date.to_string());
  write_components(writer, price.components);
  if (price.custom_difference) writer.member("custom_difference", *price.custom_difference);
  writer.member("execution_difference", price.execution_difference)
      .member("fixed_fee", price.fixed_fee)
      .member("fixed_fee_payee", price.fixed_fee_payee)
      .member("fund_cash", price.fund_cash)
      .member("nav_amount", price.nav_amount)
      .member("nav_date", price.nav_date.to_string())
      .member("nav_per_unit", price.nav_per_unit)
      .member("nav_version", price.nav_version);
  if (!price.owed.empty()) {
    writer.key("owed").begin_array();
    for (const dealing::ComponentQuantity& one : price.owed)
      writer.begin_object().member("asset", one.asset.value()).member("quantity", one.quantity).end_object();
    writer.end_array();
  }
  if (!price.owed_cash.is_zero()) writer.member("owed_cash", price.owed_cash);
  writer.member("settlement_date", dates.settlement_date.to_string())
      .member("shares", price.shares)
      .member("units", price.units)
      .member("variable_fee", price.variable_fee)
      .end_object();
  return writer.take();
}

StoredPrice read_price(const std::string& text) {
  const json::Value value = base::value_or_refuse(json::parse(text));
  ObjectReader reader(value);
  StoredPrice stored;
  dealing::OrderPrice& price = stored.price;
  price.balancing = reader.decimal("balancing");
  for (const json::Place& place : reader.array("components")) {
    ObjectReader component(place);
    const model::AssetId asset = asset_in(component);
    price.components.push_back(
        {asset, component.decimal("quantity"), component.decimal("price"), component.decimal("value")});
  }
  price.custom_difference = reader.optional_decimal("custom_difference");
  price.execution_difference = reader.decimal("execution_difference");
  price.fixed_fee = reader.decimal("fixed_fee");
  price.fixed_fee_payee = reader.string("fixed_fee_payee");
  price.fund_cash = reader.decimal("fund_cash");
  price.nav_amount = reader.decimal("nav_amount");
  price.nav_date = reader.date("nav_date");
  price.nav_per_unit = reader.decimal("nav_per_unit");
  price.nav_version = static_cast<int>(reader.integer("nav_version", 1, 1'000'000));
  if (reader.has("owed")) {
    for (const json::Place& place : reader.array("owed")) {
      ObjectReader owed(place);
      const model::AssetId asset = asset_in(owed);
      price.owed.push_back({asset, owed.decimal("quantity")});
    }
  }
  price.owed_cash = reader.optional_decimal("owed_cash").value_or(Decimal{});
  price.shares = reader.decimal("shares");
  price.units = reader.decimal("units");
  price.variable_fee = reader.decimal("variable_fee");
  stored.dates = {reader.date("book_date"), reader.date("settlement_date")};
  return stored;
}

std::string plans_json(const std::vector<dealing::FundingPlan>& plans) {
  Writer writer;
  writer.begin_object().key("funding_plans").begin_array();
  for (const dealing::FundingPlan& plan : plans) {
    writer.begin_object().member("commodity", plan.need.commodity).member("shortfall", plan.need.quantity);
    writer.key("steps").begin_array();
    for (const dealing::FundingStep& step : plan.steps)
      writer.begin_object()
          .member("commodity", step.commodity)
          .member("covers", step.covers)
          .member("note", step.note)
          .member("quantity", step.quantity)
          .member("source", describe(step.source))
          .end_object();
    writer.end_array().member("uncovered", plan.uncovered).end_object();
  }
  return writer.end_array().end_object().take();
}

std::string order_fact(const model::FundId& fund, const dealing::OrderId& id, const std::string& event,
                       dealing::OrderState state) {
  Writer writer;
  writer.begin_object()
      .member("event", event)
      .member("fund", fund.value())
      .member("order", id.value())
      .member("state", describe(state))
      .end_object();
  return writer.take();
}

}  // namespace navkeeper::nav
