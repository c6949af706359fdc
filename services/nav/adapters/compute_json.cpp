#include "services/nav/adapters/compute_json.h"

#include <utility>

#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::nav {
namespace {

using json::ObjectReader;
using money::Decimal;

constexpr json::Limits kLimits{std::size_t{64} << 20, 16};

money::Rounding read_rounding(const json::Place& place) {
  const auto rounding = money::rounding_from(json::read_string(place));
  const bool offered = rounding == money::Rounding::kHalfUp || rounding == money::Rounding::kHalfEven ||
                       rounding == money::Rounding::kDown;
  if (!offered) base::refuse(place.path, "is not half_up, half_even or down");
  return *rounding;
}

/// A count of days: a JSON number as it was written, so 365.25 is exactly that.
Decimal read_number(const json::Place& place) {
  if (place.value.kind() != json::Kind::kNumber) base::refuse(place.path, "is not a number");
  const auto number = Decimal::parse(place.value.as_number());
  if (number.has_error()) base::refuse(place.path, std::string(money::describe(number.error())));
  return *number;
}

PositionInput read_position(const json::Place& place) {
  ObjectReader reader(place);
  PositionInput position{reader.string("asset"), GivenValue{}};
  const bool is_priced = reader.has("quantity") || reader.has("price");
  const bool is_given = reader.has("value");
  if (is_priced == is_given)
    base::refuse(place.path, is_given ? "has both quantity or price and value"
                                      : "has neither quantity and price nor value");
  if (is_given) {
    position.holding = GivenValue{reader.decimal("value")};
  } else {
    Decimal quantity = reader.decimal("quantity");
    Decimal price = reader.decimal("price");
    position.holding = QuantityAtPrice{quantity, price};
  }
  reader.finish();
  return position;
}

std::vector<NamedAmount> read_amounts(ObjectReader& parent, std::string_view key) {
  std::vector<NamedAmount> amounts;
  for (const json::Place& place : parent.optional_array(key)) {
    ObjectReader reader(place);
    std::string name = reader.string("name");
    Decimal value = reader.decimal("value");
    reader.finish();
    amounts.push_back({std::move(name), value});
  }
  return amounts;
}

AccrualInput read_accrual(const json::Place& place) {
  ObjectReader reader(place);
  AccrualInput accrual;
  accrual.name = reader.string("name");
  accrual.annual_rate = reader.decimal("annual_rate");
  AccrualPart part;
  part.days = read_number(reader.value("days"));
  part.year_days = read_number(reader.value("year_days"));
  accrual.parts.push_back(part);
  reader.finish();
  return accrual;
}

void write_position(json::Writer& writer, const ValuedPosition& position) {
  writer.begin_object().member("asset", position.input.asset);
  if (const auto* holding = std::get_if<QuantityAtPrice>(&position.input.holding))
    writer.member("quantity", holding->quantity).member("price", holding->price);
  writer.member("value", position.value).key("weight");
  if (position.weight) {
    writer.decimal(*position.weight);
  } else {
    writer.null();
  }
  writer.end_object();
}

}  // namespace

ComputeRequest read_compute_request(std::string_view text) {
  const json::Value document = base::value_or_refuse(json::parse(text, kLimits));
  ObjectReader reader(document);
  ComputeRequest request;
  request.fund = reader.string("fund");
  request.valuation_date = reader.date("valuation_date");
  NavTerms& terms = request.input.terms;
  terms.money_decimals = static_cast<int>(reader.integer("money_decimals", kDecimalsMin, kDecimalsMax));
  terms.per_share_decimals =
      static_cast<int>(reader.integer("per_share_decimals", kDecimalsMin, kDecimalsMax));
  terms.rounding = read_rounding(reader.value("rounding"));
  for (const json::Place& place : reader.array("positions"))
    request.input.positions.push_back(read_position(place));
  request.input.other_assets = read_amounts(reader, "other_assets");
  request.input.liabilities = read_amounts(reader, "liabilities");
  if (auto pending = reader.optional_object("pending")) {
    request.input.pending_creations = pending->decimal("creations");
    request.input.pending_redemptions = pending->decimal("redemptions");
    pending->finish();
  }
  for (const json::Place& place : reader.optional_array("accruals"))
    request.input.accruals.push_back(read_accrual(place));
  request.input.shares_outstanding = reader.decimal("shares_outstanding");
  reader.finish();
  return request;
}

std::string write_compute_answer(const ComputeRequest& request, const NavFigures& figures) {
  json::Writer writer;
  writer.begin_object();
  writer.member("fund", request.fund).member("valuation_date", request.valuation_date.to_string());
  writer.key("positions").begin_array();
  for (const ValuedPosition& position : figures.positions) write_position(writer, position);
  writer.end_array();
  writer.member("total_assets", figures.total_assets).member("fee_base", figures.fee_base);
  writer.key("accruals").begin_array();
  for (const NamedAmount& accrual : figures.accruals)
    writer.begin_object().member("name", accrual.name).member("amount", accrual.amount).end_object();
  writer.end_array();
  writer.member("total_liabilities", figures.total_liabilities)
      .member("net_assets", figures.net_assets)
      .member("nav_per_share", figures.nav_per_share)
      .member("nav_per_share_unrounded", figures.nav_per_share_exact.to_unrounded_string())
      .end_object();
  return writer.take();
}

std::string compute_answer(std::string_view text) {
  const ComputeRequest request = read_compute_request(text);
  return write_compute_answer(request, base::value_or_refuse(calculate_nav(request.input)));
}

}  // namespace navkeeper::nav
