#include "services/nav/domain/dealing/order_price.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using money::Rounding;

/// The basket's components times the units, less what is settled in dollars instead.
std::optional<std::vector<BasketComponent>> components_of(const OrderPricing& pricing, const Decimal& units) {
  std::vector<BasketComponent> components;
  std::size_t used = 0;
  for (const BasketComponent& unit : pricing.basket.components) {
    BasketComponent whole{unit.asset, unit.quantity * units, unit.price, unit.value * units};
    const auto in_lieu = std::find_if(pricing.in_lieu.begin(), pricing.in_lieu.end(),
                                      [&](const ComponentQuantity& one) { return one.asset == unit.asset; });
    if (in_lieu != pricing.in_lieu.end()) {
      ++used;
      whole.quantity -= in_lieu->quantity;
      if (whole.quantity.is_negative()) return std::nullopt;
      whole.value = money::multiply(whole.quantity, whole.price, kCents, Rounding::kHalfUp);
    }
    if (!whole.quantity.is_zero()) components.push_back(std::move(whole));
  }
  if (used != pricing.in_lieu.size()) return std::nullopt;
  return components;
}

Decimal owed_of(const OrderPrice& price, const model::AssetId& asset) {
  for (const ComponentQuantity& one : price.owed) {
    if (one.asset == asset) return one.quantity;
  }
  return {};
}

std::vector<books::Component> book_components(const OrderPrice& price) {
  std::vector<books::Component> components;
  for (const BasketComponent& one : price.components)
    components.push_back({one.asset.value(), one.quantity, one.value, owed_of(price, one.asset)});
  return components;
}

}  // namespace

std::string_view describe(PriceRefusal refusal) {
  switch (refusal) {
    case PriceRefusal::kInLieuBeyondBasket:
      return "cash in lieu is agreed for more coins than the order has";
    case PriceRefusal::kNothingLeftToPay:
      return "fees and execution difference are more than the order in cash comes to";
  }
  ENSURE(false);
}

base::Result<OrderPrice, PriceRefusal> price_order(const Order& order, const OrderPricing& pricing) {
  ENSURE(order.units.is_positive() && order.units.scale() == 0);
  OrderPrice price;
  price.nav_date = order.trade_date;
  price.units = order.units;
  price.shares = order.units * pricing.unit_shares;
  price.nav_per_unit = pricing.basket.nav_per_unit;
  price.nav_amount = price.nav_per_unit * order.units;
  if (pricing.has_coins) {
    auto components = components_of(pricing, order.units);
    if (!components) return PriceRefusal::kInLieuBeyondBasket;
    price.components = *std::move(components);
  }
  price.balancing = price.nav_amount;
  for (const BasketComponent& component : price.components) price.balancing -= component.value;
  price.variable_fee = money::multiply(price.nav_amount, pricing.fees.variable, kCents, Rounding::kHalfUp);
  price.execution_difference = pricing.execution_difference;
  const Decimal extra = price.variable_fee + price.execution_difference;
  const bool is_creation = order.side == OrderSide::kCreation;
  price.fund_cash = (is_creation ? price.balancing : -price.balancing) + extra;
  const bool is_in_cash = price.components.empty();
  if (is_in_cash && (is_creation ? price.fund_cash.is_negative() : price.fund_cash.is_positive()))
    return PriceRefusal::kNothingLeftToPay;
  price.fixed_fee = pricing.fees.fixed;
  price.fixed_fee_payee = pricing.fixed_fee_payee;
  price.custom_difference = pricing.custom_difference;
  return price;
}

void owe_beyond(const std::map<std::string, Decimal>& free, OrderSide side, OrderPrice& price) {
  const auto there = [&](const std::string& commodity) {
    const auto found = free.find(commodity);
    return found == free.end() ? Decimal{} : std::max(found->second, Decimal{});
  };
  price.owed.clear();
  price.owed_cash = {};
  if (side == OrderSide::kRedemption) {
    for (const BasketComponent& one : price.components) {
      // Delivered is what a transfer can carry.
      const Decimal given =
          std::min(one.quantity, there(one.asset.value()).rounded(one.quantity.scale(), Rounding::kDown));
      if (given < one.quantity) price.owed.push_back({one.asset, one.quantity - given});
    }
  }
  const Decimal pays = -price.fund_cash;
  if (const Decimal cash = there("USD"); pays > cash) price.owed_cash = pays - cash;
}

namespace {

/// `sign` 1: it comes to be owed; -1: it is owed no longer.
books::Happening booked(OrderSide side, const OrderPrice& price, const std::string& id, int sign) {
  const bool is_basket = !price.components.empty();
  const books::Owing owing{price.owed.empty() && price.owed_cash.is_zero() ? std::string() : id,
                           price.owed_cash * Decimal::of(sign)};
  switch (side) {
    case OrderSide::kCreation:
      return books::Creation{price.shares, book_components(price), price.fund_cash, is_basket, owing};
    case OrderSide::kRedemption:
      return books::Redemption{price.shares, book_components(price), -price.fund_cash, is_basket, owing};
  }
  ENSURE(false);
}

}  // namespace

books::Happening happening_of(OrderSide side, const OrderPrice& price, const std::string& id) {
  return booked(side, price, id, 1);
}

books::Happening unwinding_of(OrderSide side, const OrderPrice& price, const std::string& id) {
  OrderPrice back = price;
  back.fund_cash = -price.fund_cash;
  return booked(side == OrderSide::kCreation ? OrderSide::kRedemption : OrderSide::kCreation, back, id, -1);
}

OrderDates dates_of(const Order& order, const time::Calendar& exchange, const time::Calendar& settlement) {
  const time::Date traded = order.trade_date;
  const bool is_same_day = order.cycle == SettlementCycle::kSameDay;
  return {exchange.next_business_day(traded),
          is_same_day ? settlement.on_or_after(traded) : settlement.next_business_day(traded)};
}

}  // namespace navkeeper::nav::dealing
