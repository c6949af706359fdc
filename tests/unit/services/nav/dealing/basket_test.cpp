// The basket and the order's price against a second implementation in plain integers, and by their
// properties.
#include "services/nav/domain/dealing/basket.h"

#include <gtest/gtest.h>
// after gtest, which it needs
#include <rapidcheck/gtest.h>

#include "services/nav/domain/dealing/order_price.h"
#include "services/nav/domain/dealing/rebalancing.h"
#include "tests/unit/services/nav/dealing/dealing_fixture.h"

namespace navkeeper::nav::dealing {
namespace {

using money::Decimal;
using money::Int128;

BasketInput some_input() {
  BasketInput input;
  input.unit_shares = dec("10000");
  input.shares = input.held_shares = dec("2000000");
  input.net_assets = dec("56567587.92");
  input.holdings = {{coin("BTC"), dec("350"), dec("88269.89"), 8},
                    {coin("ETH"), dec("7000"), dec("3661.49"), 8}};
  return input;
}

TEST(Basket, IsTheShareOfTheCoinsAndTheRestOfTheNavInDollars) {
  const Basket basket = basket_of(some_input()).value();
  EXPECT_EQ(basket.nav_per_unit, dec("282837.94"));  // 56567587.92 x 10000 / 2000000 = 282837.9396
  ASSERT_EQ(basket.components.size(), 2U);
  EXPECT_EQ(basket.components[0].quantity, dec("1.75"));
  EXPECT_EQ(basket.components[0].value, dec("154472.31"));  // 1.75 x 88269.89 = 154472.3075
  EXPECT_EQ(basket.components[1].quantity, dec("35"));
  EXPECT_EQ(basket.components[1].value, dec("128152.15"));
  EXPECT_EQ(basket.balancing, dec("213.48"));
}

TEST(Basket, ComponentsAreCutToTheTransfersDecimals) {
  BasketInput input = some_input();
  input.holdings[0].deliverable = dec("350.00000199");
  input.holdings[1].deliverable = dec("7000.000000123456789012");
  input.holdings[1].transfer_decimals = 6;
  const Basket basket = basket_of(input).value();
  EXPECT_EQ(basket.components[0].quantity, dec("1.75000000"));  // 1.750000009..., never more than there is
  EXPECT_EQ(basket.components[1].quantity, dec("35"));
}

TEST(Basket, TheBalancingAmountHasEitherSign) {
  BasketInput input = some_input();
  input.net_assets = dec("50000000");  // payables exceed the cash
  EXPECT_TRUE(basket_of(input).value().balancing.is_negative());
}

TEST(Basket, WithoutSharesThereIsNone) {
  BasketInput input = some_input();
  input.shares = {};
  EXPECT_TRUE(basket_of(input).has_error());
  input = some_input();
  input.held_shares = {};
  EXPECT_TRUE(basket_of(input).has_error());
}

TEST(Basket, WhatIsCutToNothingIsLeftOut) {
  BasketInput input = some_input();
  input.holdings[0].deliverable = dec("0.00000001");
  EXPECT_EQ(basket_of(input).value().components.size(), 1U);
}

TEST(CustomBasket, DiffersByItsValuesAndBalancesAgain) {
  const BasketInput input = some_input();
  const Basket standard = basket_of(input).value();
  const CustomResult custom = custom_basket(standard, {{coin("BTC"), dec("2")}}, input).value();
  EXPECT_EQ(custom.basket.components.size(), 1U);
  EXPECT_EQ(custom.basket.balancing + custom.basket.components_value(), standard.nav_per_unit);
  // (2 x 88269.89 - 154472.31) + 128152.15 = 150219.62 of 282837.94
  EXPECT_EQ(custom.difference, dec("0.531116"));
  EXPECT_TRUE(custom_basket(standard, {{coin("CRO"), dec("2")}}, input).has_error());
  EXPECT_TRUE(custom_basket(standard, {{coin("BTC"), dec("1.75")}, {coin("ETH"), dec("35")}}, input)
                  .value()
                  .difference.is_zero());
}

/// Half up of a non-negative quotient, and cut, in integers.
Int128 half_up(Int128 a, Int128 b) { return (2 * a + b) / (2 * b); }

struct NaiveBasket {
  Int128 unit_cents = 0;
  std::vector<Int128> quantities;  ///< in units of the transfer's precision
  std::vector<Int128> cents;
  Int128 balancing = 0;
};

/// Prices in cents, coins in units of 10^-8, net assets in cents.
NaiveBasket naive_basket(Int128 net_cents, Int128 shares, Int128 unit,
                         const std::vector<std::pair<Int128, Int128>>& coins) {
  constexpr Int128 kOne = 100'000'000;
  NaiveBasket basket;
  basket.unit_cents = half_up(net_cents * unit, shares);
  basket.balancing = basket.unit_cents;
  for (const auto& [held, price_cents] : coins) {
    basket.quantities.push_back(held * unit / shares);
    basket.cents.push_back(half_up(basket.quantities.back() * price_cents, kOne));
    basket.balancing -= basket.cents.back();
  }
  return basket;
}

RC_GTEST_PROP(Basket, AgreesWithIntegersAndComponentsAndBalancingAreTheNav, ()) {
  const auto number = [](std::int64_t low, std::int64_t high) { return *rc::gen::inRange(low, high); };
  const std::int64_t unit = number(1, 100'000);
  const std::int64_t shares = unit * number(1, 500) + number(0, 5000);
  const std::int64_t net_cents = number(1, 2'000'000'000'000);
  std::vector<std::pair<Int128, Int128>> coins;
  BasketInput input;
  input.unit_shares = Decimal::of(unit);
  input.shares = input.held_shares = Decimal::of(shares);
  input.net_assets = Decimal::of(net_cents, 2);
  for (const char* name : {"BTC", "ETH", "CRO"}) {
    coins.emplace_back(number(0, 9'000'000'000'000), number(1, 20'000'000));
    input.holdings.push_back(
        {coin(name), Decimal::of(coins.back().first, 8), Decimal::of(coins.back().second, 2), 8});
  }
  const Basket basket = basket_of(input).value();
  const NaiveBasket naive = naive_basket(net_cents, shares, unit, coins);
  RC_ASSERT(basket.nav_per_unit == Decimal::of(naive.unit_cents, 2));
  RC_ASSERT(basket.balancing == Decimal::of(naive.balancing, 2));
  RC_ASSERT(basket.components_value() + basket.balancing == basket.nav_per_unit);
  std::size_t at = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (naive.quantities[i] == 0) continue;
    RC_ASSERT(basket.components[at].quantity == Decimal::of(naive.quantities[i], 8));
    RC_ASSERT(basket.components[at].value == Decimal::of(naive.cents[i], 2));
    ++at;
  }
  RC_ASSERT(at == basket.components.size());
  // All units that there are take no more coins than there are.
  const Decimal units = Decimal::of(shares / unit);
  for (const BasketComponent& component : basket.components) {
    for (const BasketHolding& holding : input.holdings) {
      if (holding.asset == component.asset) RC_ASSERT(component.quantity * units <= holding.deliverable);
    }
  }
}

OrderPricing pricing_of(const Basket& basket, const OrderFees& fees, bool has_coins) {
  OrderPricing pricing;
  pricing.basket = basket;
  pricing.unit_shares = dec("10000");
  pricing.fees = fees;
  pricing.fixed_fee_payee = "custodian";
  pricing.has_coins = has_coins;
  return pricing;
}

TEST(OrderPrice, OfACreationInCashIsTheNavWithFeesInCapital) {
  Order order = some_order();
  order.form = OrderForm::kCash;
  OrderPricing pricing = pricing_of(basket_of(some_input()).value(), {dec("250"), dec("0.0005")}, false);
  pricing.execution_difference = dec("-100.01");
  const OrderPrice price = *price_order(order, pricing);
  EXPECT_EQ(price.nav_amount, dec("565675.88"));
  EXPECT_EQ(price.variable_fee, dec("282.84"));  // 565675.88 x 0.0005 = 282.83794
  EXPECT_EQ(price.fund_cash, dec("565858.71"));
  EXPECT_EQ(price.fixed_fee, dec("250"));  // its payee's, in no cash of the fund
  const auto event = std::get<books::Creation>(happening_of(order.side, price, "A-1"));
  EXPECT_EQ(event.cash, price.fund_cash);
  EXPECT_EQ(event.shares, dec("20000"));
  EXPECT_FALSE(event.is_basket);
}

TEST(OrderPrice, OfARedemptionInKindPaysTheBalancingAmountLessFees) {
  Order order = some_order();
  order.side = OrderSide::kRedemption;
  const OrderPricing pricing = pricing_of(basket_of(some_input()).value(), {dec("250"), dec("0.001")}, true);
  const OrderPrice price = *price_order(order, pricing);
  EXPECT_EQ(price.components[0].quantity, dec("3.5"));
  EXPECT_EQ(price.balancing, dec("426.96"));
  EXPECT_EQ(price.fund_cash, dec("138.72"));  // 565.68 of fee - 426.96
  const auto event = std::get<books::Redemption>(happening_of(order.side, price, "A-1"));
  EXPECT_EQ(event.cash, dec("-138.72"));  // the participant pays
  EXPECT_TRUE(event.is_basket);
}

TEST(OrderPrice, WhatIsNotFreeOfARedemptionIsOwedAndTakenBackWithIt) {
  Order order = some_order();
  order.side = OrderSide::kRedemption;
  const OrderPricing pricing = pricing_of(basket_of(some_input()).value(), {}, true);
  OrderPrice price = *price_order(order, pricing);
  ASSERT_EQ(price.components[0].quantity, dec("3.5"));
  const OrderPrice whole = price;
  std::map<std::string, Decimal> free{{"USD", dec("1000")}};
  for (const BasketComponent& one : price.components) free[one.asset.value()] = dec("1000");
  owe_beyond(free, order.side, price);
  EXPECT_EQ(price, whole) << "all of it is free";
  free["BTC"] = dec("1.2345678901234");  // finer than a transfer
  free["USD"] = dec("26.96");
  owe_beyond(free, order.side, price);
  ASSERT_EQ(price.owed.size(), 1U);
  const Decimal owed = price.owed[0].quantity;
  EXPECT_LE(price.components[0].quantity - owed, dec("1.2345678901234"));
  EXPECT_EQ(price.owed_cash, -price.fund_cash - dec("26.96"));
  const auto event = std::get<books::Redemption>(happening_of(order.side, price, "A-1"));
  EXPECT_EQ(event.owing.to, "A-1");
  EXPECT_EQ(event.owing.cash, price.owed_cash);
  EXPECT_EQ(event.components[0].owed, owed);
  const auto back = std::get<books::Creation>(unwinding_of(order.side, price, "A-1"));
  EXPECT_EQ(back.cash, event.cash);
  EXPECT_EQ(back.owing.cash, -price.owed_cash);
  EXPECT_EQ(back.components[0].owed, owed);
  // What is promised elsewhere is less than nothing; a creation owes no coins.
  free["BTC"] = dec("-1");
  owe_beyond(free, order.side, price);
  EXPECT_EQ(price.owed[0].quantity, dec("3.5"));
  owe_beyond({}, OrderSide::kCreation, price);
  EXPECT_TRUE(price.owed.empty());
}

TEST(OrderPrice, CashInLieuMovesValueFromCoinsToDollars) {
  Order order = some_order();
  order.side = OrderSide::kRedemption;
  OrderPricing pricing = pricing_of(basket_of(some_input()).value(), {}, true);
  pricing.in_lieu = {{coin("BTC"), dec("0.5")}};
  const OrderPrice price = *price_order(order, pricing);
  EXPECT_EQ(price.components[0].quantity, dec("3"));
  EXPECT_EQ(price.components[0].value, dec("264809.67"));
  Decimal whole = price.balancing;
  for (const BasketComponent& component : price.components) whole += component.value;
  EXPECT_EQ(whole, price.nav_amount);
  pricing.in_lieu = {{coin("BTC"), dec("3.6")}};
  EXPECT_EQ(price_order(order, pricing).error(), PriceRefusal::kInLieuBeyondBasket);
  pricing.in_lieu = {{coin("CRO"), dec("1")}};
  EXPECT_EQ(price_order(order, pricing).error(), PriceRefusal::kInLieuBeyondBasket);
}

TEST(OrderPrice, FeesAboveTheProceedsAreRefused) {
  Order order = some_order();
  order.side = OrderSide::kRedemption;
  order.form = OrderForm::kCash;
  OrderPricing pricing = pricing_of(basket_of(some_input()).value(), {}, false);
  pricing.execution_difference = dec("565675.89");
  EXPECT_EQ(price_order(order, pricing).error(), PriceRefusal::kNothingLeftToPay);
}

RC_GTEST_PROP(Rebalancing, TradesTowardsTheTargetsAndPaysForItself, ()) {
  const auto number = [](std::int64_t low, std::int64_t high) { return *rc::gen::inRange(low, high); };
  const std::int64_t percent = number(1, 100);
  std::vector<WeightedPosition> positions{
      {coin("BTC"), Decimal::of(number(0, 100'000'000'000), 8), Decimal::of(number(100, 20'000'000), 2),
       Decimal::of(percent, 2), 8},
      {coin("ETH"), Decimal::of(number(1, 100'000'000'000), 8), Decimal::of(number(100, 20'000'000), 2),
       Decimal::of(100 - percent, 2), 8}};
  const Rebalancing plan = plan_rebalancing(positions, {}).value();
  RC_ASSERT(!plan.cash_left.is_negative());
  Decimal sales, purchases;
  for (const RebalancingTrade& trade : plan.trades) {
    (trade.is_purchase ? purchases : sales) += trade.value;
    for (WeightedPosition& position : positions) {
      if (position.asset == trade.asset)
        position.quantity += trade.is_purchase ? trade.quantity : -trade.quantity;
    }
  }
  RC_ASSERT(sales - purchases == plan.cash_left);
  for (const WeightedPosition& position : positions) {
    RC_ASSERT(!position.quantity.is_negative());
    const Decimal off = (position.quantity * position.price - plan.total * position.target_weight).abs();
    // Within what one unit of the transfer and a cent are worth, once for each trade.
    RC_ASSERT(off <= Decimal::of(2, 8) * (positions[0].price + positions[1].price) + Decimal::of(2, 2));
  }
}

TEST(Rebalancing, WithinTheBandNothingIsTraded) {
  const std::vector<WeightedPosition> positions{{coin("BTC"), dec("62"), dec("100"), dec("0.6"), 8},
                                                {coin("ETH"), dec("38"), dec("100"), dec("0.4"), 8}};
  EXPECT_TRUE(plan_rebalancing(positions, dec("0.02")).value().trades.empty());
  const Rebalancing plan = plan_rebalancing(positions, dec("0.01")).value();
  ASSERT_EQ(plan.trades.size(), 2U);
  EXPECT_FALSE(plan.trades[0].is_purchase);
  EXPECT_EQ(plan.trades[0].quantity, dec("2"));
  EXPECT_EQ(plan.trades[1].quantity, dec("2"));
  EXPECT_TRUE(plan_rebalancing({{coin("BTC"), dec("1"), dec("1"), dec("0.9"), 8}}, {}).has_error());
}

}  // namespace
}  // namespace navkeeper::nav::dealing
