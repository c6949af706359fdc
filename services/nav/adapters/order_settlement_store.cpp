#include "services/nav/adapters/order_settlement_store.h"

#include <algorithm>

#include "common/db/pqxx_access.h"
#include "services/nav/adapters/dealing_json.h"

namespace navkeeper::nav {
namespace {

using money::Decimal;

dealing::OrderPrice price_in(const pqxx::row& row) {
  return read_price(row["price"].as<std::string>()).price;
}

/// Of a row with order_id, side and entry, and the order's price: what settled with the units after `before`.
OrderPart part_of_row(const pqxx::row& row, const dealing::OrderPrice& price, const Decimal& before,
                      const Decimal& units) {
  const bool is_creation = row["side"].as<std::string>() == "creation";
  OrderPart part{db::name_of<dealing::OrderId>(row["order_id"]), {}, 0, 0, {}, {}, {}, {}, {}, {}, {}};
  part.side = is_creation ? dealing::OrderSide::kCreation : dealing::OrderSide::kRedemption;
  part.entry = row["entry"].is_null() ? 0 : row["entry"].as<std::int64_t>();
  part.nav_date = price.nav_date;
  part.date = row["settlement_date"].as<time::Date>();
  part.units = units;
  part.all_units = price.units;
  part.legs = dealing::part_of(dealing::legs_of(part.side, price), before, units, price.units);
  return part;
}

constexpr const char* kSettledParts =
    "SELECT s.order_id, o.side, p.price, e.seq AS entry, s.settlement_date, s.settled_before, s.units, "
    "s.number, s.reference FROM order_settlement s "
    "JOIN dealing_order o ON (o.fund_id, o.order_id) = (s.fund_id, s.order_id) "
    "JOIN order_price p ON (p.fund_id, p.order_id) = (s.fund_id, s.order_id) "
    "LEFT JOIN entry e ON e.fund_id = s.fund_id AND e.source = 'order' AND e.source_id = s.order_id "
    "WHERE s.fund_id = $1 AND ";

std::vector<OrderPart> settled_of(const pqxx::result& rows) {
  std::vector<OrderPart> parts;
  for (const auto& row : rows) {
    parts.push_back(
        part_of_row(row, price_in(row), row["settled_before"].as<Decimal>(), row["units"].as<Decimal>()));
    parts.back().settlement = row["number"].as<std::int64_t>();
    parts.back().reference = row["reference"].as<std::string>();
  }
  return parts;
}

}  // namespace

Decimal OrderPart::of(std::string_view commodity) const {
  for (const dealing::Leg& leg : legs) {
    if (leg.commodity == commodity) return leg.amount;
  }
  return {};
}

std::vector<OrderPart> load_settled_parts(db::Transaction& transaction, const model::FundId& fund,
                                          time::Date from, time::Date to) {
  return settled_of(db::query(
      transaction,
      std::string(kSettledParts) + "s.settlement_date BETWEEN $2 AND $3 ORDER BY s.settlement_date, s.number",
      fund, from.to_string(), to.to_string()));
}

std::vector<OrderPart> load_parts_of(db::Transaction& transaction, const model::FundId& fund,
                                     const std::string& order) {
  return settled_of(db::query(
      transaction, std::string(kSettledParts) + "s.order_id = $2 ORDER BY s.settled_before", fund, order));
}

std::vector<OrderPart> load_open_parts(db::Transaction& transaction, const model::FundId& fund,
                                       time::Date as_of) {
  std::vector<OrderPart> parts;
  for (const auto& row : db::query(
           transaction,
           "SELECT o.order_id, o.side, o.units, p.price, p.settlement_date, e.seq AS entry, "
           "coalesce((SELECT sum(s.units) FROM order_settlement s WHERE s.fund_id = $1 AND s.order_id = "
           "o.order_id AND s.settlement_date <= $2), 0) AS settled "
           "FROM (SELECT order_id FROM order_standing WHERE fund_id = $1 AND state IN ('priced', 'settling', "
           "'failed') UNION SELECT order_id FROM order_settlement WHERE fund_id = $1 AND settlement_date > "
           "$2 UNION SELECT order_id FROM order_event WHERE fund_id = $1 AND event = 'closed_out' AND "
           "event_date > $2) c "
           "JOIN dealing_order o ON o.fund_id = $1 AND o.order_id = c.order_id "
           "JOIN order_price p ON p.fund_id = $1 AND p.order_id = c.order_id AND p.settlement_date <= $2 "
           "LEFT JOIN entry e ON e.fund_id = $1 AND e.source = 'order' AND e.source_id = c.order_id "
           "ORDER BY o.order_id",
           fund, as_of.to_string())) {
    const Decimal settled = row["settled"].as<Decimal>();
    const Decimal open = row["units"].as<Decimal>() - settled;
    if (!open.is_positive()) continue;
    const dealing::OrderPrice price = price_in(row);
    parts.push_back(part_of_row(row, price, settled, open));
    // What is delivered first was there when the order was priced (app/dealing_settle.cpp).
    OrderPart& part = parts.back();
    part.owed_dollars = std::min(price.owed_cash, -part.of(policy::kDollars));
    if (part.owed_dollars.is_negative()) part.owed_dollars = {};
  }
  return parts;
}

Decimal shares_of(const OrderPart& part, std::span<const policy::ShareSplit> splits, time::Date on) {
  const money::Rational shares =
      money::Rational(part.of(dealing::kShares)) * policy::share_factor(splits, part.nav_date, on);
  return shares.rounded(0, money::Rounding::kDown);
}

}  // namespace navkeeper::nav
